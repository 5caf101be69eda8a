"""Hand transcripts over to the outside: the lead's act."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confere.acts.desk import Desk
from confere.acts.reading import Opened, open_transcript
from confere.domain import Role
from confere.errors import BadProof, BadValue, NotReady, RolledBack
from confere.export.kinds import KINDS
from confere.export.manifest import NAME, checkpoint_in, manifest, same_but_checkpoint
from confere.export.values import ExportFile, ExportInput, from_draft, from_signed
from confere.vault import Storage, register, transcripts

Exports = Sequence[tuple[ExportInput, Sequence[ExportFile]]]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What an export wrote. ``identifiable`` is true when it holds audio: a voice names a person.

    ``reopened`` are the recordings whose last signed version was exported while a new one is in work.
    """

    folder: Path
    files: tuple[Path, ...]
    identifiable: bool
    reopened: tuple[str, ...] = ()


def hand_over(
    desk: Desk,
    recordings: Sequence[str],
    kinds: Sequence[str],
    folder: Path,
    *,
    draft: bool = False,
    with_audio: bool = False,
) -> HandedOver:
    """Export transcripts to a folder outside the vault, with a manifest.

    Only signed ones, unless ``draft``; then every page says so. Of one that was reopened, that is the
    last signed version, and with ``draft`` the new one, as it stands. Participants appear by code; audio
    goes along only when asked for by name. An existing file of another content is not overwritten;
    a manifest of the same files gets the log's present checkpoint, if the log continues the one that it
    has. Raises NotAllowed, NotReady, BadValue, BadProof, AlteredTranscript, DiskFull.
    """
    _require_export(desk, kinds)
    if folder.resolve().is_relative_to(desk.vault.locked.storage.root):
        raise BadValue("an export cannot go into the vault", "Choose a folder outside it.")
    opened = [open_transcript(desk, given) for given in recordings]
    exports = [(given := _input(desk, o, draft), _write(given, kinds)) for o in opened]
    files = [file for _, written in exports for file in written]
    _refuse_another_export(desk, folder, [*files, _manifest(desk, exports)])
    paths = _put(folder, files)
    audio = [_put_audio(desk, o, folder) for o in opened] if with_audio else []
    _tell(desk, opened, kinds, draft=draft, with_audio=with_audio)
    # Last, so that its checkpoint covers the event of this very export.
    paths += _put(folder, [_manifest(desk, exports)])
    return HandedOver(folder, (*paths, *audio), with_audio, _reopened(opened, draft))


def hand_out(
    desk: Desk, recordings: Sequence[str], kinds: Sequence[str], *, draft: bool = False
) -> tuple[tuple[ExportFile, ...], tuple[str, ...]]:
    """Return the files of an export, the manifest last, without writing any; told as one all the same.

    For whoever carries them to where they are wanted. Audio never goes this way. With them, what is
    `HandedOver.reopened`. Raises as `hand_over`.
    """
    _require_export(desk, kinds)
    if not recordings:
        raise BadValue("an export needs at least one recording")
    opened = [open_transcript(desk, given) for given in dict.fromkeys(recordings)]
    exports = [(given := _input(desk, o, draft), _write(given, kinds)) for o in opened]
    _tell(desk, opened, kinds, draft=draft, with_audio=False)
    files = [file for _, written in exports for file in written]
    return (*files, _manifest(desk, exports)), _reopened(opened, draft)


def _require_export(desk: Desk, kinds: Sequence[str]) -> None:
    desk.require("export", Role.LEAD)
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown or not kinds:
        raise BadValue(
            f"there is no kind of export '{', '.join(unknown)}'",
            f"There are: {', '.join(sorted(KINDS))}.",
        )


def _tell(
    desk: Desk, opened: Sequence[Opened], kinds: Sequence[str], *, draft: bool, with_audio: bool
) -> None:
    with desk.catalog.transaction():
        for o in opened:
            desk.tell("export", _told(o, kinds, draft, with_audio))


