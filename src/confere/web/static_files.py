"""Scripts, styles and messages, under a digest over all of them.

One digest for the whole folder: a script that imports its neighbour by a relative path gets the neighbour of
the same version, and a browser may keep each for ever.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from confere.web import language
from confere.web.errors import Refusal

FOLDER = Path(__file__).parent / "static"
#: What is served, and as what; other files are not.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_KEPT = "private, max-age=31536000, immutable"  # a year; another version has another path


@dataclass(frozen=True, slots=True)
class _File:
    type: str
    content: bytes
    compressed: bytes


class StaticFiles:
    """The files as they were when the server started, in memory."""

    def __init__(self, folder: Path = FOLDER, messages: Path = language.FOLDER) -> None:
        found = _read(folder, "") | _read(messages, "messages/")
        digest = hashlib.sha256()
        for name, content in sorted(found.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        self.digest = digest.hexdigest()[:16]
        self._files = {
            name: _File(TYPES[Path(name).suffix], content, gzip.compress(content, mtime=0))
            for name, content in found.items()
        }

    @property
    def root(self) -> str:
        """The path of the folder, without a slash at its end."""
        return f"/static/{self.digest}"

    async def serve(self, request: Request) -> Response:
        """Answer with a file, compressed if the browser takes that."""
        file = self._files.get(request.path_params["name"])
        if file is None or request.path_params["digest"] != self.digest:
            raise Refusal("NoSuchThing", 404, "there is no such file")
        headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
        smaller = len(file.compressed) < len(file.content)
        if smaller and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.compressed, headers=headers, media_type=file.type)
        return Response(file.content, headers=headers, media_type=file.type)


def _read(folder: Path, prefix: str) -> dict[str, bytes]:
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in TYPES
    }
