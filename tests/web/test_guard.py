"""Attacks from outside: other pages of the same browser, other accounts of the machine, other machines."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from confere.web import guard, serving
from doubles.serving import Browser, Front, front
from doubles.studies import PASSPHRASE, Study

JSON = {"Content-Type": "application/json"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture(scope="module")
def page(original_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The page of a study; nothing in this module changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        with front(original_study.root) as served:
            yield served


@pytest.fixture(scope="module")
def ivo(page: Front) -> Iterator[Browser]:
    """Somebody who is signed in."""
    with page.browser() as browser:
        assert browser.sign_in("ivo").status_code == 200
        yield browser


def raw(page: Front, request: bytes) -> bytes:
    """Send bytes, and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", page.port), 30) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


# --- another name for this server ------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:PORT",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:PORT",
        "[::1]:PORT",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/me", "/static/x/token.js", "/sound/x", "/none"])
def test_another_name_is_refused_before_anything_is_looked_up(
    page: Front, ivo: Browser, host: str, path: str
) -> None:
    """An attacker's name that their DNS lets point here (rebinding) is same-origin to their page."""
    answer = ivo.get(path, Host=host.replace("PORT", str(page.port)))
    assert answer.status_code == 421


def test_both_names_of_this_machine_are_answered(page: Front) -> None:
    """With the port."""
    for name in ("127.0.0.1", "localhost"):
        assert httpx.get(f"http://{name}:{page.port}/").status_code == 200


def test_two_hosts_or_none_are_refused(page: Front) -> None:
    """Whichever is looked at, the other could be meant."""
    one, other = f"Host: 127.0.0.1:{page.port}\r\n", "Host: evil.example\r\n"
    for hosts in (one + other, other + one, one + one, ""):
        for version in ("1.0", "1.1"):
            answer = raw(page, f"GET / HTTP/{version}\r\n{hosts}\r\n".encode())
            assert answer.split(b"\r\n")[0].split()[1] in (b"400", b"421")


# --- another page in the same browser ------------------------------------------------------------------

OTHERS = ["cross-site", "same-site", "none", "nonsense"]


@pytest.mark.parametrize("site", OTHERS)
@pytest.mark.parametrize("path", ["/api/me", "/api/home", "/api/recordings/x", "/sound/x"])
def test_another_page_reads_no_data_and_no_sound(ivo: Browser, path: str, site: str) -> None:
    """``same-site`` is what a page on a neighbouring port is; ``none`` is nobody's script."""
    answer = ivo.get(path, Sec_Fetch_Site=site)
    assert (answer.status_code, answer.json()["error"]) == (403, "OtherPage")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/keys", "/recordings/x", "/none"])
def test_another_page_leads_to_no_page(ivo: Browser, path: str) -> None:
    """Nor does it frame one. Typed in, or as a bookmark, it opens."""
    for site in ("cross-site", "same-site"):
        answer = ivo.get(path, Sec_Fetch_Site=site, Sec_Fetch_Dest="iframe")
        assert answer.status_code == 403
    assert ivo.get("/", Sec_Fetch_Site="none").status_code == 200


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://127.0.0.1:1", "https://HOST", "HOST", ""]
)
@pytest.mark.parametrize("path", ["/api/sign-in", "/api/lock", "/api/none", "/"])
def test_another_page_sends_nothing(page: Front, ivo: Browser, path: str, origin: str) -> None:
    """Even with the token, without any ``Sec-Fetch-Site``: the origin is not ours."""
    headers = {
        "Origin": origin.replace("HOST", f"127.0.0.1:{page.port}"),
        "X-Confere-Token": ivo.token,
    }
    answer = ivo.client.post(path, json={"name": "ivo", "passphrase": PASSPHRASE}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "OtherPage")
    assert "set-cookie" not in answer.headers


def test_a_request_that_does_not_say_whose_it_is_sends_nothing(ivo: Browser) -> None:
    """Every browser sends ``Origin`` with a POST."""
    headers = {"Sec-Fetch-Site": "same-origin", "X-Confere-Token": ivo.token}
    assert ivo.client.post("/api/lock", json={}, headers=headers).status_code == 403


