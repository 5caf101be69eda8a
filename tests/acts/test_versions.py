"""New versions after a signature: who begins one, what it needs, what stays of the old one, other hands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlcipher3 import dbapi2 as sqlcipher

from acts.life_scenes import PEOPLE, copy
from confere.acts.audit import Order, audit
from confere.acts.checks import dismiss, look, raise_again
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.hand_over import hand_over
from confere.acts.reading import Opened, open_transcript
from confere.acts.setup import add_person
from confere.acts.sign import prepare, reopen, sign
from confere.acts.split import merge, split, undo
from confere.acts.verify import play_whole, return_segment, verify
from confere.cli import confere
from confere.cli.player import SilentPlayer
from confere.domain import ErrorKind, Judgement, Role, Severity, State
from confere.errors import (
    AlteredTranscript,
    BadValue,
    ConfereError,
    Destroyed,
    MoveRefused,
    NotAllowed,
    NotReady,
    OwnWork,
    Signed,
    WrongPassphrase,
)
from doubles.studies import PASSPHRASE, WRONG

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/verify_transcript.py"
WHY = "a name was misheard"


class Scene:
    """A recording that ivo corrected, and vera verified and signed; wanda has both roles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study, self.recording = copy(folder)
        self.desks: dict[str, Desk] = {name: self.study.desk(name) for name in PEOPLE}
        for segment in self.now().transcript.segments:
            correct(self["ivo"], self.recording, segment.id, Correction())
        play_whole(self["vera"], self.recording, SilentPlayer())
        self.verify("vera", "1", "2", "3")
        self.first = sign(self["vera"], self.recording, PASSPHRASE)

    def __getitem__(self, name: str) -> Desk:
        return self.desks[name]

    def now(self) -> Opened:
        """The transcript as it stands."""
        return open_transcript(self["lena"], self.recording)

    def states(self) -> list[State]:
        """Where its segments stand."""
        return [s.state for s in self.now().transcript.segments]

    def reopen(self, by: str = "lena") -> int:
        """Begin a new version."""
        return reopen(self[by], self.recording, WHY)

    def correct(self, number: str, by: str = "ivo", **given: object) -> None:
        """Change a segment."""
        correct(self[by], self.recording, number, Correction(**given))  # type: ignore[arg-type]

    def verify(self, by: str, *numbers: str) -> None:
        """Verify segments."""
        for number in numbers:
            verify(self[by], self.recording, number)

    def close(self) -> None:
        """Let everybody go."""
        for desk in self.desks.values():
            desk.vault.close()

    def wrong(self) -> list[str]:
        """What an audit finds."""
        done = audit(self.study.root, None, "lena", PASSPHRASE, Order(), self.study.clock)
        return [f"{f.about}: {f.text}" for f in done.report.wrong]

    def export(self, name: str = "out") -> Path:
        """The signed JSON, as a stranger gets it."""
        folder = self.folder / name
        hand_over(self["lena"], [self.recording], ["json"], folder)
        (file,) = folder.glob("*-v*.json")
        return file

    def stranger(self, file: Path) -> str:
        """What the script says of a file; it must find it good."""
        key = self["vera"].person.verify_keys["sign-off"]
        command = [sys.executable, "-I", str(SCRIPT), str(file), "--key", key]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def second(self) -> None:
        """Correct one segment in a new version, have it verified, and sign that."""
        self.reopen()
        self.correct("1", target="The water came to the door.")
        self.verify("vera", "1")
        sign(self["vera"], self.recording, PASSPHRASE)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A signed transcript."""
    made = Scene(tmp_path)
    yield made
    made.close()


class TestReopening:
    def test_who_may(self, scene: Scene) -> None:
        """A verifier or a lead, with a reason; not who only corrects."""
        with pytest.raises(NotAllowed):
            scene.reopen("ivo")
        with pytest.raises(BadValue):
            reopen(scene["vera"], scene.recording, "  ")
        assert scene.states() == [State.LOCKED] * 3
        assert scene.reopen("vera") == 2
        assert scene.states() == [State.VERIFIED] * 3
        opened = scene.now()
        assert (opened.signed, [v.digest for v in opened.versions]) == (None, [scene.first.digest])
        assert [(r.version, r.by, r.reason) for r in opened.reopenings] == [(1, "vera", WHY)]

    def test_only_what_is_signed_and_only_once(self, scene: Scene) -> None:
        """Twice is refused, until the new version is signed too; then it goes on."""
        scene.reopen()
        with pytest.raises(NotReady, match="not signed"):
            scene.reopen("vera")
        sign(scene["vera"], scene.recording, PASSPHRASE)
        assert scene.reopen() == 3
        assert sign(scene["vera"], scene.recording, PASSPHRASE).document["version"] == 3
        assert scene.wrong() == []

    def test_nothing_changes_before(self, scene: Scene) -> None:
        """A signed transcript takes nothing but that."""
        for act in (
            lambda: scene.correct("1", target="No."),
            lambda: scene.verify("vera", "1"),
            lambda: undo(scene["ivo"], scene.recording, "1"),
            lambda: sign(scene["vera"], scene.recording, PASSPHRASE),
        ):
            with pytest.raises(Signed):
                act()

    def test_a_destroyed_one(self, scene: Scene) -> None:
        """Of which nothing is left, its new version included."""
        scene.reopen()
        destroy(scene["lena"], scene.recording, "retention ended")
        with pytest.raises(Destroyed):
            scene.reopen()
        rows = scene["lena"].catalog.rows
        for table in ("reopened", "sign_offs", "revisions", "segments"):
            assert rows(f"SELECT * FROM {table}") == []
        assert not list(scene.study.root.glob("recordings/*/signed-*"))
        assert scene.wrong() == []


class TestSecondVersion:
    def test_only_what_was_changed_is_verified_anew(self, scene: Scene) -> None:
        """Every other verification still speaks for its segment."""
        scene.reopen()
        scene.correct("1", target="The water came to the door.")
        assert scene.states() == [State.CORRECTED, State.VERIFIED, State.VERIFIED]
        with pytest.raises(NotReady, match="1 segments are not verified: 1"):
            sign(scene["vera"], scene.recording, PASSPHRASE)
        scene.verify("vera", "1")
        signed = sign(scene["vera"], scene.recording, PASSPHRASE)
        document = signed.document
        begun = scene.now().reopenings[0]
        assert document["version"] == 2
        assert document["previous"] == {
            "version": 1,
            "sha256": scene.first.digest,
            "by": "lena",
            "at": begun.at,
            "reason": WHY,
        }
        old = {s["id"]: s["verified_at"] for s in scene.first.document["segments"]}
        again = [s["verified_at"] != old[s["id"]] for s in document["segments"]]
        assert again == [True, False, False]
        assert scene.wrong() == []

    def test_the_first_stays_valid(self, scene: Scene) -> None:
        """As what it was: while the second is in work it is exported; a stranger finds both good."""
        one = scene.export()
        scene.reopen()
        scene.correct("1", target="The water came to the door.")
        still = scene.export("still")
        assert still.read_bytes() == one.read_bytes() == scene.first.envelope
        assert "version 1" in scene.stranger(still)
        scene.verify("vera", "1")
        sign(scene["vera"], scene.recording, PASSPHRASE)
        two = scene.export("two")
        told = scene.stranger(two)
        assert f"follows       version 1, SHA-256 {scene.first.digest}" in told
        assert WHY in told
        assert "version 1" in scene.stranger(one)
        assert scene.now().versions[0].digest == scene.first.digest

    def test_another_verifier_verifies_all_of_it(self, scene: Scene) -> None:
        """Who signs has verified every segment themselves."""
        add_person(scene["lena"], "bea", frozenset({Role.VERIFIER}), PASSPHRASE)
        bea = scene.desks["bea"] = scene.study.desk("bea")
        scene.reopen()
        scene.correct("1", target="The water came to the door.")
        play_whole(bea, scene.recording, SilentPlayer())
        scene.verify("bea", "1")
        with pytest.raises(NotReady, match="2 segments were not verified by bea"):
            sign(bea, scene.recording, PASSPHRASE)
        with pytest.raises(NotReady, match="1 segments were not verified by vera"):
            sign(scene["vera"], scene.recording, PASSPHRASE)
        scene.verify("bea", "2", "3")
        assert sign(bea, scene.recording, PASSPHRASE).document["verifier"]["name"] == "bea"
        assert scene.wrong() == []

    def test_who_changes_something_cannot_sign_it(self, scene: Scene) -> None:
        """Neither the segment nor the whole; vera signed the first, and is an author of the second."""
        error = Judgement(ErrorKind.NAME, Severity.MINOR)
        scene.reopen()
        scene.correct("1", "vera", target="The water came to the door.", error=error)
        with pytest.raises(OwnWork):
            scene.verify("vera", "1")
        play_whole(scene["wanda"], scene.recording, SilentPlayer())
        scene.verify("wanda", "1")
        for name in ("vera", "wanda"):
            with pytest.raises((OwnWork, NotReady)):
                sign(scene[name], scene.recording, PASSPHRASE)
        scene.verify("wanda", "2", "3")
        document = sign(scene["wanda"], scene.recording, PASSPHRASE).document
        assert document["correctors"] == ["ivo", "vera"]
        assert document["errors"] == {"name or term": {"minor": 1}}
        assert scene.wrong() == []

    def test_split_merge_and_undo(self, scene: Scene) -> None:
        """All of it goes as before; what was merged away in the second still tells of the first."""
        scene.reopen()
        ivo, recording = scene["ivo"], scene.recording
        split(ivo, recording, "1", at_ms=1_000, source_at=6, target_at=5)
        merge(ivo, recording, "3", anyway=True)
        undo(ivo, recording, "1")
        for number in ("1", "2"):
            scene.correct(number, target="We said so.")
            scene.verify("vera", number)
        two = sign(scene["vera"], recording, PASSPHRASE)
        assert len(two.document["segments"]) == 2
        assert scene.wrong() == []
        assert "2, of which 2 changed" in scene.stranger(scene.export())
        scene.reopen()
        undo(ivo, recording, "2")  # the last word: its correction
        undo(ivo, recording, "2")  # and the merge: a segment of the first version is back
        assert len(scene.now().transcript.segments) == 3
        for number in ("2", "3"):
            scene.correct(number, speaker="P01")
            scene.verify("vera", number)
        assert len(sign(scene["vera"], recording, PASSPHRASE).document["segments"]) == 3
        assert scene.wrong() == []

    def test_returned_and_corrected(self, scene: Scene) -> None:
        """An error that was found in the second version stands in the second, not in the first."""
        scene.reopen()
        return_segment(scene["vera"], scene.recording, "2", "wrong word", WRONG)
        with pytest.raises(MoveRefused):
            scene.verify("vera", "2")
        scene.correct("2", source="Good evening.", target="Good evening.")
        scene.verify("vera", "2")
        two = sign(scene["vera"], scene.recording, PASSPHRASE).document
        assert two["errors"] == {WRONG.kind: {WRONG.severity: 1}}
        assert two["segments"][1]["errors"][0]["by"] == "vera"
        assert scene.first.document["errors"] == {}
        assert scene.wrong() == []


class TestChecks:
    def test_an_open_error_hinders_and_a_dismissed_one_stands_there(self, scene: Scene) -> None:
        """With the reason, who gave it, and how many of lesser weight nobody dismissed."""
        scene.reopen()
        scene.correct("3", source="Vieram 3 casas.", target="They came to 4 houses.")
        scene.verify("vera", "3")
        with pytest.raises(NotReady, match="the checks see an error in 1 segments: 3"):
            prepare(scene["vera"], scene.recording)
        with pytest.raises(NotReady, match="the checks see an error"):
            sign(scene["vera"], scene.recording, PASSPHRASE)
        seen = [s for s in look(scene["ivo"], scene.recording).seen if s.finding.level == "error"]
        for found in seen:
            dismiss(scene["ivo"], scene.recording, "3", found.finding.key, "he counted again")
        document = sign(scene["vera"], scene.recording, PASSPHRASE).document
        assert {d["reason"] for d in document["checks_dismissed"]} == {"he counted again"}
        assert [d["check"] for d in document["checks_dismissed"]] == [
            s.finding.message_id for s in seen
        ]
        assert {d["by"] for d in document["checks_dismissed"]} == {"ivo"}
        assert document["checks_open"]["error"] == 0 < document["checks_open"]["warning"]
        assert "he counted again" in scene.stranger(scene.export())
        with pytest.raises(Signed):
            dismiss(scene["ivo"], scene.recording, "3", seen[0].finding.key, "once more")
        assert scene.wrong() == []

    def test_raised_again_it_hinders_again(self, scene: Scene) -> None:
        """And a dismissal speaks of the texts as they were: with another word it is open."""
        scene.reopen()
        scene.correct("3", source="Vieram 3 casas.", target="They came to 4 houses.")
        scene.verify("vera", "3")
        keys = [
            s.finding.key
            for s in look(scene["ivo"], scene.recording).seen
            if s.finding.level == "error"
        ]
        for key in keys:
            dismiss(scene["ivo"], scene.recording, "3", key, "he counted again")
        prepare(scene["vera"], scene.recording)
        raise_again(scene["ivo"], scene.recording, "3", keys[0])
        with pytest.raises(NotReady, match="the checks see an error"):
            prepare(scene["vera"], scene.recording)
        dismiss(scene["vera"], scene.recording, "3", keys[0], "he did")
        scene.correct("3", target="They came to 5 houses.")
        scene.verify("vera", "3")
        with pytest.raises(NotReady, match="the checks see an error"):
            prepare(scene["vera"], scene.recording)


class TestPassphrase:
    @pytest.mark.parametrize("given", ["four words drawn blindl", "four words drawn blindly "])
    def test_another_one(self, scene: Scene, given: str) -> None:
        """Nothing is signed, and nothing is written."""
        scene.reopen()
        with pytest.raises(WrongPassphrase):
            sign(scene["vera"], scene.recording, given)
        assert scene.states() == [State.VERIFIED] * 3
        assert not list(scene.study.root.glob("recordings/*/signed-2.age"))

    def test_somebody_elses(self, scene: Scene) -> None:
        """Bea's passphrase signs nothing at vera's desk."""
        add_person(scene["lena"], "bea", frozenset({Role.VERIFIER}), "quite another passphrase")
        scene.reopen()
        with pytest.raises(WrongPassphrase):
            sign(scene["vera"], scene.recording, "quite another passphrase")
        assert scene.now().signed is None

    def test_what_is_signed_is_what_was_shown(self, scene: Scene) -> None:
        """Whatever happens while somebody reads the sheet: it is shown again."""
        scene.reopen()
        shown = prepare(scene["vera"], scene.recording)
        scene.verify("vera", "1")
        with pytest.raises(NotReady, match="since you were shown"):
            sign(scene["vera"], scene.recording, PASSPHRASE, shown)
        assert scene.now().signed is None
        again = prepare(scene["vera"], scene.recording)
        signed = sign(scene["vera"], scene.recording, PASSPHRASE, again)
        assert {**signed.document, "signed_at": ""} == {**again.document, "signed_at": ""}


class TestAtTheCommandLine:
    @pytest.fixture
    def typed(self, scene: Scene) -> Callable[..., Result]:
        """What vera is told who types all of this."""
        scene.reopen()

        def type_(*lines: str) -> Result:
            command = ["sign", scene.recording, "--as", "vera", "--vault", str(scene.study.root)]
            return CliRunner().invoke(confere, command, input="\n".join(lines) + "\n")

        return type_

    def test_the_passphrase_is_asked_for_again(
        self, scene: Scene, typed: Callable[..., Result]
    ) -> None:
        """After everything was shown; who sits there by then may be somebody else."""
        wrong = typed(PASSPHRASE, "y", "something else")
        assert isinstance(wrong.exception, WrongPassphrase)
        assert "It follows version 1, which lena reopened: a name was misheard" in wrong.output
        assert "I worked on none of these segments myself." in wrong.output
        assert scene.now().signed is None
        right = typed(PASSPHRASE, "y", PASSPHRASE)
        assert right.exit_code == 0, right.output
        assert scene.now().signed is not None

    def test_shown_and_not_signed(self, scene: Scene, typed: Callable[..., Result]) -> None:
        """Whoever says no signs nothing."""
        assert typed(PASSPHRASE, "n").exit_code == 1
        assert scene.now().signed is None


class Killed(BaseException):
    """The process is gone."""


def test_killed_between_file_and_commit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file lies there, signed by nobody's account; the next signing takes its place."""
    scene.reopen()
    storage = type(scene["vera"].vault.locked.storage)
    write = storage.write

    def then_die(self: object, file: str, *given: object, **named: object) -> None:
        write(self, file, *given, **named)  # type: ignore[arg-type]
        if "signed-2" in file:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", then_die)
        with pytest.raises(Killed):
            sign(scene["vera"], scene.recording, PASSPHRASE)
    (left,) = scene.study.root.glob("recordings/*/signed-2.age")
    before = left.read_bytes()
    assert scene.states() == [State.VERIFIED] * 3
    signed = sign(scene["vera"], scene.recording, PASSPHRASE)
    assert left.read_bytes() != before
    assert scene.now().signed == signed
    assert scene.wrong() == []


