"""What an audit tells: subjects with their counts, and what is wrong with them, in words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from confere.errors import ConfereError

Level = Literal["wrong", "attention"]

#: What may come out of bytes that somebody with the study's key has written by hand.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: ``wrong`` is a fault, ``attention`` is for a person to look at and no fault.

    ``about`` is a file of the vault or an event.
    """

    level: Level
    about: str
    text: str


@dataclass(slots=True)
class Subject:
    """One part of an audit: how many things were looked at, and what holds of them if none is wrong."""

    name: str
    count: int = 0
    holds: str = ""
    wrong: int = 0

    @property
    def result(self) -> str:
        """What is told of the subject."""
        return f"{self.wrong} wrong" if self.wrong else self.holds


class Report:
    """Collects what an audit finds. It never stops at the first finding, and tells none twice."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []
        self.not_checked: list[str] = []
        self._findings: dict[Finding, None] = {}
        self._faults = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, in the order it was found."""
        return tuple(self._findings)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The faults."""
        return tuple(f for f in self._findings if f.level == "wrong")

    @contextlib.contextmanager
    def subject(self, name: str, holds: str, about: str) -> Iterator[Subject]:
        """Look at one subject: what goes wrong inside is a finding about ``about``, not an error."""
        subject = Subject(name, holds=holds)
        self.subjects.append(subject)
        with self.again(subject, about):
            yield subject

    @contextlib.contextmanager
    def again(self, subject: Subject, about: str) -> Iterator[None]:
        """Go on with a subject that was looked at before."""
        before = self._faults
        with self.guarded(about):
            yield
        subject.wrong += self._faults - before

    @contextlib.contextmanager
    def guarded(self, about: str) -> Iterator[None]:
        """Make a finding of any error that damaged or forged bytes can cause."""
        try:
            yield
        except ConfereError as error:
            self.add_wrong(about, error.message)
        except OSError as error:
            self.add_wrong(about, f"cannot be read: {error.strerror or type(error).__name__}")
        except MALFORMED as error:  # its own text may quote what it read
            self.add_wrong(about, f"is not in its form ({type(error).__name__})")

    def add_wrong(self, about: str, text: str) -> None:
        """Tell a fault."""
        finding = Finding("wrong", _shown(about), _shown(text))
        self._faults += finding not in self._findings
        self._findings[finding] = None

    def add_attention(self, about: str, text: str) -> None:
        """Tell what a person should look at."""
        self._findings[Finding("attention", _shown(about), _shown(text))] = None

    def add_not_checked(self, what: str) -> None:
        """Tell what could not be checked."""
        if what not in self.not_checked:
            self.not_checked.append(what)


def _shown(text: str) -> str:
    """Return a text for the eye: what somebody planted cannot steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)
