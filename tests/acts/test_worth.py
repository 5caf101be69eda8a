"""What the machine was worth: of what is signed, for leads, without a word of anybody."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from confere import wiring
from confere.acts import plan
from confere.acts.audit import Order, audit
from confere.acts.correct import Correction, correct
from confere.acts.destroy import destroy
from confere.acts.reading import open_transcript
from confere.acts.sign import reopen, sign
from confere.acts.split import merge, split
from confere.acts.verify import verify
from confere.acts.worth import Account, Known, Left, account, facts, points, save_plot
from confere.cli import confere
from confere.domain import State
from confere.errors import BadValue, Destroyed, NoSuchThing, NotAllowed, NotReady
from confere.review.worth import coreq_text, figures, paragraph
from confere.review.worth.methods import Sampled
from confere.vault import register
from confere.vault.events import list_events
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.studies import PASSPHRASE
from doubles.teams import Team

SAT = "sat in the room"
SAID = {
    "A água chegou na porta.": "The water reached the door.",
    "A chuva veio de noite.": "The rain came at night.",
    "A casa caiu.": "The house fell.",
}
LINES = (
    ("pt", "A água chegou na porta."),
    ("en", "Thank you."),
    ("pt", "A chuva veio de noite."),
    ("pt", "A casa caiu."),
)
BETTER = Correction(
    source="A água xqzcanario chegou na porta.", target="The water xqzcanario reached the door."
)


@pytest.fixture
def drafts(team: Team, recordings: list[str]) -> list[str]:
    """The recording that the machine had not seen, drafted with whole sentences, comes first."""
    one, two, three = recordings
    drafted(team, three)
    return [three, one, two]


def drafted(team: Team, recording_id: str) -> None:
    """Let the machine draft sentences of several words."""
    engines = FakeSpeechEngine(LINES), FakeTranslationEngine(SAID)
    draft(team["lena"], recording_id, *engines)


def corrected(team: Team, recording_id: str) -> None:
    """Correct the first segment; the others are as drafted, where whole sentences were."""
    correct(team["ivo"], recording_id, "1", BETTER)
    correct(team["ivo"], recording_id, "2", Correction())
    for number in ("3", "4"):
        source = LINES[int(number) - 1][1]
        better = Correction(source=source, target=SAID[source])
        correct(team["ivo"], recording_id, number, better)


def verified(team: Team, recording_id: str) -> None:
    """Correct and verify all of it."""
    corrected(team, recording_id)
    for number in ("1", "2", "3", "4"):
        verify(team["vera"], recording_id, number, unplayed_reason=SAT)


def signed(team: Team, recording_id: str) -> None:
    """Bring it to its end."""
    verified(team, recording_id)
    sign(team["vera"], recording_id, PASSPHRASE)


def account_of(team: Team, *given: str, draft: bool = False) -> Account:
    """Measure as the lead."""
    return account(team["lena"], given, draft=draft)


def test_what_is_signed_is_measured(team: Team, drafts: list[str]) -> None:
    """One word of fifteen was missing; speech in English is no translation."""
    signed(team, drafts[0])
    found = account_of(team)
    assert found.left_out == dict.fromkeys(drafts[1:], Left.NOT_VERIFIED)
    [measured] = found.measured
    assert measured.languages == Counter(pt=3, en=1)
    assert measured.drafted_on == date(2026, 11, 22)
    shown = figures(found.worth)
    words = found.worth.words()
    assert (words.deletions, words.errors, words.reference) == (1, 1, 16)
    assert shown.word_error_rate.value == pytest.approx(100 / 16)
    assert (shown.word_error_rate.n, shown.chrf.n) == (4, 3)
    assert (shown.source_changed.count, shown.target_changed.of) == (1, 3)
    assert shown.edit_rate.value == pytest.approx(100 / 14)
    # Eight decisions, each a second after the last look at the clock; the signature is none.
    assert sum(time.decisions for time in found.worth.spent.values()) == 8
    assert 0 < found.worth.work_ms < 60_000
    assert list(found.by_interview()) == [measured.recording.interview_id]


def test_only_leads(team: Team, drafts: list[str]) -> None:
    """Figures of the work are the lead's."""
    for name in ("ivo", "vera", "bia"):
        with pytest.raises(NotAllowed):
            account(team[name])


