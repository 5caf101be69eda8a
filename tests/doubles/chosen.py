"""A machine that knows already how it drafts in practice, so that a test need not wait for it to measure."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from confere import wiring
from confere.models.manifest import Kind
from confere.transcribe.machine import Case, Choice
from confere.transcribe.measure import Model
from confere.transcribe.profile import profile_of
from confere.transcribe.this_machine import Machine


def remember(state_home: Path) -> None:
    """Leave it in an account's state (``XDG_STATE_HOME``), as a measurement would."""
    name, text = _remembered()
    folder = state_home / "confere"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / name
    file.touch(mode=0o600)
    file.write_text(text)


@cache
def _remembered() -> tuple[str, str]:
    settings = wiring.practice_settings()
    found = wiring.model_store().find(settings.drafting.speech_model, Kind.SPEECH)
    profile = dict(found.manifest.profile)
    case = Case(
        Model(found.path, found.name, found.digest, profile),
        settings.drafting,
        settings.study.languages,
        Machine.look(),
    )
    batch = profile_of(profile, found.name).batch
    choice = Choice("cpu", "int8", 1, case.machine.processors, batch, 1, 20.0)
    kept = {"for": case.key(), "choice": asdict(choice)}
    return case.file_name(), json.dumps(kept, indent=1) + "\n"
