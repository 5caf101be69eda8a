"""Read, change, import and export the word list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from confere.acts.desk import Desk
from confere.acts.words.reach import Reached, reach_of
from confere.domain import Role, WordEntry
from confere.errors import BadValue, NoSuchThing, WordsClash, WordsMovedOn
from confere.review.words import ProblemKind, changed, checked, problems, read_lines, write_csv
from confere.review.words.entries import plain
from confere.vault import Storage, word_lists
from confere.vault.word_lists import WordList

READERS: Final = (Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
#: Who changes the list; why, the package says. The audit holds by it.
CHANGERS: Final = (Role.INTERPRETER, Role.LEAD)
_MOST_ENTRIES: Final = 5_000
_LARGEST_FILE: Final = 10_000_000  # bytes; a list of the most entries is a tenth of it
_EDIT = "'confere words edit' changes an entry, 'confere words remove' takes it off."

_Entries = tuple[WordEntry, ...]
_Difference = tuple[_Entries, _Entries]  # what was added, and what was taken off
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did: the list in force now, and the open segments that it touches.

    ``touched`` only points at segments: nothing in them was changed, and no verification cleared. A
    new note alone touches none. ``added`` and ``removed`` are empty if everything was as wanted.
    """

    words: WordList
    added: _Entries
    removed: _Entries
    touched: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the list, with what it added to the one before and took off it."""

    words: WordList
    added: _Entries
    removed: _Entries

    @property
    def difference(self) -> _Difference:
        """Both."""
        return self.added, self.removed


def list_words(desk: Desk) -> WordList:
    """Return the list in force; version 0, without entries, before there is one."""
    return get_version(desk)


def get_version(desk: Desk, number: int | None = None) -> WordList:
    """Return a version of the list, by default the one in force; raises NoSuchThing."""
    desk.require("read the word list", *READERS)
    with desk.catalog.moment():
        if number is None:
            number = word_lists.current_version(desk.catalog)
        return word_lists.get_word_list(desk.catalog, number)


def find_entry(words: WordList, given: str) -> int:
    """Return the number (from 1) of an entry, given by it or by its source; raises NoSuchThing.

    A source that several entries have names none of them.
    """
    if given.isdecimal() and 1 <= int(given) <= len(words.entries):
        return int(given)
    found = [n for n, e in enumerate(words.entries, 1) if plain(e.source) == plain(given)]
    if len(found) == 1:
        return found[0]
    kind = "single entry" if found else "entry"
    raise NoSuchThing(kind, given, "'confere words list' numbers them.")


def history(desk: Desk) -> list[Version]:
    """Return every version of the list, oldest first, with what each changed."""
    desk.require("read the word list", *READERS)
    versions, before = [], _Entries()
    for words in word_lists.list_word_lists(desk.catalog):
        versions.append(Version(words, *_difference(before, words.entries)))
        before = words.entries
    return versions


def add_entry(desk: Desk, entry: WordEntry, seen: int | None = None) -> Changed:
    """Put an entry at the end of the list.

    ``seen`` is the version that the person saw, here and in the other changes; None stands for the
    one in force. What others changed since stays, but where it is about the same words: then
    WordsMovedOn tells both, and nothing is saved. Raises NotAllowed, BadValue, and WordsClash when the
    list holds the same or the contrary already.
    """
    good = _checked(entry)
    return _change(desk, seen, lambda base: (*base, good))


def edit_entry(desk: Desk, number: int, entry: WordEntry, seen: int | None = None) -> Changed:
    """Put another entry in the place of one, by its number in the version seen."""
    good = _checked(entry)

    def edited(base: _Entries) -> _Entries:
        place = _place(base, number)
        return (*base[:place], good, *base[place + 1 :])

    return _change(desk, seen, edited)


def remove_entry(desk: Desk, number: int, seen: int | None = None) -> Changed:
    """Take an entry off the list, by its number in the version seen."""

    def shortened(base: _Entries) -> _Entries:
        place = _place(base, number)
        return (*base[:place], *base[place + 1 :])

    return _change(desk, seen, shortened)


def import_words(
    desk: Desk, data: bytes, *, replace: bool = False, seen: int | None = None
) -> Changed:
    """Add the entries of a CSV file to the list; with ``replace`` they are the whole list.

    Where the list has an entry already, the file's spelling and note take its place, but for an
    empty note. Raises BadWordList and WordsClash, which name lines of the file; then nothing
    was imported.
    """
    if len(data) > _LARGEST_FILE:
        raise BadValue(f"the file has more than {_LARGEST_FILE} bytes", "That is no word list.")
    lines = read_lines(data)
    names = {_key(entry): f"line {line} of the file" for line, entry in lines}
    new = tuple(entry for _, entry in lines)
    _require_no_clash(
        new,
        [f"line {line}" for line, _ in lines],
        "Take one of each two out of the file.",
    )

    def imported(base: _Entries) -> _Entries:
        return new if replace else _merged(base, new)

    return _change(desk, seen, imported, names=names, whole=replace)


def export_words(
    desk: Desk, to: Path | None = None, *, number: int | None = None, overwrite: bool = False
) -> bytes:
    """Return a version of the list as CSV, and write it to a file if one is named.

    Raises BadValue for a file inside the vault, and for one that is there unless ``overwrite``.
    """
    data = write_csv(get_version(desk, number).entries)
    if to is not None:
        _target(desk, to, overwrite).write(to.name, data, replace=overwrite)
    return data


def _target(desk: Desk, to: Path, overwrite: bool) -> Storage:
    if to.resolve().is_relative_to(desk.vault.locked.storage.root):
        raise BadValue("the word list cannot be exported into the vault", "Choose a place outside.")
    if not to.parent.is_dir() or to.is_dir():
        raise BadValue(f"{to} cannot be written", "Give a file in a folder that is there.")
    if not overwrite and (to.exists() or to.is_symlink()):
        raise BadValue(f"{to} is there already", "--force writes over it.")
    return Storage(to.parent.resolve())


# --- how a change is made --------------------------------------------------------------------------


def _change(
    desk: Desk,
    seen: int | None,
    make: Callable[[_Entries], _Entries],
    *,
    names: Mapping[_Key, str] | None = None,
    whole: bool = False,
) -> Changed:
    """Save the list that somebody makes of the version they saw, and tell it.

    ``names`` is how entries are called that are not on the list yet. ``whole`` is for a list that
    takes the place of everything: then nothing that others did meanwhile may be lost in it.
    """
    desk.require("change the word list", *CHANGERS)
    with desk.catalog.transaction():
        before = get_version(desk)
        base = get_version(desk, before.number if seen is None else seen)
        wanted = make(base.entries)
        _require_unmoved(desk, base, before, wanted, whole=whole)
        after = wanted if base.number == before.number else _rebased(base, before, wanted)
        _require_fit(before.entries, after, names or {})
        if after == before.entries:
            return Changed(before, (), (), ())
        saved = _save(desk, after)
    added, removed = _difference(before.entries, after)
    touched = reach_of(desk, changed(before.entries, after))
    return Changed(saved, added, removed, touched)


def _save(desk: Desk, entries: _Entries) -> WordList:
    at = desk.now()
    number, told = word_lists.add_word_list(desk.catalog, entries, desk.person.name, at)
    desk.tell("words", {"number": number, "entries": len(entries), "words_sha256": told})
    return WordList(number, entries, desk.person.name, at)


def _require_unmoved(
    desk: Desk, base: WordList, now: WordList, wanted: _Entries, *, whole: bool
) -> None:
    """Refuse a change of words that somebody else has changed since; raises WordsMovedOn."""
    mine = _difference(base.entries, wanted)
    theirs = _difference(base.entries, now.entries)
    if mine == theirs or not any(theirs):
        return
    both = _sources(theirs) if whole else _sources(mine) & _sources(theirs)
    if not both:
        return
    conflict = WordsMovedOn(base.number, now.number)
    conflict.mine, conflict.theirs = _told(mine, both), _told(theirs, both)
    conflict.by = next(v.words.by for v in reversed(history(desk)) if both & _sources(v.difference))
    raise conflict


def _rebased(base: WordList, now: WordList, wanted: _Entries) -> _Entries:
    """Return the list in force with what was wanted of the one that was seen."""
    added, removed = _difference(base.entries, wanted)
    left = [entry for entry in now.entries if entry not in removed]
    return (*left, *(entry for entry in added if entry not in left))


def _require_fit(before: _Entries, after: _Entries, names: Mapping[_Key, str]) -> None:
    if len(after) > _MOST_ENTRIES:
        raise BadValue(f"a word list has at most {_MOST_ENTRIES} entries")
    numbers = {_key(entry): f"entry {number}" for number, entry in enumerate(before, 1)}
    # Taken out when used: the second of its kind is the new one.
    places = [names.get(_key(e)) or numbers.pop(_key(e), "the new entry") for e in after]
    hint = _EDIT
    if names:
        hint = "Correct the file or the list, or let the file be the whole list (--replace)."
    _require_no_clash(after, places, hint)


def _require_no_clash(entries: Sequence[WordEntry], places: Sequence[str], hint: str) -> None:
    found = [
        (places[p.first], places[p.second], p.kind is ProblemKind.CONTRADICTION)
        for p in problems(entries)
    ]
    if found:
        raise WordsClash(found, hint)


def _merged(base: _Entries, new: _Entries) -> _Entries:
    """Return the list with new entries; one that is there is renewed in its place."""
    entries = {_key(entry): entry for entry in base}
    for entry in new:
        known = entries.get(_key(entry))
        note = entry.note or (known.note if known else "")
        entries[_key(entry)] = WordEntry(entry.source, entry.target, entry.status, note)
    return tuple(entries.values())


def _key(entry: WordEntry) -> _Key:
    return plain(entry.source), plain(entry.target), entry.status


def _difference(before: _Entries, after: _Entries) -> _Difference:
    """Return what was added and what was taken off; of an edited entry, both."""
    old, new = set(before), set(after)
    return tuple(e for e in after if e not in old), tuple(e for e in before if e not in new)


def _sources(difference: _Difference) -> set[str]:
    return {plain(entry.source) for entries in difference for entry in entries}


def _told(difference: _Difference, about: set[str]) -> list[dict[str, str]]:
    return [
        {"change": change, **asdict(entry)}
        for change, entries in zip(("added", "removed"), difference, strict=True)
        for entry in entries
        if plain(entry.source) in about
    ]


def _place(base: _Entries, number: int) -> int:
    if not 1 <= number <= len(base):
        raise NoSuchThing("entry", str(number), "'confere words list' numbers them.")
    return number - 1


def _checked(entry: WordEntry) -> WordEntry:
    return checked(entry.source, entry.target, entry.status, entry.note)
