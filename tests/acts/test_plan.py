"""Sampling plans: bound before the draft, sealed from who corrects, drawn once, judged by what is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from confere import wiring
from confere.acts import setup
from confere.acts.audit import Order, audit
from confere.acts.comment import add_comment, resolve
from confere.acts.correct import Correction, correct
from confere.acts.destroy import destroy
from confere.acts.plan import (
    bind,
    in_force,
    look_at_plan,
    may_show,
    plan_facts,
    sampled,
    show_seed,
    shown_facts,
    state_plan,
)
from confere.acts.queue import Stage
from confere.acts.reading import open_transcript
from confere.acts.sign import reopen, sign
from confere.acts.split import merge, split
from confere.acts.verify import return_segment
from confere.crypto import decrypt, encrypt
from confere.domain import ErrorKind, Judgement, Role, Severity, State, Transcript
from confere.errors import (
    BadSignature,
    BadValue,
    ForgedStore,
    NotAllowed,
    NotReady,
    OwnWork,
    SealedSeed,
    WrongKey,
)
from confere.review.sampling import Outcome, Sample
from confere.vault import draws
from confere.vault.events import list_events
from doubles.engines import FakeSpeechEngine
from doubles.samples import (
    BOUND,
    DRAWN,
    REST,
    SEED,
    SEGMENTS,
    SHARE,
    accept_all,
    draft_it,
    drafted,
    fix_draw,
    take_one_in,
    verify_them,
)
from doubles.studies import PASSPHRASE
from doubles.teams import Team

ERROR = Judgement(ErrorKind.OMISSION, Severity.MINOR)


@pytest.fixture
def one(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A recording drafted under a plan; odd segments will be drawn."""
    return drafted(team, tmp_path / "card", monkeypatch)


@pytest.fixture
def corrected(team: Team, one: str) -> str:
    """The same, taken as it stands by ivo."""
    accept_all(team, one)
    return one


@pytest.fixture
def shown(team: Team, corrected: str) -> str:
    """The same, with its seed shown by vera."""
    show_seed(team["vera"], corrected)
    return corrected


def transcript_of(team: Team, recording_id: str) -> Transcript:
    """Return it as it stands."""
    return open_transcript(team["vera"], recording_id).transcript


def sample_of(team: Team, recording_id: str) -> Sample:
    """Return what came of the plan so far."""
    sample = sampled(team["vera"], transcript_of(team, recording_id))
    assert sample is not None
    return sample


def numbers(team: Team, recording_id: str, ids: frozenset[str]) -> tuple[str, ...]:
    """Return segments as people call them."""
    return tuple(s.number for s in transcript_of(team, recording_id).segments if s.id in ids)


def audited(team: Team) -> list[str]:
    """Return what an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


def events(team: Team, recording_id: str) -> list[str]:
    """Return what happened to a recording, in order."""
    return [e.value()["what"] for e in list_events(team["lena"].catalog, recording_id)]


# --- stating and binding --------------------------------------------------------------------------


def test_full_verification_is_the_default(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is bound, nothing can be drawn, nothing is left out."""
    assert in_force(team["vera"]).full
    one = drafted(team, tmp_path / "card", monkeypatch, share=1000)
    assert "bind sample" not in events(team, one)
    accept_all(team, one)
    with pytest.raises(NotReady, match="every segment is verified"):
        show_seed(team["vera"], one)
    assert sampled(team["vera"], transcript_of(team, one)) is None
    assert look_at_plan(team["vera"], one).binding is None
    assert team.of("vera", one).todo.verify == SEGMENTS
    assert audited(team) == []