def test_nothing_is_told(team: Team, drafts: list[str], tmp_path: Path) -> None:
    """No text was shown, so the log does not say that any was read."""
    signed(team, drafts[0])
    before = len(list_events(team["lena"].catalog))
    found = account_of(team)
    facts(team["lena"], found)
    save_plot(team["lena"], found, tmp_path / "plot.svg")
    assert len(list_events(team["lena"].catalog)) == before
    done = audit(
        team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock
    ).report
    assert not done.wrong


def test_unsigned_is_said(team: Team, drafts: list[str]) -> None:
    """What is verified to the end counts when asked for, and is written up nowhere."""
    verified(team, drafts[0])
    assert account_of(team).left_out[drafts[0]] is Left.NOT_SIGNED
    found = account_of(team, draft=True)
    assert (found.unsigned, len(found.measured)) == (1, 1)
    with pytest.raises(NotReady, match="only signed"):
        facts(team["lena"], found)
    with pytest.raises(NotReady, match="nothing is signed"):
        facts(team["lena"], account_of(team))


def test_those_that_are_named(team: Team, drafts: list[str], recordings: list[str]) -> None:
    """By the beginning of an id; one that cannot be measured is refused with its reason."""
    signed(team, drafts[0])
    found = account_of(team, drafts[0][:6])
    assert (len(found.measured), found.left_out) == (1, {})
    with pytest.raises(NotReady, match="not verified to the end"):
        account_of(team, drafts[0], drafts[1])
    with pytest.raises(NoSuchThing):
        account_of(team, "nothing")
    destroy(team["lena"], drafts[0], "withdrawn")
    with pytest.raises(Destroyed):
        account_of(team, drafts[0])
    assert drafts[0] not in account_of(team).left_out


def test_what_is_known_is_not_measured_again(team: Team, drafts: list[str]) -> None:
    """A signed document never changes; the time that people spent is summed anew."""
    signed(team, drafts[0])
    known: Known = {}
    first = account(team["lena"], known=known)
    [digest] = known
    opened = open_transcript(team["lena"], drafts[0]).signed
    assert opened is not None and digest == opened.digest
    known[digest] = replace(known[digest], languages=Counter(xx=1))
    again = account(team["lena"], known=known)
    assert again.measured[0].languages == Counter(xx=1)
    assert again.worth == first.worth and again.worth.work_ms > 0
    reopen(team["lena"], drafts[0], "a word")
    assert account(team["lena"], known=known).measured == ()
    assert account(team["lena"], draft=True, known=known).unsigned == 1


def test_a_new_version_in_work(team: Team, drafts: list[str]) -> None:
    """It is left out until it is signed as well; then the last one is measured."""
    signed(team, drafts[0])
    reopen(team["lena"], drafts[0], "a word")
    assert account_of(team).left_out[drafts[0]] is Left.NOT_SIGNED
    correct(team["ivo"], drafts[0], "4", Correction(source="A casa caiu ontem."))
    assert account_of(team).left_out[drafts[0]] is Left.NOT_VERIFIED
    correct(team["ivo"], drafts[0], "4", Correction(target="The house fell yesterday."))
    verify(team["vera"], drafts[0], "4", unplayed_reason=SAT)
    sign(team["vera"], drafts[0], PASSPHRASE)
    found = account_of(team)
    assert found.worth.words().deletions == 2
    assert facts(team["lena"], found).transcripts == 1


