"""What the machine was worth, measured a few transcripts at a time; and handing over."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any, Literal

from confere.acts import worth as acts
from confere.acts.desk import Desk
from confere.acts.hand_over import hand_out
from confere.acts.queue import queue
from confere.domain import Role
from confere.errors import BadValue, NotReady
from confere.export.kinds import KINDS
from confere.review.worth import (
    Estimate,
    Share,
    Worth,
    by_models,
    coreq,
    coreq_text,
    figures,
    paragraph,
    plot,
)
from confere.vault import register, transcripts
from confere.web.answers.naming import Names
from confere.web.sitting import Sitting

#: Measuring an hour's transcript takes a third of a second: so long nobody waits for anything else.
_AT_ONCE = 3
#: What a ZIP file says of when it was made: nothing.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Measured:
    """What was measured in this sitting, in memory only."""

    def __init__(self, _desk: Desk) -> None:
        self.known: acts.Known = {}
        self.seen: set[str] = set()


def measure_some(sitting: Sitting) -> dict[str, int]:
    """Measure a few signed transcripts more; ``of`` is how many there are."""
    desk, part = sitting.desk, sitting.part(Measured)
    desk.require("see what the machine was worth", Role.LEAD)
    signed = [r.id for r in register.list_recordings(desk.catalog) if _is_closed(desk, r.id)]
    left = [id_ for id_ in signed if id_ not in part.seen][:_AT_ONCE]
    if left:
        acts.account(desk, left, known=part.known)
        part.seen.update(left)
    return {"done": len(part.seen & set(signed)), "of": len(signed)}


def worth(sitting: Sitting, language: str) -> dict[str, Any]:
    """Return the figures, the plot, and what can be written up, in a language."""
    desk = sitting.desk
    said: Literal["en", "pt"] = "pt" if language == "pt" else "en"
    account = acts.account(desk, known=sitting.part(Measured).known)
    names = Names(sitting)
    interviews = account.by_interview()
    first = {each.recording.interview_id: each.recording.id for each in reversed(account.measured)}
    texts: dict[str, Any] = {"methods": "", "coreq": "", "items": []}
    try:
        facts = acts.facts(desk, account)
        texts = {
            "methods": paragraph(facts, said),
            "coreq": coreq_text(facts, said),
            "items": [
                {"number": i.number, "topic": i.topic, "answer": i.answer}
                for i in coreq(facts, said)
            ],
        }
    except NotReady:  # nothing is signed: then nothing is written up
        pass
    drawn = acts.points(account)
    return {
        "left_out": [
            {"name": names.of(i), "reason": str(why)} for i, why in account.left_out.items()
        ],
        "study": _worth(account.worth),
        "by_interview": [
            {"name": names.of(first[id_]), "interview": id_, **_worth(each)}
            for id_, each in interviews.items()
        ],
        "by_model": [
            {
                "speech": models.speech.name,
                "translation": models.translation.name,
                "digest": models.speech.digest[:12],
                **_worth(each),
            }
            for models, each in by_models(each.worth for each in account.measured).items()
        ],
        "plot": plot(drawn, said, practice=desk.roster.practice) if drawn else "",
        **texts,
    }


def exportable(sitting: Sitting) -> dict[str, Any]:
    """Return what can be handed over, and as what."""
    desk, names = sitting.desk, Names(sitting)
    desk.require("export", Role.LEAD)
    signed = transcripts.signed_recordings(desk.catalog)
    return {
        "kinds": list(KINDS),
        "recordings": [
            {
                "recording": w.recording_id,
                "name": names.of(w.recording_id),
                "duration_ms": w.duration_ms,
                "stage": str(w.stage),
                "signed": w.recording_id in signed,
            }
            for w in queue(desk)
            if w.counts
        ],
    }


def export(sitting: Sitting, recordings: Sequence[str], kinds: Sequence[str], draft: bool) -> bytes:
    """Return a ZIP file of an export with its manifest; made in memory, told as an export."""
    if not all(isinstance(one, str) for one in (*recordings, *kinds)):
        raise BadValue("recordings and kinds are named by texts")
    files, _ = hand_out(sitting.desk, recordings, kinds, draft=draft)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(_member(file.name), file.content)
    return made.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _NO_TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


def _is_closed(desk: Desk, recording_id: str) -> bool:
    signed = transcripts.latest_sign_off(desk.catalog, recording_id) is not None
    return signed and not transcripts.is_in_work(desk.catalog, recording_id)


def _worth(worth: Worth) -> dict[str, Any]:
    found, words = figures(worth), worth.words()
    return {
        "transcripts": len(worth.transcripts),
        "audio_ms": worth.audio_ms,
        "segments": len(worth.segments),
        "word_error_rate": _estimate(found.word_error_rate),
        "words": {
            "reference": words.reference,
            "substitutions": words.substitutions,
            "deletions": words.deletions,
            "insertions": words.insertions,
        },
        "chrf": _estimate(found.chrf),
        "edit_rate": _estimate(found.edit_rate),
        "source_changed": _share(found.source_changed),
        "target_changed": _share(found.target_changed),
        "work_ms": worth.work_ms,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
    }


def _share(share: Share) -> dict[str, Any]:
    return {"count": share.count, "of": share.of, "percent": share.percent}
