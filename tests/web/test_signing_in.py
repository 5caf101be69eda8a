"""Signing in, locking, and what ends with it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from confere.web.errors import Refusal
from doubles.serving import Front, children, confere_serve, front, is_there
from doubles.studies import PASSPHRASE, Study


class Hand:
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Hand:
    """The clock of the page."""
    return Hand()


@pytest.fixture
def page(study: Study, clock: Hand) -> Iterator[Front]:
    """The page of a study, its clock in the test's hand."""
    with front(study.root, clock) as served:
        yield served


def gone(pid: int) -> bool:
    """Whether a process that ends by itself has ended; waits for its very end, not for a time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    import select

    try:
        return bool(select.select([descriptor], [], [], 30)[0])
    finally:
        os.close(descriptor)


def test_somebody_signs_in_and_locks(page: Front) -> None:
    """The keeper is a process of its own, and has ended when the answer to locking comes."""
    with page.browser() as ivo:
        answer = ivo.sign_in("ivo")
        assert answer.status_code == 200
        told = answer.json()
        token = told.pop("token")
        assert told == {
            "name": "ivo",
            "roles": ["interpreter"],
            "study": "Prova",
            "practice": True,
            "lock_minutes": 10,
            "locks_in_s": 600,
        }
        assert len(token) >= 43  # 32 bytes
        (keeper,) = page.keepers()
        assert keeper != os.getpid()
        assert is_there(keeper)
        assert ivo.get("/api/me").json() == {**told, "token": token}
        assert ivo.post("/api/lock").status_code == 204
        assert not is_there(keeper)
        assert ivo.get("/api/me").status_code == 401


def test_a_page_is_the_sign_in_until_somebody_is(page: Front) -> None:
    """In the language that the browser wants; and afterwards it tells who is signed in."""
    with page.browser() as ivo:
        before = ivo.client.get("/", headers={"Accept-Language": "pt-BR,pt;q=0.9,en;q=0.5"})
        assert before.status_code == 200
        assert '<html lang="pt' in before.text
        assert "Prova" not in before.text  # the study's name is for who is in it
        ivo.sign_in("ivo")
        after = ivo.client.get("/", headers={"Accept-Language": "pt-BR"})
        assert "ivo" in after.text
        ivo.client.cookies.set("language", "en")
        assert '<html lang="en"' in ivo.client.get("/").text


def test_two_people_have_a_keeper_each(page: Front) -> None:
    """Locking one leaves the other where they were."""
    with page.browser() as ivo, page.browser() as vera:
        ivo.sign_in("ivo")
        vera.sign_in("vera")
        of_ivo, of_vera = page.keepers()
        assert vera.get("/api/me").json()["name"] == "vera"
        ivo.post("/api/lock")
        assert not is_there(of_ivo)
        assert is_there(of_vera)
        assert vera.get("/api/me").json()["name"] == "vera"


def test_one_persons_token_opens_nothing_with_anothers_cookie(page: Front) -> None:
    """Both belong to one session."""
    with page.browser() as ivo, page.browser() as vera:
        ivo.sign_in("ivo")
        vera.sign_in("vera")
        vera.token = ivo.token
        assert vera.get("/api/me").status_code == 401


def test_the_same_person_twice_has_two_keepers_and_a_fourth_time_locks_the_idlest(
    page: Front, clock: Hand
) -> None:
    """Each sitting ends by itself."""
    with page.browser() as a, page.browser() as b, page.browser() as c, page.browser() as d:
        for browser in (a, b, c):
            clock.now_s += 1
            browser.sign_in("ivo")
        first = page.keepers()
        assert len(set(first)) == 3
        clock.now_s += 1
        a.post("/api/none")  # nothing is there, but somebody did something
        d.sign_in("ivo")
        assert b.get("/api/me").status_code == 401
        assert [x.get("/api/me").status_code for x in (a, c, d)] == [200, 200, 200]
        assert not is_there(first[1])


def test_signing_in_again_in_one_browser_ends_what_was_before(page: Front) -> None:
    """The old cookie is overwritten, so nobody could lock that session any more."""
    with page.browser() as browser:
        browser.sign_in("ivo")
        (before,) = page.keepers()
        browser.sign_in("vera")
        (now,) = page.keepers()
        assert not is_there(before)
        assert is_there(now)
        assert browser.get("/api/me").json()["name"] == "vera"


def test_who_does_nothing_is_locked(page: Front, clock: Hand) -> None:
    """Asking for news is not doing something; anything else is."""
    with page.browser() as ivo:
        ivo.sign_in("ivo")
        (keeper,) = page.keepers()
        clock.now_s += 599
        assert ivo.get("/api/me").json()["locks_in_s"] == 1
        ivo.get("/api/recordings/0123456789abcdef/news?cursor=0")
        ivo.get("/api/home")
        assert ivo.get("/api/me").json()["locks_in_s"] == 1
        ivo.get("/api/none")
        assert ivo.get("/api/me").json()["locks_in_s"] == 600
        clock.now_s += 599
        page.run(page.sessions.lock_idle())
        assert is_there(keeper)
        clock.now_s += 1
        assert ivo.get("/api/me").status_code == 401  # before anybody looked at the clock
        page.run(page.sessions.lock_idle())
        assert not is_there(keeper)


def test_playing_is_doing_something(page: Front, clock: Hand) -> None:
    """A sound that is asked for by its ticket puts the lock off."""
    with page.browser() as ivo:
        ivo.sign_in("ivo")
        clock.now_s += 599
        ivo.get("/sound/unknown")
        assert ivo.get("/api/me").json()["locks_in_s"] == 600


def test_a_wrong_passphrase_and_a_name_of_nobody_are_answered_alike(page: Front) -> None:
    """And neither leaves a process."""
    with page.browser() as browser:
        wrong = browser.sign_in("ivo", "four other words blindly")
        nobody = browser.sign_in("nobody", PASSPHRASE)
        assert wrong.status_code == nobody.status_code == 403
        assert wrong.json() == nobody.json()
        assert wrong.json()["error"] == "WrongPassphrase"
        assert PASSPHRASE not in wrong.text
        assert page.keepers() == []
        assert not [p for p in children(os.getpid()) if "keeper" in cmdline(p)]


def cmdline(pid: int) -> str:
    """Return what a process was started with."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_a_fieldworker_is_told_why_not(page: Front) -> None:
    """Their passphrase is right, and opens nothing."""
    with page.browser() as fabio:
        answer = fabio.sign_in("fabio")
        assert answer.status_code == 403
        assert answer.json()["error"] == "NotAllowed"


