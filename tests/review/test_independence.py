"""Who may still verify and sign: told early, and as it turns out when somebody tries."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from confere import review
from confere.domain import Person, Role
from confere.errors import ConfereError, NotAllowed, OwnWork
from confere.review import document, states
from confere.review.independence import Hindrance, Independence, independence, warnings
from confere.review.states import Decision
from review.scenes import AT, INES, VERA, WANDA, Desk, a_verified_desk

INTERPRETER, VERIFIER = frozenset({Role.INTERPRETER}), frozenset({Role.VERIFIER})
BOTH = INTERPRETER | VERIFIER


def person(name: str, roles: frozenset[Role]) -> Person:
    """Somebody with roles; their keys play no part."""
    return Person(name, roles, "age1", {})


PEOPLE = [person(INES, INTERPRETER), person(VERA, VERIFIER), person(WANDA, VERIFIER)]


def look(desk: Desk, people: list[Person] = PEOPLE) -> Independence:
    """What is said of a desk's transcript."""
    return independence(desk.transcript, people)


def test_nobody_has_touched_it() -> None:
    """Every verifier may verify and sign; others have not the role."""
    found = look(Desk())
    assert [s.may for s in found.segments] == [(VERA, WANDA)] * 2
    assert found.segments[0].why_not == {INES: Hindrance.ROLE}
    assert (found.signing.may, found.signing.not_verifiers) == ((VERA, WANDA), (INES,))
    assert found.warnings == ()


def test_why_not_the_others() -> None:
    """A change and an acceptance are told apart; one touched segment keeps from signing the whole."""
    desk = Desk()
    people = [person(INES, BOTH), person(VERA, VERIFIER), person(WANDA, VERIFIER)]
    desk.correct("seg0", INES)
    desk.correct("seg1", VERA, target="Water.")
    found = look(desk, people)
    first, second = found.segments
    assert (first.may, first.why_not) == ((VERA, WANDA), {INES: Hindrance.ACCEPTED})
    assert second.may == (INES, WANDA)
    assert second.why_not == {VERA: Hindrance.CHANGED}
    assert found.signing.may == (WANDA,)
    assert found.signing.worked_on == {INES: ("0",), VERA: ("1",)}
    (warning,) = found.warnings
    assert warning.startswith("Only Wanda is left who may verify and sign this.")


def test_who_verified_is_told_while_it_holds() -> None:
    """A verification that was cleared is none."""
    desk = a_verified_desk()
    assert [s.verified_by for s in look(desk).segments] == [VERA, VERA]
    desk.correct("seg1", INES, target="Another.")
    assert [s.verified_by for s in look(desk).segments] == [VERA, ""]


def test_nobody_is_left() -> None:
    """Every verifier touched a segment, be it another one: nobody can sign."""
    desk = Desk()
    desk.correct("seg0", VERA, target="One.")
    desk.correct("seg1", WANDA, target="Two.")
    found = look(desk)
    assert [s.may for s in found.segments] == [(WANDA,), (VERA,)]
    assert found.signing.may == ()
    assert found.warnings[0].startswith("Nobody is left who may sign this")


def test_it_is_said_before_the_only_interpreter_begins() -> None:
    """The only one who can sign is the only one who can correct: not both by the same person."""
    (warning,) = warnings([INES], [person(INES, BOTH)], to_correct=True)
    assert "the only interpreter and the only one left" in warning
    (later,) = warnings([INES], [person(INES, BOTH), person(VERA, INTERPRETER)], to_correct=True)
    assert later.startswith(f"Only {INES} is left") and "others correct it" in later
    assert warnings([INES, VERA], PEOPLE, to_correct=True) == ()


def test_without_any_verifier() -> None:
    """A study that has none yet is told so."""
    found = look(Desk(), [person(INES, INTERPRETER)])
    assert found.signing.may == ()
    assert "adds a verifier" in found.warnings[0]


def may_verify(desk: Desk, segment_id: str, who: Person) -> bool:
    """Whether the rules of roles and authorship let somebody verify a segment, by trying."""
    try:
        states.require_role(who.name, who.roles, Decision.VERIFY)
        review.verify(
            desk[segment_id],
            desk.transcript,
            who.name,
            AT,
            seen_version=desk[segment_id].version,
            unplayed_reason="sat in the room",
        )
    except (NotAllowed, OwnWork):
        return False
    except ConfereError:
        pass  # the state, a stale translation: another day they may
    return True


def can_bring_to_its_end(desk: Desk, who: Person) -> bool:
    """Whether somebody can sign once all is corrected, by others, and they verified all of it."""
    trial = Desk(*desk.transcript.segments)
    trial.transcript = desk.transcript
    try:
        states.require_role(who.name, who.roles, Decision.SIGN)
        trial.play(who.name)
        for segment_id in trial.ids:
            trial.correct(segment_id, "somebody else", target="Said anew.", speaker="P09")
            trial.verify(segment_id, who.name)
        document.require_ready(trial.transcript, who.name, document.Terms())
    except (NotAllowed, OwnWork):
        return False
    return True


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["change", "accept", "verify", "return"]),
        st.sampled_from(["seg0", "seg1", "seg2"]),
        st.sampled_from([INES, VERA, WANDA]),
        st.sampled_from(["sim", "não", "talvez"]),
    ),
    max_size=12,
)
ROLES = st.sets(st.sampled_from(sorted(Role)), min_size=1).map(frozenset)


@settings(max_examples=300, deadline=None)
@given(steps=STEPS, roles=st.tuples(ROLES, ROLES, ROLES))
def test_what_is_told_is_what_happens(
    steps: list[tuple[str, str, str, str]], roles: tuple[frozenset[Role], ...]
) -> None:
    """After any history, whoever is named may, and whoever is not is refused."""
    from review.scenes import a_segment

    desk = Desk(*(a_segment(n) for n in range(3)))
    for what, segment_id, by, word in steps:
        try:
            if what == "change":
                desk.correct(segment_id, by, source=word, target=word)
            elif what == "accept":
                desk.correct(segment_id, by)
            elif what == "verify":
                desk.verify(segment_id, by, unplayed_reason="sat in the room")
            else:
                desk.return_(segment_id, by)
        except ConfereError:
            continue
    people = [person(name, its) for name, its in zip((INES, VERA, WANDA), roles, strict=True)]
    found = look(desk, people)
    for segment in found.segments:
        told = {p.name for p in people if may_verify(desk, segment.segment_id, p)}
        if desk[segment.segment_id].state in ("corrected", "verified"):
            assert set(segment.may) == told
        assert set(segment.may) | set(segment.why_not) == {INES, VERA, WANDA}
    for somebody in people:
        assert (somebody.name in found.signing.may) == can_bring_to_its_end(desk, somebody)
    assert bool(found.warnings) == (len(found.signing.may) < 2)
