"""Sound for the browser, decoded in a keeper's second thread, which never touches the catalog.

Each ``def NAME(sitting, **given)`` answers bytes, or JSON. `sound` answers bytes of the working sound, which
``working.py`` describes; ``listening.py`` makes it second by second; ``sounds.py`` is what can be asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confere.web.sound import sounds

_ALL: tuple[Callable[..., Any], ...] = (
    sounds.sound,
    sounds.sound_length,
    sounds.sound_ahead,
    sounds.peaks,
)
#: Name of a question, and what answers it.
SOUNDS: dict[str, Callable[..., Any]] = {answer.__name__: answer for answer in _ALL}
