"""An S3 server on this machine: moto's, in a thread, started when the first test asks for it.

It speaks the protocol over a socket, so everything of boto3 is at work; nothing leaves 127.0.0.1.
"""

from __future__ import annotations

import atexit
import functools
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from moto.server import ThreadedMotoServer

from confere.backup.s3 import S3Store
from confere.domain import new_id

_load = JSONFileLoader.load_file
SECRET = "not-a-real-secret-4c1f"


class ObjectServer:
    """The one server of a test run."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        atexit.register(self._server.stop)
        self.url = "http://{}:{}".format(*self._server.get_host_and_port())

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have boto3 find this server, and nothing of the account's own settings."""
        for name, value in environment(self.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        monkeypatch.setattr(JSONFileLoader, "load_file", _loaded)

    @functools.cached_property
    def client(self) -> Any:
        """A client to look behind the store's back."""
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="practice",
            aws_secret_access_key=SECRET,
        )

    def bucket(self, *, versions: bool = False) -> str:
        """Make a new bucket."""
        name = f"bucket-{new_id()}"
        self.client.create_bucket(Bucket=name)
        if versions:
            self.client.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
        return name


_LOADED: dict[str, Any] = {}


def _loaded(loader: JSONFileLoader, path: str) -> Any:
    """Read what boto3 knows of S3 once, and not for each client: that is half of making one."""
    if path not in _LOADED:
        _LOADED[path] = _load(loader, path)
    return _LOADED[path]


def environment(url: str) -> dict[str, str]:
    """The variables by which boto3 finds a server, and asks nobody else."""
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": "practice",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "/nowhere/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
    }


@functools.cache
def object_server() -> ObjectServer:
    """Return the server, starting it the first time."""
    return ObjectServer()


def object_store(
    monkeypatch: pytest.MonkeyPatch, prefix: str = "studies/porto", *, versions: bool = False
) -> S3Store:
    """Return a store in a new bucket."""
    server = object_server()
    server.use(monkeypatch)
    return S3Store(server.bucket(versions=versions), prefix)
