"""The sign-off document, its signature, and everything that must not pass for it."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere import review
from confere.crypto.canonical import canonical_json
from confere.crypto.signing import SigningKey
from confere.domain import Revision, State
from confere.errors import (
    AlteredTranscript,
    BadSignature,
    BadValue,
    ConfereError,
    DamagedObject,
    ForgedStore,
    NoSuchThing,
    NotPlayed,
    NotReady,
    Signed,
)
from confere.review.document import SEGMENT_FIELDS, Terms
from review.scenes import (
    AT,
    DURATION_MS,
    INES,
    KEY,
    KEY_TEXT,
    RECORDING,
    VERA,
    WANDA,
    Desk,
    a_segment,
    a_verified_desk,
    key_of,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk() -> Desk:
    """A transcript of two segments, ready to be signed by Vera."""
    return a_verified_desk()


class TestDocument:
    def test_what_it_says(self, desk: Desk) -> None:
        """The document tells who did what to every segment, and of which recording."""
        document = desk.document()
        first, second = document["segments"]
        assert (first["authors"], first["accepted_by"]) == ([INES], [])
        assert (second["authors"], second["accepted_by"]) == ([], [INES])
        assert first["target"] == "Water came up to the door."
        assert (first["verified_by"], first["verified_at"]) == (VERA, AT)
        assert (first["played_ms"], first["playable_ms"]) == (9_000, 9_000)
        assert document["correctors"] == [INES]
        assert document["verifier"] == {"name": VERA, "key": KEY_TEXT, "played": [[0, DURATION_MS]]}
        assert document["recording"]["sha256"] == RECORDING.sha256
        assert document["counts"] == {
            "segments": 2,
            "verified": 2,
            "changed": 1,
            "unplayed": 0,
            "revisions": 4,
            "open_comments": 0,
        }

    def test_name_on_the_recorder_is_not_in_it(self, desk: Desk) -> None:
        """A recorder's file name may be a person's name, and stays out."""
        assert b"Maria" not in desk.sign().envelope

    def test_whole_numbers_only(self, desk: Desk) -> None:
        """There is no fraction in the document: two writers could spell one differently."""
        document = desk.document()
        assert not [v for _, v in leaves(document) if isinstance(v, float)]
        assert document["draft"]["speech"]["parameters"] == {"beam_size": 5, "temperature": "0.2"}

    def test_order_of_segments(self) -> None:
        """Segments stand in the order of the transcript, in whatever order the catalog gives them."""
        desk = a_verified_desk(a_segment(2), a_segment(0), a_segment(1))
        assert [s["id"] for s in desk.document()["segments"]] == ["seg0", "seg1", "seg2"]

    def test_written_reason(self) -> None:
        """What was not played stands in the document with its reason."""
        desk = Desk(a_segment(0))
        desk.correct("seg0")
        desk.play(VERA, (0, 4_000))
        desk.verify("seg0", unplayed_reason="I sat in the room.")
        [segment] = desk.document()["segments"]
        assert (segment["played_ms"], segment["unplayed_reason"]) == (4_000, "I sat in the room.")
        assert desk.document()["counts"]["unplayed"] == 1

    def test_practice(self, desk: Desk) -> None:
        """A practice transcript says so."""
        practice = replace(desk.transcript.translation, practice=True)
        desk.transcript = replace(desk.transcript, translation=practice)
        assert desk.document()["practice"] is True

    def test_every_field_is_described(self, desk: Desk) -> None:
        """The documentation names every field of the document."""
        words = (ROOT / "docs/sign-off.md").read_text("utf-8")
        names = {path[-1] for path, _ in leaves(desk.document()) if "parameters" not in path}
        fields = {name for name in names if isinstance(name, str)}
        assert {name for name in fields if f"`{name}`" not in words} == set()

    @pytest.mark.parametrize("at", ["", "yesterday", "2026-03-02", "2026-03-02T10:00:00"])
    def test_time_without_an_offset(self, desk: Desk, at: str) -> None:
        """A time that does not say where is no time."""
        with pytest.raises(BadValue):
            review.build_document(
                desk.transcript,
                Terms(),
                study={"id": "s", "name": "n", "protocol": "p"},
                previous=None,
                verifier=VERA,
                verifier_key=KEY_TEXT,
                signed_at=at,
                software_version="0",
                target_language="en",
            )


class TestNotReady:
    def test_one_segment_is_not_verified(self, desk: Desk) -> None:
        """One segment that is not verified holds the whole transcript."""
        desk.return_("seg1")
        with pytest.raises(NotReady, match="not verified: 1"):
            desk.document()

    def test_signed_already(self, desk: Desk) -> None:
        """A transcript is signed once."""
        desk.sign()
        with pytest.raises(Signed):
            desk.document()

    def test_verified_by_somebody_else(self, desk: Desk) -> None:
        """The person who signs has verified every segment themselves."""
        desk.play(WANDA)
        with pytest.raises(NotReady, match=WANDA):
            desk.document(WANDA)
        for segment_id in desk.ids:
            desk.verify(segment_id, WANDA)
        assert desk.document(WANDA)["verifier"]["name"] == WANDA

    def test_empty_transcript(self) -> None:
        """That nothing is said is signed only by somebody who played the recording to its end."""
        desk = Desk()
        desk.transcript = replace(desk.transcript, segments=())
        desk.play(VERA, (0, DURATION_MS - 1))
        with pytest.raises(NotReady):
            desk.document()
        desk.play(VERA)
        assert desk.document()["segments"] == []


class TestCatalogWrittenByAnotherHand:
    """What ``verify`` would have refused is refused again when it is signed."""

    def test_state(self) -> None:
        """A state that no decision led to is found."""
        desk = Desk()
        desk.alter("seg0", state=State.VERIFIED)
        with pytest.raises(AlteredTranscript, match="seg0, state"):
            desk.document()

    def test_text(self, desk: Desk) -> None:
        """A text that no revision led to is found, and not quoted."""
        desk.alter("seg0", target="What I never said.")
        with pytest.raises(AlteredTranscript, match="seg0, target") as found:
            desk.document()
        assert "never said" not in str(found.value)

    def test_version(self, desk: Desk) -> None:
        """A revision that was removed leaves a gap."""
        revisions = desk.transcript.revisions
        desk.transcript = replace(desk.transcript, revisions=revisions[1:])
        with pytest.raises(AlteredTranscript, match="seg0"):
            desk.document()

    def test_own_work(self, desk: Desk) -> None:
        """A verification that was put under the author's own name is found."""
        renamed = tuple(
            replace(r, by=VERA) if r.decision == "correct" else r for r in desk.transcript.revisions
        )
        desk.transcript = replace(desk.transcript, revisions=renamed)
        with pytest.raises(AlteredTranscript, match="verified by who worked on it"):
            desk.document()

    def test_own_acceptance(self, desk: Desk) -> None:
        """So is an acceptance by the person who verified."""
        renamed = tuple(
            replace(r, by=VERA) if r.decision == "accept" else r for r in desk.transcript.revisions
        )
        desk.transcript = replace(desk.transcript, revisions=renamed)
        with pytest.raises(AlteredTranscript, match="verified by who worked on it"):
            desk.document()

    def test_coverage(self, desk: Desk) -> None:
        """A verification without coverage and without a reason is found."""
        desk.transcript = replace(desk.transcript, played={})
        with pytest.raises(NotPlayed):
            desk.document()

    def test_stale(self, desk: Desk) -> None:
        """A stale mark that was set behind the rules holds the signature."""
        desk.alter("seg0", target_stale=True)
        with pytest.raises(NotReady):
            desk.document()

    def test_decision_of_no_table(self, desk: Desk) -> None:
        """A decision that does not exist leads nowhere."""
        made_up = Revision("seg0", VERA, AT, "bless", {}, {})
        desk.transcript = replace(desk.transcript, revisions=(*desk.transcript.revisions, made_up))
        with pytest.raises(AlteredTranscript):
            desk.document()