def test_only_a_lead_states_a_plan_and_only_one_that_is_one(team: Team) -> None:
    """And the last one holds."""
    for name in ("vera", "ivo"):
        with pytest.raises(NotAllowed):
            state_plan(team[name], SHARE, BOUND)
    for share, bound in ((0, 50), (1000, 50), (200, 0), (200, 1000)):
        with pytest.raises(BadValue):
            state_plan(team["lena"], share, bound)
    state_plan(team["lena"], 200, 50)
    state_plan(team["lena"], 300, 100)
    assert (in_force(team["ivo"]).share_permille, in_force(team["ivo"]).number) == (300, 2)
    state_plan(team["lena"], 1000, 0)
    assert in_force(team["ivo"]).full
    assert audited(team) == []


def test_it_is_bound_before_the_draft_and_once(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed draft keeps its seed, whatever plan is stated meanwhile; each recording has its own."""
    state_plan(team["lena"], SHARE, BOUND)
    one = take_one_in(team, tmp_path / "card")
    fix_draw(monkeypatch, one)

    def fail(*_: object, **__: object) -> None:
        raise BadValue("no such sound")

    with monkeypatch.context() as broken:
        broken.setattr(FakeSpeechEngine, "windows", fail)
        with pytest.raises(BadValue):
            draft_it(team["ivo"], one)
    bound = draws.get_binding(team["lena"].catalog, one)
    state_plan(team["lena"], 200, 50)
    monkeypatch.undo()
    draft_it(team["ivo"], one)
    assert draws.get_binding(team["lena"].catalog, one) == bound
    happened = events(team, one)
    assert happened.count("bind sample") == 1
    assert happened.index("bind sample") < happened.index("draft")
    two = take_one_in(team, tmp_path / "card", pitch_hz=400)
    draft_it(team["vera"], two)
    other = draws.get_binding(team["lena"].catalog, two)
    assert bound is not None and other is not None
    assert other.commitment != bound.commitment
    assert (other.share_permille, other.bound_permille) == (200, 50)
    assert audited(team) == []


def test_a_draft_that_was_there_is_never_bound(
    team: Team, recordings: list[str], tmp_path: Path
) -> None:
    """A plan holds for what is drafted from then on; the catalog itself refuses the rest."""
    state_plan(team["lena"], SHARE, BOUND)
    assert all(draws.get_binding(team["lena"].catalog, id_) is None for id_ in recordings)
    binding = draws.Binding(recordings[0], SHARE, BOUND, "0" * 64, b"", "2026")
    with pytest.raises(Exception, match="before there is a draft"):
        draws.add_binding(team["lena"].catalog, binding)


# --- the secret -----------------------------------------------------------------------------------


def test_nobody_who_corrects_opens_the_seed(team: Team, one: str) -> None:
    """Really tried, with everything that each of them holds: their own key and the study's."""
    binding = draws.get_binding(team["ivo"].catalog, one)
    assert binding is not None
    for name in ("ivo", "bia"):
        vault = team[name].vault
        for identity in (vault.secrets.identity, *vault.study_identities):
            with pytest.raises(WrongKey):
                decrypt(binding.sealed, [identity])
    for name in ("lena", "vera", "wanda"):
        assert decrypt(binding.sealed, [team[name].vault.secrets.identity]) == SEED
    accept_all(team, one)
    with pytest.raises(NotAllowed):
        show_seed(team["ivo"], one)
    with pytest.raises(SealedSeed):
        show_seed(team["bia"], one)
    assert SEED.hex() not in repr(binding)
    raw = b"".join(e.body for e in list_events(team["lena"].catalog))
    assert SEED.hex().encode() not in raw


def test_who_may_show_it(team: Team) -> None:
    """Verifiers and leads who correct nothing; if there are none, all verifiers and leads."""
    people = team["lena"].roster.people
    assert [p.name for p in may_show(people.values())] == ["lena", "vera", "wanda"]
    assert [p.name for p in may_show([people["bia"], people["ivo"]])] == ["bia"]
    assert may_show([people["ivo"]]) == []


def test_the_seed_stays_secret_until_the_correction_is_done(team: Team, one: str) -> None:
    """And is shown once, to somebody who worked on nothing."""
    with pytest.raises(NotReady, match="12 segment"):
        show_seed(team["vera"], one)
    accept_all(team, one)
    correct(team["wanda"], one, "1", Correction(source="I went.", target="I went."))
    with pytest.raises(OwnWork):
        show_seed(team["wanda"], one)
    assert draws.get_shown(team["vera"].catalog, one) is None
    look = show_seed(team["lena"], one)
    assert look.shown is not None and look.shown.seed == SEED
    with pytest.raises(NotReady, match="lena showed the seed"):
        show_seed(team["vera"], one)
    assert audited(team) == []


def test_a_lost_seed_means_full_verification(team: Team, corrected: str) -> None:
    """Who comes later cannot open it; everything is verified as ever."""
    setup.add_person(team["lena"], "nora", frozenset({Role.VERIFIER}), PASSPHRASE)
    nora = team.study.desk("nora")
    with pytest.raises(SealedSeed, match="not sealed to nora"):
        show_seed(nora, corrected)
    nora.vault.close()
    assert sampled(team["vera"], transcript_of(team, corrected)) is None
    assert team.of("vera", corrected).todo.verify == SEGMENTS


# --- the draw -------------------------------------------------------------------------------------


def test_the_draw_and_what_is_enough(team: Team, shown: str) -> None:
    """Half is drawn, and it is enough when all of it was checked and nothing found."""
    sample = sample_of(team, shown)
    assert numbers(team, shown, sample.draw.drawn) == DRAWN
    assert numbers(team, shown, sample.draw.rest) == REST
    assert (sample.verdict.outcome, sample.spared) == (Outcome.GO_ON, frozenset())
    waiting = team.of("vera", shown)
    assert (waiting.todo.verify, waiting.spared, waiting.stage) == (6, 6, Stage.VERIFICATION)
    verify_them(team["vera"], shown, *DRAWN[:-1])
    assert sample_of(team, shown).spared == frozenset()
    verify_them(team["vera"], shown, DRAWN[-1])
    sample = sample_of(team, shown)
    assert (sample.verdict.outcome, sample.verdict.wrong) == (Outcome.ENOUGH, 0)
    assert numbers(team, shown, sample.spared) == REST
    waiting = team.of("vera", shown)
    assert (waiting.todo.sign, waiting.stage) == (True, Stage.SIGNATURE)
    assert not team.of("ivo", shown).todo
    assert audited(team) == []


def test_the_sign_off_says_which_plan(team: Team, shown: str) -> None:
    """What nobody verified stands as unverified; a made-up sample in a sign-off is found by the audit."""
    with pytest.raises(NotReady):
        sign(team["vera"], shown, PASSPHRASE)
    verify_them(team["vera"], shown, *DRAWN)
    signed = sign(team["vera"], shown, PASSPHRASE)
    told = signed.document["plan"]
    assert (told["kind"], told["share_permille"], told["seed"]) == ("sampled", SHARE, SEED.hex())
    states = [s.state for s in open_transcript(team["ivo"], shown).transcript.segments]
    assert states == [State.LOCKED, State.UNVERIFIED] * 6
    assert audited(team) == []
    catalog = team["lena"].catalog
    catalog.run("PRAGMA foreign_keys = OFF")
    for table in ("draws", "seeds"):
        catalog.run(f"DROP TRIGGER {table}_remain")
        catalog.run(f"DELETE FROM {table}")
    assert any("tells of a sample, and the recording has none" in line for line in audited(team))


def test_a_new_version_keeps_the_draw(team: Team, shown: str) -> None:
    """What was left out may stay so, unless it is changed."""
    verify_them(team["vera"], shown, *DRAWN)
    sign(team["vera"], shown, PASSPHRASE)
    reopen(team["vera"], shown, "A name was wrong.")
    assert numbers(team, shown, sample_of(team, shown).spared) == REST
    assert team.of("vera", shown).todo.sign
    correct(team["ivo"], shown, "2", Correction(source="We go.", target="We go."))
    assert team.of("vera", shown).todo.verify == 1
    verify_them(team["vera"], shown, "2")
    assert numbers(team, shown, sample_of(team, shown).spared) == REST[1:]
    signed = sign(team["vera"], shown, PASSPHRASE)
    assert signed.document["version"] == 2
    assert audited(team) == []


def test_too_many_errors_mean_full_verification(team: Team, shown: str) -> None:
    """One of six is within the bound, two are not; correcting them does not make it good."""
    return_segment(team["vera"], shown, "1", "A word is missing.", ERROR)
    assert sample_of(team, shown).verdict.outcome is Outcome.GO_ON
    return_segment(team["vera"], shown, "3", "A word is missing.", ERROR)
    assert sample_of(team, shown).verdict.outcome is Outcome.FULL
    for number in ("1", "3"):
        correct(team["ivo"], shown, number, Correction())
    verify_them(team["vera"], shown, *DRAWN)
    sample = sample_of(team, shown)
    assert (sample.verdict.outcome, sample.verdict.wrong) == (Outcome.FULL, 2)
    assert sample.spared == frozenset()
    waiting = team.of("vera", shown)
    assert (waiting.todo.verify, waiting.todo.sign, waiting.spared) == (6, False, 0)
    assert audited(team) == []


def test_one_error_within_the_bound(team: Team, shown: str) -> None:
    """What was returned is verified again; the rest may stay."""
    return_segment(team["vera"], shown, "1", "A word is missing.", ERROR)
    correct(team["ivo"], shown, "1", Correction(source="We go.", target="We go."))
    verify_them(team["vera"], shown, *DRAWN)
    sample = sample_of(team, shown)
    assert (sample.verdict.outcome, sample.verdict.wrong) == (Outcome.ENOUGH, 1)
    assert numbers(team, shown, sample.spared) == REST


def test_who_sees_the_draw_cannot_better_it(team: Team, shown: str) -> None:
    """Correcting a drawn segment before the verifier comes counts as an error, whoever does it."""
    for number in ("1", "3"):
        correct(team["ivo"], shown, number, Correction(source="We go.", target="We go."))
    assert sample_of(team, shown).verdict.outcome is Outcome.FULL


def test_a_drawn_segment_merged_away_means_full_verification(team: Team, shown: str) -> None:
    """Nobody can count it any more."""
    merge(team["ivo"], shown, "2")
    sample = sample_of(team, shown)
    assert sample.verdict.outcome is Outcome.FULL
    assert team.of("vera", shown).spared == 0


def test_what_is_changed_after_the_draw_is_verified(team: Team, shown: str) -> None:
    """Of the rest, too: with its words, its parts, its comments."""
    correct(team["ivo"], shown, "2", Correction(source="We go.", target="We go."))
    split(team["ivo"], shown, "4", at_ms=10_500, source_at=2, target_at=2)
    comment = add_comment(team["ivo"], shown, "7", "Is it a lake?")
    assert numbers(team, shown, sample_of(team, shown).draw.rest) == ("9", "11", "13")
    for number in ("4", "5"):
        correct(team["ivo"], shown, number, Correction())
    assert team.of("vera", shown).spared == 3
    resolve(team["ivo"], comment.id)
    assert numbers(team, shown, sample_of(team, shown).draw.rest) == ("7", "9", "11", "13")
    verify_them(team["vera"], shown, *["1", "2", "3", "4", "5", "6", "8", "10", "12"])
    sample = sample_of(team, shown)
    assert numbers(team, shown, sample.spared) == ("7", "9", "11", "13")
    assert team.of("vera", shown).todo.sign
    assert audited(team) == []


def test_what_is_marked_is_verified(team: Team, one: str) -> None:
    """Doubt written into a text, a return, an open comment, a number that differs; and it is no sample."""
    doubtful = "We went to [unclear: Ribeira? 00:00:04]."
    correct(team["ivo"], one, "1", Correction(source=doubtful, target=doubtful))
    return_segment(team["vera"], one, "1", "Which village?", ERROR)
    accept_all(team, one)
    return_segment(team["vera"], one, "2", "Not what is said.", ERROR)
    correct(team["ivo"], one, "2", Correction())
    add_comment(team["ivo"], one, "4", "Is it a lake?")
    correct(
        team["ivo"],
        one,
        "6",
        Correction(language="pt", source="Vi doze barcos.", target="I saw ten boats."),
    )
    show_seed(team["vera"], one)
    sample = sample_of(team, one)
    assert numbers(team, one, sample.draw.marked) == ("1", "2", "4", "6")
    assert numbers(team, one, sample.draw.rest) == ("8", "10", "12")
    assert numbers(team, one, sample.draw.sample) == DRAWN[1:]
    assert audited(team) == []


def test_who_may_know_the_seed_leaves_nothing_unseen(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever drafted made the seed, and a verifier can open it: what they worked on is marked."""
    one = drafted(team, tmp_path / "card", monkeypatch, by="ivo")
    accept_all(team, one, by="bia")
    correct(team["ivo"], one, "2", Correction(source="We go.", target="We go."))
    correct(team["wanda"], one, "4", Correction(source="We go.", target="We go."))
    correct(team["bia"], one, "6", Correction(source="We go.", target="We go."))
    show_seed(team["vera"], one)
    assert numbers(team, one, sample_of(team, one).draw.marked) == ("2", "4")


def test_it_goes_with_its_recording(team: Team, shown: str) -> None:
    """Binding and seed are destroyed; the audit misses nothing."""
    for name in ("ivo", "vera", "wanda", "bia"):
        team[name].vault.close()
    destroy(team["lena"], shown, "withdrawn")
    assert draws.get_binding(team["lena"].catalog, shown) is None
    assert draws.get_shown(team["lena"].catalog, shown) is None
    assert audited(team) == []


# --- round the software ---------------------------------------------------------------------------


def refused(act: Callable[[], object], word: str) -> bool:
    """Whether the catalog's own rules refuse it."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the driver's own, which only the vault imports
        return word in str(error)
    return False


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE draws SET share_permille = 1", "is not what was told by event"),
        ("UPDATE draws SET bound_permille = 999", "is not what was told by event"),
        (f"UPDATE draws SET commitment = '{'0' * 64}'", "is not what was told by event"),
        ("UPDATE draws SET sealed = x'00'", "is not what was told by event"),
        ("DELETE FROM draws", "its sample is missing from the catalog"),
        (f"UPDATE seeds SET seed = '{'00' * 32}'", "its seed is not what was told by event"),
        ("UPDATE seeds SET after = 999", "its seed is not what was told by event"),
        ("UPDATE seeds SET by = 'wanda'", "its seed is not what was told by event"),
        ("UPDATE seeds SET marked = rest, rest = '[]'", "its seed is not what was told by event"),
        ("UPDATE seeds SET rest = '[]'", "its seed is not what was told by event"),
        ("UPDATE seeds SET drawn = '[]', rest = drawn", "is not what its seed draws"),
        ("DELETE FROM seeds", "its seed is missing from the catalog"),
        ("UPDATE plans SET share_permille = 1", "is not what was told by event"),
        ("DELETE FROM plans", "its plan is missing from the catalog"),
    ],
)
def test_what_is_written_past_the_software_is_found(
    team: Team, shown: str, statement: str, finding: str
) -> None:
    """The catalog refuses it; without its rules nothing is spared by it, and the audit tells."""
    verify_them(team["vera"], shown, *DRAWN)
    catalog = team["lena"].catalog
    correct(team["ivo"], shown, "2", Correction(source="We go.", target="We go."))
    before = sample_of(team, shown).spared
    catalog.run("PRAGMA foreign_keys = OFF")
    assert refused(lambda: catalog.run(statement), "is never")
    for table in ("plans", "draws", "seeds"):
        catalog.run(f"DROP TRIGGER {table}_stay")
        catalog.run(f"DROP TRIGGER {table}_remain")
    catalog.run(statement)
    try:
        after = sampled(team["vera"], transcript_of(team, shown))
    except ForgedStore:
        spared: frozenset[str] = frozenset()
    else:
        spared = after.spared if after else frozenset()
    assert spared <= before
    if "plans" not in statement:
        assert spared == frozenset()
    assert any(finding in line for line in audited(team)), audited(team)


