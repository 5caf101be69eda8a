"""What a keeper can be asked, each ``def NAME(sitting, **given) -> JSON``, in its main thread.

An answer calls one act and makes JSON of what it gives. It raises the errors of Confere; the front
gives them their status.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Name of a question, and what answers it.
ANSWERS: dict[str, Callable[..., Any]] = {}
