#!/usr/bin/env python3
"""Check the proof of a recording's custody without Confere: needs Python 3.11 and ``cryptography`` only.

    pip install cryptography
    python verify_custody.py PROOF.json --roster-sha256 HEX [--audio FILE] [--sealed FILE] [--checkpoint FILE]

It prints what happened to the recording, and when, by whom; exit code 0 if everything holds, 1 if
anything is wrong, 2 for wrong use. ``docs/format.md`` describes the file; RFC 6962 the tree.

What it proves, if it holds
  * Every event shown was signed with a key that the study's roster gave that person, or that certified
    machine, at that moment; the roster itself was changed only by the study's leads or its recovery key.
  * Every event shown stands in the study's custody log at its place. Nobody can have put one in, taken
    one out, changed one or moved one later on without changing the log's root, which is signed.
  * Whoever signed the last event (``proof``) says that these are all the events of this recording.
  * With --audio or --sealed: that file is, byte for byte, the one that was taken off the recorder.
  * With --checkpoint (from a receipt, an export, a backup): the log still begins with what it was then.

What it does not prove
  * That the study is who it says. Get the digest for --roster-sha256 on another way than the file.
  * The times: they are those of the machines' clocks. The order of the events is proved, times are not.
  * What happened before the file came off the recorder, or what people did outside of the software.
  * That the log was never replaced whole by those who hold its keys: that, an older --checkpoint shows.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

READERS = {"interpreter", "verifier", "lead"}  # roles whose people can open recordings
ROSTER_EVENTS = {
    "study created", "person added", "person removed", "person recovered", "machine certified",
    "machine removed", "roster found",
}  # fmt: skip
OF_THE_NEW = {"study created", "person recovered", "roster found"}  # signed with a key they bring
ONLY_LEADS = {"study created", "person added", "person removed", "machine certified", "machine removed",
              "export", "destroy"}  # fmt: skip
PROOF_FIELDS = [
    "checkpoint",
    "consistency",
    "events",
    "format",
    "kind",
    "recording",
    "rosters",
    "study",
]
WORDS = {
    "study created": "made the study",
    "person added": "added {name} to the study ({roles})",
    "person removed": "took {name} out of the study",
    "person recovered": "gave {name} new keys, with the recovery key",
    "machine certified": "certified the machine {machine}",
    "machine removed": "took the machine {machine} out of the study",
    "roster found": "found version {roster} of the roster and told it",
    "offload": "took the recording off the recorder: {size_bytes} bytes, SHA-256 {sha256}; sealed, it has "
    "SHA-256 {sealed_sha256}",
    "take in": "entered it into the catalog",
    "belong": "filed it as part {part} of interview {interview}",
    "draft": "had it transcribed and translated by machine: {segments} segments, {draft_sha256}",
    "edit": "changed segment {segment} ({fields}), not finished: {revision_sha256}",
    "correct": "corrected segment {segment} ({fields}): {revision_sha256}",
    "accept": "took segment {segment} as it stood: {revision_sha256}",
    "verify": "verified segment {segment} against the audio: {revision_sha256}",
    "return": "gave segment {segment} back for more work: {revision_sha256}",
    "play": "had it played, {start_ms} to {end_ms} ms",
    "read": "was shown the texts",
    "sign": "signed the transcript, version {version}: {document_sha256}",
    "export": "exported it as {kinds} (with audio: {audio})",
    "destroy": "ended its retention and destroyed its key: {reason}",
    "proof": "made a proof of its custody: {events} events before this one",
}


class Wrong(Exception):
    """Something about the proof is not as it must be."""


def require(holds: bool, what: str) -> None:
    if not holds:
        raise Wrong(what)


def check(content: bytes, roster_sha256: str | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Check everything in the file; return it and the bodies of its events, in the order of the log."""
    proof = canonical(content, "the proof")
    require(sorted(proof) == PROOF_FIELDS, "these are not the fields of a proof of custody")
    require(
        spell([proof["kind"], proof["format"]]) == b'["confere/custody-proof",1]',
        "it is of another kind or format",
    )
    rosters, digests = check_rosters(proof)
    require(
        roster_sha256 in (None, *digests),
        "it is not of the study whose roster has the digest given",
    )
    size, root = check_checkpoint(proof, rosters)
    bodies = check_events(proof, rosters, digests, size, root)
    for state in proof["consistency"]:
        require(sorted(state) == ["path", "root", "size"], "a consistency proof has other fields")
        path = [unpack(each) for each in state["path"]]
        check_consistency(state["size"], unpack(state["root"]), size, root, path)
    return proof, bodies


