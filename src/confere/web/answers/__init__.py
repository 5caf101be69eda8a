"""What a keeper can be asked, each ``def NAME(sitting, **given) -> JSON``, in its main thread.

An answer calls one act and makes JSON of what it gives. It raises the errors of Confere; the front
gives them their status.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confere.web.answers import assigning, deciding, home, lead, reading, signing

_ALL: tuple[Callable[..., Any], ...] = (
    home.home,
    assigning.take,
    assigning.assign,
    assigning.give_back,
    reading.transcript,
    reading.transcript_ahead,
    reading.news,
    reading.findings,
    reading.segment,
    reading.story,
    reading.suggestions,
    deciding.correct_segment,
    deciding.split_segment,
    deciding.merge_segment,
    deciding.undo_segment,
    deciding.verify_segment,
    deciding.return_segment,
    deciding.edit_segment,
    deciding.rename_speaker,
    deciding.dismiss,
    deciding.add_comment,
    deciding.resolve_comment,
    deciding.played,
    signing.sheet,
    signing.sign_transcript,
    signing.reopen_transcript,
    *lead.ALL,
)
#: Name of a question, and what answers it.
ANSWERS: dict[str, Callable[..., Any]] = {answer.__name__: answer for answer in _ALL}
