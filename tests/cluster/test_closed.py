"""Who is let into a cluster, what can be had run in it, and what its processes know."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from confere.cli.worker import command as worker_command
from confere.crypto import generate_identity
from confere.crypto.certificates import Pair
from confere.crypto.members import make_cluster_authority, make_member, sign_as_member
from confere.errors import BadInput, BadValue, ClusterProblem, ForgedStore, StorageProblem, WrongKey
from confere.wiring.cluster import TlsFiles, cluster_hands, sealed
from confere.wiring.cluster.announced import Member, believed, said
from confere.wiring.cluster.certificates import make_certificates
from doubles.cluster_bench import order, work
from doubles.clusters import (
    PATIENCE_S,
    Cluster,
    Pipe,
    files_of,
    is_alive,
    memory_holds,
    options,
    paths,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates of another cluster."""
    folder = tmp_path_factory.mktemp("strangers")
    make_certificates(folder, ["ana"])
    return folder


# --- who is let in -----------------------------------------------------------------------------


def spoken_with(url: str, tls: ssl.SSLContext | None) -> bool:
    """Whether somebody who calls there is spoken with: Dask begins, if it does."""
    host, port = url.removeprefix("tls://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as plain:
        try:
            with contextlib.ExitStack() as stack:
                line = plain if tls is None else stack.enter_context(tls.wrap_socket(plain))
                line.sendall(bytes(64))
                return b"compression" in line.recv(4096)
        except ssl.SSLCertVerificationError:
            raise
        except (ssl.SSLError, ConnectionError):
            return False


def calling(files: TlsFiles | None, authority: Path) -> ssl.SSLContext:
    """How somebody calls who has these files, or no certificate."""
    context = ssl.create_default_context(cafile=str(authority))
    context.check_hostname = False
    if files is not None:
        context.load_cert_chain(files.certificate, files.key)
    return context


def test_only_certificates_of_the_clusters_authority_are_spoken_with(
    cluster: Cluster, strangers: Path
) -> None:
    """Without one, with another authority's, or in the clear, nobody is; with one, they are."""
    ours = cluster.files("client")
    worker, _ = cluster.worker("ana")
    for url in (cluster.url, worker.said.split(" at ")[1].split(": ")[0]):
        assert spoken_with(url, calling(ours, ours.authority))
        assert not spoken_with(url, calling(None, ours.authority))
        assert not spoken_with(url, calling(files_of(strangers, "client"), ours.authority))
        assert not spoken_with(url, None)
        with pytest.raises(ssl.SSLCertVerificationError):  # nor do we speak with another's
            spoken_with(url, calling(ours, files_of(strangers, "client").authority))


def test_strangers_are_told_what_to_look_at(cluster: Cluster, strangers: Path) -> None:
    """A worker and a client with another authority's certificates end, and say why."""
    theirs = files_of(strangers, "ana")
    mixed = TlsFiles(cluster.files("ana").authority, theirs.certificate, theirs.key)
    worker = cluster.start_worker("ana", mixed, patience_s=3)
    hands = cluster_hands(cluster.url, mixed, 3)
    with pytest.raises(ClusterProblem, match="does not let this machine in") as refused:
        hands.__enter__()
    assert "certificates of the same authority" in refused.value.hint
    assert worker.wait() == 1
    assert "does not let this worker in" in worker.said


@pytest.mark.parametrize(
    "url",
    ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "tls://127.0.0.1", "tls://a b:1", "http://a:1"],
)
def test_only_tls_is_an_address(url: str, strangers: Path) -> None:
    """Dask would take plain TCP as well."""
    hands = cluster_hands(url, files_of(strangers, "client"))
    with pytest.raises(BadValue, match="not where a scheduler is"):
        hands.__enter__()
    given = [url, "--objects", str(strangers), *options(files_of(strangers, "ana"))]
    with pytest.raises(BadValue, match="not where a scheduler is") as refused:
        worker_command.main(given, standalone_mode=False)
    assert "over mutual TLS only" in refused.value.hint


def test_a_key_that_others_can_read_is_no_key(tmp_path: Path) -> None:
    """Neither is one that is not there."""
    make_certificates(tmp_path, ["ana"])
    files = files_of(tmp_path, "ana")
    files.check()
    files.key.chmod(0o640)
    with pytest.raises(BadInput, match="other accounts"):
        files.check()
    files.key.unlink()
    with pytest.raises(StorageProblem):
        files.check()


def test_nothing_listens_but_for_members(cluster: Cluster) -> None:
    """One port each, at the address that was said: no dashboard, no HTTP, not the whole network."""
    worker, benches = cluster.worker("ana")
    for pid in (cluster.scheduler.pid, worker.pid):
        listening = [c.laddr for c in _connections(pid) if c.status == psutil.CONN_LISTEN]
        assert [address.ip for address in listening] == ["127.0.0.1"]
    assert not _connections(benches[0])


