"""How a speech model wants to be run: its drafting profile, from its manifest.

The defaults suit the Whisper models that OpenAI trained. The practice model has a profile of its own:
it reads one sentence a clip, and writes where that sentence ends. It hears as well when its window is not
filled up with silence (``tail_ms``), in a quarter of the time; Whisper was trained on full windows only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from confere.errors import DamagedModel

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class DraftingProfile:
    """Numbers of one model; conditioning on previous text is always off.

    The batched pipeline knows no previous text, and it is what sends Whisper into loops.
    """

    clip_silence_ms: int = 400  # silence that ends a clip of speech
    clip_min_ms: int = 100  # shorter sounds are no speech
    clip_pad_ms: int = 200  # what is kept before and after the voice
    chunk_ms: int = 30_000  # the model's window: clips are merged up to this
    merge_silence_ms: int = 2_000  # clips are not merged across a longer silence; 0: never merged
    turn_silence_ms: int = 700  # the same where several languages alternate
    one_sentence: bool = (
        False  # the model ends after a sentence and says where; it is read on there
    )
    beam: int = 5
    batch: int = 8  # clips decoded together
    pause_ms: int = 1_200  # a pause that ends a sentence without a full stop
    sentence_max_ms: int = 30_000
    sentence_max_words: int = 60
    hotwords: bool = True  # the model takes words to expect as a prompt
    tail_ms: int = 30_000  # silence the model is given behind a clip, as far as its window goes
    window_ms: int = 240_000  # what is heard, and kept, at once: little to lose, whole batches

    def as_parameters(self) -> dict[str, Scalar]:
        """The profile as the engine's record keeps it."""
        return dict(asdict(self))


def profile_of(values: Mapping[str, Scalar], model: str) -> DraftingProfile:
    """Return the profile of a manifest's mapping; what it leaves out has its default.

    Raises DamagedModel for a key that means nothing and for a value of another type.
    """
    kinds = {field.name: type(field.default) for field in fields(DraftingProfile)}
    for key, value in values.items():
        if kinds.get(key) is not type(value):
            raise DamagedModel(model, f"its drafting profile has a wrong '{key}'")
    return DraftingProfile(**values)  # type: ignore[arg-type]
