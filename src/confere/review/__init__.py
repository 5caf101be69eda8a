"""Correction, verification and sign-off: the rules, on values.

``states`` is the workflow as one table, ``changes`` what people do to one segment and ``reshape`` to
two, ``entries`` what may be typed, ``history`` what the revisions tell, ``document`` what is signed
and ``sign_off`` the signature. Nothing here reads or writes a file, asks for a passphrase or knows
the vault.
"""

from confere.review.changes import correct, lock, rename, return_, verify
from confere.review.document import build_document, compare, require_ready
from confere.review.history import workers
from confere.review.reshape import merge, split, undo
from confere.review.sign_off import SignedTranscript, check, sign
from confere.review.states import Decision, require_role

__all__ = [
    "Decision",
    "SignedTranscript",
    "build_document",
    "check",
    "compare",
    "correct",
    "lock",
    "merge",
    "rename",
    "require_ready",
    "require_role",
    "return_",
    "sign",
    "split",
    "undo",
    "verify",
    "workers",
]
