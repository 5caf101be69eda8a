"""The way of one file: *seen → settled → copied → sealed → read back → noted → deleted*.

::

    seen       opened, and still what the walk saw
    settled    opens as audio (the quiet period was waited for before)
    copied     one reading of the source feeds SHA-256 and the sealer
    sealed     the last chunk is written and synced
    read back  the sealed object is opened again from disk, the source is read a second time, and
               all three digests and lengths agree
    noted      key, note and custody event are on disk, in place and synced
    deleted    the source, if it is still the same file; or kept, as asked

What is kept already (``twice``) is not copied again: the kept one is read again and proved, the finding
is noted, and then the source is deleted.

A failure before *noted* removes every trace from the shelf and leaves the source untouched. After
*noted* nothing of the shelf is touched any more, whatever becomes of the deletion.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from confere.errors import (
    BadInput,
    ConfereError,
    EmptyFile,
    EncryptedAudio,
    EnvironmentProblem,
    Interrupted,
    NotAudio,
    SourceChanged,
    SourceVanished,
)
from confere.intake.first_look import first_look
from confere.intake.names import printable
from confere.intake.note import OffloadNote
from confere.intake.outcome import AudioFacts, Encrypted, Fate, Outcome, Probe, Progress
from confere.intake.parts import Part
from confere.intake.port import SealedFacts, Shelf, Twin
from confere.intake.proof import Digest, Meter, copy, on_shelf, prove
from confere.intake.recorder import Deletion, Recorder
from confere.intake.settle import Clock, timestamp
from confere.intake.source import OpenedSource, SourceFile
from confere.intake.twice import find_twin


@dataclass(frozen=True, slots=True)
class Tools:
    """What a transfer works with."""

    shelf: Shelf
    probe: Probe
    clock: Clock


@dataclass(frozen=True, slots=True)
class Job:
    """One file to transfer; ``keep_source`` copies and proves it, and deletes nothing."""

    part: Part
    receipt_id: str
    keep_source: bool

    @property
    def source(self) -> SourceFile:
        """The file on the recorder."""
        return self.part.file


def transfer(job: Job, recorder: Recorder, tools: Tools, progress: Progress) -> Outcome:
    """Take one file across and return its fate; every ConfereError ends in the outcome.

    The caller looks whether the error is one that no other file would escape (DiskFull), and asks
    ``recorder.check`` before it goes on.
    """
    try:
        with recorder.open(job.source) as source:  # seen
            facts = _settled(job, recorder, source, tools.probe)
            if (found := find_twin(source, tools.shelf)) is not None:
                note = _once_more(job, facts, *found, recorder, tools)
                return _emptied(job, Fate.KEPT_ALREADY, note, recorder, source)
            note = _into_shelf(job, facts, recorder, source, tools, progress)
            return _emptied(job, Fate.TAKEN, note, recorder, source)
    except ConfereError as error:
        return _left(job, recorder, error)


def _left(job: Job, recorder: Recorder, error: ConfereError) -> Outcome:
    """Return the fate of a file that was not taken."""
    if isinstance(error, BadInput):
        try:  # a verdict on a file holds only while the recorder is there
            recorder.check()
        except SourceVanished as gone:
            error = gone
    fates = {NotAudio: Fate.NOT_AUDIO, EmptyFile: Fate.EMPTY, SourceChanged: Fate.CHANGED}
    fate = fates.get(type(error), Fate.FAILED)
    return Outcome(job.source.path, job.source.size_bytes, fate, error=error)


# --- settled -------------------------------------------------------------------------------------


def _settled(job: Job, recorder: Recorder, source: OpenedSource, probe: Probe) -> AudioFacts:
    """Return what the file is as audio, or raise why it is left."""
    path, seen = job.source.path, job.source.identity
    # Not the inode: FAT invents it anew when the file has dropped out of the system's memory.
    if (source.identity.size_bytes, source.identity.mtime_ns) != (seen.size_bytes, seen.mtime_ns):
        raise SourceChanged(path)
    return first_look(recorder, job.source, probe)


# --- copied, sealed, read back, noted ------------------------------------------------------------


def _into_shelf(
    job: Job,
    facts: AudioFacts,
    recorder: Recorder,
    source: OpenedSource,
    tools: Tools,
    progress: Progress,
) -> OffloadNote:
    """Put a proved, noted copy on the shelf; or nothing at all, and raise."""
    meter = Meter(progress)
    with on_shelf():
        placement = tools.shelf.begin()
    try:
        copied = copy(source, placement, meter)
        with on_shelf():
            sealed = placement.seal()
        source.drop_caches()
        # Opened anew, by its name: what is deleted later is what has this name.
        with recorder.open(job.source) as again:
            if again.identity != source.identity:
                raise SourceChanged(job.source.path)
            prove(copied, job.source.path, placement, again, meter)
        note = _note(job, facts, copied, sealed, placement.recording_id, recorder, tools.clock)
        with on_shelf():
            placement.keep(note)
    except BaseException:  # also when somebody presses Ctrl+C
        # What stopped the transfer is what must be told; the shelf clears up again when it starts.
        with suppress(OSError, ConfereError):
            placement.abandon()
        raise
    return note


def _once_more(
    job: Job, facts: AudioFacts, twin: Twin, content: Digest, recorder: Recorder, tools: Tools
) -> OffloadNote:
    """Note that a kept recording was found once more, if its source is going to be deleted for that."""
    note = _note(job, facts, content, twin.sealed, twin.recording_id, recorder, tools.clock)
    if not job.keep_source and not note.encrypted:
        with on_shelf():
            tools.shelf.keep_again(note)
    return note


def _note(
    job: Job,
    facts: AudioFacts,
    copied: Digest,
    sealed: SealedFacts,
    recording_id: str,
    recorder: Recorder,
    clock: Clock,
) -> OffloadNote:
    mtime_ns = job.source.identity.mtime_ns
    return OffloadNote(
        recording_id=recording_id,
        receipt_id=job.receipt_id,
        group=job.part.group,
        part=job.part.number,
        name=job.source.name,
        path=job.source.path,
        source=recorder.label,
        size_bytes=copied.size_bytes,
        sha256=copied.sha256,
        sealed_size_bytes=sealed.size_bytes,
        sealed_sha256=sealed.sha256,
        recorded_at=iso_time(mtime_ns),
        recorded_at_ns=mtime_ns,
        offloaded_at=timestamp(clock),
        duration_ms=facts.duration_ms,
        container=printable(facts.container),
        codec=printable(facts.codec),
        channels=facts.channels,
        sample_rate=facts.sample_rate,
        truncated=facts.truncated,
        profile=job.part.profile,
        track=printable(job.part.track),
        named_at=job.part.named_at,
        device_label=recorder.identity.label,
        device_uuid=recorder.identity.uuid,
        device_serial=recorder.identity.serial,
        encrypted=isinstance(facts, Encrypted),
    )


def iso_time(time_ns: int) -> str:
    """Return nanoseconds since 1970 as ISO 8601 in UTC, or nothing when that is no date at all."""
    try:
        return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):  # a hostile card may claim the year 300000
        return ""


# --- deleted -------------------------------------------------------------------------------------


def _emptied(
    job: Job, fate: Fate, note: OffloadNote, recorder: Recorder, source: OpenedSource
) -> Outcome:
    """Delete the source, unless it is to be kept or is not what was copied any more."""
    deletion = Deletion.KEPT
    error: ConfereError | None = None
    if note.encrypted:
        deletion, error = Deletion.ENCRYPTED, EncryptedAudio(job.source.path, note.container)
    elif not job.keep_source:
        try:
            deletion = recorder.delete_if_same(job.source, source.identity)
        except KeyboardInterrupt:
            deletion, error = Deletion.UNCERTAIN, Interrupted()
        except Exception as problem:  # noqa: BLE001  whatever happens now, the file *is* taken
            deletion, error = Deletion.UNCERTAIN, _uncertain(job.source.path, problem)
    return Outcome(job.source.path, job.source.size_bytes, fate, note, deletion, error)


def _uncertain(path: str, problem: Exception) -> ConfereError:
    why = problem.message if isinstance(problem, ConfereError) else type(problem).__name__
    return EnvironmentProblem(
        f"{path} is safe in the vault, but perhaps still on the recorder ({why})",
        "Plug the recorder in again and look. If it is still there it will be taken once more.",
    )
