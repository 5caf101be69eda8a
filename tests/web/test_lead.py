"""The lead's pages over HTTP: each act told once, and refused to whom it does not belong."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from confere.vault.events import events_of
from doubles.serving import Browser, Front
from doubles.studies import PASSPHRASE, Study

NEW = "quite another phrase"


@pytest.fixture
def ids(recordings: list[str]) -> list[str]:
    """Three recordings, two of them drafted."""
    return recordings


def told(study: Study, *what: str) -> list[dict[str, Any]]:
    """Return the facts of events of some kinds."""
    desk = study.desk("lena")
    try:
        return [e.value()["of"] for e in events_of(desk.catalog, *what)]
    finally:
        desk.vault.close()


def good(answer: Any) -> Any:
    """Return the JSON of an answer that is no refusal."""
    assert answer.status_code == 200, answer.text
    return answer.json()


ONLY_LEADS: list[tuple[str, dict[str, Any]]] = [
    ("/api/people", {"name": "zoe", "roles": ["lead"], "passphrase": NEW}),
    ("/api/people/remove", {"name": "vera", "typed": "vera"}),
    ("/api/settings/approve", {"sha256": ""}),
    ("/api/machines/certify", {"name": "machine:x"}),
    ("/api/machines/remove", {"name": "machine:x"}),
    ("/api/names", {}),
    ("/api/names/add", {"name": "Marilda", "code": "P01"}),
    ("/api/names/import", {"text": "name,code\nMarilda,P01\n"}),
    ("/api/names/remove", {"name": "Marilda"}),
    ("/api/plan", {"share": 20, "bound": 5}),
    ("/api/audit", {"passphrase": PASSPHRASE}),
    ("/api/worth/step", {}),
    ("/api/export", {"recordings": ["x"], "kinds": ["docx"]}),
]


def test_what_only_leads_do_is_refused_to_others(
    ivo: Browser, vera: Browser, ids: list[str], study: Study
) -> None:
    """Every act itself refuses; the page is no guard. And nothing is told."""
    before = len(told(study, "person added", "names", "plan", "export", "audit", "names read"))
    for browser in (ivo, vera):
        for path, body in ONLY_LEADS:
            answer = browser.post(path, body)
            assert (answer.status_code, answer.json()["error"]) == (403, "NotAllowed"), path
        for path in (f"/api/custody/{ids[0]}", "/api/audit/news", "/api/worth", "/api/export"):
            assert browser.get(path).json()["error"] == "NotAllowed", path
    for path, body in (
        ("/api/words", {"entry": {"source": "rio", "status": "keep"}, "version": 0}),
        ("/api/interviews", {"fields": {"site": "Recife"}}),
    ):
        assert vera.post(path, body).json()["error"] == "NotAllowed", path
        assert vera.get(path).status_code == 200
    after = told(study, "person added", "names", "plan", "export", "audit", "names read")
    assert len(after) == before


def test_somebody_is_added_and_taken_out(lena: Browser, page: Front, study: Study) -> None:
    """They sign in with what they typed; taken out, what they have open is locked at once."""
    added = good(
        lena.post("/api/people", {"name": "zoe", "roles": ["verifier"], "passphrase": NEW})
    )
    assert {"name": "zoe", "roles": ["verifier"], "reads": True} in added["people"]
    assert [f["name"] for f in told(study, "person added")].count("zoe") == 1
    with page.browser() as zoe:
        assert zoe.sign_in("zoe", NEW).status_code == 200
        wrong = lena.post("/api/people/remove", {"name": "zoe", "typed": "zo"})
        assert wrong.status_code == 400 and zoe.get("/api/me").status_code == 200
        gone = good(lena.post("/api/people/remove", {"name": "zoe", "typed": "zoe"}))
        assert "zoe" not in [p["name"] for p in gone["people"]]
        assert zoe.get("/api/me").status_code == 401
    assert [f["name"] for f in told(study, "person removed")] == ["zoe"]


def test_a_passphrase_is_changed_with_the_old_one(ivo: Browser, page: Front) -> None:
    """Whoever finds a page left open cannot take it over."""
    refused = ivo.post("/api/passphrase", {"old": "not it at all", "new": NEW})
    assert refused.json()["error"] == "WrongPassphrase"
    good(ivo.post("/api/passphrase", {"old": PASSPHRASE, "new": NEW}))
    with page.browser() as again:
        assert again.sign_in("ivo").status_code == 403
        assert again.sign_in("ivo", NEW).status_code == 200


def test_settings_are_approved_as_they_were_shown(lena: Browser, study: Study) -> None:
    """Not those of a file that was changed behind the page."""
    shown = good(lena.get("/api/people"))["settings"]
    assert shown["approved"]["by"] == "lena" and not shown["read_anew"]
    good(lena.post("/api/settings/approve", {"sha256": shown["sha256"]}))
    assert len(told(study, "settings approved")) == 1
    file = study.root / "confere.toml"
    file.write_text(file.read_text() + "\n# another\n")
    assert good(lena.get("/api/people"))["settings"]["read_anew"]
    answer = lena.post("/api/settings/approve", {"sha256": shown["sha256"]})
    assert (answer.status_code, answer.json()["error"]) == (409, "NotReady")


def test_the_word_list(ivo: Browser, lena: Browser, ids: list[str], study: Study) -> None:
    """Added, touched, edited, imported, exported; two at once are told of each other."""
    entry = {"source": "três", "target": "three", "status": "required", "note": ""}
    first = good(ivo.post("/api/words", {"entry": entry, "version": 0}))
    assert (first["version"], first["entries"], first["changes"]) == (1, [entry], True)
    assert [t["segments"] for t in first["touched"]] == [1, 1]
    touched = {"recording": first["touched"][0]["recording"], "since": 0}
    [segment] = good(ivo.post("/api/words/touched", touched))["segments"]
    assert (segment["number"], segment["words"]) == (3, ["três"])
    changed = {"entry": {**entry, "target": "3"}, "number": 1, "version": 1}
    good(lena.post("/api/words/edit", changed))
    moved = ivo.post("/api/words/edit", {**changed, "entry": {**entry, "target": "tree"}})
    assert (moved.status_code, moved.json()["error"]) == (409, "WordsMovedOn")
    assert {c["target"] for c in moved.json()["conflict"]["theirs"]} == {"three", "3"}
    csv = "source,target,status,note\nrio,,keep,\n"
    more = good(ivo.post("/api/words/import", {"text": csv, "version": 2}))
    assert [e["source"] for e in more["entries"]] == ["três", "rio"]
    assert "rio" in good(ivo.get("/api/words/export"))["csv"]
    good(ivo.post("/api/words/remove", {"number": 2, "version": 3}))
    assert [v["version"] for v in good(ivo.get("/api/words/history"))] == [4, 3, 2, 1]
    assert good(ivo.post("/api/words/proposals")) == {"count": 0, "proposals": []}
    assert ivo.post("/api/words/accept", {"key": "ab"}).status_code == 404
    assert [f["number"] for f in told(study, "words")] == [1, 2, 3, 4]
    bad = ivo.post("/api/words", {"entry": {"source": 7, "status": "keep"}, "version": 4})
    assert bad.status_code == 400


def test_the_identity_key(lena: Browser, study: Study) -> None:
    """Reading it is told each time; no event tells a name."""
    good(lena.post("/api/names/add", {"name": "Marilda", "code": "P01"}))
    done = good(lena.post("/api/names/import", {"text": "name,code\nZé Paulo,P02\n"}))
    assert (done["added"], done["count"]) == (1, 2)
    assert [n["code"] for n in good(lena.post("/api/names"))] == ["P01", "P02"]
    assert good(lena.post("/api/names/remove", {"name": "marilda"}))["count"] == 1
    assert told(study, "names read") == [{"count": 2}]
    assert "Marilda" not in json.dumps(told(study, "names", "names read"))


def test_a_plan_is_stated_in_words(lena: Browser, ids: list[str], study: Study) -> None:
    """What it would mean is answered before; what is no plan is refused."""
    assert good(lena.get("/api/plan"))["in_force"]["full"]
    means = good(lena.post("/api/plan/means", {"share": 12.5, "bound": 5}))
    assert means == {"least": 59, "whole": 472}
    stated = good(lena.post("/api/plan", {"share": 12.5, "bound": 5}))
    assert (stated["in_force"]["share"], stated["in_force"]["least"]) == (12.5, 59)
    for share, bound in ((100, 5), (12.55, 5), (0, 0)):
        assert lena.post("/api/plan", {"share": share, "bound": bound}).status_code == 400
    good(lena.post("/api/plan", {"share": 100, "bound": 0}))
    assert [f["share_permille"] for f in told(study, "plan")] == [125, 1000]
    look = good(lena.get(f"/api/plan/{ids[0]}"))
    assert (look["bound"], look["segments"], look["to_verify"]) == (False, 4, 4)
    assert lena.post(f"/api/plan/{ids[0]}/draw").json()["error"] == "NotReady"


def test_the_register(ivo: Browser, lena: Browser, ids: list[str], study: Study) -> None:
    """Written, read by others at once, with both told when two write the same."""
    listed = good(ivo.get("/api/interviews"))["interviews"]
    [it] = [i for i in listed if i["recordings"][0]["id"] == ids[0]]
    fields = {"site": "Recife", "date": "2026-11-22", "participants": ["P01"], "notes": "Rain."}
    sent = {"interview": it["id"], "version": 0, "fields": fields, "recordings": ids[:2]}
    saved = good(ivo.post("/api/interviews", sent))
    assert saved["saved"] == it["id"] and len(saved["interviews"]) == 2
    transcript = good(lena.get(f"/api/recordings/{ids[1]}"))
    assert transcript["recording"]["name"] == "Recife · 2026-11-22 · 2"
    assert transcript["interview"]["participants"] == ["P01"]
    moved = lena.post("/api/interviews", {**sent, "fields": {"site": "Manaus"}})
    assert (moved.status_code, moved.json()["error"]) == (409, "InterviewMovedOn")
    assert moved.json()["conflict"]["theirs"] == {"site": "Recife"}
    made = good(lena.post("/api/interviews", {"fields": {"site": "Olinda"}}))
    assert made["saved"] not in [i["id"] for i in listed]
    for bad in ({"weather": "rain"}, {"site": 7}, {"participants": "P01"}, {"date": "today"}):
        assert lena.post("/api/interviews", {"fields": bad}).status_code == 400
    assert len(told(study, "interview")) == 2 and len(told(study, "belong")) == 1


def test_custody_and_its_proof(lena: Browser, ids: list[str], study: Study) -> None:
    """In the order of the log, signatures looked at; the proof is told and lies nowhere."""
    found = good(lena.get(f"/api/custody/{ids[0]}"))
    assert [e["what"] for e in found["events"]][:3] == ["offload", "take in", "draft"]
    assert all(e["holds"] and e["place"] is not None for e in found["events"])
    interview = told(study, "belong") or good(lena.get("/api/interviews"))["interviews"]
    whole = good(lena.get(f"/api/custody/{interview[0]['id']}"))
    assert whole["interview"] == interview[0]["id"] and whole["events"]
    proof = good(lena.post(f"/api/custody/{ids[0]}/proof"))
    assert json.loads(proof["proof"])["recording"] == ids[0]
    assert len(told(study, "proof")) == 1
    assert lena.get("/api/custody/zzzz").status_code == 404


def test_an_audit_holds_up_nobody(lena: Browser, study: Study) -> None:
    """It runs beside the keeper, which answers meanwhile; what it found is there when it is done."""
    wrong = lena.post("/api/audit", {"passphrase": "not it at all"})
    assert wrong.json()["error"] == "WrongPassphrase"
    state = good(lena.post("/api/audit", {"passphrase": PASSPHRASE}))
    while state["running"] or not state["audited"]:
        assert good(lena.get("/api/words"))["version"] == 0
        state = good(lena.get("/api/audit/news"))
    audited = state["audited"]
    assert audited["whole"] and audited["told"], audited
    assert "interviews" in [s["subject"] for s in audited["subjects"]]
    assert len(told(study, "audit")) == 1


def test_an_audit_is_stopped(lena: Browser, study: Study) -> None:
    """Then nothing of it is told."""
    good(lena.post("/api/audit", {"passphrase": PASSPHRASE}))
    stopped = good(lena.post("/api/audit/stop"))
    assert (stopped["running"], stopped["audited"]) == (False, None)
    assert told(study, "audit") == []


def signed(study: Study, recording: str) -> None:
    """Correct, verify and sign a transcript of four segments."""
    from confere.acts.correct import Correction, correct
    from confere.acts.sign import sign
    from confere.acts.verify import verify

    desks = {name: study.desk(name) for name in ("ivo", "vera")}
    for number in "1234":
        correct(desks["ivo"], recording, number, Correction())
        verify(desks["vera"], recording, number, unplayed_reason="I sat in the room.")
    sign(desks["vera"], recording, PASSPHRASE)
    for desk in desks.values():
        desk.vault.close()


def test_worth_and_export(lena: Browser, ids: list[str], study: Study) -> None:
    """Figures of what is signed, in the page's language; a ZIP that holds nothing else than an export."""
    empty = good(lena.get("/api/worth"))
    assert (empty["study"]["transcripts"], empty["methods"], empty["plot"]) == (0, "", "")
    signed(study, ids[0])
    assert good(lena.post("/api/worth/step")) == {"done": 1, "of": 1}
    found = good(lena.get("/api/worth"))
    assert found["study"]["transcripts"] == 1 and found["plot"].startswith("<svg ")
    assert len(found["items"]) == 32 and found["methods"]
    lena.client.cookies.set("language", "pt")
    assert good(lena.get("/api/worth"))["methods"] != found["methods"]
    listed = good(lena.get("/api/export"))
    assert [r["signed"] for r in listed["recordings"]] == [True, False]
    answer = lena.post("/api/export", {"recordings": [ids[0]], "kinds": ["docx", "webvtt"]})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
    assert names[-1] == "manifest.json"
    assert sorted(f["name"] for f in manifest["files"]) == sorted(names[:-1])
    assert [f["kinds"] for f in told(study, "export")] == ["docx webvtt"]
    draft = {"recordings": [ids[1]], "kinds": ["json"]}
    assert lena.post("/api/export", draft).json()["error"] == "NotReady"
    assert lena.post("/api/export", {**draft, "draft": True}).status_code == 200
    assert lena.post("/api/export", {"recordings": [], "kinds": ["json"]}).status_code == 400
    assert lena.post("/api/export", {"recordings": [ids[0]], "kinds": ["exe"]}).status_code == 400
    assert len(told(study, "export")) == 2
