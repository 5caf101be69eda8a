"""From what a person types to the store it names."""

from __future__ import annotations

from pathlib import Path

from confere.backup.folder import FolderStore
from confere.backup.port import CopyStore
from confere.errors import BadValue, ProgramMissing

_HINT = "Give a folder, or s3://BUCKET/PREFIX for an S3-compatible object store."


def open_store(text: str) -> CopyStore:
    """Return the store of ``s3://BUCKET/PREFIX`` or of a folder's path; the caller closes it.

    Nothing is written yet, and no object store is asked. Raises BadValue, and ProgramMissing where
    Confere was installed without boto3.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        if not text.strip():
            raise BadValue("no place for the backup was given", _HINT)
        return FolderStore(Path(text).expanduser())
    if scheme.lower() != "s3":
        raise BadValue(f"backups do not go to '{scheme}://'", _HINT)
    bucket, _, prefix = rest.partition("/")
    if not bucket or "@" in bucket:  # an '@' would be a password on its way into a message
        raise BadValue("this names no bucket", f"{_HINT} Keys come from AWS_... variables.")
    try:
        from confere.backup.s3 import S3Store
    except ModuleNotFoundError as error:
        if error.name not in ("boto3", "botocore"):
            raise
        raise ProgramMissing(
            "boto3, which talks to object stores,", "Install it: pip install 'confere[s3]'"
        ) from None
    return S3Store(bucket, prefix)