def _reopened(opened: Sequence[Opened], draft: bool) -> tuple[str, ...]:
    return tuple(o.transcript.recording.id for o in opened if not draft and o.signed is None)


def all_signed(desk: Desk) -> list[str]:
    """Return the recordings of which a version is signed, in the order of their intake."""
    signed = transcripts.signed_recordings(desk.catalog)
    return [r.id for r in register.list_recordings(desk.catalog) if r.id in signed]


def _input(desk: Desk, opened: Opened, draft: bool) -> ExportInput:
    recording = opened.transcript.recording
    interview = register.get_interview(desk.catalog, recording.interview_id)
    if opened.versions and not draft:
        return from_signed(opened.versions[-1].envelope, interview)
    if not draft:
        raise NotReady(
            f"the transcript of {recording.id} is not signed",
            "Only signed transcripts are final. '--draft' exports it with DRAFT on every page.",
        )
    return from_draft(
        opened.transcript,
        interview,
        study=desk.roster.study_name,
        version=len(opened.reopenings) + 1,
        target_language=desk.vault.locked.settings.study.target,
    )


def _write(given: ExportInput, kinds: Sequence[str]) -> list[ExportFile]:
    return [file for kind in dict.fromkeys(kinds) for file in KINDS[kind](given)]


def _manifest(desk: Desk, exports: Exports) -> ExportFile:
    return manifest(
        exports,
        study_id=desk.roster.study_id,
        study_name=desk.roster.study_name,
        checkpoint=desk.vault.log.note,
    )


def _refuse_another_export(desk: Desk, folder: Path, files: Sequence[ExportFile]) -> None:
    """Raise before anything is written over what another export left in the folder."""
    storage = Storage(folder)
    for file in files:
        if not storage.exists(file.name):
            continue
        there = storage.read(file.name)
        same = same_but_checkpoint(there, file.content) if file.name == NAME else False
        if there != file.content and not same:
            raise BadValue(
                f"{storage.path(file.name)} is there already and says something else",
                "Nothing was written. Export to a folder of its own: a manifest speaks for all of it.",
            )
        if same:
            _require_continued(desk, storage.path(file.name), there)


def _require_continued(desk: Desk, file: Path, content: bytes) -> None:
    """Renew no checkpoint that the log does not continue: it would be the last witness of that."""
    seen = checkpoint_in(content)
    try:
        desk.vault.log.require_continues(seen.size, seen.root, "the custody log")
    except RolledBack:
        detail = f"the custody log has not these {seen.size} entries"
        raise BadProof(f"the checkpoint in {file}", detail) from None


def _put(folder: Path, files: Sequence[ExportFile]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    storage = Storage(folder)
    for file in files:
        storage.write(file.name, file.content, replace=True)
    return [storage.path(file.name) for file in files]


def _put_audio(desk: Desk, opened: Opened, folder: Path) -> Path:
    recording = opened.transcript.recording
    suffix = "".join(c for c in Path(recording.name).suffix if c.isalnum() or c == ".").lower()
    storage = Storage(folder)
    name = f"{recording.id}-audio{suffix}"
    partial = f".{name}.partial"
    storage.remove(partial)
    try:
        with desk.vault.open_audio(recording.id) as audio, storage.create(partial) as file:
            shutil.copyfileobj(audio, file, 1 << 20)
            storage.flush(file, name)
        storage.rename(partial, name)
    finally:
        storage.remove(partial)
    return storage.path(name)


def _told(
    opened: Opened, kinds: Sequence[str], draft: bool, with_audio: bool
) -> dict[str, str | int | bool]:
    return {
        "recording": opened.transcript.recording.id,
        "kinds": " ".join(kinds),
        "signed_sha256": opened.versions[-1].digest if opened.versions and not draft else "",
        "audio": with_audio,
    }