class TestSignature:
    def test_it_holds(self, desk: Desk) -> None:
        """What was signed is opened again as the same document."""
        signed = desk.sign()
        opened = review.check(signed.envelope, key_of)
        assert opened.document == signed.document
        assert opened.digest == signed.digest == hashlib.sha256(signed.envelope).hexdigest()

    def test_it_is_over_the_canonical_document(self, desk: Desk) -> None:
        """The signature is plain Ed25519 over the canonical bytes of the document."""
        envelope = json.loads(desk.sign().envelope)
        raw = base64.b64decode(envelope["signature"]["value"] + "==")
        KEY.verify_key.verify(canonical_json(envelope["document"]), raw)

    def test_same_document_same_bytes(self) -> None:
        """Signing the same transcript twice gives the same bytes."""
        assert a_verified_desk().sign().envelope == a_verified_desk().sign().envelope

    def test_another_key_than_the_document_names(self, desk: Desk) -> None:
        """Nobody signs a document that names somebody else's key."""
        with pytest.raises(BadValue):
            review.sign(desk.document(), SigningKey.generate())

    def test_document_that_names_another_key(self, desk: Desk) -> None:
        """A document names the key it is signed with, and no other."""
        document = desk.document() | {"verifier": _verifier(SigningKey.generate())}
        forged = canonical_json({"document": document, "signature": _signature(document)})
        with pytest.raises(BadSignature):
            review.check(forged, key_of)

    @pytest.mark.parametrize("inside", [(), ("signature",)])
    def test_field_that_is_not_signed(self, desk: Desk, inside: tuple[str, ...]) -> None:
        """Nothing can be said in the envelope beside what is signed."""
        envelope = json.loads(desk.sign().envelope)
        _holder(envelope, (*inside, ""))["remark"] = "checked twice"
        with pytest.raises(ConfereError):
            review.check(canonical_json(envelope), key_of)

    def test_key_that_the_roster_does_not_know(self, desk: Desk) -> None:
        """A file that brings its own key is worth nothing."""
        other = SigningKey.generate()
        forged = review.sign(desk.document() | {"verifier": _verifier(other)}, other)
        with pytest.raises(BadSignature):
            review.check(forged.envelope, key_of)

    def test_person_whom_the_roster_does_not_know(self, desk: Desk) -> None:
        """A verifier who is not of the study is not taken for one."""

        def nobody(name: str) -> set[str]:
            raise NoSuchThing("person", name)

        with pytest.raises(NoSuchThing):
            review.check(desk.sign().envelope, nobody)

    def test_signature_of_one_transcript_under_another(self, desk: Desk) -> None:
        """A good signature is good for its own document only."""
        one = json.loads(desk.sign().envelope)
        other = json.loads(a_verified_desk(a_segment(0)).sign().envelope)
        with pytest.raises(BadSignature):
            review.check(canonical_json(one | {"signature": other["signature"]}), key_of)

    @pytest.mark.parametrize(
        "broken",
        [
            lambda e: e[:-1],
            lambda e: e + b"\n",
            lambda e: b"",
            lambda e: b"[]",
            lambda e: b'{"document":{},"signature":{}}',
            lambda e: e.replace(b'"format":2', b'"format": 2'),
            lambda e: json.dumps(json.loads(e)).encode(),
        ],
    )
    def test_other_bytes(self, desk: Desk, broken: Callable[[bytes], bytes]) -> None:
        """Anything but the canonical bytes of an envelope is refused."""
        with pytest.raises((DamagedObject, BadSignature)):
            review.check(broken(desk.sign().envelope), key_of)

    def test_later_format(self, desk: Desk) -> None:
        """A document of a later format is not read as if it were of this one."""
        later = review.sign(desk.document() | {"format": 3}, KEY)
        with pytest.raises(BadValue, match="format"):
            review.check(later.envelope, key_of)

    def test_another_kind(self, desk: Desk) -> None:
        """A signature of the right key on something else is not a sign-off."""
        other = review.sign(desk.document() | {"kind": "confere/receipt"}, KEY)
        with pytest.raises(DamagedObject):
            review.check(other.envelope, key_of)

    @pytest.mark.parametrize(
        "change",
        [
            {"authors": [INES, VERA]},
            {"accepted_by": [VERA]},
            {"verified_by": WANDA},
            {"played_ms": 8_999},
        ],
    )
    def test_document_against_its_own_rules(self, desk: Desk, change: dict[str, Any]) -> None:
        """A verifier whose own program signs what Confere would not is found out."""
        document = desk.document()
        document["segments"][0] |= change
        with pytest.raises(ForgedStore, match="seg0"):
            review.check(review.sign(document, KEY).envelope, key_of)


