"""The manifest of an export: which files it has, what each was made from, and where the log stood.

The checkpoint is a witness outside the vault: a log that was cut off or rewritten afterwards does not
continue it. It is the one field that differs when the same transcripts are exported again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from confere.crypto.checkpoint import Checkpoint
from confere.errors import BadProof
from confere.export.values import ExportFile, ExportInput

NAME = "manifest.json"
KIND = "confere/export"
FORMAT = 1


def manifest(
    exports: Iterable[tuple[ExportInput, Sequence[ExportFile]]],
    *,
    study_id: str,
    study_name: str,
    checkpoint: str,
) -> ExportFile:
    """Return ``manifest.json`` for everything that was exported together.

    ``checkpoint`` is the custody log's signed note. Indented, because people read it; ``sha256sum``
    finds the same digests. Each entry names the recording and the version, and the digest of the
    signed envelope (null for a draft), and which segments a sampling plan left out: nobody verified those.
    """
    files = [_entry(given, file) for given, written in exports for file in written]
    content = {
        "kind": KIND,
        "format": FORMAT,
        "study": {"id": study_id, "name": study_name},
        "checkpoint": checkpoint,
        "files": sorted(files, key=lambda entry: str(entry["name"])),
    }
    return ExportFile(NAME, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def same_but_checkpoint(one: bytes, other: bytes) -> bool:
    """Whether two manifests speak of the same files; what cannot be read is the same as nothing."""
    try:
        values = [dict(json.loads(text), checkpoint="") for text in (one, other)]
    except (ValueError, TypeError, RecursionError):
        return False
    return bool(values[0] == values[1])


def checkpoint_in(content: bytes) -> Checkpoint:
    """Return the checkpoint of a manifest, its signature not looked at; raises BadProof."""
    try:
        text, _, _ = json.loads(content)["checkpoint"].rpartition("\n\n")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadProof(NAME, "it carries no checkpoint") from None
    return Checkpoint.parse(f"{text}\n")


def _entry(given: ExportInput, file: ExportFile) -> dict[str, str | int | bool | list[str] | None]:
    unverified = [line.id for line in given.lines if line.unverified]
    told = {"unverified_segments": unverified} if unverified else {}
    return {
        **told,
        "name": file.name,
        "size_bytes": len(file.content),
        "sha256": file.sha256,
        "recording": given.recording_id,
        "version": given.version,
        "draft": given.draft,
        "practice": given.practice,
        "signed_sha256": given.digest or None,
    }
