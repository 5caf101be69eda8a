"""Settings that may be given in more than one way."""

from __future__ import annotations

import pytest

from confere.domain.settings import Drafting, Settings, parse, render
from confere.errors import BadSetting


def drafting(value: str) -> Drafting:
    """The settings of a file that names these translation models, in TOML."""
    return parse(f"format = 1\n[drafting]\ntranslation_model = {value}\n").drafting


def test_a_translation_model_is_one_name_or_several() -> None:
    """What vaults have always said, and a list for more than one language."""
    assert drafting('"translate-pt_en"').translation_models == ("translate-pt_en",)
    several = drafting('["translate-pt_en", "translate-hi_en"]')
    assert several.translation_models == ("translate-pt_en", "translate-hi_en")
    assert parse(render(Settings(drafting=several))).drafting == several


@pytest.mark.parametrize("value", ['""', "[]", '["a", "a"]', '["a", ""]', "[1]", "3"])
def test_what_names_no_translation_model_is_refused_with_its_line(value: str) -> None:
    """An empty list, the same model twice, and numbers."""
    with pytest.raises(BadSetting, match="line 3: translation_model must be"):
        drafting(value)


def test_no_other_text_may_be_a_list() -> None:
    """Only the translation model has two forms."""
    with pytest.raises(BadSetting, match="speech_model must be text"):
        parse('format = 1\n[drafting]\nspeech_model = ["small"]\n')
