"""Orders and answers as they travel: age files, each of which one process can open.

What is inside is a line of JSON, a line feed, and the bytes that are carried:

=======  ===================================================================================
order    ``{"number": HEX, "work": NAME, "answer_to": RECIPIENT}`` and what the work is given
answer   ``{"number": HEX}`` and what the work gave back, or ``{"number": HEX, "failed": WHY}``
=======  ===================================================================================

age does not say who made a file. The **number** does, 32 random bytes: nobody knows it but who sealed the
order and who opened it. So an answer that repeats it is from the bench that was asked, and to that very
order.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from confere.crypto import KeyIdentity, decrypt, encrypt, parse_recipient
from confere.errors import ConfereError, EnvironmentProblem, ForgedStore


@dataclass(frozen=True, slots=True, repr=False)
class OpenedOrder:
    """What a bench finds in an order."""

    number: str
    work: str
    answer_to: str
    given: bytes


def new_number() -> str:
    """Return a number that nobody can guess."""
    return secrets.token_hex(32)


def seal_order(number: str, work: str, given: bytes, bench: str, answer_to: str) -> bytes:
    """Seal an order to the bench with this recipient."""
    return _sealed({"number": number, "work": work, "answer_to": answer_to}, given, bench)


def open_order(sealed: bytes, identity: KeyIdentity) -> OpenedOrder:
    """Open an order; raises WrongKey when it is for another bench, ConfereError when it is none."""
    head, given = _opened(sealed, identity)
    return OpenedOrder(head["number"], head["work"], head["answer_to"], given)


def seal_answer(order: OpenedOrder, gave: bytes) -> bytes:
    """Seal what the work gave."""
    return _sealed({"number": order.number}, gave, order.answer_to)


def seal_failure(order: OpenedOrder, why: str) -> bytes:
    """Seal why there is no answer: the kind of what went wrong, never its words."""
    return _sealed({"number": order.number, "failed": why}, b"", order.answer_to)


def open_answer(sealed: bytes, identity: KeyIdentity, number: str) -> bytes:
    """Return what the work gave; raises EnvironmentProblem if it failed, ForgedStore for another's answer."""
    try:
        head, gave = _opened(sealed, identity)
        if not secrets.compare_digest(head["number"], number):
            raise KeyError(number)
    except (ConfereError, ValueError, KeyError):
        raise ForgedStore(
            "what came back from the cluster is not an answer of the worker that was asked",
            "Treat this as an incident: the scheduler, or a worker, is not what it should be.",
        ) from None
    if "failed" in head:
        raise EnvironmentProblem(
            f"a worker failed ({head['failed']})",
            "Its own messages, where it was started, say more.",
        )
    return gave


def _sealed(head: Mapping[str, str], carried: bytes, recipient: str) -> bytes:
    return encrypt(json.dumps(head).encode() + b"\n" + carried, [parse_recipient(recipient)])


def _opened(sealed: bytes, identity: KeyIdentity) -> tuple[dict[str, str], bytes]:
    head, _, carried = decrypt(sealed, [identity]).partition(b"\n")
    return json.loads(head), carried
