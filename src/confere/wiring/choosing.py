"""How this machine is going to draft for a study: which models, how it is used, and what it cannot do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from confere import wiring
from confere.domain.settings import Settings
from confere.models.manifest import Kind
from confere.models.store import admit
from confere.transcribe import machine
from confere.transcribe.machine import Case, Choice
from confere.transcribe.measure import Model
from confere.transcribe.this_machine import Machine
from confere.translate.routes import without_route

_SOUNDS = ("*.WAV", "*.MP3", "*.M4A")


@dataclass(frozen=True, slots=True)
class Chosen:
    """How this machine drafts; ``untranslated`` are the study's languages that no model translates."""

    case: Case
    choice: Choice
    untranslated: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what is to be said of it."""
        lines = machine.describe(self.case, self.choice)
        if self.untranslated:
            lines.append(
                f"No translation model reads {', '.join(self.untranslated)}: what is said in it stays"
                " untranslated, and is marked. 'confere models list' shows what there is."
            )
        return lines


def choose(
    settings: Settings, practice: bool, workers: int | None, progress: Callable[[int, int], None]
) -> Chosen:
    """Choose, by what was measured on this machine before or is measured now.

    ``workers`` is how many recordings are drafted at a time, if not what the settings say. ``progress`` is
    told what is done, of all. Raises ModelMissing, DamagedModel, PracticeOnly, BadValue, ProgramMissing.
    """
    store, drafting = wiring.model_store(), settings.drafting
    speech = store.find(drafting.speech_model, Kind.SPEECH)
    admit(speech, practice)
    pairs = []
    for name in drafting.translation_models:
        found = store.find(name, Kind.TRANSLATION)
        admit(found, practice)
        source, target = found.manifest.languages
        pairs.append((source, target))
    case = Case(
        Model(speech.path, speech.name, speech.digest, dict(speech.manifest.profile)),
        replace(drafting, workers=workers or drafting.workers),
        settings.study.languages,
        Machine.look(),
    )
    shelf = wiring.state()
    choice = machine.remembered(case, shelf)
    if choice is None:
        store.check(speech.name, Kind.SPEECH, progress)  # before its bytes are loaded
        choice = machine.choose(case, shelf, _bundled_sound(), progress)
    untranslated = without_route(pairs, settings.study.target, settings.study.languages)
    return Chosen(case, choice, untranslated)


def _bundled_sound() -> list[Path]:
    folder = Path(str(resources.files("confere.models"))) / "practice" / "recordings"
    return sorted(path for pattern in _SOUNDS for path in folder.glob(pattern))
