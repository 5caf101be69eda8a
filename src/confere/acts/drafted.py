"""Whether the texts of a transcript begin as the machine's draft; what came after, the revisions tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from confere.acts.draft import SPEAKERS, UNTRANSLATED
from confere.domain import Draft, Revision, Transcript
from confere.review import history
from confere.vault import transcripts
from confere.vault.catalog import Catalog


def unlike_draft(catalog: Catalog, transcript: Transcript) -> str:
    """Return what of a transcript, which follows from its revisions, is not its draft's; or nothing."""
    recording = transcript.recording
    draft = transcripts.get_draft(catalog, recording.id)
    spoken = draft.transcription.segments
    if recording.duration_ms != draft.transcription.duration_ms:
        return "its length is not the draft's"
    drafted = [s for s in (*transcript.segments, *transcript.merged) if not s.parent]
    if sorted(s.drafted_as for s in drafted) != list(range(1, len(spoken) + 1)):
        return "it has other segments than its draft"
    revisions = history.by_segment(transcript)
    for segment in drafted:
        first: dict[str, object] = {}
        for revision in revisions[segment.id]:
            first = {**revision.before, **first}
        for name, value in _drafted(draft, segment.drafted_as - 1).items():
            if first.get(name, getattr(segment, name)) != value:
                return f"segment {segment.id}, {name}, does not begin as its draft"
    return _unlike_cuts(revisions)


def _unlike_cuts(revisions: Mapping[str, Sequence[Revision]]) -> str:
    """What was split off begins with what the other part lost, and with no word of its own."""
    cuts = {r.after["part"]: r for made in revisions.values() for r in made if "part" in r.after}
    for id_, made in revisions.items():
        if not made or "parent" not in made[0].after:
            continue
        born, cut = made[0].after, cuts[id_]  # `require_consistent` has seen that there is one
        if (cut.after["end_ms"], cut.before["end_ms"]) != (born["start_ms"], born["end_ms"]):
            return f"segment {id_} is not the span that was split off"
        for name in ("source", "target"):
            if _letters(cut.before[name]) != _letters(cut.after[name]) + _letters(born[name]):
                return f"segment {id_}, {name}, is not what was split off"
    return ""


def _letters(text: object) -> str:
    """A text without its spaces, which splitting may drop."""
    return "".join(unicodedata.normalize("NFC", str(text)).split())


def _drafted(draft: Draft, place: int) -> Mapping[str, object]:
    spoken, target = draft.transcription.segments[place], draft.targets[place]
    untranslated = (UNTRANSLATED,) if spoken.text and not target else ()
    return {
        "start_ms": spoken.start_ms,
        "end_ms": spoken.end_ms,
        "language": spoken.language,
        "speaker": SPEAKERS[spoken.side],
        "source": spoken.text,
        "target": target,
        "marks": (*spoken.marks, *untranslated),
    }