def test_split_and_merged(team: Team, drafts: list[str]) -> None:
    """A sentence that was cut in two, or joined with the next, is compared with what it came from."""
    one = drafts[0]
    segment = open_transcript(team["ivo"], one).transcript.segments[2]
    middle = (segment.start_ms + segment.end_ms) // 2
    split(team["ivo"], one, "3", at_ms=middle, source_at=8, target_at=9)
    merge(team["ivo"], one, "4", anyway=True)
    numbers = [s.number for s in open_transcript(team["ivo"], one).transcript.segments]
    for number in numbers:
        correct(team["ivo"], one, number, Correction())
        verify(team["vera"], one, number, unplayed_reason=SAT)
    sign(team["vera"], one, PASSPHRASE)
    shown = figures(account_of(team).worth)
    assert shown.word_error_rate.value == 0
    assert shown.word_error_rate.n == 3


def test_the_register(team: Team, drafts: list[str]) -> None:
    """What it says of every interview is told; what it says of some is not known."""
    signed(team, drafts[0])
    found = account_of(team)
    known = facts(team["lena"], found)
    assert (known.participants, known.repeated, known.sites, known.with_notes) == (None,) * 4
    assert known.with_interpreter is None
    assert (known.languages, known.target_language) == (("pt", "en"), "en")
    assert (known.correctors, known.verifiers) == (1, 1)
    assert (known.verified, known.unplayed, known.played_percent) == (4, 4, 100)
    assert (known.interview_ms, known.recordings, known.transcripts) == ((12_000,), 1, 1)
    entered = (
        "UPDATE interviews SET site = 'Recife', participants = ?, notes = 'loud', version = 1"
        " WHERE id = ?"
    )
    interview = found.measured[0].recording.interview_id
    team["lena"].catalog.run(entered, (json.dumps(["P01", "P02", "P01"]), interview))
    known = facts(team["lena"], found)
    assert (known.participants, known.repeated, known.sites, known.with_notes) == (2, 0, 1, 1)
    signed(team, drafts[1])
    known = facts(team["lena"], account_of(team))
    assert (known.participants, known.sites, known.with_notes) == (None, None, 1)


def test_an_interview_counts_with_all_its_recordings(team: Team, drafts: list[str]) -> None:
    """It lasted as long as all of its parts, signed or not."""
    signed(team, drafts[0])
    interview = account_of(team).measured[0].recording.interview_id
    moved = "UPDATE recordings SET interview_id = ?, part = 2 WHERE id = ?"
    team["lena"].catalog.run(moved, (interview, drafts[1]))
    known = facts(team["lena"], account_of(team))
    assert (known.interview_ms, known.recordings, known.transcripts) == ((24_000,), 2, 1)


def test_a_sample(team: Team, recordings: list[str]) -> None:
    """Where segments stayed unverified, those drawn are measured, and the plan is told."""
    one = recordings[2]
    plan.state_plan(team["lena"], 500, 999)
    plan.bind(team["lena"], one)
    drafted(team, one)
    corrected(team, one)
    sample = plan.show_seed(team["vera"], one).sample
    assert sample is not None
    for segment in open_transcript(team["vera"], one).transcript.segments:
        if segment.id in sample.draw.to_verify:
            verify(team["vera"], one, segment.number, unplayed_reason=SAT)
    now = plan.look_at_plan(team["vera"], one).sample
    assert now is not None
    for segment in open_transcript(team["vera"], one).transcript.segments:
        if segment.state is not State.VERIFIED and segment.id not in now.spared:
            verify(team["vera"], one, segment.number, unplayed_reason=SAT)
    sign(team["vera"], one, PASSPHRASE)
    found = account_of(team)
    spared = {
        s.id
        for s in open_transcript(team["lena"], one).transcript.segments
        if s.state is State.UNVERIFIED
    }
    expected = len(now.draw.drawn) if spared else 4
    assert len(found.worth.segments) == expected
    told = facts(team["lena"], found)
    assert [(s.share_permille, s.bound_permille, s.transcripts) for s in told.sampled] == [
        (500, 999, 1)
    ]
    assert told.verified == 4 - len(spared)