def test_localhost_and_127_0_0_1_are_two_origins(page: Front, ivo: Browser) -> None:
    """The origin is that of the very host that was asked."""
    assert ivo.post("/api/lock", Origin=f"http://localhost:{page.port}").status_code == 403
    assert ivo.get("/api/me", Origin=f"http://localhost:{page.port}").status_code == 403


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "text/json",
    ],
)
def test_a_form_is_refused(ivo: Browser, kind: str) -> None:
    """These are what another page can send without asking first."""
    answer = ivo.post("/api/sign-in", {"name": "ivo", "passphrase": PASSPHRASE}, Content_Type=kind)
    assert answer.status_code == 415


def test_asking_first_is_answered_with_no(ivo: Browser, page: Front) -> None:
    """A preflight finds no CORS; nor does anything else."""
    headers = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-confere-token",
    }
    answer = ivo.client.options("/api/sign-in", headers=headers)
    assert answer.status_code == 403
    for method in ("OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"):
        own = {"Origin": page.url.rstrip("/"), "X-Confere-Token": ivo.token}
        answer = ivo.client.request(method, "/api/me", headers=own)
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]


# --- another account, another port ---------------------------------------------------------------------


def test_the_cookie_alone_opens_nothing(page: Front, ivo: Browser) -> None:
    """A server on a neighbouring port is sent our cookie: with it it finds frames, and never the token."""
    (cookie,) = ivo.client.cookies.items()
    with httpx.Client(base_url=page.url, cookies=dict([cookie])) as neighbour:
        own = {"Origin": page.url.rstrip("/")}
        for path in ("/api/me", "/api/home", "/api/recordings/x", "/api/none"):
            for token in ({}, {"X-Confere-Token": ""}, {"X-Confere-Token": cookie[1]}):
                assert neighbour.get(path, headers=token).status_code == 401
                assert neighbour.post(path, json={}, headers=own | token).status_code == 401
        assert neighbour.get("/sound/guessed").status_code != 200
        for path in ("/", "/sign-in", "/none"):
            answer = neighbour.get(path)
            assert ivo.token not in answer.text + str(answer.headers)
    assert ivo.get("/api/me").status_code == 200


def test_the_token_alone_opens_nothing(page: Front, ivo: Browser) -> None:
    """Nor does a cookie of another port's name."""
    for cookies in ({}, {f"confere-{page.port}": "guessed"}, {"confere-1": "guessed"}):
        with httpx.Client(base_url=page.url, cookies=cookies) as other:
            assert other.get("/api/me", headers={"X-Confere-Token": ivo.token}).status_code == 401


@pytest.mark.parametrize("token", ["é", "x" * 5000, "\x7f", "ÿ"])
def test_a_strange_token_is_only_a_wrong_one(ivo: Browser, token: str) -> None:
    """It is compared in constant time, as bytes."""
    headers = [(b"X-Confere-Token", token.encode("latin-1"))]
    assert ivo.client.get("/api/me", headers=headers).status_code == 401


def test_the_cookies_attributes(page: Front) -> None:
    """No script reads it, no other site sends it, and it has no end of its own."""
    with page.browser() as browser:
        set_ = browser.sign_in("vera").headers["set-cookie"]
        name, *attributes = [part.strip() for part in set_.split(";")]
        assert name.startswith(f"confere-{page.port}=")
        assert {a.lower() for a in attributes} == {"httponly", "samesite=strict", "path=/"}
        deleted = browser.post("/api/lock").headers["set-cookie"]
        assert "max-age=0" in deleted.lower()