def test_a_plan_that_no_lead_stated_is_refused(team: Team, tmp_path: Path) -> None:
    """Neither a row alone nor an event that somebody else signed; and a lead puts it right."""
    ivo = team["ivo"]
    one = take_one_in(team, tmp_path / "card")
    with ivo.catalog.transaction():
        stated = draws.Stated(1, 1, 999, "ivo", ivo.now())
        draws.add_plan(ivo.catalog, stated)
    with pytest.raises(ForgedStore):
        draft_it(team["vera"], one)
    with ivo.catalog.transaction():
        ivo.tell("plan", plan_facts(stated))
    with pytest.raises(ForgedStore):
        draft_it(team["vera"], one)
    assert any("had no role then" in line for line in audited(team))
    state_plan(team["lena"], 1000, 0)
    draft_it(team["vera"], one)
    assert draws.get_binding(ivo.catalog, one) is None


def test_a_binding_made_up_later_spares_nothing(
    team: Team, recordings: list[str], tmp_path: Path
) -> None:
    """Rows and a real event, but after the draft: the log's order tells."""
    one = recordings[0]
    state_plan(team["lena"], SHARE, BOUND)
    catalog = team["ivo"].catalog
    catalog.run("DROP TRIGGER draws_come_first")
    bind(team["ivo"], one)
    for number in range(1, 5):
        correct(team["ivo"], one, str(number), Correction())
    with pytest.raises(ForgedStore, match="after there was a draft"):
        show_seed(team["vera"], one)
    assert any("comes after the draft" in line for line in audited(team))