def _connections(pid: int) -> list[psutil._common.sconn]:
    return list(psutil.Process(pid).net_connections())


# --- what can be had run -----------------------------------------------------------------------


def test_somebody_with_a_certificate_cannot_have_code_of_theirs_run(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Everything that Dask offers for it is refused, and afterwards the cluster works as before."""
    cluster.worker("ana")
    file = tmp_path / "made"
    arguments = [cluster.url, str(file), *paths(cluster.files("client"))]
    with cluster_hands(cluster.url, cluster.files("client"), PATIENCE_S) as [hand]:
        attacker = cluster.start("doubles.cluster_attacker", *arguments)
        outcomes = json.loads(attacker.until(r"^\{.*\}$")[0])
        assert outcomes.pop("workers") == "1"
        assert len(outcomes) == 7
        assert all(outcome.startswith("refused") for outcome in outcomes.values()), outcomes
        answer = hand.submit(work, order("answer", text="oi")).result(PATIENCE_S)
    assert json.loads(answer)["text"] == "io"
    assert not file.exists()


READERS = """
import pickle, sys
from pathlib import Path
class Evil:
    def __reduce__(self):
        return Path.touch, (Path(sys.argv[1]),)
evil = pickle.dumps(Evil())
from confere.wiring.cluster import closed, courier, scheduler, worker
closed.close_dask()
import cloudpickle, distributed, io
modules = [distributed.client, distributed.scheduler, distributed.worker, distributed.core]
readers = [reader.loads for reader in (pickle, cloudpickle, distributed.protocol.pickle)]
readers += [m.loads for m in modules if hasattr(m, "loads")]
readers += [m.pickle.loads for m in modules if hasattr(m, "pickle")]
readers += [lambda evil: pickle.load(io.BytesIO(evil))]
for reader in readers:
    try:
        reader(evil)
    except pickle.UnpicklingError as error:
        assert "not allowed" in str(error)
    else:
        print("read by", reader)
assert pickle.loads(pickle.dumps({"a": [b"1", None]})) == {"a": [b"1", None]}
print(len(readers), distributed.Client._default_event_handlers)
"""


def test_a_pickle_names_what_an_order_needs_and_nothing_else(tmp_path: Path) -> None:
    """Whichever way Dask reads it."""
    command = [sys.executable, "-c", READERS, str(tmp_path / "made")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "9 {}\n"
    assert not (tmp_path / "made").exists()


# --- what they know ----------------------------------------------------------------------------


def confinement() -> int:
    """Whether a process of this machine can be confined, as one says that tries it."""
    tries = "from confere.wiring.cluster.confined import confine; print(confine([]))"
    return int(subprocess.check_output([sys.executable, "-c", tries]))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of closed processes")
def test_what_speaks_dask_knows_no_key_and_no_word(cluster: Cluster, tmp_path: Path) -> None:
    """Scheduler, worker and courier hold sealed orders; key and words are at the bench alone."""
    key = str(generate_identity("x25519"))
    text = f"{key} quinta-feira no posto"
    canaries = [part.encode(encoding) for part in (key, key[::-1], "quinta-feira no posto",
                "otsop on arief-atniuq") for encoding in ("utf-8", "utf-16-le")]  # fmt: skip
    worker, [bench] = cluster.worker("ana")
    begun, gate = Pipe(cluster.objects / "known-begun"), Pipe(cluster.objects / "known-gate")
    with cluster_hands(cluster.url, cluster.files("client"), PATIENCE_S) as [hand]:
        courier = hand._cluster._courier.process.pid
        assert hand._cluster.confined == confinement()
        recipient = next(iter(hand._cluster._workers.values())).recipient
        asked = order("wait", begun="known-begun", gate="known-gate", text=text)
        future = hand.submit(work, asked)
        begun.hear()
        for _ in range(2):  # while it is worked on, and when it is answered
            for pid in (cluster.scheduler.pid, worker.pid, courier):
                assert is_alive(pid)
                found = memory_holds(pid, [*canaries, recipient.encode(), b"age-encryption.org/v1"])
                assert found == [b"age-encryption.org/v1", recipient.encode()]
            gate.say()
            assert json.loads(future.result(PATIENCE_S))["text"] == text[::-1]
        assert len(memory_holds(bench, canaries)) >= 2
    for path in (*cluster.scratch.rglob("*"), *cluster.objects.rglob("*")):
        assert not path.is_file() or not any(c in path.read_bytes() for c in canaries)
    said_by_all = cluster.scheduler.said + worker.said
    assert key not in said_by_all
    assert "quinta-feira" not in said_by_all
    begun.close()
    gate.close()


# --- orders, answers, and what workers say of themselves ---------------------------------------


def test_an_order_is_for_one_bench_and_its_answer_for_who_asked() -> None:
    """Nobody else opens either; and an answer answers one order."""
    bench, other, asker = (generate_identity("hybrid") for _ in range(3))
    number = sealed.new_number()
    sent = sealed.seal_order(
        number, "m.work", b"given\n\x00", str(bench.recipient), str(asker.recipient)
    )
    with pytest.raises(WrongKey):
        sealed.open_order(sent, other)
    opened = sealed.open_order(sent, bench)
    assert (opened.work, opened.given) == ("m.work", b"given\n\x00")
    assert "given" not in repr(opened)
    back = sealed.seal_answer(opened, b"gave\n\xff")
    assert sealed.open_answer(back, asker, number) == b"gave\n\xff"
    for identity, asked in ((other, number), (asker, sealed.new_number())):
        with pytest.raises(ForgedStore):
            sealed.open_answer(back, identity, asked)
    forged = sealed.seal_answer(  # by who knows the recipient, and not the number
        sealed.OpenedOrder("00" * 32, "m.work", str(asker.recipient), b""), b"words"
    )
    with pytest.raises(ForgedStore):
        sealed.open_answer(forged, asker, number)


def members() -> Iterator[tuple[str, Pair]]:
    """An authority, members of each kind, one of another authority, and one of another year."""
    authority, another = (make_cluster_authority("a", NOW) for _ in range(2))
    yield "authority", authority
    for role in ("worker", "client", "scheduler"):
        yield role, make_member(authority, role, "ana", NOW)
    yield "stranger", make_member(another, "worker", "ana", NOW)
    yield "old", make_member(authority, "worker", "ana", NOW - timedelta(days=500))


def test_only_a_worker_of_this_cluster_is_given_orders() -> None:
    """Who else signs a recipient is refused: the scheduler, a client, a stranger; so is another version."""
    made = dict(members())
    authority = made.pop("authority").certificate
    recipient = str(generate_identity("hybrid").recipient)

    def announced(pair: Pair, version: str, of: str = recipient) -> dict[str, str]:
        signature = sign_as_member(pair.key, said(recipient, version)).hex()
        certificate = pair.certificate.decode()
        return {
            "recipient": of,
            "confere": version,
            "certificate": certificate,
            "signature": signature,
        }

    from confere import __version__

    good = announced(made["worker"], __version__)
    assert believed("ana", good, authority, NOW) == Member("ana", recipient)
    for who in ("client", "scheduler", "stranger", "old"):
        refused = believed("ana", announced(made[who], __version__), authority, NOW)
        assert "no certificate of a worker" in str(refused)
    swapped = announced(made["worker"], __version__, str(generate_identity("hybrid").recipient))
    assert "no certificate" in str(believed("ana", swapped, authority, NOW))
    assert "another version" in str(believed("ana", announced(made["worker"], "0"), authority, NOW))
    odd = said("age1nobody", __version__)
    signed = sign_as_member(made["worker"].key, odd).hex()
    nobody = {**good, "recipient": "age1nobody", "signature": signed}
    assert isinstance(believed("ana", nobody, authority, NOW), str)
    for nonsense in (None, {}, {**good, "signature": "x"}, {**good, "certificate": "x"}):
        assert isinstance(believed("ana", nonsense, authority, NOW), str)


CONFINED = """
import os, subprocess, sys
from pathlib import Path
def tried(act):
    try:
        act()
    except OSError:
        return "refused"
    return "done"
readable, hidden, new = map(Path, sys.argv[1:])
acts = {
    "read": readable.read_bytes,
    "hidden": hidden.read_bytes,
    "list": lambda: os.listdir(hidden.parent),
    "write": lambda: new.write_bytes(b""),
    "change": lambda: readable.write_bytes(b""),
    "remove": hidden.unlink,
    "run": lambda: subprocess.run([sys.executable, "-c", ""]),
}
from confere.wiring.cluster.confined import confine
print([tried(acts[name]) for name in ("read", "hidden", "list", "run")])
print(confine([readable]))
import distributed
print([tried(act) for act in acts.values()])
"""


def test_a_confined_process_has_the_files_it_needs(tmp_path: Path) -> None:
    """It reads libraries and its own files, and nothing else of the account; it writes and runs nothing."""
    given = [tmp_path / name for name in ("readable", "hidden", "new")]
    for file in given[:2]:
        file.touch()
    command = [sys.executable, "-c", CONFINED, *map(str, given)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    before, version, after = run.stdout.splitlines()
    assert before == str(["done"] * 4)
    if version == "0":
        pytest.skip("there is no Landlock here")
    assert after == str(["done", *["refused"] * 6])
    assert given[1].exists()
    assert not given[2].exists()
