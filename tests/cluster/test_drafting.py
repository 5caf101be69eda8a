"""A night on two workers of which one is killed: both drafts are what this machine alone makes of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from confere import wiring
from confere.acts.desk import Desk, sit_down
from confere.acts.draft import waiting
from confere.acts.night import draft_all
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import create_study
from confere.acts.take_in import take_in
from confere.intake.outcome import Silent
from confere.models.store import BUNDLED
from confere.vault import Vault, register, transcripts, windows
from confere.wiring.bench import work
from confere.wiring.processes import local_hands
from doubles.clock import FakeClock
from doubles.clusters import Cluster, Started, memory_holds, options, wait_until
from doubles.drafting import Told
from doubles.practice import cut
from doubles.studies import MACHINE, PASSPHRASE

#: Several of them in each recording; one is lost with the worker.
WINDOW_MS = 6_000
LENGTH_MS = 27_000


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The practice models, of which the one for speech has short windows."""
    speech = tmp_path / "models" / "speech" / "short"
    shutil.copytree(BUNDLED / "speech", speech)
    manifest = json.loads((speech / "manifest.json").read_text())
    manifest["name"] = "short"
    manifest["profile"]["window_ms"] = WINDOW_MS
    (speech / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("CONFERE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def vault(tmp_path: Path, models: Path) -> Path:
    """A practice vault with two sealed recordings."""
    root, card = tmp_path / "vault", tmp_path / "card"
    settings = wiring.practice_settings()
    drafting = replace(settings.drafting, speech_model="short")
    create_study(
        root,
        study="Prova",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=replace(settings, drafting=drafting),
        practice=True,
        machine=MACHINE,
    )
    card.mkdir()
    for name in ("ZOOM0004_LR-0001.WAV", "ZOOM0004_LR-0002.WAV"):
        (card / name).write_bytes(cut(name, 0, LENGTH_MS))
    dock = Dock(Vault(root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    desk = sit_down(Vault(root), "lena", PASSPHRASE)
    take_in(desk)
    desk.vault.close()
    return root


def drafts(desk: Desk) -> list[bytes]:
    """Every draft, but for when it was made."""
    made = []
    for recording in register.list_recordings(desk.catalog):
        draft = transcripts.get_draft(desk.catalog, recording.id)
        assert len(draft.transcription.segments) > 2
        made.append(json.dumps(asdict(replace(draft, drafted_at="")), sort_keys=True).encode())
    return made


def kept(desk: Desk) -> list[int]:
    """How many windows are kept of each recording that has no draft yet."""
    return [len(windows.list_windows(desk.catalog, one.id)[1]) for one in waiting(desk)]


def secrets_of(desk: Desk) -> Iterator[bytes]:
    """The keys of the recordings, and every sentence of both drafts in both languages."""
    for recording in register.list_recordings(desk.catalog):
        yield str(desk.vault.recording_key(recording.id)).encode()
        draft = transcripts.get_draft(desk.catalog, recording.id)
        for spoken, target in zip(draft.transcription.segments, draft.targets, strict=True):
            yield from (text.encode() for text in (spoken.text, target) if len(text) > 12)


def alone(desk: Desk, hands: Sequence[Executor]) -> None:
    """Draft everything with these hands."""
    outcomes = draft_all(desk, waiting(desk), hands, work, Told())
    assert [outcome.error for outcome in outcomes] == [None, None]


def test_two_recordings_survive_a_killed_worker(
    cluster: Cluster, vault: Path, models: Path, tmp_path: Path
) -> None:
    """What it was at goes to the other worker, from the last window that was kept.

    The scheduler, through which all of it went, knows no key and no sentence.
    """
    copy = tmp_path / "copy"
    shutil.copytree(vault, copy)
    workers = {name: _worker(cluster, name, vault, models) for name in ("ana", "rui")}
    benches = {
        name: int(worker.until(r"bench is process (\d+)")[1]) for name, worker in workers.items()
    }
    password = tmp_path / "passphrase"
    password.write_text(PASSPHRASE)
    who = ("--vault", str(vault), "--as", "lena", "--passphrase-file", str(password))
    draft = cluster.start(
        *("confere", "draft", *who, "--cluster", cluster.url),
        *options(cluster.files("client")),
    )
    draft.until(r"2 worker\(s\)")
    far, local = (sit_down(Vault(root), "lena", PASSPHRASE) for root in (vault, copy))
    wait_until(lambda: any(kept(far)))
    decoding = [name for name, pid in benches.items() if psutil.Process(pid).children()]
    workers.pop(decoding[0]).kill()
    assert waiting(far)
    assert draft.wait() == 0, draft.said
    [survivor] = workers.values()
    assert survivor.kill(signal.SIGTERM) == 0

    with local_hands(1, copy, None) as hands:
        alone(local, hands)
    assert drafts(far) == drafts(local)
    if os.geteuid() == 0:  # nobody else may look
        canaries = list(secrets_of(far))
        assert len(canaries) > 6
        found = memory_holds(cluster.scheduler.pid, [*canaries, b"age-encryption.org/v1"])
        assert found == [b"age-encryption.org/v1"]
    assert not any(canary.decode() in cluster.scheduler.said for canary in secrets_of(far))
    for desk in (far, local):
        desk.vault.close()


def _worker(cluster: Cluster, name: str, vault: Path, models: Path) -> Started:
    where = ("--objects", str(vault), "--models", str(models), "--name", name)
    return cluster.start("confere", "worker", cluster.url, *where, *options(cluster.files(name)))
