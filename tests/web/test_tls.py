"""The page on a network: its certificates, and what an authority that was stolen can do."""

from __future__ import annotations

import hashlib
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from confere.crypto import certificates
from confere.errors import BadInput, BadValue, DamagedVault, EnvironmentProblem
from confere.vault import Storage
from confere.web import serving, tls
from doubles.serving import confere_serve
from doubles.studies import Study

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
NAMES = ("192.168.1.20", "confere.local")


@pytest.fixture
def state(tmp_path: Path) -> Storage:
    """An account that never served."""
    (tmp_path / "account").mkdir()
    return Storage(tmp_path / "account")


def greeted(server: ssl.SSLContext, authority: bytes, name: str) -> dict[str, object]:
    """Let a browser that installed an authority greet a server by a name; raises as it would refuse."""
    browser = ssl.create_default_context(cadata=authority.decode())
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = browser.wrap_bio(ours, theirs, server_hostname=name)
    other = server.wrap_bio(theirs, ours, server_side=True)
    for _ in range(4):
        for side in (client, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return dict(client.getpeercert() or {})


def test_the_first_time_an_authority_is_made_and_then_kept(state: Storage) -> None:
    """In files that nobody else reads."""
    first = tls.own(state, NAMES, NOW)
    files = {file: state.read(file) for file in (tls.AUTHORITY, tls.AUTHORITY_KEY, tls.SERVER)}
    assert {state.path(file).stat().st_mode & 0o777 for file in files} == {0o600}
    again = tls.own(state, NAMES, NOW + timedelta(days=300))
    assert {file: state.read(file) for file in files} == files
    assert first.authority_sha256 == again.authority_sha256
    assert (
        first.authority_sha256 == hashlib.sha256(certificates.to_der(first.authority)).hexdigest()
    )
    for name in NAMES:
        assert greeted(first.context, first.authority, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        greeted(first.context, first.authority, "other.local")


def test_a_certificate_is_made_anew_before_it_ends_and_for_other_names(state: Storage) -> None:
    """Under the same authority: nobody installs anything again."""
    first = tls.own(state, NAMES, NOW)
    later = tls.own(state, NAMES, NOW + timedelta(days=370))
    assert later.facts.not_after > first.facts.not_after
    moved = tls.own(state, ("10.1.2.3",), NOW)
    assert moved.facts.names == ("10.1.2.3",)
    assert first.authority == later.authority == moved.authority
    assert greeted(moved.context, first.authority, "10.1.2.3")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_damaged_server_certificate_is_made_anew_and_a_damaged_authority_told(
    state: Storage, content: bytes
) -> None:
    """Whoever installed the authority would otherwise be warned of the next one without a reason."""
    first = tls.own(state, NAMES, NOW)
    state.write(tls.SERVER, content, replace=True)
    assert greeted(tls.own(state, NAMES, NOW).context, first.authority, NAMES[0])
    state.write(tls.AUTHORITY_KEY, content, replace=True)
    with pytest.raises(DamagedVault, match="authority"):
        tls.own(state, NAMES, NOW)


def test_a_stolen_authority_speaks_for_no_public_name_or_address(state: Storage) -> None:
    """Its own certificate says so, and who installed it holds to that."""
    good = tls.own(state, NAMES, NOW)
    stolen = certificates.Pair(state.read(tls.AUTHORITY), state.read(tls.AUTHORITY_KEY))
    for name in ("bank.example", "8.8.8.8", "2001:db8::1", "confere.local.example", "notlocal"):
        assert not certificates.may_speak_for(stolen.certificate, name)
        forged = certificates.make_server(stolen, (name,), NOW)
        state.write(tls.SERVER, forged.certificate + forged.key, replace=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(state.path(tls.SERVER))
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            greeted(context, good.authority, name)


def test_an_authority_is_refused_for_a_name_it_was_not_made_for(state: Storage) -> None:
    """And it is said what to do; the name it was made for is always allowed."""
    tls.own(state, ("confere.example.org",), NOW)
    assert greeted(
        (t := tls.own(state, ("confere.example.org",), NOW)).context,
        t.authority,
        "confere.example.org",
    )
    with pytest.raises(BadValue, match="may not speak for other.example.org"):
        tls.own(state, ("other.example.org",), NOW)


def given_pair(folder: Path, names: tuple[str, ...], now: datetime = NOW) -> tuple[Path, Path]:
    """Write a certificate as somebody else's authority would give it."""
    authority = certificates.make_authority("Somebody", ("example.org",), now)
    pair = certificates.make_server(authority, names, now)
    (folder / "chain.pem").write_bytes(pair.certificate + authority.certificate)
    (folder / "key.pem").write_bytes(pair.key)
    return folder / "chain.pem", folder / "key.pem"


def test_a_given_certificate_must_be_whole_in_time_and_for_the_names(tmp_path: Path) -> None:
    """Every mistake has its own message."""
    chain, key = given_pair(tmp_path, ("confere.example.org", "*.team.example.org"))
    for name in ("confere.example.org", "CONFERE.example.org", "a.team.example.org"):
        assert tls.given(chain, key, (name,), NOW).authority == b""
    for name in ("other.example.org", "a.b.team.example.org", "team.example.org"):
        with pytest.raises(BadValue, match=f"is not for {name}"):
            tls.given(chain, key, (name,), NOW)
    for when in (NOW - timedelta(days=30), NOW + timedelta(days=500)):
        with pytest.raises(BadInput, match="holds from"):
            tls.given(chain, key, ("confere.example.org",), when)
    (tmp_path / "other").mkdir()
    _, other = given_pair(tmp_path / "other", ("confere.example.org",))
    with pytest.raises(BadInput, match="is not that of"):
        tls.given(chain, other, (), NOW)
    with pytest.raises(BadInput, match="not a certificate"):
        tls.given(key, chain, (), NOW)
    with pytest.raises(BadInput, match="there is no file"):
        tls.given(tmp_path / "none.pem", key, (), NOW)


@pytest.mark.parametrize("name", ["192.168.1.20", "confere.local", "example.org", "2001:db8::1"])
def test_no_network_without_tls(name: str) -> None:
    """Nothing is opened, whatever else was named."""
    with pytest.raises(BadValue, match="without TLS"):
        serving.open_place(("127.0.0.1", name), 0, secure=False)


@pytest.mark.parametrize(
    "name",
    ["", "*", "*.local", "a b", "https://a.local", "a.local:1", "a..local", "-a", "a_b", "x" * 64],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    """A star would answer to every name."""
    with pytest.raises(BadValue, match="is no name of a machine"):
        serving.checked((name,), secure=True)


def test_names_are_taken_as_browsers_send_them() -> None:
    """Small letters, short addresses, and the letters of DNS; each once."""
    given = ("Confere.Local", "confere.local", "FD00:0::1", "conferência.local")
    assert serving.checked(given, secure=True) == (
        "confere.local",
        "fd00::1",
        "xn--conferncia-r7a.local",
    )


@pytest.mark.parametrize("name", ["0.0.0.0", "::"])
def test_all_addresses_are_no_name(name: str) -> None:
    """What people type has to be known, or any name would be answered."""
    with pytest.raises(BadValue, match="no address that somebody can type"):
        serving.open_place((name,), 0, secure=True)


def test_by_default_only_this_machine_is_listened_to() -> None:
    """One socket, on loopback."""
    place = serving.open_place(serving.LOOPBACK, 0, secure=False)
    try:
        assert [opened.getsockname()[0] for opened in place.sockets] == ["127.0.0.1"]
        assert place.sockets[0].proto == socket.IPPROTO_TCP  # or every answer waits 40 ms
        assert place.hosts == [f"127.0.0.1:{place.port}", f"localhost:{place.port}"]
        with pytest.raises(EnvironmentProblem, match="is taken"):
            serving.open_place(serving.LOOPBACK, place.port, secure=False)
    finally:
        for opened in place.sockets:
            opened.close()


def test_the_standard_port_is_not_in_the_host() -> None:
    """As browsers send it; an IPv6 address stands in brackets."""
    assert serving.Place(("a.local", "fd00::1"), 443, True, ()).hosts == ["a.local", "[fd00::1]"]
    assert serving.Place(("a.local",), 80, True, ()).urls == ["https://a.local:80/"]


def test_the_whole_over_tls(study: Study, tmp_path: Path) -> None:
    """A phone gets the authority, compares what is printed, installs it, and then signs in."""
    names = ("--tls", "--host", "127.0.0.1", "--host", "confere.local")
    with confere_serve(study.root, *names) as command:
        port = int(command.url.rstrip("/").rpartition(":")[2])
        got = httpx.get(f"{command.url}authority.crt", verify=False)
        assert got.headers["Content-Type"] == "application/x-x509-ca-cert"
        digest = hashlib.sha256(got.content).hexdigest()
        printed = "".join(command.printed).replace(" ", "")
        assert digest in printed
        (tmp_path / "installed.pem").write_text(ssl.DER_cert_to_PEM_cert(got.content))
        installed = ssl.create_default_context(cafile=str(tmp_path / "installed.pem"))
        with command.browser(verify=installed) as ivo:
            answer = ivo.sign_in("ivo")
            assert answer.status_code == 200
            assert "secure" in answer.headers["set-cookie"].lower()
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert ivo.get("/api/me").json()["name"] == "ivo"
            assert ivo.get("/api/me", Host=f"confere.local:{port}").status_code == 200
            assert ivo.get("/api/me", Host=f"localhost:{port}").status_code == 421
            assert ivo.post("/api/lock", Origin=f"http://127.0.0.1:{port}").status_code == 403
        with pytest.raises(httpx.ConnectError):
            httpx.get(command.url)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"http://127.0.0.1:{port}/")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", port)) as line, pytest.raises(ssl.SSLError):
            old.wrap_socket(line)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--host", "192.168.1.20"], 3),
        (["--host", "0.0.0.0", "--tls"], 3),
        (["--certificate", "x.pem"], 2),
        (["--key", "x.pem"], 2),
        (["--certificate", "none.pem", "--key", "none.pem"], 3),
        (["--port", "70000"], 2),
    ],
)
def test_what_cannot_be_opened_is_said_at_once(
    study: Study, tmp_path: Path, options: list[str], code: int
) -> None:
    """And nothing is served."""
    import sys

    line = [sys.executable, "-m", "confere", "serve", "--vault", str(study.root), "--port", "0"]
    done = subprocess.run(
        [*line, *options], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code
    assert "is open at" not in done.stdout
