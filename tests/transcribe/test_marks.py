"""What the machine distrusts: seeded faults are found, ordinary speech stays unmarked, no text is touched."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from confere.domain import SpokenSegment
from confere.models.store import BUNDLED
from confere.transcribe import loops
from confere.transcribe.clips import Span
from confere.transcribe.listening import FRAME_MS, listen
from confere.transcribe.loops import Said, in_a_circle
from confere.transcribe.marks import LOOP, MISSED_SPEECH, NO_SPEECH, WORD_RATE, mark, missed
from confere.transcribe.wording import reads_as_another, tokens
from doubles import doubtful
from doubles.doubtful import Fault, Scene, judged, remembered_of, scene_of

REPEATED = [
    "Não, não, não, não.",
    "Sim, sim, sim.",
    "Um, dois, três, quatro, cinco, seis, sete, oito, nove, dez.",
    "Ave Maria, cheia de graça, o Senhor é convosco, bendita sois vós entre as mulheres.",
    "Senhor, tende piedade de nós, Cristo, tende piedade de nós, Senhor, tende piedade de nós.",
    "São José, rogai por nós, São João, rogai por nós, São Pedro, rogai por nós, Santa Rita, rogai por nós.",
    "Eu ligava, ligava, ligava, ligava, ligava, e só caía na caixa postal.",
    "Era de casa pro trabalho, do trabalho pra casa, de casa pro trabalho, do trabalho pra casa.",
    "Arroz, feijão, farinha, macarrão, óleo, açúcar, café, leite, sal.",
    "Obrigada.",
    "Uhum, uhum, uhum.",
    "João, José, Maria, Ana, Pedro, Antônia.",
]


def sentences() -> list[tuple[str, str]]:
    """The sentences of the bundled recordings, by language."""
    rows = [
        line.split("\t")
        for file in sorted((BUNDLED / "recordings").glob("*.txt"))
        for line in file.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return [(row[3], row[4]) for row in rows]


def scenes(seed: int) -> Iterator[Scene]:
    """Scenes of ten sentences, some of which people repeat themselves in."""
    rng = random.Random(seed)
    texts = sentences()
    while True:
        drawn = [rng.choice(texts) for _ in range(8)] + [("pt", rng.choice(REPEATED))] * 2
        rng.shuffle(drawn)
        yield scene_of(drawn, rng)


def swapped() -> list[tuple[str, str, str]]:
    """Portuguese and English texts, each with the other language's name."""
    other = {"pt": "en", "en": "pt"}
    return [(other[lang], "", text) for lang, text in sentences() if len(text.split()) > 5]