def test_after_ten_wrong_passphrases_the_next_waits(page: Front, clock: Hand) -> None:
    """The right one too, for a minute; other people do not."""
    with page.browser() as browser:
        for _ in range(10):
            assert browser.sign_in("ivo", "four other words blindly").status_code == 403
        refused = browser.sign_in("ivo")
        assert refused.status_code == 429
        assert refused.json()["error"] == "Wait"
        assert refused.json()["wait_s"] == int(refused.headers["Retry-After"]) == 61
        assert browser.sign_in("vera").status_code == 200
        clock.now_s += 61
        assert browser.sign_in("ivo").status_code == 200
        assert browser.sign_in("ivo", "four other words blindly").status_code == 403  # from one on
        assert browser.sign_in("ivo").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"name": "ivo"}',
        b'{"name": 1, "passphrase": "x"}',
        b'{"name": "ivo", "passphrase": null}',
        b'{"name": "ivo", "passphrase": "' + b"x" * 1001 + b'"}',
        b'{"name": "../keys", "passphrase": ["x"]}',
        b"[" * 200_000,
        b'{"name": "\xff", "passphrase": "x"}',
    ],
)
def test_what_is_no_sign_in_is_refused(page: Front, body: bytes) -> None:
    """With 400, and without trying anything."""
    with page.browser() as browser:
        headers = {"Origin": page.url.rstrip("/"), "Content-Type": "application/json"}
        answer = browser.client.post("/api/sign-in", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "BadRequest")


def test_a_keeper_that_was_killed_ends_its_session_alone(page: Front) -> None:
    """The page is told to sign in again, and can."""
    with page.browser() as ivo, page.browser() as vera:
        ivo.sign_in("ivo")
        vera.sign_in("vera")
        session = page.session("ivo")
        os.kill(session.keeper.pid, signal.SIGKILL)
        assert gone(session.keeper.pid)
        with pytest.raises(Refusal, match="nobody is signed in"):
            page.run(session.ask("anything"))
        assert ivo.get("/api/me").status_code == 401
        assert vera.get("/api/me").status_code == 200
        assert ivo.sign_in("ivo").status_code == 200


def test_when_the_front_is_killed_its_keepers_end(study: Study) -> None:
    """Nobody tells them; the pair is closed, and that is enough."""
    with confere_serve(study.root) as command, command.browser() as ivo, command.browser() as vera:
        ivo.sign_in("ivo")
        vera.sign_in("vera")
        keepers = children(command.process.pid)
        assert len(keepers) == 2
        command.process.kill()
        assert all(gone(keeper) for keeper in keepers)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_locks_everybody(study: Study, how: signal.Signals) -> None:
    """Before the command ends."""
    with confere_serve(study.root) as command, command.browser() as ivo, command.browser() as vera:
        ivo.sign_in("ivo")
        vera.sign_in("vera")
        keepers = children(command.process.pid)
        command.process.send_signal(how)
        code = command.process.wait(30)
        assert len(keepers) == 2
        assert not any(is_there(keeper) for keeper in keepers)
        assert command.process.stdout is not None
        if how == signal.SIGINT:
            assert code == 0
            assert "everybody is locked" in command.process.stdout.read()


def test_a_keeper_that_cannot_begin_is_told(page: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as a wrong passphrase, and not as one more attempt."""
    monkeypatch.setattr("confere.web.keeper.COMMAND", (sys.executable, "-c", "pass"))
    with page.browser() as ivo:
        for _ in range(11):
            answer = ivo.sign_in("ivo")
            assert (answer.status_code, answer.json()["error"]) == (503, "NotStarted")
    assert page.keepers() == []
