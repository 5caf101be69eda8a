"""Sound for the browser, decoded in a keeper's second thread, which never touches the catalog.

Each ``def NAME(sitting, **given)`` answers bytes, or JSON. ``sound`` is given ``recording_id``,
``first_byte`` and ``last_byte`` (included), and answers those bytes of the working sound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Name of a question, and what answers it.
SOUNDS: dict[str, Callable[..., Any]] = {}
