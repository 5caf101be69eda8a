"""What is particular to an object store: parts, memory, broken lines, and what it refuses."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from confere.backup import s3
from confere.backup.place import open_store
from confere.backup.port import SourceFault
from confere.backup.s3 import DOWNLOAD_TRIES, S3Store
from confere.errors import (
    BadValue,
    ConfereError,
    CopyPlaceProblem,
    CopyUnderway,
    NoSuchThing,
    ProgramMissing,
)
from doubles.object_server import SECRET, environment, object_server, object_store
from doubles.small_vault import FILES, backed_up

NAME = "vault/recordings/one/audio.age"
FIVE_MIB = 5 << 20  # the smallest part the protocol allows


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """A new bucket's store."""
    return object_store(monkeypatch)


def put(store: S3Store, name: str, content: bytes) -> None:
    """Put bytes."""
    store.put(name, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())


def head(store: S3Store, name: str) -> Any:
    """What the server says of an object."""
    return object_server().client.head_object(
        Bucket=store.bucket, Key=f"studies/porto/{name}", ChecksumMode="ENABLED"
    )


def uploads(store: S3Store) -> list[Any]:
    """The uploads that are not finished."""
    answer = object_server().client.list_multipart_uploads(Bucket=store.bucket)
    return list(answer.get("Uploads", []))


def test_a_large_object_goes_in_parts_with_checksums(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two parts and a bit become one object, and it is read back whole."""
    monkeypatch.setattr(s3, "PART_BYTES", FIVE_MIB)
    content = os.urandom(2 * FIVE_MIB + 1)
    put(store, NAME, content)
    assert head(store, NAME)["ETag"].endswith('-3"')
    assert store.digest(NAME) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_small_object_goes_with_its_checksum(store: S3Store) -> None:
    """The server was told the SHA-256 of what it should receive."""
    put(store, NAME, b"small")
    assert head(store, NAME)["ChecksumSHA256"]


def test_a_large_source_that_is_not_as_announced_leaves_no_part(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload is aborted: no object, and no parts that cost money."""
    monkeypatch.setattr(s3, "PART_BYTES", FIVE_MIB)
    size = 3 * FIVE_MIB
    with pytest.raises(SourceFault):
        store.put(NAME, io.BytesIO(b"x" * size), size, hashlib.sha256(b"y" * size).hexdigest())
    assert store.names() == {}
    assert uploads(store) == []


def test_uploads_that_a_killed_run_left_are_aborted(store: S3Store) -> None:
    """Below our prefix, and nowhere else."""
    client = object_server().client
    client.create_multipart_upload(Bucket=store.bucket, Key=f"studies/porto/{NAME}")
    client.create_multipart_upload(Bucket=store.bucket, Key="another/thing")
    backed_up(FILES, store)
    assert [upload["Key"] for upload in uploads(store)] == ["another/thing"]


MEMORY = """
import hashlib, sys
from confere.backup.s3 import S3Store

class Zeros:
    def __init__(self, size):
        self.left = size
    def read(self, size=-1):
        block = bytes(min(size, self.left))
        self.left -= len(block)
        return block

def digest(size):
    running = hashlib.sha256()
    for _ in range(size >> 20):
        running.update(bytes(1 << 20))
    return running.hexdigest()

def peak():  # not getrusage, which counts what the parent had before the exec
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM"))

size = int(sys.argv[2]) << 20
store = S3Store(sys.argv[1], "big")
store.put("vault/first", Zeros(1 << 20), 1 << 20, digest(1 << 20))
before = peak()
store.put("vault/big", Zeros(size), size, digest(size))
assert store.digest("vault/big") == (digest(size), size)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_memory_does_not_grow_with_the_object(store: S3Store) -> None:
    """In a process of its own, 256 MiB go out and come back within about four parts and a few copies."""
    ran = subprocess.run(
        [sys.executable, "-c", MEMORY, store.bucket, "256"],
        env={**os.environ, **environment(object_server().url)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < 128  # MiB


class Breaking:
    """A download whose line breaks after a few bytes."""

    def __init__(self, body: Any, after: int) -> None:
        self._body = body
        self._left = after

    def read(self, size: int) -> bytes:
        """Give what is left before the break."""
        if not self._left:
            raise ReadTimeoutError(endpoint_url="http://somewhere", error=None)
        block: bytes = self._body.read(min(size, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Close."""
        self._body.close()


def breaking(store: S3Store, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Have every connection of a store break after so many bytes."""
    whole = store.get

    def get(name: str, start: int, tag: str | None) -> Any:
        answer = dict(whole(name, start, tag))
        return {**answer, "Body": Breaking(answer["Body"], after)}

    monkeypatch.setattr(store, "get", get)


def test_a_download_goes_on_where_the_line_broke(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over thirty connections, every byte once; the last one breaks at the very end."""
    content = os.urandom(3000)
    put(store, NAME, content)
    breaking(store, monkeypatch, 100)
    with store.open(NAME) as stream:
        assert stream.read() == content
    assert store.digest(NAME) == (hashlib.sha256(content).hexdigest(), 3000)


def test_a_line_that_stays_broken_is_told(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few tries at the same byte, and saying that nothing is lost."""
    put(store, NAME, b"x" * 100)
    breaking(store, monkeypatch, 0)
    with pytest.raises(CopyPlaceProblem, match="reached") as caught:
        store.digest(NAME)
    assert "Nothing is lost" in caught.value.hint
    assert DOWNLOAD_TRIES > 1


def test_an_object_that_changes_under_a_download_is_noticed(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second connection asks for the same version, and is told that there is none."""
    put(store, NAME, b"x" * 100)
    breaking(store, monkeypatch, 60)
    with store.open(NAME) as stream:
        put(store, NAME, b"y" * 100)
        with pytest.raises(CopyUnderway):
            stream.read()


def answering(
    store: S3Store, operation: str, status: int, code: str, *, when: str = ""
) -> Callable[[], None]:
    """Have the server refuse an operation (with a header, where ``when`` names one)."""

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        if when and when not in request.headers:
            return None
        body = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
        response = AWSResponse(request.url, status, {}, io.BytesIO(body))
        response._content = body
        return response

    event = f"before-send.s3.{operation}"
    store.client.meta.events.register(event, answer)
    return lambda: store.client.meta.events.unregister(event, answer)


def test_a_store_that_cannot_compare_is_asked_just_before(store: S3Store) -> None:
    """Where If-Match is not offered, swap still compares what it reads."""
    answering(store, "PutObject", 501, "NotImplemented", when="If-Match")
    answering(store, "PutObject", 501, "NotImplemented", when="If-None-Match")
    store.swap("backup.json", b"first", None)
    store.swap("backup.json", b"second", b"first")
    with pytest.raises(CopyUnderway):
        store.swap("backup.json", b"third", b"first")


def test_a_swap_whose_answer_was_lost_is_not_taken_for_another_s(store: S3Store) -> None:
    """boto3 repeats a request; the repeated one finds its own content there."""
    store.swap("backup.json", b"first", None)
    whole = store.client.put_object

    def twice(**given: Any) -> Any:
        whole(**given)
        return whole(**given)

    store.client.put_object = twice
    store.swap("backup.json", b"second", b"first")
    assert store.open("backup.json").read() == b"second"


@pytest.mark.parametrize("operation", ["ListObjectVersions", "ListMultipartUploads"])
def test_a_store_without_versions_or_lists_of_uploads_will_do(
    store: S3Store, operation: str
) -> None:
    """Not every S3-compatible store has them."""
    answering(store, operation, 501, "NotImplemented")
    backed_up(FILES, store)
    store.remove("vault/roster/1.note")
    assert "vault/roster/1.note" not in store.names()


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AccessDenied", "denied"),
        (403, "InvalidAccessKeyId", "credentials"),
        (403, "SignatureDoesNotMatch", "credentials"),
        (400, "ExpiredToken", "credentials"),
        (301, "PermanentRedirect", "region"),
        (403, "InvalidObjectState", "archived"),
        (503, "SlowDown", "SlowDown"),
    ],
)
def test_what_the_store_refuses_is_said_so_that_one_can_act(
    store: S3Store, status: int, code: str, words: str
) -> None:
    """Each with a hint, and without a word of what the server sent along."""
    put(store, NAME, b"x")
    answering(store, "GetObject", status, code)
    with pytest.raises(CopyPlaceProblem, match=words) as caught:
        store.digest(NAME)
    assert caught.value.hint
    assert_no_secret(caught.value)


def assert_no_secret(error: ConfereError) -> None:
    """Neither the error nor what it is chained to and shown with holds the secret."""
    assert SECRET not in f"{error} {error!r} {error.hint}"
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_bucket_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, with what to do."""
    object_server().use(monkeypatch)
    with pytest.raises(NoSuchThing, match="bucket 'no-such-bucket-here'") as caught:
        backed_up(FILES, S3Store("no-such-bucket-here", "x"))
    assert_no_secret(caught.value)


def test_a_machine_without_credentials_is_told_where_they_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The usual places are named."""
    object_server().use(monkeypatch)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CopyPlaceProblem, match="credentials") as caught:
        S3Store("some-bucket").names()
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint


