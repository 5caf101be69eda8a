"""The stock inventions: the shipped list, how near a sentence must be to one, and a list that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from confere.errors import BadValue
from confere.transcribe.inventions import Likeness, read, shipped


@pytest.mark.parametrize(
    "text",
    [
        "Legendas pela comunidade Amara.org",
        "LEGENDAS PELA COMUNIDADE DE AMARA.ORG",
        "Obrigado por assistir!",
        "Obrigado por assistir. Obrigado por assistir.",
        "Sous-titres réalisés para la communauté d'Amara.org",
        "Thank you for watching, and see you next time.",
        "Subtitles by the Amara.org community",
        "Gracias por ver el video.",
        "वीडियो देखने के लिए धन्यवाद।",
        "ভিডিওটি দেখার জন্য ধন্যবাদ।",
        "Maraming salamat sa panonood!",
    ],
)
def test_stock_sentences_are_known(text: str) -> None:
    """In any language, whatever their capitals and marks, once or again and again."""
    assert shipped().likeness(text) is Likeness.INVENTION


@pytest.mark.parametrize(
    "text",
    [
        "Obrigada por vir.",
        "Obrigado por me ouvir.",
        "Ele assistiu ao jogo.",
        "Ela se inscreveu no curso.",
        "Eu vi um vídeo na internet.",
        "I was watching the children.",
        "Ela fez a legenda do filme.",
        "",
    ],
)
def test_what_people_say_is_not_among_them(text: str) -> None:
    """Words of the list in other sentences are ordinary words."""
    assert shipped().likeness(text) is None


@pytest.mark.parametrize(
    "text", ["Obrigado.", "Muito obrigada!", "Thank you.", "धन्यवाद।", "Salamat po."]
)
def test_thanks_are_courtesies(text: str) -> None:
    """What people say too needs more than its words to be an invention."""
    assert shipped().likeness(text) is Likeness.COURTESY


def test_a_wrong_list_names_its_line(tmp_path: Path) -> None:
    """A key or a value that means nothing is told with file and line."""
    file = tmp_path / "inventions.toml"
    for text, line in (
        ('format = 1\n[pt]\nsentences = ["a"]\nwords = ["b"]\n', 4),
        ('format = 1\n[pt]\nsentences = ["a", 7]\n', 3),
        ('format = 1\n[pt]\nsentences = ["…"]\n', 3),
        ("format = 2\n", 1),
        ("format = 1\npt = 3\n", 1),
        ("[pt", 1),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(BadValue, match=f"inventions.toml, line {line}:"):
            read(file)
