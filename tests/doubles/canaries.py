"""The forms in which words and bytes would betray themselves, wherever they are looked for."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterator


def forms_of_text(text: str) -> Iterator[tuple[str, bytes]]:
    """UTF-8 in all its wrappings, UTF-16, and the escapes of JSON and of addresses."""
    for form, pattern in forms_of_bytes(text.encode()):
        yield f"utf-8 {form}", pattern
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    escaped = json.dumps(text)[1:-1]
    yield "json", escaped.encode()
    yield "JSON", re.sub(r"u[0-9a-f]{4}", lambda four: "u" + four[0][1:].upper(), escaped).encode()
    yield "url", urllib.parse.quote(text).encode()


def forms_of_bytes(content: bytes) -> Iterator[tuple[str, bytes]]:
    """As they are, in hex, and in base64 wherever they begin in it."""
    yield "plain", content
    yield "hex", content.hex().encode()
    yield "HEX", content.hex().upper().encode()
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + content)
        first, last = -(-shift * 8 // 6), (shift + len(content)) * 8 // 6
        yield f"base64 {shift}", whole[first:last]
        yield f"base64url {shift}", base64.urlsafe_b64encode(bytes(shift) + content)[first:last]
