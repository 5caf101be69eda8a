"""From the words of a window to the segments that ended in it: sentences, with what is to be doubted.

What has not ended yet, and what must wait for it, is kept in the state for the next window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from confere.domain import SpokenSegment
from confere.transcribe.listening import Listening
from confere.transcribe.loops import remembered
from confere.transcribe.marks import mark, missed, said
from confere.transcribe.profile import DraftingProfile
from confere.transcribe.sentences import HeardWord, Limits, split, within
from confere.transcribe.state import State
from confere.transcribe.windows import Window


def finish(
    window: Window,
    heard: Mapping[str, list[HeardWord]],
    listened: Mapping[str, Listening],
    state: State,
    profile: DraftingProfile,
) -> list[SpokenSegment]:
    """Return the segments that ended in a window, of all sides in the order of time.

    ``heard`` and ``listened`` are by side. A side that was heard until the window before, and is not any
    more, ends there: what was mixed is from now on heard apart.
    """
    segments = list(state.held)
    for side in sorted({*state.still_open, *heard}):
        segments += _finish_side(side, window, heard, listened, state, profile)
    segments.sort(key=lambda segment: (segment.start_ms, segment.side))
    from_ms = min((words[0].start_ms for words in state.still_open.values()), default=None)
    ready = [each for each in segments if from_ms is None or each.start_ms < from_ms]
    state.held = segments[len(ready) :]
    return ready


def _finish_side(
    side: str,
    window: Window,
    heard: Mapping[str, list[HeardWord]],
    listened: Mapping[str, Listening],
    state: State,
    profile: DraftingProfile,
) -> list[SpokenSegment]:
    words = heard.get(side, [])
    unheard: list[SpokenSegment] = []
    if side in listened:
        words, unheard = missed(
            listened[side],
            words,
            language=state.chooser.last.get(side, state.chooser.languages[0]),
            pause_ms=profile.pause_ms,
            side=side,
        )
    limits = Limits(profile.pause_ms, profile.sentence_max_ms, profile.sentence_max_words)
    goes_on = side in heard and not window.last
    ended, still_open = split(
        [*state.still_open.pop(side, []), *words], limits, window.span.end_ms if goes_on else None
    )
    if still_open:
        state.still_open[side] = still_open
    placed = [replace(each, side=side) for each in within(ended, window.span.end_ms)]
    before = state.said.get(side, [])
    marked = mark(placed, listened.get(side), before)
    if marked:
        state.said[side] = remembered(before, said(marked))
    return [*marked, *unheard]