def check_rosters(proof: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Each version names the digest of the one before it, and one of that one's leads signed it."""
    rosters: list[dict[str, Any]] = []
    digests = [""]
    for number, note in enumerate(proof["rosters"], 1):
        what = f"version {number} of the roster"
        text, signer, key_id, signature = open_note(note, what)
        roster = canonical(text.removesuffix("\n").encode(), what)
        before = rosters[-1] if rosters else roster
        keys = {
            p["name"]: p["verify_keys"]["roster"] for p in before["people"] if "lead" in p["roles"]
        }
        if rosters:
            keys["recovery"] = before["recovery"]["verify_key"]
        require(signer in keys, f"{what} is signed by {signer}, who was no lead")
        verify(keys[signer], text.encode(), signature, f"{what}, by {signer},")
        require(key_id == note_key_id(signer, keys[signer]), f"{what} is signed with another key")
        found = (roster["kind"], roster["format"], roster["version"], roster["previous"])
        require(
            found == ("confere/roster", 1, number, digests[-1]),
            f"{what} does not follow the one before",
        )
        require(roster["study"]["id"] == proof["study"], f"{what} is of another study")
        rosters.append(roster)
        digests.append(hashlib.sha256(note.encode()).hexdigest())
    require(bool(rosters), "it holds no roster")
    return rosters, digests[1:]


def check_checkpoint(proof: dict[str, Any], rosters: list[dict[str, Any]]) -> tuple[int, bytes]:
    """The log's size and root, signed by a reader or a machine of the newest roster or the one before."""
    text, signer, key_id, signature = open_note(proof["checkpoint"], "the checkpoint")
    lines = text.split("\n")
    require(
        len(lines) == 4 and lines[0] == f"confere/{proof['study']}",
        "the checkpoint is of another log",
    )
    keys = [key for roster in rosters[-2:] for key in keys_of(roster, signer, "checkpoint")]
    fitting = [key for key in keys if key_id == note_key_id(signer, key)]
    require(bool(fitting), f"the checkpoint is signed by {signer}, who was not in the study")
    verify(fitting[0], text.encode(), signature, f"the checkpoint, by {signer},")
    require(re.fullmatch("[1-9][0-9]*", lines[1]) is not None, "the checkpoint's size is no number")
    return int(lines[1]), unpack(lines[2])


def check_events(
    proof: dict[str, Any], rosters: list[dict[str, Any]], digests: list[str], size: int, root: bytes
) -> list[dict[str, Any]]:
    """Each event's form, place, signature and signer; then what only all of them together tell."""
    bodies: list[dict[str, Any]] = []
    entries: list[bytes] = []
    version, last = 0, -1  # of the roster in force; the place of the event before
    for number, event in enumerate(proof["events"], 1):
        what = f"event {number}"
        require(
            sorted(event) == ["body", "key", "proof", "salt", "signature"],
            f"{what} has other fields",
        )
        body = canonical(event["body"].encode(), what)
        bodies.append(body)
        what += f" ({body['what']}, by {body['by']}, {body['at']})"
        require(
            (body["kind"], body["format"]) == ("confere/event", 1), f"{what} is of another kind"
        )
        require(body["study"] == proof["study"], f"{what} is of another study")
        signed = {name: event[name] for name in ("body", "key", "signature")}
        entries.append(hashlib.sha256(unhex(event["salt"], 32) + spell(signed)).digest())
        index = check_place(event["proof"], proof["checkpoint"], entries[-1], size, root, what)
        require(index > last, f"{what} does not stand behind the one before it")
        last = index
        verify(event["key"], event["body"].encode(), unhex(event["signature"], 64), what)
        judged = version
        if body["what"] in ROSTER_EVENTS:
            told = body["of"]["roster"]
            require(
                type(told) is int and 0 < told <= len(rosters),
                f"{what} tells of a roster that is not here",
            )
            require(
                digests[told - 1] == body["of"]["roster_sha256"], f"{what} tells of another roster"
            )
            judged = max(version, told) if body["what"] in OF_THE_NEW else told - 1
            version = max(version, told)
        else:
            require(
                body["of"].get("recording") == proof["recording"], f"{what} is of another recording"
            )
        require(judged > 0, f"{what} comes before anybody was in the study")
        check_signer(rosters[judged - 1], body, event["key"], what)
    require(version == len(rosters), "the newest version of the roster was told by no event")
    kinds = [body["what"] for body in bodies if body["what"] not in ROSTER_EVENTS]
    require(
        kinds[:1] == ["offload"] and kinds.count("offload") == 1,
        "it does not begin with one offload",
    )
    # The last event of the file is the last of the log, and says what belongs into the file.
    require(
        bodies[-1]["what"] == "proof" and last == size - 1, "its last event is not its own proof"
    )
    all_ = hashlib.sha256(b"".join(sorted(entries[:-1]))).hexdigest()
    since = spell([[state["size"], state["root"]] for state in proof["consistency"]])
    attested = {
        "events": len(entries) - 1,
        "events_sha256": all_,
        "since_sha256": hashlib.sha256(since).hexdigest(),
    }
    for name, value in attested.items():
        require(bodies[-1]["of"][name] == value, f"events were left out, or put in ({name})")
    return bodies


def check_signer(roster: dict[str, Any], body: dict[str, Any], key: str, what: str) -> None:
    """The key was that person's, or that machine's, in the roster in force; and their roles allowed it."""
    by = body["by"]
    require(
        by.startswith("machine:") == (body["what"] == "offload"),
        f"{what}: no machine does this, or only one",
    )
    require(
        key in keys_of(roster, by, "event"),
        f"{what}: {by} was not in the study then, or had another key",
    )
    roles = {
        role for person in roster["people"] if person["name"] == by for role in person["roles"]
    }
    require(body["what"] not in ONLY_LEADS or "lead" in roles, f"{what}: {by} was no lead then")
    require(
        body["what"] not in ("sign", "verify", "return") or "verifier" in roles,
        f"{what}: {by} was no verifier",
    )


def keys_of(roster: dict[str, Any], name: str, kind: str) -> list[str]:
    """The keys of a kind of whoever bears the name and may open recordings, or of the machine."""
    able = [p for p in roster["people"] if READERS & set(p["roles"])] + roster["machines"]
    return [one["verify_keys"][kind] for one in able if one["name"] == name]


def check_place(text: str, checkpoint: str, entry: bytes, size: int, root: bytes, what: str) -> int:
    """Check a C2SP tlog-proof and return the entry's number, from 0."""
    head, _, note = text.partition("\n\n")
    header, index_line, *path = head.split("\n")
    found = re.fullmatch("index (0|[1-9][0-9]*)", index_line)
    require(
        header == "c2sp.org/tlog-proof@v1" and found is not None,
        f"{what}: its place in the log is malformed",
    )
    require(note == checkpoint, f"{what}: its place is told by another checkpoint")
    index = at = int(found[1]) if found else 0
    require(index < size, f"{what}: its place is behind the end of the log")
    node, last = hashlib.sha256(b"\x00" + entry).digest(), size - 1
    for sibling in map(unpack, path):
        require(last > 0, f"{what}: the path to the log's root is too long")
        if at % 2 or at == last:
            node = join(sibling, node)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            node = join(node, sibling)
        at, last = at // 2, last // 2
    require(
        last == 0 and node == root,
        f"{what} does not stand in the log: it was changed, moved or put in",
    )
    return index


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, path: list[bytes]
) -> None:
    """RFC 9162, 2.1.4.2: the log of ``size`` entries begins with the log of ``old_size``."""
    what = f"the log does not continue the state of {old_size} entries"
    require(type(old_size) is int and 0 < old_size < size and bool(path), what)
    at, last = old_size - 1, size - 1
    while at % 2:
        at, last = at // 2, last // 2
    hashes = path if at else [old_root, *path]
    old = new = hashes[0]
    for sibling in hashes[1:]:
        require(last > 0, what)
        if at % 2 or at == last:
            old, new = join(sibling, old), join(sibling, new)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            new = join(new, sibling)
        at, last = at // 2, last // 2
    require(last == 0 and old == old_root and new == root, what)