def test_the_plot(team: Team, drafts: list[str], tmp_path: Path) -> None:
    """A point for each transcript, written outside the vault, over nothing but a plot."""
    signed(team, drafts[0])
    signed(team, drafts[1])
    found = account_of(team)
    assert [p.day for p in points(found)] == [date(2026, 11, 22)] * 2
    file = tmp_path / "plot.svg"
    save_plot(team["lena"], found, file)
    save_plot(team["lena"], found, file, "pt")
    assert "PRÁTICA" in file.read_text("utf-8")
    other = tmp_path / "other.svg"
    other.write_text("mine")
    for refused in (
        other,
        tmp_path / "plot.txt",
        tmp_path / "nowhere" / "plot.svg",
        team.study.root / "plot.svg",
        team.study.root / "recordings" / "plot.svg",
    ):
        with pytest.raises(BadValue):
            save_plot(team["lena"], found, refused)
    assert other.read_text() == "mine"
    assert not list(team.study.root.rglob("*.svg"))


@pytest.fixture
def canaries(team: Team, drafts: list[str]) -> list[str]:
    """A signed study with words, names, codes, a site and notes that must be told nowhere."""
    one = drafts[0]
    correct(team["ivo"], one, "1", Correction(speaker="Q77canary"))
    signed(team, one)
    interview = register.get_recording(team["lena"].catalog, one).interview_id
    entered = (
        "UPDATE interviews SET site = ?, participants = ?, notes = ?, version = 1 WHERE id = ?"
    )
    values = ("Recife-canary", json.dumps(["P88canary"]), "loudcanary", interview)
    team["lena"].catalog.run(entered, values)
    people = [
        "ivo",
        "vera",
        "lena",
        "Q77canary",
        "P88canary",
        "Recife",
        "loudcanary",
        "xqzcanario",
        "room",
    ]
    texts = [text for pair in (*LINES, *SAID.items()) for text in pair if len(text) > 2]
    words = {word.strip(".").lower() for text in texts for word in text.split()}
    return [*people, *(word for word in words if len(word) > 4)]


def test_no_word_of_anybody(
    team: Team, drafts: list[str], canaries: list[str], tmp_path: Path
) -> None:
    """Neither what is printed nor what is written holds a word, a name, a code or a site."""
    found = account_of(team)
    known = facts(team["lena"], found)
    save_plot(team["lena"], found, tmp_path / "plot.svg")
    told = [(tmp_path / "plot.svg").read_text("utf-8")]
    told += [
        write(known, language) for language in ("en", "pt") for write in (paragraph, coreq_text)
    ]
    (tmp_path / "pw").write_text(PASSPHRASE)
    for more in (["--by", "interview"], ["--by", "model"], ["--json", "--methods", "en"]):
        line = ["worth", "--as", "lena", "--vault", str(team.study.root)]
        done = CliRunner().invoke(
            confere,
            [*line, "--passphrase-file", str(tmp_path / "pw"), *more],
            catch_exceptions=False,
        )
        assert "word error rate" in done.stdout or json.loads(done.stdout)["study"]["segments"] == 4
        told.append(done.stdout)
    for text in told:
        assert not {c.lower() for c in canaries} & set(re.findall(r"\w+", text.lower())), text


def test_signed_documents_tell_the_plans(team: Team, drafts: list[str]) -> None:
    """Documents of the first format knew of no plan: everything was verified."""
    signed(team, drafts[0])
    found = account_of(team)
    [measured] = found.measured
    old = {k: v for k, v in measured.document.items() if k not in ("plan", "played_percent")}
    older = Account((replace(measured, document=old),), {})
    assert facts(team["lena"], older).sampled == ()
    sampled = old | {
        "plan": {
            "kind": "sampled",
            "share_permille": 200,
            "bound_permille": 50,
            "commitment": "0" * 64,
            "outcome": "full",
        }
    }
    older = Account((replace(measured, document=sampled),), {})
    assert facts(team["lena"], older).sampled == (Sampled(200, 50, 1, 1),)
