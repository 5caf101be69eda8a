"""Opens the sockets and runs the front in them, until somebody ends it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from confere.errors import BadValue, EnvironmentProblem

LOOPBACK = ("127.0.0.1", "localhost")
#: So long the headers of a request may take, from its first byte or from the opening of the connection.
PATIENCE_S = 10.0
_CONNECTIONS = 512
_HEADER_BYTES = 16 << 10
_FAREWELL_S = 2  # for answers under way when the server ends
#: Labels of letters, digits and hyphens (RFC 1123).
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_STANDARD = {False: 80, True: 443}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is: the names it is opened by, and the sockets behind them."""

    names: tuple[str, ...]
    port: int
    secure: bool
    sockets: Sequence[socket.socket]

    @property
    def hosts(self) -> list[str]:
        """Return the values of ``Host`` that browsers send for these names."""
        names = [f"[{name}]" if ":" in name else name for name in self.names]
        standard = self.port == _STANDARD[self.secure]
        return names if standard else [f"{name}:{self.port}" for name in names]

    @property
    def urls(self) -> list[str]:
        """Return what people type."""
        return [f"http{'s' if self.secure else ''}://{host}/" for host in self.hosts]


def is_loopback(name: str) -> bool:
    """Whether only this machine can open a page by this name."""
    address = _address(name)
    return name == "localhost" if address is None else address.is_loopback


def checked(names: Sequence[str], secure: bool) -> tuple[str, ...]:
    """Return names as browsers send them, each once; raises BadValue.

    Refused are the addresses that stand for all, because the names that people type have to be known, and
    a network without TLS.
    """
    taken = tuple(dict.fromkeys(_as_sent(name) for name in names))
    for name in taken:
        if not secure and not is_loopback(name):
            raise BadValue(
                f"{name} is on a network, and the page is not opened there without TLS",
                "Add --tls, or leave --host out: then the page is open on this machine only.",
            )
    return taken


def _as_sent(name: str) -> str:
    address = _address(name)
    if address is not None and address.is_unspecified:
        raise BadValue(
            f"{name} is no address that somebody can type",
            "Give the machine's address in the network, or its name there.",
        )
    if address is not None:
        return str(address)
    with contextlib.suppress(UnicodeError):
        sent = name.encode("idna").decode().lower()
        if _NAME.fullmatch(sent):
            return sent
    raise BadValue(
        f"'{name}' is no name of a machine",
        "Give it as it stands between https:// and the port: an address, or a name such as confere.local.",
    )


def open_place(names: Sequence[str], port: int, secure: bool) -> Place:
    """Open sockets: an address is listened at alone, a name at every address of the machine.

    Raises BadValue as `checked`, and EnvironmentProblem when the port is taken.
    """
    names = checked(names, secure)
    sockets: list[socket.socket] = []
    try:
        for address_ in _listened(names):
            sockets.append(_listen(address_, port))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise _not_opened(error, port) from None
    return Place(names, port, secure, sockets)


def serve(app: ASGIApp, place: Place, tls: ssl.SSLContext | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM; then every session is locked, and this returns."""
    with contextlib.suppress(KeyboardInterrupt):  # how it is ended
        server(app, place, tls).run(sockets=list(place.sockets))


def server(app: ASGIApp, place: Place, tls: ssl.SSLContext | None = None) -> uvicorn.Server:
    """Return the server of an application. It keeps no log: a path may name a recording."""
    factory: Callable[..., ssl.SSLContext] | None = None if tls is None else lambda *_: tls
    config = uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        lifespan="on",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,  # there is no proxy, so nobody may say who they are
        server_header=False,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_FAREWELL_S,
        ssl_context_factory=factory,
    )
    return uvicorn.Server(config)


class Patient(H11Protocol):
    """HTTP/1.1 that does not wait for ever for a request that does not come."""

    _too_slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on, unless the headers are whole."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait()
        elif self.conn.their_state is not h11.IDLE:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._too_slow is None:
            self._too_slow = self.loop.call_later(PATIENCE_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _listened(names: Sequence[str]) -> list[str]:
    """Return the addresses to listen at, each once."""
    if any(_address(name) is None and not is_loopback(name) for name in names):
        return ["0.0.0.0"]  # noqa: S104 - over TLS, and only for the names that were given
    return list(dict.fromkeys("127.0.0.1" if _address(n) is None else n for n in names))


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only where it is.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        opened.listen(128)
    except OSError:
        opened.close()
        raise
    return opened


def _not_opened(error: OSError, port: int) -> EnvironmentProblem:
    if error.errno == errno.EADDRINUSE:
        return EnvironmentProblem(
            f"port {port} is taken on this machine",
            "Perhaps the page is open already. Otherwise give another one with --port.",
        )
    return EnvironmentProblem(
        f"port {port} could not be opened: {os.strerror(error.errno or 0)}",
        "Check --host and --port; ports below 1024 need an administrator.",
    )