# --- other hands ------------------------------------------------------------------------------------

_REVISION = (
    "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce) SELECT id,"
    " version + 1, 'vera', '2026-11-22T18:00:00.000Z', '{}', '{{}}', '{{}}', x'00' FROM segments"
    " WHERE state IN ({})"
)
_STATE = "UPDATE segments SET version = version + 1, spared = 0, state = '{}' WHERE state IN ({})"
_REOPENED = (
    "INSERT INTO reopened (recording_id, version, by, at, reason, nonce) SELECT recording_id, {},"
    " 'lena', '2026-11-22T18:00:00.000Z', 'why', x'00' FROM sign_offs LIMIT 1"
)
#: Ways past the software, at a transcript whose second version is signed; several statements each.
SIGNED_TWICE = {
    "a text of now": ["UPDATE segments SET target = 'no' WHERE position = 2"],
    "spared": ["UPDATE segments SET spared = 1, state = 'corrected' WHERE position = 2"],
    "another kind of error": ["UPDATE revisions SET kind = 'number', severity = 'minor'"],
    "no second sign-off": ["DELETE FROM sign_offs WHERE version = 2"],
    "no first sign-off": ["DELETE FROM sign_offs WHERE version = 1"],
    "another reason": ["UPDATE reopened SET reason = 'another'"],
    "another person": ["UPDATE reopened SET by = 'ivo'"],
    "never reopened": ["DELETE FROM reopened"],
    "reopened by a revision alone": [_REVISION.format("reopen", "'locked'")],
    "locked no longer": [_STATE.format("verified", "'locked'")],
    "a revision more": [_REVISION.format("edit", "'locked'")],
    "a dismissal": [
        "INSERT INTO dismissals (recording_id, segment_id, finding, message_id, level, message, by,"
        " at, reason, nonce) SELECT recording_id, id, 'k', 'numbers.differ', 'error', 'm', 'vera', '',"
        " 'r', x'00' FROM segments WHERE position = 1"
    ],
    "a third sign-off": [
        "INSERT INTO sign_offs SELECT recording_id, 3, signed, at FROM sign_offs WHERE version = 2"
    ],
    "a text of the first version": [
        "UPDATE revisions SET before = json_set(before, '$.target', 'no') WHERE decision = 'correct'"
    ],
    "a signature less": ["DELETE FROM revisions WHERE decision = 'sign'"],
    "a reopening less": ["DELETE FROM revisions WHERE decision = 'reopen'"],
    "another time of reopening": ["UPDATE revisions SET at = '' WHERE decision = 'reopen'"],
    "verified by another": [
        "UPDATE revisions SET by = 'wanda' WHERE decision = 'verify' AND version = 2"
    ],
    "never played": ["DELETE FROM played"],
    "reopened, whole": [
        _REOPENED.format(2), _REVISION.format("reopen", "'locked'"),
        _STATE.format("verified", "'locked'"),
    ],
}  # fmt: skip
#: What no rule of the schema can know to be wrong: it follows from all of them.
LIKE_THE_SOFTWARE = {"reopened, whole"}