def test_an_unknown_profile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a problem of the place, when the store is opened."""
    object_server().use(monkeypatch)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(CopyPlaceProblem, match="ProfileNotFound"):
        S3Store("some-bucket")


def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Port 9 of this machine: nobody listens there."""
    object_server().use(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://user:{SECRET}@127.0.0.1:9")
    with pytest.raises(CopyPlaceProblem, match="reached") as caught:
        S3Store("some-bucket").names()
    assert "AWS_ENDPOINT_URL_S3" in caught.value.hint
    assert_no_secret(caught.value)


@pytest.mark.parametrize("bucket", ["b", "Ação", "a b"])
def test_what_cannot_be_a_bucket_is_refused(monkeypatch: pytest.MonkeyPatch, bucket: str) -> None:
    """Before or by the server, in words."""
    object_server().use(monkeypatch)
    with pytest.raises((BadValue, NoSuchThing)):
        S3Store(bucket).names()


def test_open_store_reads_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Folders and s3 addresses, with and without a prefix."""
    object_server().use(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    for text, where in {
        "s3://some-bucket": "s3://some-bucket",
        "s3://some-bucket/": "s3://some-bucket",
        "S3://some-bucket/a/b/": "s3://some-bucket/a/b",
        str(tmp_path / "copy"): str(tmp_path / "copy"),
        "~/copy": str(tmp_path / "copy"),
    }.items():
        store = open_store(text)
        assert store.where == where
        store.close()
        store.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "s3://",
        "s3:///x",
        "https://host/bucket",
        f"s3://key:{SECRET}@bucket/x",
        "s3://b/../x",
    ],
)
def test_open_store_refuses_what_is_no_place(text: str) -> None:
    """In words, with the two forms there are, and without repeating a password."""
    with pytest.raises(BadValue) as caught:
        open_store(text)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


def test_without_boto3_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object store is an extra; folders work without."""
    monkeypatch.delitem(sys.modules, "confere.backup.s3")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ProgramMissing, match="boto3") as caught:
        open_store("s3://some-bucket")
    assert "pip install 'confere[s3]'" in caught.value.hint