# --- what every answer carries -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/sign-in", 200),
        ("/api/me", 200),
        ("/api/none", 404),
        ("/none", 404),
        ("/sound/x", 404),
    ],
)
def test_every_answer_carries_its_headers(ivo: Browser, path: str, status: int) -> None:
    """Refusals too: they are shown in the same browser."""
    answer = ivo.get(path)
    assert answer.status_code == status
    _carries(answer, "no-store")
    for refused in (
        ivo.get(path, Host="evil.example"),
        ivo.get("/api/me", Sec_Fetch_Site="cross-site"),
    ):
        _carries(refused, "no-store")


def _carries(answer: httpx.Response, cached: str) -> None:
    assert answer.headers["Cache-Control"] == cached
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert "strict-transport-security" not in answer.headers


def test_static_files_are_kept_under_their_digest_only(page: Front, ivo: Browser) -> None:
    """Another digest is another version, and not there."""
    from confere.web.static_files import StaticFiles

    root = StaticFiles().root
    answer = ivo.get(f"{root}/token.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    _carries(answer, "private, max-age=31536000, immutable")
    assert ivo.get(f"{root}/messages/pt.json").json()
    for path in ("/static/0000000000000000/token.js", f"{root}/none.js", f"{root}/../guard.py"):
        assert ivo.get(path).status_code == 404
    for path in (
        "/%2e%2e/guard.py",
        "/..%2fguard.py",
        "/%2fetc/passwd",
        "/messages/../../x.py",
        "/",
    ):
        line = f"GET {root}{path} HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n\r\n"
        assert raw(page, line.encode()).split()[1] == b"404"


# --- too much, too slow, malformed ---------------------------------------------------------------------


def test_a_long_body_is_refused_unread(page: Front) -> None:
    """By what it says of itself, and by what it is."""
    with page.browser() as browser:
        body = b" " * (guard.LIMIT_BYTES + 1)
        headers = {"Origin": page.url.rstrip("/"), **JSON}
        assert browser.client.post("/api/sign-in", content=body, headers=headers).status_code == 413
        in_pieces = (body[:65536] for _ in range(17))
        assert (
            browser.client.post("/api/sign-in", content=in_pieces, headers=headers).status_code
            == 413
        )
        assert (
            browser.client.post("/api/sign-in", content=body[1:], headers=headers).status_code
            == 400
        )


def test_long_headers_are_refused(page: Front) -> None:
    """Before they are kept."""
    answer = raw(page, b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000)
    assert answer.split()[1] == b"400"


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\nHost: HOST\n\n\x00",
        b"POST /api/sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}",
        b"POST /api/sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n{}",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_malformed_requests_get_no_page(page: Front, line: bytes) -> None:
    """And the server goes on."""
    answer = raw(page, line.replace(b"HOST", f"127.0.0.1:{page.port}".encode()))
    assert b" 200 " not in answer.split(b"\r\n")[0] or line.startswith(b"GET / HTTP/1.1\n")
    assert b"Traceback" not in answer
    assert httpx.get(page.url).status_code == 200


def test_a_slow_body_is_not_waited_for(page: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is for all of it, so sending a byte now and then does not help."""
    monkeypatch.setattr(guard, "PATIENCE_S", 0.0)
    head = (
        f"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nOrigin: {page.url.rstrip('/')}\r\n"
        "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", page.port), 30) as line:
        line.sendall(head.encode())
        assert line.recv(65536).split()[1] == b"408"


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost"])
def test_slow_headers_are_not_waited_for(
    page: Front, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """The connection is closed: a thousand of them would leave room for nobody."""
    monkeypatch.setattr(serving, "PATIENCE_S", 0.0)
    with socket.create_connection(("127.0.0.1", page.port), 30) as line:
        line.sendall(sent)
        with_reset: bytes | None
        try:
            with_reset = line.recv(65536)
        except ConnectionResetError:
            with_reset = b""
        assert with_reset == b""


def test_plain_http_on_a_tls_port_and_the_other_way_round_say_nothing(page: Front) -> None:
    """A TLS greeting to the plain port is no request."""
    with socket.create_connection(("127.0.0.1", page.port), 30) as line, pytest.raises(OSError):
        ssl.create_default_context().wrap_socket(line, server_hostname="localhost")