def check_known(proof: dict[str, Any], path: Path) -> None:
    """The log continues every checkpoint that stands in a file from elsewhere."""
    lines = rf"^[ \t]*(confere/{proof['study']})\s+([0-9]+)\s+([A-Za-z0-9+/]{{43}}=)\s*$"
    text = path.read_text("utf-8", "replace").replace("\\n", "\n")
    known = [(int(size), root) for _, size, root in re.findall(lines, text, re.MULTILINE)]
    require(bool(known), f"{path.name} holds no checkpoint of this study's log")
    shown = {(state["size"], state["root"]) for state in proof["consistency"]}
    _, size, root = proof["checkpoint"].split("\n")[:3]
    for state in known:
        hint = "ask for a proof made with --since and that file"
        require(
            state in {*shown, (int(size), root)},
            f"it does not show that the log continues {path.name}: {hint}",
        )


def canonical(content: bytes, what: str) -> dict[str, Any]:
    """The JSON object of bytes that are its one canonical spelling (RFC 8785, without fractions)."""
    value = json.loads(content)
    require(
        isinstance(value, dict) and spell(value) == content,
        f"{what} is not canonical JSON: it was rewritten",
    )
    return dict(value)


def spell(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def open_note(note: str, what: str) -> tuple[str, str, bytes, bytes]:
    """The text of a C2SP signed note, and its one signature: whose, key id, signature."""
    text, _, line = note.rpartition("\n\n")
    found = re.fullmatch("— ([^\\s+]+) ([A-Za-z0-9+/=]+)\n", line)
    require(bool(text) and found is not None, f"{what} is not a note with one signature")
    blob = base64.b64decode(found[2], validate=True) if found else b""
    require(
        found is not None and base64.b64encode(blob).decode() == found[2] and len(blob) == 68,
        f"{what}: signature",
    )
    return text + "\n", found[1] if found else "", blob[:4], blob[4:]


def note_key_id(name: str, key: str) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + raw_key(key)).digest()[:4]