class TestEveryChange:
    """No field of the envelope can be changed."""

    def test_each_field(self) -> None:
        """Every single value, changed alone, makes the file worth nothing."""
        envelope = json.loads(a_verified_desk().sign().envelope)
        paths = [path for path, _ in leaves(envelope)]
        assert len(paths) > 60
        for path in paths:
            for changed in _changed(envelope, path):
                with pytest.raises(ConfereError):
                    review.check(canonical_json(changed), key_of)

    def test_each_field_removed(self) -> None:
        """Every single field, taken out alone, makes the file worth nothing."""
        envelope = json.loads(a_verified_desk().sign().envelope)
        for path, _ in leaves(envelope):
            removed = copy.deepcopy(envelope)
            del _holder(removed, path)[path[-1]]
            with pytest.raises(ConfereError):
                review.check(canonical_json(removed), key_of)

    @settings(deadline=None)
    @given(st.data())
    def test_each_bit(self, data: st.DataObject) -> None:
        """Any bit of the file, turned over, makes it worth nothing, and never crashes."""
        envelope = bytearray(SIGNED.envelope)
        place = data.draw(st.integers(0, len(envelope) * 8 - 1))
        envelope[place // 8] ^= 1 << place % 8
        with pytest.raises(ConfereError):
            review.check(bytes(envelope), key_of)


class TestCompare:
    def test_the_same(self, desk: Desk) -> None:
        """The transcript that was signed is what the catalog holds."""
        review.compare(desk.sign().document, desk.transcript)

    @pytest.mark.parametrize("field", SEGMENT_FIELDS)
    def test_each_field(self, desk: Desk, field: str) -> None:
        """Each changed field is named, with its segment, and no text is told."""
        signed = desk.sign()
        value = getattr(desk["seg1"], field)
        desk.alter("seg1", **{field: value + 1 if isinstance(value, int) else value + " secret"})
        with pytest.raises(AlteredTranscript, match=f"seg1, {field}") as found:
            review.compare(signed.document, desk.transcript)
        assert "secret" not in str(found.value)

    def test_unlocked(self, desk: Desk) -> None:
        """A signed segment that takes changes again is a difference."""
        signed = desk.sign()
        desk.alter("seg0", state=State.VERIFIED)
        with pytest.raises(AlteredTranscript, match="state"):
            review.compare(signed.document, desk.transcript)

    def test_missing_and_added(self, desk: Desk) -> None:
        """A segment that went, or came, is a difference."""
        signed = desk.sign()
        segments = desk.transcript.segments
        with pytest.raises(AlteredTranscript, match="seg0 is missing"):
            review.compare(signed.document, replace(desk.transcript, segments=segments[1:]))
        more = (*segments, a_segment(2, state=State.LOCKED))
        with pytest.raises(AlteredTranscript, match="seg2"):
            review.compare(signed.document, replace(desk.transcript, segments=more))

    def test_another_recording(self, desk: Desk) -> None:
        """A transcript that was moved under another recording is a difference."""
        signed = desk.sign()
        moved = replace(desk.transcript, recording=replace(RECORDING, sha256="99" * 32))
        with pytest.raises(AlteredTranscript, match="sha256"):
            review.compare(signed.document, moved)


SIGNED = a_verified_desk().sign()


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield the path and the value of everything in a JSON value that holds no other."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path, value


def _holder(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value


def _changed(envelope: Any, path: tuple[Any, ...]) -> Iterator[Any]:
    """Yield copies of an envelope in which one value is another, of its own kind and of none."""
    value = _holder(envelope, path)[path[-1]]
    others: list[Any] = [None]
    if isinstance(value, bool):
        others.append(not value)
    elif isinstance(value, int):
        others += [value + 1, str(value)]
    elif isinstance(value, str):
        others += [value + "x", value[:-1] if value else "y"]
    else:
        others.append(["x"])
    for other in others:
        changed = copy.deepcopy(envelope)
        _holder(changed, path)[path[-1]] = other
        yield changed


def _signature(document: dict[str, Any]) -> dict[str, str]:
    value = base64.b64encode(KEY.sign(canonical_json(document))).decode().rstrip("=")
    return {"algorithm": "Ed25519", "key": KEY_TEXT, "purpose": "sign-off", "value": value}


def _verifier(key: SigningKey) -> dict[str, Any]:
    return {"name": VERA, "key": str(key.verify_key), "played": []}
