"""The manifest of an export: which files it has, and what each was made from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from confere.export.values import ExportFile, ExportInput

KIND = "confere/export"
FORMAT = 1


def manifest(exports: Iterable[tuple[ExportInput, Sequence[ExportFile]]]) -> ExportFile:
    """Return ``manifest.json`` for everything that was exported together.

    Indented, because people read it; ``sha256sum`` finds the same digests. Each entry names the
    recording and the version, and the digest of the signed envelope (null for a draft).
    """
    files = [_entry(given, file) for given, written in exports for file in written]
    content = {
        "kind": KIND,
        "format": FORMAT,
        "files": sorted(files, key=lambda entry: str(entry["name"])),
    }
    return ExportFile(
        "manifest.json", (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
    )


def _entry(given: ExportInput, file: ExportFile) -> dict[str, str | int | bool | None]:
    return {
        "name": file.name,
        "size_bytes": len(file.content),
        "sha256": file.sha256,
        "recording": given.recording_id,
        "version": given.version,
        "draft": given.draft,
        "practice": given.practice,
        "signed_sha256": given.digest or None,
    }
