"""A repeat, offered where it is asked for: what a second person verified before, for a single key.

It is shown above the line and put nowhere by itself: a repeat may mean something else here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from confere.domain import Segment

if TYPE_CHECKING:
    from confere.acts.suggest import Suggestion, TranslationMemory

KEY = "\t"  # where nothing edits lines, a line of it alone


def offered(memory: TranslationMemory, segment: Segment) -> str:
    """Show how the words of a segment were translated before, and return that; else nothing.

    Only the very same words count, as `Suggestion.exact` has it, and only what is not there already.
    """
    repeats = memory.repeats_of(segment)
    if not repeats or repeats[0].pair.target.strip() == segment.target.strip():
        return ""
    _print(repeats[0], len(repeats) - 1)
    return repeats[0].pair.target


def taken(answer: str, offer: str) -> str:
    """Return what was answered, or the offer if that was its key."""
    return offer if offer and answer == KEY else answer


@contextlib.contextmanager
def one_key(offer: str) -> Iterator[None]:
    """Have the key put an offer in the place of the line, to be edited, or taken with Enter."""
    try:
        import readline
    except ImportError:  # Windows: there a line of the key alone takes it
        yield
        return
    completer, delimiters = readline.get_completer(), readline.get_completer_delims()
    libedit = "libedit" in (readline.__doc__ or "")
    # What is completed is the whole line up to the cursor, and there is one completion of it.
    readline.set_completer(lambda _, number: offer if offer and number == 0 else None)
    readline.set_completer_delims("")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(completer)
        readline.set_completer_delims(delimiters)
        readline.parse_and_bind("bind ^I ed-insert" if libedit else "tab: self-insert")


def _print(repeat: Suggestion, others: int) -> None:
    pair, origin = repeat.pair, repeat.origin
    where = f"{pair.recording_id} {origin.number}, verified by {origin.by}, {origin.at[:10]}"
    more = f"; {others} more, differently translated" if others else ""
    click.secho(f"      said before: {pair.target}", fg="green")
    click.secho(f"      {where}{more}. Tab takes it, Enter does not.", dim=True)
