"""The word list: read, changed, proposed for; and the identity key."""

from __future__ import annotations

from typing import Any

from confere.acts import names as key
from confere.acts import words as acts
from confere.acts.words import Changed
from confere.acts.words.changing import CHANGERS
from confere.domain import WordEntry, WordStatus
from confere.errors import BadValue
from confere.vault.word_lists import WordList
from confere.web.answers.naming import Names
from confere.web.sitting import Sitting


def words(sitting: Sitting) -> dict[str, Any]:
    """Return the list in force."""
    return _list(sitting, acts.list_words(sitting.desk))


def add_word(sitting: Sitting, entry: dict[str, Any], version: int) -> dict[str, Any]:
    """Put an entry on the list."""
    return _changed(sitting, acts.add_entry(sitting.desk, _entry(entry), version))


def edit_word(sitting: Sitting, number: int, entry: dict[str, Any], version: int) -> dict[str, Any]:
    """Put another entry in the place of one, by its number in the version seen."""
    return _changed(sitting, acts.edit_entry(sitting.desk, number, _entry(entry), version))


def remove_word(sitting: Sitting, number: int, version: int) -> dict[str, Any]:
    """Take an entry off the list."""
    return _changed(sitting, acts.remove_entry(sitting.desk, number, version))


def import_words(sitting: Sitting, text: str, replace: bool, version: int) -> dict[str, Any]:
    """Add the entries of a CSV file, which the page read."""
    done = acts.import_words(sitting.desk, text.encode(), replace=replace, seen=version)
    return _changed(sitting, done)


def export_words(sitting: Sitting) -> dict[str, str]:
    """Return the list as CSV."""
    return {"csv": acts.export_words(sitting.desk).decode()}


def word_history(sitting: Sitting) -> list[dict[str, Any]]:
    """Return every version, newest first, with what it changed."""
    return [
        {
            "version": v.words.number,
            "by": v.words.by,
            "at": v.words.at,
            "added": [_entry_json(e) for e in v.added],
            "removed": [_entry_json(e) for e in v.removed],
        }
        for v in reversed(acts.history(sitting.desk))
    ]


def proposals(sitting: Sitting) -> dict[str, Any]:
    """Return the corrections that recur, the most frequent first; told as a reading."""
    count, found = acts.propose(sitting.desk, 50)
    return {
        "count": count,
        "proposals": [
            {
                "key": p.key,
                "side": p.proposal.side,
                "before": p.proposal.before,
                "after": p.proposal.after,
                "segments": len(p.proposal.segments),
                "recordings": len(p.recordings),
                **_entry_json(p.proposal.entry),
            }
            for p in found
        ],
    }


def accept_proposal(
    sitting: Sitting, key: str, target: str, status: str, note: str
) -> dict[str, Any]:
    """Put what is proposed on the list."""
    desk = sitting.desk
    found = acts.find_proposal(desk, key)
    chosen = _status(status) if status else None
    return _changed(sitting, acts.accept(desk, found, target=target, status=chosen, note=note))


def touched_segments(sitting: Sitting, recording: str, since: int) -> dict[str, Any]:
    """Return the open segments of a recording that changes since a version touch."""
    desk = sitting.desk
    id_, found = acts.show_touched(desk, recording, acts.changed_since(desk, since))
    return {
        "recording": id_,
        "segments": [
            {
                "segment": item.text.segment_id,
                "number": item.text.position,
                "source": item.text.source,
                "target": item.text.target,
                "state": str(item.text.state),
                "words": [entry.source for entry in item.entries],
            }
            for item in found
        ],
    }


def read_names(sitting: Sitting) -> list[dict[str, str]]:
    """Return the identity key; that it was read is told."""
    return [{"name": i.name, "code": i.code, "note": i.note} for i in key.list_names(sitting.desk)]


def add_name(sitting: Sitting, name: str, code: str, note: str) -> dict[str, int]:
    """Put a name into the key."""
    return _counts(key.add_name(sitting.desk, name, code, note))


def import_names(sitting: Sitting, text: str) -> dict[str, int]:
    """Put all names of a CSV file, which the page read, into the key."""
    return _counts(key.import_names(sitting.desk, text.encode()))


def remove_name(sitting: Sitting, name: str) -> dict[str, int]:
    """Take a name out of the key."""
    return _counts(key.remove_name(sitting.desk, name))


def _counts(done: key.Changed) -> dict[str, int]:
    return {
        "added": done.added,
        "changed": done.changed,
        "removed": done.removed,
        "count": done.count,
    }


def _list(sitting: Sitting, found: WordList) -> dict[str, Any]:
    return {
        "version": found.number,
        "by": found.by,
        "at": found.at,
        "entries": [_entry_json(e) for e in found.entries],
        "changes": bool(sitting.desk.person.roles & set(CHANGERS)),
    }


def _changed(sitting: Sitting, done: Changed) -> dict[str, Any]:
    names = Names(sitting)
    return {
        **_list(sitting, done.words),
        "added": [_entry_json(e) for e in done.added],
        "removed": [_entry_json(e) for e in done.removed],
        "touched": [
            {
                "recording": one.recording_id,
                "name": names.of(one.recording_id),
                "segments": one.segments,
                "verified": one.verified,
            }
            for one in done.touched
        ],
    }


def _entry(given: dict[str, Any]) -> WordEntry:
    texts = [given.get(name, "") for name in ("source", "target", "note")]
    if not all(isinstance(text, str) for text in texts):
        raise BadValue("an entry is made of texts")
    source, target, note = texts
    return WordEntry(source, target, _status(given.get("status", "")), note)


def _status(given: object) -> WordStatus:
    if given not in {status.value for status in WordStatus}:
        raise BadValue("a word is required, forbidden, or kept")
    return WordStatus(str(given))


def _entry_json(entry: WordEntry) -> dict[str, str]:
    return {
        "source": entry.source,
        "target": entry.target,
        "status": entry.status.value,
        "note": entry.note,
    }