def test_a_seed_that_opens_nothing_is_refused(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed by a program that was tampered with: everything is verified."""
    state_plan(team["lena"], SHARE, BOUND)
    one = take_one_in(team, tmp_path / "card")
    with monkeypatch.context() as tampered:
        tampered.setattr("confere.acts.plan.encrypt", lambda _, to: encrypt(bytes(32), to))
        draft_it(team["ivo"], one)
    accept_all(team, one)
    with pytest.raises(ForgedStore, match="not the one that its plan was bound to"):
        show_seed(team["vera"], one)
    assert sampled(team["vera"], transcript_of(team, one)) is None


def test_a_seed_shown_by_another_hand_is_found(team: Team, corrected: str) -> None:
    """An interpreter's event of it is not believed, whatever the rows say."""
    ivo = team["ivo"]
    transcript = transcript_of(team, corrected)
    ids = frozenset(s.id for s in transcript.segments)
    with ivo.catalog.transaction():
        made = draws.Shown(
            corrected,
            SEED,
            draws.last_revision(ivo.catalog),
            frozenset(),
            frozenset(),
            ids,
            "ivo",
            ivo.now(),
        )
        draws.add_shown(ivo.catalog, made)
        ivo.tell("show seed", shown_facts(made, len(transcript.revisions)))
    with pytest.raises((ForgedStore, BadSignature)):
        sampled(team["vera"], transcript)
    found = audited(team)
    assert any("ivo showed its seed, and had worked on it" in line for line in found)
    assert any("is not what its seed draws" in line for line in found)


def test_a_second_draft_binds_nothing(team: Team, one: str) -> None:
    """It is refused as ever."""
    with pytest.raises(NotReady, match="has a draft already"):
        draft_it(team["ivo"], one)
    assert events(team, one).count("bind sample") == 1
