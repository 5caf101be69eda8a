"""What a window leaves for the next one, as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from confere.domain import SpokenSegment, Word
from confere.errors import BadValue
from confere.transcribe.language import LanguageChooser
from confere.transcribe.loops import Said
from confere.transcribe.sentences import HeardWord
from confere.transcribe.windows import Beginning

FORMAT = 1


@dataclass
class State:
    """How far a recording has been heard.

    ``still_open`` are the words, side by side, of sentences that have not ended yet. ``held`` are segments
    that begin after such a sentence of the other side: they wait, so that all come in the order of time.
    ``said`` are each side's last sentences, for who looks for loops.
    """

    chooser: LanguageChooser
    windows: int = 0
    beginning: Beginning = field(default_factory=Beginning)
    still_open: dict[str, list[HeardWord]] = field(default_factory=dict)
    held: list[SpokenSegment] = field(default_factory=list)
    said: dict[str, list[Said]] = field(default_factory=dict)
    ended: bool = False

    def as_text(self) -> str:
        """The state as JSON text: the same state is the same text, whatever process writes it."""
        value = {
            "format": FORMAT,
            "windows": self.windows,
            "beginning": asdict(self.beginning),
            "chooser": asdict(self.chooser),
            "open": {
                side: [asdict(word) for word in words] for side, words in self.still_open.items()
            },
            "held": [asdict(segment) for segment in self.held],
            "said": self.said,
            "ended": self.ended,
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def state_of(text: str | None, languages: Sequence[str]) -> State:
    """Return the state that a text tells, or that of the beginning.

    Raises BadValue for a text that no state was written as, or one for other languages.
    """
    if text is None:
        return State(LanguageChooser(tuple(languages)))
    try:
        value = json.loads(text)
        state = _state(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadValue("the state of a half-drafted recording is not one") from error
    if state.chooser.languages != tuple(languages):
        raise BadValue("a recording was drafted half for other languages than these")
    return state


def _state(value: Any) -> State:
    if value["format"] != FORMAT:
        raise ValueError("this format is not known")
    chooser = value["chooser"]
    return State(
        chooser=LanguageChooser(**chooser | {"languages": tuple(chooser["languages"])}),
        windows=value["windows"],
        beginning=Beginning(**value["beginning"]),
        still_open={side: [_word(word) for word in words] for side, words in value["open"].items()},
        held=[_segment(segment) for segment in value["held"]],
        said={side: [Said(*each) for each in said] for side, said in value["said"].items()},
        ended=value["ended"],
    )


def _word(value: dict[str, Any]) -> HeardWord:
    return HeardWord(**value | {"marks": tuple(value["marks"])})


def _segment(value: dict[str, Any]) -> SpokenSegment:
    words = tuple(Word(**word) for word in value["words"])
    return SpokenSegment(**value | {"words": words, "marks": tuple(value["marks"])})
