"""Play, verify and return: the second person's acts, one segment at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from confere.acts.correct import decide
from confere.acts.desk import Desk
from confere.acts.passage import open_passage
from confere.acts.reading import open_transcript
from confere.domain import Judgement, Passage, Recording, Revision, Role, Segment
from confere.review import changes
from confere.review.history import playable
from confere.review.states import Decision
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.span import decode_span
from confere.vault import destruction, transcripts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]


class Player(Protocol):
    """Plays sound to the person at this machine."""

    def play(self, sound: Iterator[Samples], rate_hz: int) -> bool:
        """Play mono samples (-1 to 1) to their end; False if the person stopped it before."""
        ...


def play(desk: Desk, given: str, number: str, player: Player) -> bool:
    """Play one segment to the person who acts and keep that it was played.

    Decrypts and decodes only what the segment needs. Coverage says *played*, never heard: what was
    stopped half-way counts for nothing.
    """
    desk.require("play", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
    passage, segment = open_passage(desk, given, number)
    recording = passage.recording
    return _play(desk, recording, playable(segment, recording.duration_ms), player)


def play_whole(desk: Desk, given: str, player: Player) -> bool:
    """Play a whole recording: the only way to be sure of one in which the machine found no speech."""
    desk.require("play", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
    recording = open_transcript(desk, given).transcript.recording
    return _play(desk, recording, (0, recording.duration_ms), player)


def _play(desk: Desk, recording: Recording, span: tuple[int, int], player: Player) -> bool:
    with desk.vault.open_audio(recording.id) as audio:
        finished = player.play(decode_span(audio, *span), SAMPLE_RATE)
    if finished:
        keep_played(desk, recording, span)
    return finished


def keep_played(desk: Desk, recording: Recording, span: tuple[int, int]) -> None:
    """Keep that a span was played to the person who acts."""
    if span[1] <= span[0]:
        return
    with desk.catalog.transaction():
        destruction.require_kept(desk.catalog, recording.id)  # perhaps ended while it was played
        transcripts.add_played(desk.catalog, recording.id, desk.person.name, span, desk.now())
        desk.tell("play", {"recording": recording.id, "start_ms": span[0], "end_ms": span[1]})


def verify(
    desk: Desk,
    given: str,
    number: str,
    *,
    unplayed_reason: str = "",
    seen_version: int | None = None,
) -> Segment:
    """Verify one segment; refused for one's own work and for what was not played."""
    desk.require_approved_settings("verify")

    def change(passage: Passage, segment: Segment, seen: int) -> tuple[Segment, Revision]:
        return changes.verify(
            segment,
            passage,
            desk.person.name,
            desk.now(),
            seen_version=seen,
            unplayed_reason=unplayed_reason,
            played_percent=desk.vault.locked.settings.review.played_percent,
        )

    return decide(desk, Decision.VERIFY, given, number, seen_version, change)


def return_segment(
    desk: Desk,
    given: str,
    number: str,
    reason: str,
    error: Judgement,
    seen_version: int | None = None,
) -> Segment:
    """Give a segment back to the interpreter, with the reason and what kind of error it is."""

    def change(_: Passage, segment: Segment, seen: int) -> tuple[Segment, Revision]:
        return changes.return_(
            segment,
            desk.person.name,
            desk.now(),
            seen_version=seen,
            reason=reason,
            error=error,
        )

    return decide(desk, Decision.RETURN, given, number, seen_version, change)
