"""A transcript over HTTP: corrected, followed by another, verified, returned, signed."""

from __future__ import annotations

from typing import Any

import pytest

from doubles.serving import Browser, Front
from doubles.studies import PASSPHRASE, Study

SAT = "I sat in the room."


@pytest.fixture
def recording(recordings: list[str]) -> str:
    """A drafted recording of four segments."""
    return recordings[0]


def opened(browser: Browser, recording: str) -> dict[str, Any]:
    """Return the transcript as the page gets it."""
    answer = browser.get(f"/api/recordings/{recording}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def decide(browser: Browser, recording: str, segment: Any, act: str, **given: Any) -> Any:
    """Decide about a segment that was seen; return the answer."""
    path = f"/api/recordings/{recording}/segments/{segment['id']}/{act}"
    return browser.post(path, {"version": segment["version"], **given})


def test_a_transcript_is_corrected_verified_and_signed(
    ivo: Browser, vera: Browser, recording: str
) -> None:
    """The whole way, each step answered with the segment as it is then."""
    seen = opened(ivo, recording)
    assert [s["state"] for s in seen["segments"]] == ["draft"] * 4
    assert seen["me"]["corrects"] and not seen["me"]["verifies"]
    first, *rest = seen["segments"]
    done = decide(ivo, recording, first, "correct", target="Exactly one.").json()["segment"]
    assert (done["state"], done["target"]) == ("corrected", "Exactly one.")
    assert (done["version"], done["authors"], done["mine"]) == (1, ["ivo"], True)
    for segment in rest:
        assert decide(ivo, recording, segment, "correct").status_code == 200

    given = opened(vera, recording)["segments"]
    refused = decide(vera, recording, given[0], "verify")
    assert (refused.status_code, refused.json()["error"]) == (409, "NotPlayed")
    back = decide(
        vera, recording, given[1], "return", reason="say it", kind="omission", severity="minor"
    )
    assert back.json()["segment"]["returned"] | {"at": ""} == {
        "by": "vera",
        "at": "",
        "reason": "say it",
        "kind": "omission",
        "severity": "minor",
    }
    assert [r["reason"] for r in ivo.get("/api/home").json()["returned"]] == ["say it"]
    hindered = vera.get(f"/api/recordings/{recording}/sheet")
    assert hindered.status_code == 409

    again = opened(ivo, recording)["segments"][1]
    assert decide(ivo, recording, again, "correct", source="Two!").status_code == 200
    for segment in opened(vera, recording)["segments"]:
        verified = decide(vera, recording, segment, "verify", unplayed_reason=SAT)
        assert verified.json()["segment"]["verified_by"] == "vera"
    sheet = vera.get(f"/api/recordings/{recording}/sheet").json()
    assert sheet["counts"] == {
        "segments": 4,
        "verified": 4,
        "unplayed": 4,
        "spared": 0,
        "dismissed": 0,
    }
    wrong = vera.post(f"/api/recordings/{recording}/sign", {"passphrase": "not this one at all"})
    assert wrong.json()["error"] == "WrongPassphrase"
    signed = vera.post(f"/api/recordings/{recording}/sign", {"passphrase": PASSPHRASE})
    assert signed.status_code == 200 and len(signed.json()["digest"]) == 64
    refused = decide(ivo, recording, opened(ivo, recording)["segments"][0], "correct", target="No.")
    assert (refused.status_code, refused.json()["error"]) == (423, "Signed")

    [card] = vera.get("/api/home").json()["signed"]
    assert (card["recording"], card["by"], card["version"]) == (recording, "vera", 1)
    assert ivo.get("/api/home").json()["signed"] == []
    assert ivo.post(f"/api/recordings/{recording}/reopen", {"reason": "why"}).status_code == 403
    begun = vera.post(f"/api/recordings/{recording}/reopen", {"reason": "a name is wrong"})
    assert begun.json() == {"version": 2}
    assert vera.get("/api/home").json()["signed"] == []
    assert {s["state"] for s in opened(ivo, recording)["segments"]} == {"verified"}


def test_a_conflict_comes_with_both_texts(ivo: Browser, page: Front, recording: str) -> None:
    """Who saved second gets theirs, mine and what both began from; nothing is saved."""
    with page.browser() as bia:
        bia.sign_in("bia")
        first = opened(bia, recording)["segments"][0]
        assert decide(ivo, recording, first, "correct", target="Mine.").status_code == 200
        answer = decide(bia, recording, first, "correct", target="Hers.")
        assert answer.status_code == 409
        conflict = answer.json()["conflict"]
        assert (conflict["mine"]["target"], conflict["theirs"]["target"]) == ("Hers.", "Mine.")
        assert conflict["base"]["target"] == first["target"]
        assert (conflict["by"], conflict["version"]) == ("ivo", 1)


def test_news_tell_what_others_did(ivo: Browser, vera: Browser, recording: str) -> None:
    """Somebody's page learns of changes, comments and who has what open, and of nothing twice."""
    cursor = opened(vera, recording)["cursor"]
    first, second, *_ = opened(ivo, recording)["segments"]
    news = f"/api/recordings/{recording}/news?cursor="
    assert vera.get(news + cursor).json()["segments"] == []
    decide(ivo, recording, first, "correct", target="Anew.")
    path = f"/api/recordings/{recording}/segments/{second['id']}"
    ivo.post(path + "/comments", {"text": "Is this so?", "to": ["vera"]})
    ivo.post(path + "/editing", {"open": True})
    told = vera.get(news + cursor).json()
    assert [(s["id"], s["target"], s["comments"]) for s in told["segments"]] == [
        (first["id"], "Anew.", 0),
        (second["id"], second["target"], 1),
    ]
    assert told["editing"] == {second["id"]: ["ivo"]} and not told["closed"]
    assert vera.get(news + told["cursor"]).json()["segments"] == []
    assert [c["text"] for c in vera.get("/api/home").json()["addressed"]] == ["Is this so?"]
    assert vera.get(news + "nonsense").status_code == 400


def test_segments_are_split_merged_and_taken_back(ivo: Browser, recording: str) -> None:
    """Each answers with every segment that it touched, and with those that are shown no more."""
    first = opened(ivo, recording)["segments"][0]
    first = decide(ivo, recording, first, "correct", source="Um dois.", target="One two.").json()[
        "segment"
    ]
    parts = decide(ivo, recording, first, "split", source_at=3, target_at=4).json()
    assert [s["source"] for s in parts["segments"]] == ["Um", "dois."]
    merged = decide(ivo, recording, parts["segments"][0], "merge").json()
    assert merged["gone"] == [parts["segments"][1]["id"]]
    back = decide(ivo, recording, merged["segments"][0], "undo").json()
    assert [s["source"] for s in back["segments"]] == ["Um", "dois."]
    assert len(opened(ivo, recording)["segments"]) == 5


def test_a_recording_is_taken_given_and_given_back(
    ivo: Browser, page: Front, recording: str
) -> None:
    """Each answers with who has it then; a lead gives, with a day, and is told to whom it could be."""
    path = f"/api/recordings/{recording}"
    assert opened(ivo, recording)["may"] == {
        "takes": True,
        "assigns": False,
        "reopens": False,
        "workers": [],
    }
    assert ivo.post(f"{path}/take", {}).json() == {"taken": [{"name": "ivo", "due": ""}]}
    refused = ivo.post(f"{path}/assign", {"name": "bia", "due": ""})
    assert (refused.status_code, refused.json()["error"]) == (403, "NotAllowed")
    with page.browser() as lena:
        lena.sign_in("lena")
        home = lena.get("/api/home").json()
        assert home["others"][0]["taken"] == [{"name": "ivo", "due": ""}]
        assert {"name": "bia", "roles": ["interpreter", "verifier"]} in home["me"]["workers"]
        given = lena.post(f"{path}/assign", {"name": "bia", "due": "2999-01-02"}).json()
        assert given == {
            "taken": [{"name": "ivo", "due": ""}, {"name": "bia", "due": "2999-01-02"}]
        }
        past = lena.post(f"{path}/assign", {"name": "bia", "due": "1999-01-02"})
        assert past.status_code == 400
        assert lena.post(f"{path}/assign", {"name": "fabio"}).json()["error"] == "Pointless"
        left = lena.post(f"{path}/give-back", {"name": "ivo"}).json()
        assert left == {"taken": [{"name": "bia", "due": "2999-01-02"}]}
    assert ivo.post(f"{path}/give-back", {}).json()["error"] == "NotReady"


def test_what_stands_beside_a_segment(ivo: Browser, recording: str) -> None:
    """Findings, draft, history and suggestions are there for one segment; a dismissal stands with it."""
    first = opened(ivo, recording)["segments"][0]
    changed = decide(ivo, recording, first, "correct", target="Seven of them.").json()["segment"]
    assert changed["findings"]["error"] == 1
    path = f"/api/recordings/{recording}/segments/{first['id']}"
    whole = ivo.get(path).json()
    assert whole["draft"] == {"source": first["source"], "target": first["target"]}
    error = next(f for f in whole["findings"] if f["level"] == "error")
    done = ivo.post(path + "/dismiss", {"finding": error["key"], "reason": "they counted"})
    assert done.json()["counts"]["error"] == 0
    counts = ivo.get(f"/api/recordings/{recording}/findings").json()
    assert counts["findings"][first["id"]]["error"] == 0 and counts["next"] is None
    [told] = ivo.get(path + "/history").json()
    assert (told["before"], told["after"]) == (
        {"target": first["target"]},
        {"target": "Seven of them."},
    )
    assert ivo.get(path + "/suggestions").json()["suggestions"] == []


def test_a_speaker_is_renamed_everywhere(ivo: Browser, recording: str) -> None:
    """All segments of a speaker get the code, or those that are named."""
    segments = opened(ivo, recording)["segments"]
    path = f"/api/recordings/{recording}/speaker"
    some = ivo.post(path, {"speaker": "IP", "segments": [segments[1]["id"]]}).json()["segments"]
    assert [(s["number"], s["speaker"]) for s in some] == [(2, "IP")]
    rest = ivo.post(path, {"speaker": "P01", "old": "UNK"}).json()["segments"]
    assert [s["number"] for s in rest] == [1, 3, 4]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "0"},
        {"version": True},
        {"version": 0, "source_at": 1.5},
        {"version": 0, "source_at": 1, "at_ms": "now"},
    ],
)
def test_what_our_page_would_not_send_is_refused(ivo: Browser, recording: str, body: Any) -> None:
    """Wrong kinds and missing fields reach no act."""
    first = opened(ivo, recording)["segments"][0]
    answer = ivo.post(f"/api/recordings/{recording}/segments/{first['id']}/split", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadRequest")
    assert opened(ivo, recording)["segments"][0] == first


def test_opening_is_told_as_a_reading_once(ivo: Browser, study: Study, recording: str) -> None:
    """However often somebody loads the page in one sitting."""
    for _ in range(3):
        opened(ivo, recording)
    desk = study.desk("lena")
    count = desk.catalog.value(
        "SELECT count(*) FROM events WHERE what = 'read' AND recording = ?", (recording,)
    )
    desk.vault.close()
    assert count == 1


def test_a_transcript_is_opened_while_the_page_loads(
    ivo: Browser, vera: Browser, recording: str, page: Front
) -> None:
    """The frame lets the keeper begin; what it made is used once, and never when anything has changed."""
    keeper = page.session("ivo").keeper
    asked: list[str] = []
    ask = keeper._send_and_wait

    async def counted(message: dict[str, Any]) -> Any:
        asked.append(message["ask"])
        return await ask(message)

    keeper._send_and_wait = counted  # type: ignore[method-assign]
    before = opened(ivo, recording)
    assert ivo.get(f"/recordings/{recording}").status_code == 200
    first = before["segments"][0]
    other = opened(vera, recording)["segments"][1]
    assert decide(ivo, recording, first, "correct", target="Exactly one.").status_code == 200
    assert opened(ivo, recording)["segments"][0]["target"] == "Exactly one."
    assert ivo.get(f"/recordings/{recording}").status_code == 200
    comment = {"text": "Is it two?", "to": []}
    path = f"/api/recordings/{recording}/segments/{other['id']}/comments"
    assert vera.post(path, comment).status_code == 200
    assert opened(ivo, recording)["segments"][1]["comments"] == 1
    assert ivo.get(f"/recordings/{recording}").status_code == 200
    same = opened(ivo, recording)
    assert same == opened(ivo, recording)
    assert asked.count("transcript_ahead") == 3
    unknown = ivo.get("/recordings/zzzz")
    assert unknown.status_code == 200  # a frame, which is told when it asks
    assert ivo.get("/api/recordings/zzzz").status_code == 404