def attack(scene: Scene, statements: list[str]) -> None:
    """Write all of it in one transaction, as the software would."""
    with scene["ivo"].catalog.transaction():
        for statement in statements:
            scene["ivo"].catalog.run(statement)


def drop_the_rules(scene: Scene) -> None:
    """Whoever has the key of the catalog can do that."""
    catalog = scene["ivo"].catalog
    catalog.run("PRAGMA foreign_keys = OFF")
    for row in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        catalog.run(f"DROP TRIGGER {row[0]}")


@pytest.mark.parametrize("way", sorted(SIGNED_TWICE.keys() - LIKE_THE_SOFTWARE))
def test_the_catalog_itself_refuses(scene: Scene, way: str) -> None:
    """And everything stands as it did."""
    scene.second()
    before = scene.now()
    with pytest.raises(sqlcipher.IntegrityError):
        attack(scene, SIGNED_TWICE[way])
    assert scene.now() == before


@pytest.mark.parametrize("way", SIGNED_TWICE)
def test_without_those_rules_it_is_found(scene: Scene, way: str) -> None:
    """By opening the transcript, or by the audit; and the audit finds all of them."""
    scene.second()
    if way not in LIKE_THE_SOFTWARE:
        drop_the_rules(scene)
    attack(scene, SIGNED_TWICE[way])
    scene.close()
    assert scene.wrong() != []


