"""The study's word list: read and changed, what it touches, and what corrections propose for it.

Everybody who reads sees it. Interpreters and leads change it: the interpreter meets the words and answers
for the translation, the lead for the terms of the study. A verifier does not, because they judge by it:
who verifies must not set the measure on the way. Whoever is both is trusted with both.

Every version is kept, for ever, whatever becomes of the recordings: no participant's name belongs
into it.

``changing`` is the list itself, ``reach`` the open segments that a change touches, ``proposed`` the
corrections that recur.
"""

from confere.acts.words.changing import (
    Changed,
    Version,
    add_entry,
    edit_entry,
    export_words,
    find_entry,
    get_version,
    history,
    import_words,
    list_words,
    remove_entry,
)
from confere.acts.words.proposed import Proposed, accept, find_proposal, propose
from confere.acts.words.reach import Reached, TouchedSegment, changed_since, reach_of, show_touched

__all__ = [
    "Changed",
    "Proposed",
    "Reached",
    "TouchedSegment",
    "Version",
    "accept",
    "add_entry",
    "changed_since",
    "edit_entry",
    "export_words",
    "find_entry",
    "find_proposal",
    "get_version",
    "history",
    "import_words",
    "list_words",
    "propose",
    "reach_of",
    "remove_entry",
    "show_touched",
]
