"""Open one segment of a transcript, with what is needed to decide on it."""

from __future__ import annotations

from confere.acts.desk import Desk
from confere.acts.reading import open_transcript
from confere.domain import Passage, Segment
from confere.review import history
from confere.review.states import SIGNED
from confere.vault import passages, register, transcripts


def open_passage(
    desk: Desk, given: str, number: str, *, following: bool = False
) -> tuple[Passage, Segment]:
    """Open a segment with all that it is tied to, and the next one if asked for, which may lack.

    As cheap in a transcript of thousands of segments as in one of ten: of a transcript in work, what has
    nothing to do with the segment is not looked at. A decision asks for no more, and reading the
    whole, signing it and the audit check the rest. One that is signed as it stands is opened whole,
    with its signature. Raises as `open_transcript` does, and NoSuchThing for the segment.
    """
    with desk.catalog.moment():
        recording_id = register.find_recording(desk.catalog, given)
        if not transcripts.is_in_work(desk.catalog, recording_id):
            return _whole(desk, recording_id, number)
        id_ = passages.find_segment_id(desk.catalog, recording_id, number)
        passage = passages.get_passage(desk.catalog, recording_id, id_)
        segment = transcripts.find_segment(passage, id_)
        if segment.state in SIGNED:
            return _whole(desk, recording_id, number)  # and that finds out what is wrong
        after = passages.next_segment_id(desk.catalog, segment) if following else None
        if after is not None:
            passage = passages.get_passage(desk.catalog, recording_id, id_, after)
        history.require_consistent(passage)
        return passage, segment


def _whole(desk: Desk, recording_id: str, number: str) -> tuple[Passage, Segment]:
    transcript = open_transcript(desk, recording_id).transcript
    return transcript, transcripts.find_segment(transcript, number)