_TOUCHED = "segment_id = (SELECT id FROM segments WHERE position = 1)"
#: Ways past the software while the second version is in work: ivo has corrected segment 1.
IN_WORK = {
    "a text that nobody touched": ["UPDATE segments SET target = 'no' WHERE position = 3"],
    "verified in vera's name": [
        "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce) SELECT id,"
        " version + 1, 'vera', '', 'verify', '{}', '{}', x'00' FROM segments WHERE position = 1",
        "UPDATE segments SET version = version + 1, state = 'verified' WHERE position = 1",
    ],
    "corrected in wanda's name": [
        f"UPDATE revisions SET by = 'wanda' WHERE {_TOUCHED} AND by = 'ivo'"
    ],
    "another reason": ["UPDATE reopened SET reason = 'another'"],
    "another who reopened": ["UPDATE reopened SET by = 'vera'"],
    "a draft that says it": ["UPDATE drafts SET draft = replace(draft, 'say', 'no')"],
    "an error that was none": [
        f"UPDATE revisions SET kind = 'number', severity = 'minor' WHERE {_TOUCHED}"
    ],
}


@pytest.mark.parametrize("way", IN_WORK)
def test_nothing_of_that_gets_signed(scene: Scene, way: str) -> None:
    """What somebody put in while a new version was in work is found before it is signed."""
    scene.reopen()
    scene.correct("1", target="The water came to the door.")
    if "verified" not in way:
        scene.verify("vera", "1")
    drop_the_rules(scene)
    attack(scene, IN_WORK[way])
    with pytest.raises(AlteredTranscript):
        sign(scene["vera"], scene.recording, PASSPHRASE)
    assert not list(scene.study.root.glob("recordings/*/signed-2.age"))
    scene.close()
    assert scene.wrong() != []


def test_a_played_span_that_nobody_played(scene: Scene) -> None:
    """Put in by hand for wanda, who then verifies by the rules: it is found before she signs."""
    scene.reopen()
    scene["ivo"].catalog.run(
        "INSERT INTO played (recording_id, by, start_ms, end_ms, at) VALUES (?, 'wanda', 0, 7000, '')",
        (scene.recording,),
    )
    scene.verify("wanda", "1", "2", "3")
    with pytest.raises(AlteredTranscript, match="wanda played 0 to 7000 ms was told by no event"):
        sign(scene["wanda"], scene.recording, PASSPHRASE)


def test_the_other_place_of_a_version(scene: Scene) -> None:
    """The older file replaced by the newer one, or gone: opening tells, whichever is looked at."""
    scene.second()
    one, two = sorted(scene.study.root.glob("recordings/*/signed-*.age"))
    kept = one.read_bytes()
    one.write_bytes(two.read_bytes())
    with pytest.raises(AlteredTranscript, match="signed file 1"):
        scene.now()
    one.unlink()
    with pytest.raises(ConfereError):
        scene.now()
    one.write_bytes(kept)
    assert scene.now().signed is not None
