"""Builds the real parts from the configuration; the only place that chooses implementations."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import platformdirs

from confere.domain.settings import Settings
from confere.vault import Machine, Pins, Storage, Vault
from confere.vault.memory import keep_memory_private as keep_memory_private

if TYPE_CHECKING:
    from confere.acts.offload import Dock
    from confere.intake.outcome import AudioFacts
    from confere.intake.profiles import Profiles
    from confere.models.manifest import Kind
    from confere.models.store import InstalledModel, ModelStore
    from confere.transcribe.looking import Looker
    from confere.transcribe.machine import Choice
    from confere.transcribe.port import SpeechEngine
    from confere.translate.routes import Routes

_APP = "confere"


def vault_path(given: Path | None) -> Path:
    """Return where the vault is: as given, or in the platform's data folder."""
    return given if given is not None else platformdirs.user_data_path(_APP) / "vault"


def find_vault(given: Path | None) -> Vault:
    """Open the vault, locked, compared with what this machine has seen of it."""
    return Vault(vault_path(given), pins())


def pins() -> Pins:
    """Return what this machine has seen of every vault."""
    return Pins(state())


def this_machine() -> Machine:
    """Return this machine's key, made the first time it is needed."""
    return Machine.load(state())


def state() -> Storage:
    """Return this account's state folder, which is not in the vault."""
    folder = platformdirs.user_state_path(_APP)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Storage(folder)


def model_store() -> ModelStore:
    """Return the models of this account: ``CONFERE_MODELS``, or the platform's data folder."""
    from confere.models.store import ModelStore

    folder = os.environ.get("CONFERE_MODELS")
    return ModelStore(Path(folder) if folder else platformdirs.user_data_path(_APP) / "models")


def speech_engine(
    settings: Settings,
    store: ModelStore,
    practice: bool,
    progress: Callable[[int, int], None],
    choice: Choice | None = None,
) -> SpeechEngine:
    """Check and load the study's speech model, for the machine as it was chosen to be used.

    ``progress`` is told the bytes checked and in all. Without a ``choice`` the settings count, and where
    they leave it open, every processor at one batch. Raises ModelMissing, DamagedModel, PracticeOnly.
    """
    from dataclasses import replace

    from confere.models.manifest import Kind
    from confere.transcribe.this_machine import processors
    from confere.transcribe.whisper import WhisperEngine

    drafting = settings.drafting
    model = _checked(store, drafting.speech_model, Kind.SPEECH, practice, progress)
    if choice is not None:
        drafting = replace(
            drafting,
            device=choice.device,
            compute_type=choice.compute_type,
            threads=choice.threads,
            batch=choice.batch,
        )
    profile = dict(model.manifest.profile)
    if drafting.batch:
        profile["batch"] = drafting.batch
    return WhisperEngine(
        model.path,
        name=model.name,
        digest=model.digest,
        practice=model.manifest.practice,
        profile=profile,
        device=drafting.device,
        compute_type=drafting.compute_type,
        threads=drafting.threads or processors(),
        parallel=choice.parallel if choice is not None else 1,
    )


def translation_engine(
    settings: Settings, store: ModelStore, practice: bool, progress: Callable[[int, int], None]
) -> Routes:
    """Check and load the study's translation models; raises as `speech_engine` does."""
    from confere.models.manifest import Kind
    from confere.transcribe.this_machine import processors
    from confere.translate.argos import ArgosEngine
    from confere.translate.routes import Routes

    drafting = settings.drafting
    models = [
        _checked(store, name, Kind.TRANSLATION, practice, progress)
        for name in drafting.translation_models
    ]
    engines = [
        ArgosEngine(
            model.path,
            name=model.name,
            digest=model.digest,
            practice=model.manifest.practice,
            parallel=drafting.threads or processors(),
        )
        for model in models
    ]
    return Routes(engines, settings.study.target)


def practice_settings() -> Settings:
    """Return the settings of a practice vault: its models are the two that ship with Confere."""
    from confere.domain.settings import Drafting, People, Review
    from confere.models.manifest import Kind

    bundled = {m.manifest.kind: m.name for m in model_store().installed() if m.manifest.practice}
    return Settings(
        # A practice vault guards nothing, so its doors need not be slow.
        people=People(scrypt_work_factor=14),
        drafting=Drafting(
            speech_model=bundled[Kind.SPEECH], translation_model=bundled[Kind.TRANSLATION]
        ),
        review=Review(player="silent"),
    )


def _checked(
    store: ModelStore,
    name: str,
    kind: Kind,
    practice: bool,
    progress: Callable[[int, int], None],
) -> InstalledModel:
    from confere.models.store import admit

    admit(store.find(name, kind), practice)
    return store.check(name, kind, progress)


def recorder_profiles() -> Profiles:
    """Return the makes of recorders that come with Confere, and those of this account's own.

    Raises BadProfile, naming file and line.
    """
    from confere.intake.profiles import load, shipped

    return load([shipped(), platformdirs.user_config_path(_APP) / "recorders"])


def dock(vault: Vault) -> Dock:
    """Return where this machine's offloads into a vault happen."""
    from confere.acts.offload import Dock
    from confere.intake.mounts import mount_table
    from confere.intake.settle import SystemClock

    return Dock(vault, this_machine(), probe, SystemClock(), recorder_profiles(), mount_table())


def probe(audio: BinaryIO, name: str) -> AudioFacts:
    """Look at a recording before it is taken: what it is, and whether it ends early.

    It is looked at in a process that can do nothing else.
    """
    return _looker()(audio, name)


@functools.cache
def _looker() -> Looker:
    from confere.transcribe.looking import Looker

    return Looker()
