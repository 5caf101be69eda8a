"""The people of a study and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does in the study; somebody may have several roles."""

    FIELDWORKER = "fieldworker"
    INTERPRETER = "interpreter"
    VERIFIER = "verifier"
    LEAD = "lead"


#: Roles whose people are given the study's key. A fieldworker brings recordings in and opens none.
READERS = frozenset({Role.INTERPRETER, Role.VERIFIER, Role.LEAD})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the study, as the roster tells it: public facts only.

    ``recipient`` is an age recipient (``age1…``); ``verify_keys`` maps each kind of signature
    (``roster``, ``event``, ``checkpoint``, ``sign-off``) to the text of a public Ed25519 key,
    because no key ever makes two kinds of signature.
    """

    name: str
    roles: frozenset[Role]
    recipient: str
    verify_keys: Mapping[str, str]

    @property
    def reads(self) -> bool:
        """Whether the study's key is sealed to this person."""
        return bool(self.roles & READERS)


@dataclass(frozen=True, slots=True)
class MachineKeys:
    """A machine that offloads, as the roster tells it.

    ``name`` is made of the keys; ``verify_keys`` has one for each of ``event``, ``receipt`` and
    ``checkpoint``.
    """

    name: str
    verify_keys: Mapping[str, str]
