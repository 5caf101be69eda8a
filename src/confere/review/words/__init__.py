"""The study's word list: one list for both engines, for the checks and for people, grown from corrections.

``entries`` is what a list is, ``table`` the CSV file, ``reach`` which segments a list speaks of, and
``proposals`` what people corrected so often that it belongs on the list.
"""

from confere.domain import WordEntry, WordStatus
from confere.review.words.entries import (
    Problem,
    ProblemKind,
    changed,
    checked,
    hotwords,
    problems,
)
from confere.review.words.proposals import Proposal, proposals
from confere.review.words.reach import Reach, Touched, touched
from confere.review.words.table import read_csv, read_lines, write_csv

__all__ = [
    "Problem",
    "ProblemKind",
    "Proposal",
    "Reach",
    "Touched",
    "WordEntry",
    "WordStatus",
    "changed",
    "checked",
    "hotwords",
    "problems",
    "proposals",
    "read_csv",
    "read_lines",
    "touched",
    "write_csv",
]