def verify(key: str, message: bytes, signature: bytes, what: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(raw_key(key)).verify(signature, message)
    except InvalidSignature:
        raise Wrong(f"the signature on {what} does not hold") from None


def raw_key(text: str) -> bytes:
    return unpack(text.removeprefix("ed25519:") + "=")


def unpack(text: str) -> bytes:
    """32 bytes from their one spelling in base64."""
    raw = base64.b64decode(text, validate=True)
    require(len(raw) == 32 and base64.b64encode(raw).decode() == text, "a hash or key is misspelt")
    return raw


def unhex(text: str, count: int) -> bytes:
    require(
        re.fullmatch(f"[0-9a-f]{{{2 * count}}}", text) is not None,
        "a salt or signature is misspelt",
    )
    return bytes.fromhex(text)


def join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_file(path: Path, expected: str, what: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    require(digest == expected, f"{path.name} is not {what}: its SHA-256 is {digest}")


def tell(proof: dict[str, Any], bodies: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Print the custody as a timeline, and the verdict."""
    first = hashlib.sha256(proof["rosters"][0].encode()).hexdigest()
    study = json.loads(proof["rosters"][-1].rpartition("\n\n")[0])["study"]["name"]
    say(f"Recording  {proof['recording']}")
    say(f"Study      {study} ({proof['study']}); its first roster has SHA-256 {first}")
    say(f"Log        {' '.join(proof['checkpoint'].split(chr(10))[1:3])}")
    say("")
    for body in bodies:
        facts = {name: value for name, value in body["of"].items() if name != "recording"}
        try:
            words = WORDS[body["what"]].format(**facts)
        except (KeyError, IndexError):
            words = f"{body['what']}: " + ", ".join(
                f"{name} {value}" for name, value in facts.items()
            )
        say(f"{body['at']}  {body['by']}  {words}")
    say("")
    for given, what in (
        (options.audio, "as it came off the recorder"),
        (options.sealed, "as it was sealed"),
    ):
        if given:
            say(f"{given.name} is the recording {what}, byte for byte.")
    for state in proof["consistency"]:
        say(f"The log continues the state of {state['size']} entries with root {state['root']}.")
    if options.roster_sha256:
        say(
            "HOLDS: every event above was signed by whom it says, and stands in the study's custody log."
        )
    else:
        say(
            "HOLDS IN ITSELF: but whose study this is, only the file itself says. Ask the study, on another"
        )
        say(
            "way than the file came, for the digest of its roster, and give it with --roster-sha256."
        )


def say(line: str) -> None:
    """Print a line; what the file says must not steer the terminal it is shown on."""
    shown = "".join(c if c.isprintable() else "?" for c in line)
    print(
        shown.encode(sys.stdout.encoding or "utf-8", "replace").decode(
            sys.stdout.encoding or "utf-8"
        )
    )


def main() -> int:
    """Check the file named on the command line; print what it tells, or what is wrong."""
    parser = argparse.ArgumentParser(description="Check the proof of a recording's custody.")
    parser.add_argument("proof", type=Path, help="the file that 'confere audit --proof' wrote")
    parser.add_argument(
        "--roster-sha256", help="SHA-256 of one of the study's rosters, known from elsewhere"
    )
    parser.add_argument("--audio", type=Path, help="the recording as it came off the recorder")
    parser.add_argument("--sealed", type=Path, help="the sealed recording (audio.age)")
    parser.add_argument(
        "--checkpoint", type=Path, help="a receipt, an export's manifest or a checkpoint"
    )
    options = parser.parse_args()
    try:
        proof, bodies = check(options.proof.read_bytes(), options.roster_sha256)
        offload = next(body["of"] for body in bodies if body["what"] == "offload")
        if options.audio:
            check_file(
                options.audio, offload["sha256"], "the recording as it came off the recorder"
            )
        if options.sealed:
            check_file(options.sealed, offload["sealed_sha256"], "the recording as it was sealed")
        if options.checkpoint:
            check_known(proof, options.checkpoint)
    except Wrong as error:
        say(f"WRONG: {error}")
        return 1
    except OSError as error:
        say(f"WRONG: {error.filename} cannot be read: {error.strerror}")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        say(
            "WRONG: this is not a proof of custody: fields are missing or are not what they must be"
        )
        return 1
    tell(proof, bodies, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
