"""Copies in an S3-compatible object store. boto3 comes with ``pip install 'confere[s3]'``.

Who we are and where the store is come from boto3's usual places, the environment (``AWS_*``,
``AWS_PROFILE``, ``AWS_ENDPOINT_URL_S3``) or ``~/.aws``; nothing of it passes through our hands, and no
message quotes what boto3 says.

**What "checked" means here.** Each part goes out with its SHA-256, so the store refuses what was damaged
on the way; and afterwards the whole object is read back and digested. Asking the store for the checksum
it keeps (HeadObject) would be cheaper and is not the same: it tells what once arrived, not what now
lies there, and of an object in parts it has only a checksum of checksums.

An object appears when its upload is complete, or not at all. Parts of an upload that was killed are
invisible but stored (and paid for): ``claim`` aborts them. There are no locks: ``swap`` lets the store
compare as it writes, and where a store cannot, compares just before.

A bucket that keeps versions keeps what is deleted, so ``remove`` deletes every version by its own name.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from confere.backup.names import require_safe
from confere.backup.port import (
    BLOCK_BYTES,
    AnnouncedReader,
    Digest,
    Readable,
    StoredFacts,
    Told,
    digest_of,
)
from confere.backup.s3_errors import BROKEN_OFF, code_of, problem_of
from confere.errors import CopyUnderway

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PART_BYTES = 16 << 20  # of 10,000 parts at most: objects up to 160 GB
PARTS_AT_ONCE = 2  # on their way; as many more are read and wait: 64 MiB in all
DOWNLOAD_TRIES = 4  # for one place in an object, before a broken line is told
REQUEST_TRIES = 6  # for one request; AWS_MAX_ATTEMPTS says otherwise

_NOT_OFFERED = {"NotImplemented", "MethodNotAllowed", "501", "405"}
_ONLY_TIDYING = _NOT_OFFERED | {"AccessDenied", "403"}


class S3Store:
    """The objects of a bucket whose keys begin with ``PREFIX/``."""

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self.bucket = bucket
        prefix = prefix.strip("/")
        if prefix:
            require_safe(prefix)
        self._prefix = f"{prefix}/" if prefix else ""
        with self._explained():
            self.client = _client()

    @property
    def where(self) -> str:
        """``s3://BUCKET/PREFIX``."""
        return f"s3://{self.bucket}/{self._prefix}".rstrip("/")

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Abort the uploads that broken runs left; nobody is kept out."""
        with self._explained():
            try:
                self._abort_uploads()
            except ClientError as error:
                if code_of(error) not in _ONLY_TIDYING:
                    raise
        yield

    def names(self, folder: str = "") -> Mapping[str, StoredFacts]:
        """List the keys below a folder."""
        if folder:
            require_safe(folder)
        found = {}
        below = self._prefix + (f"{folder}/" if folder else "")
        with self._explained():
            for page in self._pages("list_objects_v2", below):
                for item in page.get("Contents", ()):
                    name = str(item["Key"]).removeprefix(self._prefix)
                    hidden = any(part.startswith(".") for part in name.split("/"))
                    if not hidden and not name.endswith("/"):  # "x/" is how consoles draw a folder
                        found[name] = StoredFacts(int(item["Size"]))
        return found

    def put(self, name: str, source: Readable, size_bytes: int, sha256: str) -> None:
        """Upload in parts; the reader withholds the last one from a source that is not as announced."""
        key = self._key(name)
        reader = AnnouncedReader(source, size_bytes, sha256)
        with self._explained(name):
            self.client.upload_fileobj(
                reader,
                self.bucket,
                key,
                ExtraArgs={"ChecksumAlgorithm": "SHA256"},
                Config=_transfer(),
            )

    def swap(self, name: str, content: bytes, before: bytes | None) -> None:
        """Put on condition that the object is still the one that was compared."""
        key = self._key(name)
        with self._explained(name):
            current, tag = self._whole(key)
            if current != before:
                raise CopyUnderway(self.where)
            condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
            try:
                self._put_whole(key, content, condition)
            except ClientError as error:
                if code_of(error) in _NOT_OFFERED:
                    self._put_whole(key, content, {})
                elif self._whole(key)[0] != content:  # else: a repeated request met its own success
                    raise
            if self._whole(key)[0] != content:
                raise CopyUnderway(self.where)

    def open(self, name: str) -> BinaryIO:
        """Stream an object; a line that breaks is taken up where it broke."""
        self._key(name)
        download = _Download(self, name)
        return cast(BinaryIO, io.BufferedReader(download, BLOCK_BYTES))

    def digest(self, name: str, told: Told = lambda count: None) -> Digest:
        """Download and digest."""
        with self.open(name) as stream:
            return digest_of(stream, told)

    def remove(self, name: str) -> None:
        """Delete an object and whatever versions of it the bucket keeps."""
        key = self._key(name)
        with self._explained(name):
            try:
                versions = list(self._versions(key))
            except ClientError as error:
                if code_of(error) not in _NOT_OFFERED:
                    raise
                self.client.delete_object(Bucket=self.bucket, Key=key)
                return
            for version in versions:
                self.client.delete_object(Bucket=self.bucket, Key=key, VersionId=version)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def get(self, name: str, start: int, tag: str | None) -> Mapping[str, Any]:
        """Ask for an object from a place on, provided it is still the one with the tag."""
        more = {} if tag is None else {"IfMatch": tag, "Range": f"bytes={start}-"}
        with self._explained(name):
            answer: Mapping[str, Any] = self.client.get_object(
                Bucket=self.bucket, Key=self._key(name), **more
            )
            return answer

    def _key(self, name: str) -> str:
        require_safe(name)
        return self._prefix + name

    def _whole(self, key: str) -> tuple[bytes | None, str | None]:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                return None, None
            raise
        with closing(answer["Body"]) as body:
            return body.read(), answer["ETag"]

    def _put_whole(self, key: str, content: bytes, condition: Mapping[str, str]) -> None:
        self.client.put_object(
            Bucket=self.bucket, Key=key, Body=content, ChecksumAlgorithm="SHA256", **condition
        )

    def _pages(self, what: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        pages = self.client.get_paginator(what)
        yield from pages.paginate(Bucket=self.bucket, Prefix=prefix)

    def _versions(self, key: str) -> Iterator[str]:
        for page in self._pages("list_object_versions", key):
            for item in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                if item["Key"] == key:
                    yield item["VersionId"]

    def _abort_uploads(self) -> None:
        uploads = [
            upload
            for page in self._pages("list_multipart_uploads", self._prefix)
            for upload in page.get("Uploads", ())
        ]
        for upload in uploads:
            self.client.abort_multipart_upload(
                Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )

    @contextmanager
    def _explained(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            # Not chained: boto3's own text may quote more than we would.
            raise problem_of(error, self.where, self.bucket, name) from None


class _Download(io.RawIOBase):
    """An object from its beginning to its end, over as many connections as it takes."""

    def __init__(self, store: S3Store, name: str) -> None:
        super().__init__()
        self._store = store
        self._name = name
        self._place = 0
        answer = store.get(name, 0, None)
        self._body, self._tag = answer["Body"], answer["ETag"]
        self._size_bytes = int(answer["ContentLength"])

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read on; after a broken line, from where it broke."""
        if self._place == self._size_bytes:
            return 0  # not asked for: a line that broke at the very end cannot be taken up
        target = memoryview(buffer).cast("B")
        for attempt in range(1, DOWNLOAD_TRIES + 1):
            try:
                block = self._body.read(len(target))
                break
            except BROKEN_OFF as error:
                if attempt == DOWNLOAD_TRIES:
                    raise problem_of(
                        error, self._store.where, self._store.bucket, self._name
                    ) from None
                self._body.close()
                self._body = self._store.get(self._name, self._place, self._tag)["Body"]
            except BotoCoreError as error:
                raise problem_of(error, self._store.where, self._store.bucket, self._name) from None
        target[: len(block)] = block
        self._place += len(block)
        return len(block)

    def close(self) -> None:
        """Give the connection up."""
        if not self.closed:
            self._body.close()
        super().close()


def _client() -> Any:
    tries = {} if "AWS_MAX_ATTEMPTS" in os.environ else {"total_max_attempts": REQUEST_TRIES}
    return boto3.session.Session().client(
        "s3", config=Config(retries={"mode": "standard", **tries}, connect_timeout=10)
    )


def _transfer() -> TransferConfig:
    config = TransferConfig(
        multipart_threshold=PART_BYTES,
        multipart_chunksize=PART_BYTES,
        max_concurrency=PARTS_AT_ONCE,
        preferred_transfer_client="classic",
    )
    config.max_in_memory_upload_chunks = PARTS_AT_ONCE
    return config