FAULTS: dict[str, tuple[Fault, str]] = {
    "invention": (doubtful.invention(["Obrigado por assistir", "Legendas pela comunidade Amara.org",
                                      "Thanks for watching"]), "invention"),
    "courtesy": (doubtful.courtesy(["Obrigado.", "Thank you."]), "invention"),
    "loop in a sentence": (doubtful.loop_in_a_sentence, "loop"),
    "loop over sentences": (doubtful.loop_over_sentences, "loop"),
    "missed sentence": (doubtful.missed_sentence, "missed-speech"),
    "missed words": (doubtful.missed_words, "missed-speech"),
    "wrong language": (doubtful.wrong_language(swapped()), "wrong-language"),
    "too fast": (doubtful.too_fast, "word-rate"),
    "too slow": (doubtful.too_slow, "word-rate"),
    "on silence": (doubtful.on_silence, "no-speech"),
    "on a hum": (doubtful.on_a_hum, "no-speech"),
    "doubted": (doubtful.doubted, "no-speech"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_seeded_faults_are_found(kind: str) -> None:
    """Nineteen of twenty faults of each kind carry their mark (``benchmarks/marks.py`` has more of them)."""
    fault, wanted = FAULTS[kind]
    rng = random.Random(kind)
    made = []
    for scene in scenes(5):
        seeded = fault(scene, rng)
        made += [] if seeded is None else [seeded]
        if len(made) == 20:
            break
    assert sum(doubtful.found(each, [wanted]) for each in made) >= 19


def test_ordinary_speech_is_not_marked() -> None:
    """Of 300 sentences, among them litanies, lists and thanks, one in a hundred may be marked."""
    marked = [
        segment
        for scene, _ in zip(scenes(6), range(30), strict=False)
        for segment in judged(scene)
        if set(segment.marks) - {"low-probability"}
    ]
    assert len(marked) <= 3, [(segment.text, segment.marks) for segment in marked]


def test_no_text_is_ever_changed() -> None:
    """What is marked stays as the machine wrote it: texts, times and words."""
    rng = random.Random(2)
    for scene, _ in zip(scenes(7), range(3), strict=False):
        made = doubtful.loop_over_sentences(scene, rng)
        assert made is not None
        kept = [replace(s, marks=()) for s in judged(made.scene) if s.text]
        assert kept == list(made.scene.segments)


def test_where_a_window_ends_changes_nothing() -> None:
    """Segments marked a few at a time, with what is remembered of those before, are marked as at once."""
    rng = random.Random(4)
    made = doubtful.loop_over_sentences(next(scenes(8)), rng)
    assert made is not None
    whole = mark(made.scene.segments)
    assert any(LOOP in segment.marks for segment in whole)
    for count in (1, 2, 5):
        parts: list[SpokenSegment] = []
        before: list[Said] = []
        for at in range(0, len(whole), count):
            part = replace(made.scene, segments=made.scene.segments[at : at + count])
            parts += mark(part.segments, None, before)
            kept = json.loads(json.dumps(remembered_of(part, before)))
            before = [Said(*each) for each in kept]
        assert parts == whole


def test_who_answers_question_after_question_is_in_no_loop() -> None:
    """The same short answer again and again, with the other's questions in between, is an interview."""
    before = [Said("Sim.", at * 10_000, at * 10_000 + 400) for at in range(10)]
    assert not loops.goes_on(before, Said("Sim.", 100_000, 100_400))
    hurried = [Said("Sim.", at * 600, at * 600 + 400) for at in range(10)]
    assert loops.goes_on(hurried, Said("Sim.", 6_000, 6_400))


@pytest.mark.parametrize("script", ["नमस्ते मैं ठीक हूँ ", "আমি ভালো আছি আজকে ", "Eu estou bem hoje "])
def test_compression_is_the_same_in_every_script(script: str) -> None:
    """A letter of three bytes does not make a text repeat itself."""
    words = [f"{script}{number}" for number in range(12)]
    assert in_a_circle(" ".join([words[0]] * 12))
    rng = random.Random(1)
    letters = script.replace(" ", "")
    varied = " ".join("".join(rng.choices(letters, k=5)) for _ in range(60))
    assert not in_a_circle(varied)


def heard(*spans: tuple[int, int], until_ms: int = 20_000) -> Scene:
    """A scene without words, and voices at these places."""
    voices = tuple(Span(*span) for span in spans)
    return Scene((), voices, np.full(until_ms // FRAME_MS, -40.0))


def test_a_voice_without_words_becomes_a_segment_without_text() -> None:
    """Voices that nobody wrote for are told as one, up to a silence; a cough is not."""
    scene = heard((1_000, 1_200), (3_000, 4_000), (4_500, 6_000), (9_000, 9_800))
    _, unheard = missed(scene.listened, [], language="hi", pause_ms=1_200, side="left")
    assert [(s.start_ms, s.end_ms, s.text) for s in unheard] == [
        (3_000, 6_000, ""),
        (9_000, 9_800, ""),
    ]
    assert {(s.language, s.side, s.marks) for s in unheard} == {("hi", "left", (MISSED_SPEECH,))}


def test_a_stretched_last_word_does_not_hide_what_was_missed() -> None:
    """The sentence whose last word covers three seconds of voice is the one that is marked."""
    scene = heard((1_000, 6_000))
    text = doubtful.spoken("Eu fui embora.", "pt", 1_000, random.Random(1))
    words = (*text.words[:-1], replace(text.words[-1], end_ms=6_000))
    stretched = replace(text, words=words, end_ms=6_000)
    segments = judged(replace(scene, segments=(stretched,)))
    assert [MISSED_SPEECH in segment.marks for segment in segments] == [True]


def test_rates_need_time_and_words() -> None:
    """A word that was squeezed to nothing is no rate; a sentence in no time is."""
    rng = random.Random(1)
    short = replace(doubtful.spoken("Sim.", "pt", 0, rng), end_ms=20)
    long = replace(doubtful.spoken("Eu moro aqui há vinte anos.", "pt", 0, rng), end_ms=300)
    assert [WORD_RATE in segment.marks for segment in mark([short, long])] == [False, True]


def test_listening_is_frames_of_one_side() -> None:
    """Levels are in dB of full scale at the window's place; silence and a tone are no speech."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(32_000) / 16_000)
    samples = np.concatenate([np.zeros(32_000), tone]).astype(np.float32)
    listened = listen(samples, 60_000, [Span(62_000, 64_000)])
    assert listened.span == Span(60_000, 64_000)
    assert abs(listened.levels_db[150] + 9) < 0.5
    assert listened.is_steady(Span(62_000, 64_000))
    over = replace(doubtful.spoken("Eu moro aqui.", "pt", 62_000, random.Random(1)), end_ms=63_900)
    assert mark([over], listened)[0].marks == (NO_SPEECH,)


@pytest.mark.parametrize(
    ("text", "language", "foreign"),
    [
        ("How was the visit to the health centre?", "pt", True),
        ("Como foi a visita ao posto de saúde?", "en", True),
        ("Me gustaría hablar con usted y con los otros.", "pt", True),
        ("Hindi ko alam kung saan siya nakatira ngayon.", "en", True),
        ("मुझे नहीं पता कि वह कहाँ है।", "en", True),
        ("I do not know where he is.", "hi", True),
        ("मुझे नहीं पता कि वह कहाँ है।", "hi", False),
        ("আমি জানি না সে কোথায়।", "bn", False),
        ("Okay doctor.", "hi", False),
        ("Fui ver The Lord of the Rings com ele.", "pt", False),
        ("John Smith, Mary Johnson, Saint Mary Hospital.", "pt", False),
        ("Ok, ok, yes.", "pt", False),
        ("Ele trabalha com marketing e design no shopping.", "pt", False),
        ("They met José and Conceição at the café in São Paulo.", "en", False),
    ],
)
def test_text_in_another_language_is_known(text: str, language: str, foreign: bool) -> None:
    """By its script or by its small words; names, titles and interjections are of any language."""
    assert reads_as_another(text, language) is foreign


def test_words_are_words_in_every_script() -> None:
    """Vowel signs belong to their letters, accents and capitals make no difference."""
    assert tokens("Não, você É!") == ("nao", "voce", "e")
    assert len(tokens("सब्सक्राइब करें")) == 2
