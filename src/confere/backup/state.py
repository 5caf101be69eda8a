"""The manifest of a store: read, taken for the first time, replaced."""

from __future__ import annotations

from confere.backup.manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST_BYTES,
    VAULT_FOLDER,
    Manifest,
    parse_manifest,
)
from confere.backup.port import CopyStore
from confere.errors import DamagedCopy, MissingCopy, NoSuchThing, OtherContents


def read_manifest(store: CopyStore) -> Manifest | None:
    """Return the manifest of a store, None for a place without one; raises DamagedCopy."""
    content = manifest_content(store)
    return None if content is None else parse_manifest(content)


def finished_manifest(store: CopyStore) -> Manifest:
    """Return the manifest of a store in which a backup was finished.

    Raises NoSuchThing where there is none, DamagedCopy where it was never finished or is malformed.
    """
    manifest = read_manifest(store)
    if manifest is None:
        raise NoSuchThing(
            "backup in",
            store.where,
            f"A backup has a file {MANIFEST_NAME}. Check the place; is the disk mounted?",
        )
    if not manifest.finished:
        raise DamagedCopy(MANIFEST_NAME, "names no files: no backup was ever finished there")
    return manifest


def manifest_content(store: CopyStore) -> bytes | None:
    """Return the bytes of the manifest, None where there is none."""
    try:
        stream = store.open(MANIFEST_NAME)
    except MissingCopy:
        return None
    with stream:
        try:
            content = stream.read(MAX_MANIFEST_BYTES + 1)
        except OSError as error:
            raise DamagedCopy(MANIFEST_NAME, "cannot be read") from error
    if len(content) > MAX_MANIFEST_BYTES:
        raise DamagedCopy(MANIFEST_NAME, "is too long to be one")
    return content


def take_place(store: CopyStore, study: str, made_at: str) -> bytes:
    """Return the bytes of the manifest there; one without files makes a free place ours.

    Raises OtherContents where another study, or something that is no backup, has the place.
    """
    content = manifest_content(store)
    if content is None:
        if store.names(VAULT_FOLDER.rstrip("/")):
            # Perhaps a vault: at the end of a run its files would be taken for rubbish.
            raise OtherContents(
                store.where,
                f"a '{VAULT_FOLDER.rstrip('/')}' that is no backup",
                "Give the backup a folder, or a prefix, of its own.",
            )
        content = Manifest(study, made_at).content()
        store.swap(MANIFEST_NAME, content, None)
    if parse_manifest(content).study != study:
        raise OtherContents(
            store.where, "the backup of another study", "Give every study a place of its own."
        )
    return content


def replace_manifest(store: CopyStore, newer: Manifest, before: bytes) -> bytes:
    """Put a manifest in the place of the one before; this is when the new backup exists.

    Returns its bytes. Raises CopyUnderway when another run was faster.
    """
    content = newer.content()
    parse_manifest(content)  # what cannot be read back is not written
    store.swap(MANIFEST_NAME, content, before)
    return content
