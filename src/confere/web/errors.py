"""The one table of HTTP statuses, and what an error becomes on its way to the page."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from confere import errors

#: Class of errors and its status; the first that fits counts, so a leaf stands before its family.
STATUSES: tuple[tuple[type[errors.ConfereError], int], ...] = (
    (errors.NoSuchThing, 404),
    (errors.Destroyed, 404),
    (errors.MovedOn, 409),
    (errors.WordsMovedOn, 409),
    (errors.InterviewMovedOn, 409),
    (errors.MoveRefused, 409),
    (errors.NotReady, 409),
    (errors.NotPlayed, 409),
    (errors.NotApproved, 409),
    (errors.Pointless, 409),
    (errors.CopyUnderway, 409),
    (errors.OtherContents, 409),
    (errors.FilesVanished, 409),
    (errors.Signed, 423),
    (errors.BadInput, 400),
    (errors.WrongSecret, 403),
    (errors.Refused, 403),
    (errors.DamagedStore, 500),
    (errors.ForgedStore, 500),
    (errors.EnvironmentProblem, 503),
)


@dataclass
class Refusal(Exception):
    """What the page is told instead of an answer: the body of an error, and its status.

    ``code`` is the class of the error. ``extra`` is for showing (both texts of a conflict) and joins the
    body; ``where`` are the places in our source that a fault came through, for the log, never for the page.
    """

    code: str
    status: int
    message: str
    hint: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message

    def body(self) -> dict[str, Any]:
        """Return the JSON that the page gets."""
        return {"error": self.code, "message": self.message, "hint": self.hint, **self.extra}

    def as_json(self) -> dict[str, Any]:
        """Return it as it goes from the keeper to the front."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Refusal:
        """Return what `as_json` was made of."""
        return cls(**{**value, "where": tuple(value["where"])})


def status_of(error: errors.ConfereError) -> int:
    """Return the status of an error of ours."""
    return next((status for family, status in STATUSES if isinstance(error, family)), 500)


def refusal_of(error: BaseException) -> Refusal:
    """Return what the page is told of an error. Of one that is not ours it is told nothing."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, errors.ConfereError):
        return Refusal(
            type(error).__name__,
            status_of(error),
            error.message,
            error.hint,
            _conflict(error),
        )
    return Refusal(
        "Fault",
        500,
        "Confere made a mistake here",
        "What was saved is saved. Load the page again; if it repeats, tell who keeps the machine.",
        where=(type(error).__name__, *places(error)),
    )


def places(error: BaseException) -> tuple[str, ...]:
    """Return where an error came through, without its message, which may hold words of a transcript."""
    frames = traceback.extract_tb(error.__traceback__)
    return tuple(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)


def no_session() -> Refusal:
    """Nobody is signed in, or not any more."""
    return Refusal("NoSession", 401, "nobody is signed in here", "Sign in again; nothing is lost.")


def _conflict(error: errors.ConfereError) -> dict[str, Any]:
    """Both sides of a conflict, which the message of an error never holds."""
    if isinstance(error, errors.MovedOn):
        return {
            "conflict": {
                "mine": dict(error.mine),
                "theirs": dict(error.theirs),
                "base": dict(error.base),
                "by": error.by,
                "editing": list(error.editing),
                "version": error.now,
            }
        }
    if isinstance(error, errors.InterviewMovedOn):
        return {
            "conflict": {
                "mine": dict(error.mine),
                "theirs": dict(error.theirs),
                "by": error.by,
                "version": error.now,
            }
        }
    if isinstance(error, errors.WordsMovedOn):
        return {
            "conflict": {
                "mine": [dict(one) for one in error.mine],
                "theirs": [dict(one) for one in error.theirs],
                "by": error.by,
                "version": error.now,
            }
        }
    return {}
