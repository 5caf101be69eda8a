"""The checker of a proof of custody, run as a stranger runs it, and attacked."""

from __future__ import annotations

import ast
import base64
import copy
import importlib.util
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from confere.acts.audit.proof import Proved, prove
from confere.crypto import SigningKey
from confere.crypto.canonical import canonical_json
from confere.crypto.notes import sign_note
from confere.errors import BadInput, BadValue, NoSuchThing, RolledBack
from doubles.studies import SteppingClock, Study, make_study
from faults.test_one_byte import full_vault

SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_custody.py"
BLOCKED = (
    "import sys, runpy; sys.modules['confere'] = None; sys.modules['rfc8785'] = None;"
    "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script in an isolated interpreter in which nobody can import Confere."""
    command = [sys.executable, "-I", "-c", BLOCKED, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def load_script() -> Any:
    """Return the script as a module, for very many attacks."""
    spec = importlib.util.spec_from_file_location("verify_custody", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = load_script()


def passes(content: bytes, roster_sha256: str | None = None) -> bool:
    """Whether the script lets a proof pass: it turns these same errors into WRONG."""
    try:
        VERIFY.check(content, roster_sha256)
    except (VERIFY.Wrong, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return False
    return True


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A vault with a signed, a destroyed and two waiting recordings."""
    return full_vault(tmp_path_factory.mktemp("custody"))


@pytest.fixture
def full(original: Study, tmp_path: Path) -> Study:
    """A copy of it."""
    shutil.copytree(original.root, tmp_path / "vault")
    return Study(tmp_path / "vault", original.recovery_key, SteppingClock())


def recordings(study: Study) -> dict[str, str]:
    """The signed and the destroyed recording."""
    desk = study.desk()
    (signed,) = desk.catalog.rows("SELECT recording_id FROM sign_offs")
    (destroyed,) = desk.catalog.rows("SELECT recording_id FROM destroyed")
    desk.vault.close()
    return {"signed": signed[0], "destroyed": destroyed[0]}


def proved(study: Study, which: str, to: Path, *since: str) -> Proved:
    """Write a proof."""
    recording = recordings(study)[which]
    desk = study.desk()
    try:
        return prove(desk, recording[:8], to, since)
    finally:
        desk.vault.close()


def older_state(study: Study, size: int) -> str:
    """The log's state at a size, as it would be typed from paper."""
    desk = study.desk()
    root = desk.vault.log.tree.root(size)
    desk.vault.close()
    return f"{size} {base64.b64encode(root).decode()}"


@pytest.fixture(scope="module")
def good(original: Study, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A proof with two older states in it."""
    folder = tmp_path_factory.mktemp("good")
    shutil.copytree(original.root, folder / "vault")
    study = Study(folder / "vault", original.recovery_key, SteppingClock())
    states = [older_state(study, size) for size in (3, 10)]
    proved(study, "signed", folder / "proof.json", *states)
    return (folder / "proof.json").read_bytes()


# --- what holds ----------------------------------------------------------------------------------


def test_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    """A court's expert installs one package."""
    tree = list(ast.walk(ast.parse(SCRIPT.read_text("utf-8"))))
    names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in tree if isinstance(node, ast.ImportFrom)}
    packages = {name.partition(".")[0] for name in names}
    assert packages - set(sys.stdlib_module_names) == {"cryptography"}


def test_a_proof_is_told_as_a_timeline(full: Study, tmp_path: Path) -> None:
    """Who did what when, in plain words, for somebody who has neither the vault nor Confere."""
    done = proved(full, "signed", tmp_path / "proof.json")
    result = run(tmp_path / "proof.json", "--roster-sha256", done.roster_sha256)
    assert result.returncode == 0, result.stdout + result.stderr
    for words in (
        "lena  made the study",
        "lena  added vera to the study (verifier)",
        "took the recording off the recorder: ",
        "ivo  corrected segment",
        "vera  verified segment",
        "vera  signed the transcript, version 1",
        "lena  took gil out of the study",
        "lena  made a proof of its custody",
        "HOLDS: every event above was signed by whom it says",
    ):
        assert words in result.stdout


def test_a_destroyed_recording_has_its_proof(full: Study, tmp_path: Path) -> None:
    """What was done to it can be proved after everything of it is gone."""
    proved(full, "destroyed", tmp_path / "proof.json")
    result = run(tmp_path / "proof.json")
    assert result.returncode == 0, result.stdout
    assert "destroyed its key: the participant withdrew" in result.stdout
    assert "HOLDS IN ITSELF" in result.stdout


def test_a_proof_speaks_of_no_other_recording(full: Study, tmp_path: Path) -> None:
    """Not even by an id."""
    both = recordings(full)
    waiting = [path.stem for path in (full.root / "intake").iterdir()]
    proved(full, "signed", tmp_path / "proof.json")
    content = (tmp_path / "proof.json").read_text("utf-8")
    assert both["signed"] in content
    assert len(waiting) == 2
    for other in (both["destroyed"], *waiting):
        assert other not in content


def test_the_files_are_compared(full: Study, tmp_path: Path) -> None:
    """The audio and the sealed object are the ones that were taken; others are not."""
    recording = recordings(full)["signed"]
    desk = full.desk()
    with desk.vault.open_audio(recording) as audio:
        (tmp_path / "a.wav").write_bytes(audio.read())
    desk.vault.close()
    proved(full, "signed", tmp_path / "proof.json")
    sealed = full.root / "recordings" / recording / "audio.age"
    result = run(tmp_path / "proof.json", "--audio", tmp_path / "a.wav", "--sealed", sealed)
    assert result.returncode == 0
    assert "a.wav is the recording as it came off the recorder, byte for byte." in result.stdout
    for option, other in (("--audio", sealed), ("--sealed", tmp_path / "a.wav")):
        assert run(tmp_path / "proof.json", option, other).returncode == 1
    assert run(tmp_path / "proof.json", "--audio", tmp_path / "nothing").returncode == 1


def test_a_checkpoint_kept_elsewhere_is_continued(full: Study, tmp_path: Path) -> None:
    """Only if the proof was made with it: otherwise the script says what to ask for."""
    (tmp_path / "kept").write_bytes((full.root / "log" / "checkpoint").read_bytes())
    proved(full, "signed", tmp_path / "with.json", str(tmp_path / "kept"))
    proved(full, "signed", tmp_path / "without.json")
    assert run(tmp_path / "with.json", "--checkpoint", tmp_path / "kept").returncode == 0
    result = run(tmp_path / "without.json", "--checkpoint", tmp_path / "kept")
    assert result.returncode == 1
    assert "ask for a proof made with --since" in result.stdout
    assert run(tmp_path / "with.json", "--checkpoint", SCRIPT).returncode == 1


def test_a_proof_after_a_recovery_and_new_machines_holds(full: Study, tmp_path: Path) -> None:
    """Whoever was recovered signs with new keys; what they signed before stays theirs."""
    from confere.acts import setup
    from confere.vault import Machine, Vault
    from confere.vault.recovery import RecoveryKey
    from doubles.studies import PASSPHRASE

    vault = Vault(full.root)
    key = RecoveryKey.read([full.recovery_key], vault.roster.recovery)
    setup.recover(vault, "lena", key, PASSPHRASE)
    desk = full.desk()
    setup.certify_machine(desk, Machine(b"\x08" * 32).keys)
    desk.vault.close()
    proved(full, "signed", tmp_path / "proof.json")
    result = run(tmp_path / "proof.json")
    assert result.returncode == 0, result.stdout
    assert "gave lena new keys, with the recovery key" in result.stdout


# --- what is refused -----------------------------------------------------------------------------


def changed(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every change of one thing in a JSON value: what it is, and the value with it."""
    if isinstance(value, dict):
        yield f"{where} with a field more", {**value, "more": 1}
        for name, it in value.items():
            yield f"{where}/{name} gone", {k: v for k, v in value.items() if k != name}
            for told, other in changed(it, f"{where}/{name}"):
                yield told, {**value, name: other}
    elif isinstance(value, list):
        yield f"{where} with one more", [*value, *(value[-1:] or [""])]
        for place, it in enumerate(value):
            before, after = value[:place], value[place + 1 :]
            yield f"{where}/{place} gone", [*before, *after]
            yield f"{where}/{place} twice", [*before, it, it, *after]
            yield f"{where}/{place} moved", [it, *before, *after]
            for told, other in changed(it, f"{where}/{place}"):
                yield told, [*before, other, *after]
    elif isinstance(value, str):
        yield f"{where} longer", value + "0"
        yield f"{where} another kind", 0
        yield f"{where} in the other case", value.swapcase()
        for place in sorted({0, len(value) // 2, len(value) - 1}) if value else ():
            letter = "1" if value[place] == "0" else "0"
            yield f"{where} at {place}", value[:place] + letter + value[place + 1 :]
            yield f"{where} without {place}", value[:place] + value[place + 1 :]
    else:
        yield f"{where} another", value + 1
        yield f"{where} as a truth", bool(value)
        yield f"{where} as a fraction", float(value)
        yield f"{where} as a text", str(value)


def write(value: Any) -> bytes:
    """Write it as the script reads it, fractions too."""
    return bytes(VERIFY.spell(value))


def test_every_changed_field_is_found(good: bytes) -> None:
    """Nothing in the file is without meaning, and nothing can be dropped, added, doubled or moved."""
    assert passes(good)
    value = json.loads(good)
    attacks = [(told, write(other)) for told, other in changed(value)]
    assert len(attacks) > 1000
    passed = [told for told, content in attacks if content != good and passes(content)]
    assert passed == []


def test_every_changed_fact_in_an_event_is_found(good: bytes) -> None:
    """Also when its body is written canonically again."""
    value = json.loads(good)
    last = len(value["events"]) - 1
    for place in {*range(0, last, 4), last}:
        body = json.loads(value["events"][place]["body"])
        for told, other in changed(body):
            forged = copy.deepcopy(value)
            forged["events"][place]["body"] = write(other).decode()
            assert forged == value or not passes(write(forged)), f"event {place}: {told}"


def test_every_changed_byte_is_found(good: bytes) -> None:
    """Wherever it is, and whatever it becomes."""
    dice = random.Random(20261122)
    for _ in range(500):
        content = bytearray(good)
        place, change = dice.randrange(len(content)), dice.randrange(1, 256)
        content[place] ^= change
        assert not passes(bytes(content)), f"byte {place} ^ {change}"
    assert not passes(good + b"\n")
    assert not passes(b" " + good)
    assert not passes(b"")
    assert not passes(b"[]")


def test_other_spellings_of_the_same_are_refused(good: bytes) -> None:
    """One proof has one spelling: a rewritten file is a changed file."""
    assert not passes(json.dumps(json.loads(good), indent=1).encode())
    assert not passes(good.replace(b'"format":1', b'"format":1,"format":1', 1))
    value = json.loads(good)
    value["format"] = True
    assert not passes(write(value))


def test_a_truncated_path_is_found(good: bytes) -> None:
    """A path that is too short or too long leads nowhere."""
    value = json.loads(good)
    for place in range(len(value["events"])):
        for change in (lambda lines: lines[:-1], lambda lines: [*lines, lines[-1]]):
            forged = copy.deepcopy(value)
            head, _, note = forged["events"][place]["proof"].partition("\n\n")
            lines = head.split("\n")
            path = "\n".join([*lines[:2], *change(lines[2:])])
            forged["events"][place]["proof"] = f"{path}\n\n{note}"
            assert not passes(write(forged))


def test_an_event_left_out_is_found_whatever_is_cut_with_it(good: bytes) -> None:
    """The last event says how many there are, and which."""
    value = json.loads(good)
    for place in range(len(value["events"])):
        forged = {**value, "events": value["events"][:place]}
        assert not passes(write(forged)), f"cut at {place}"


def test_an_earlier_proof_in_the_file_does_not_stand_for_the_later(
    full: Study, tmp_path: Path
) -> None:
    """Cut back to an earlier proof's own event, what came after would be hidden."""
    proved(full, "signed", tmp_path / "first.json")
    proved(full, "signed", tmp_path / "second.json")
    value = json.loads((tmp_path / "second.json").read_bytes())
    assert passes(write(value))
    kinds = [json.loads(event["body"])["what"] for event in value["events"]]
    assert kinds.count("proof") == 2
    value["events"] = value["events"][: kinds.index("proof") + 1]
    assert not passes(write(value))


def test_another_study_is_found_by_the_digest(good: bytes, full: Study, tmp_path: Path) -> None:
    """Whoever makes a study of their own can prove anything in it; so the digest comes from elsewhere."""
    digest = proved(full, "signed", tmp_path / "mine.json").roster_sha256
    assert passes(good, digest)
    assert not passes(good, "0" * 64)
    other = make_study(tmp_path / "other")
    desk = other.desk()
    theirs = (desk.vault.locked.storage.read("roster/1.note")).decode()
    desk.vault.close()
    value = json.loads(good)
    assert not passes(write({**value, "rosters": [theirs, *value["rosters"][1:]]}), digest)


def test_events_of_another_recording_or_study_are_not_let_in(
    good: bytes, full: Study, tmp_path: Path
) -> None:
    """Even whole and authentic ones, with their places in the log."""
    proved(full, "destroyed", tmp_path / "other.json")
    value, other = json.loads(good), json.loads((tmp_path / "other.json").read_bytes())
    mine = {event["body"] for event in value["events"]}
    for event in other["events"]:
        if event["body"] not in mine:
            for place in range(len(value["events"]) + 1):
                events = [*value["events"][:place], event, *value["events"][place:]]
                assert not passes(write({**value, "events": events}))
    assert not passes(write({**value, "checkpoint": other["checkpoint"]}))
    assert not passes(write({**value, "recording": other["recording"]}))


def test_a_forged_roster_is_found(good: bytes) -> None:
    """Signed by somebody who is no lead, under a lead's name, or under the recovery key's."""
    value = json.loads(good)
    text = value["rosters"][-1].rpartition("\n\n")[0] + "\n"
    roster = json.loads(text)
    mallory = SigningKey.generate()
    roster["people"][0]["verify_keys"]["roster"] = str(mallory.verify_key)
    forged = canonical_json(roster).decode() + "\n"
    for name in ("lena", "mallory", "recovery"):
        note = sign_note(forged, name, mallory)
        assert not passes(write({**value, "rosters": [*value["rosters"][:-1], note]}))
    unsigned = forged + "\n"
    assert not passes(write({**value, "rosters": [*value["rosters"][:-1], unsigned]}))
    assert not passes(write({**value, "rosters": value["rosters"][:-1]}))
    assert not passes(write({**value, "rosters": []}))


def test_a_forged_checkpoint_is_found(good: bytes) -> None:
    """A root that somebody else signed, under any name."""
    value = json.loads(good)
    text = value["checkpoint"].rpartition("\n\n")[0] + "\n"
    mallory = SigningKey.generate()
    for name in ("lena", "mallory"):
        note = sign_note(text, name, mallory)
        events = [
            {**e, "proof": e["proof"].partition("\n\n")[0] + "\n\n" + note} for e in value["events"]
        ]
        assert not passes(write({**value, "checkpoint": note, "events": events}))


def test_what_is_no_proof_is_told_and_not_a_traceback(tmp_path: Path) -> None:
    """Whatever file is given."""
    for content in (b"", b"{}", b"[1]", b"\xff", b'{"a":' * 5000, SCRIPT.read_bytes()):
        (tmp_path / "proof.json").write_bytes(content)
        result = run(tmp_path / "proof.json")
        assert (result.returncode, result.stderr) == (1, "")
        assert result.stdout.startswith("WRONG: ")
    assert run(tmp_path / "nothing").returncode == 1


# --- making one ----------------------------------------------------------------------------------


def test_a_proof_is_not_written_where_it_must_not_be(full: Study, tmp_path: Path) -> None:
    """Not into the vault, and over nothing; a refused one is not told either."""
    recording = recordings(full)["signed"]
    (tmp_path / "there").write_text("something")
    desk = full.desk()
    size = desk.vault.log.size
    for to in (full.root / "proof.json", tmp_path / "there", tmp_path / "no" / "folder"):
        with pytest.raises(BadValue):
            prove(desk, recording, to)
    with pytest.raises(NoSuchThing):
        prove(desk, "zzzz", tmp_path / "p")
    with pytest.raises(BadInput):
        prove(desk, recording, tmp_path / "p", ["nonsense"])
    with pytest.raises(RolledBack):
        prove(desk, recording, tmp_path / "p", ["999 " + "A" * 43 + "="])
    assert desk.vault.log.size == size
    desk.vault.close()
    assert re.search("something", (tmp_path / "there").read_text())
    assert not (tmp_path / "p").exists()
