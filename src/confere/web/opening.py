"""Puts the page together: sockets, sessions, application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from confere.domain.settings import Web
from confere.web import serving
from confere.web.front import make_app
from confere.web.sessions import Sessions
from confere.web.tls import Tls


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The page, its sockets open: what is sent to them now waits until it is served."""

    place: serving.Place
    app: ASGIApp
    tls: Tls | None

    def serve(self) -> None:
        """Serve until Ctrl-C or SIGTERM; then every session is locked, and this returns."""
        serving.serve(self.app, self.place, self.tls.context if self.tls else None)


def open_page(
    vault_root: Path, settings: Web, names: Sequence[str], port: int, tls: Tls | None = None
) -> OpenPage:
    """Open the page of a vault under names; raises what `serving.open_place` raises."""
    place = serving.open_place(names, port, secure=tls is not None)
    app = make_app(
        Sessions(vault_root.resolve(), settings.lock_minutes * 60),
        hosts=place.hosts,
        port=place.port,
        secure=place.secure,
        authority=tls.authority if tls else b"",
    )
    return OpenPage(place, app, tls)
