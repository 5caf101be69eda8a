#!/usr/bin/env python3
"""Check a signed transcript without Confere: needs only ``cryptography`` and ``rfc8785``.

    pip install cryptography rfc8785
    python verify_transcript.py TRANSCRIPT.json --key ed25519:… [--audio RECORDING]

It says who signed what and when, and answers with exit code 0 if the signature holds, 1 if anything
is wrong, 2 for wrong use. Without ``--key`` the signature is checked with the key that the file itself
names: that shows that nothing was altered afterwards, but anybody can put a key of their own into a
file. Ask the study for the verifier's public key on another way than the file came.

``docs/sign-off.md`` describes the format.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "ed25519:"


class Wrong(Exception):
    """Something about the file is not as it must be."""


def main() -> int:
    """Check the file named on the command line and print what was found."""
    options = _options()
    try:
        content = options.transcript.read_bytes()
        document = check(content, options.key)
        if options.audio:
            check_audio(document, options.audio)
    except OSError as error:
        print(f"WRONG: {error.filename} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    except Wrong as error:
        print(f"WRONG: {error}", file=sys.stderr)
        return 1
    _tell(document, content, options)
    return 0


def check(content: bytes, pinned_key: str | None) -> dict[str, Any]:
    """Return the document if the signature on it holds and its own rules are kept."""
    envelope = _canonical(content)
    if not isinstance(envelope, dict) or set(envelope) != {"document", "signature"}:
        raise Wrong("this is not a signed transcript (a draft has no signature)")
    document, signature = envelope["document"], envelope["signature"]
    try:
        _check_signature(document, signature, pinned_key)
        _check_rules(document)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Wrong("fields are missing or are not what they must be") from None
    return dict(document)


def check_audio(document: dict[str, Any], path: Path) -> None:
    """Compare a recording, as it came off the recorder, with the digest that was signed."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != document["recording"]["sha256"]:
        raise Wrong(f"{path.name} is not the recording that this transcript was signed for")


def _canonical(content: bytes) -> Any:
    """Return the JSON value of the file, if the file is its one canonical spelling (RFC 8785)."""
    try:
        value = json.loads(content)
        canonical = rfc8785.dumps(value)
    except (ValueError, RecursionError):
        raise Wrong("this is not JSON") from None
    if canonical != content:
        raise Wrong("this is not canonical JSON: the file was rewritten after it was signed")
    return value


def _check_signature(document: Any, signature: Any, pinned_key: str | None) -> None:
    if (signature["algorithm"], signature["purpose"]) != ("Ed25519", "sign-off"):
        raise Wrong("the signature is of another kind")
    if document["kind"] != "confere/sign-off" or document["format"] not in (1, 2):
        raise Wrong("the document is of another kind or of a later format")
    if signature["key"] != document["verifier"]["key"]:
        raise Wrong("the document names another key than the signature")
    if pinned_key not in (None, signature["key"]):
        raise Wrong("it was signed with another key than the one you gave")
    key = Ed25519PublicKey.from_public_bytes(_base64(signature["key"].removeprefix(PREFIX)))
    try:
        key.verify(_base64(signature["value"]), rfc8785.dumps(document))
    except InvalidSignature:
        raise Wrong("the signature does not hold: the document was altered") from None


def _check_rules(document: Any) -> None:
    """What the document must keep to by its own words, whoever made it and with whatever program."""
    segments, counts, drafted = document["segments"], document["counts"], document["draft"]
    positions = [s["position"] for s in segments]
    if positions != sorted(set(positions)):
        raise Wrong("the segments are not in their order")
    if len({s["id"] for s in segments}) != len(segments) or counts["segments"] != len(segments):
        raise Wrong("a segment stands there twice, or is missing from the count")
    if document["practice"] != any(drafted[n]["practice"] for n in ("speech", "translation")):
        raise Wrong("it does not say that a practice model drafted it")
    if document["format"] > 1:
        _check_terms(document, sum(bool(s["verified_by"]) for s in segments))
    _check_segments(document)
    workers = {n for s in segments for n in (*s["authors"], *s["accepted_by"])}
    if document["correctors"] != sorted(workers):
        raise Wrong("it names other people who worked on it than its segments do")


def _check_terms(document: Any, verified: int) -> None:
    """What came with format 2."""
    if not 1 <= document["played_percent"] <= 100:
        raise Wrong("the share of the sound that had to be played is none")
    if document["counts"]["verified"] != verified:
        raise Wrong("it counts other verified segments than there are")
    if document["checks_open"]["error"]:
        raise Wrong("it was signed while a check saw an error")
    if not all(it["by"] and it["reason"].strip() for it in document["checks_dismissed"]):
        raise Wrong("a check was dismissed without a reason")
    if bool(document["previous"]) != (document["version"] > 1):
        raise Wrong("it follows no earlier version, or a first version follows one")


def _check_segments(document: Any) -> None:
    """The second person: whoever signed has verified every segment and worked on none.

    Since format 2 a sampling plan may leave segments out: those name no verifier.
    """
    verifier, spans = document["verifier"]["name"], document["verifier"]["played"]
    percent = document.get("played_percent", 100)
    duration = document["recording"]["duration_ms"]
    left_out = _left_out(document)
    for segment in document["segments"]:
        name = f"segment {segment['id']}"
        end = min(segment["end_ms"], duration)
        start = min(segment["start_ms"], end)
        if (segment["playable_ms"], segment["played_ms"]) != (
            end - start,
            _played(spans, start, end),
        ):
            raise Wrong(f"{name} was not played so long to {verifier} as it says")
        workers = {*segment["authors"], *segment["accepted_by"]}
        if verifier in workers:
            raise Wrong(f"{verifier} signed {name} and had worked on it")
        if not workers:
            raise Wrong(f"nobody but {verifier} answers for {name}")
        if not segment["verified_by"] and segment["id"] in left_out:
            continue
        if segment["verified_by"] != verifier or not segment["verified_at"]:
            raise Wrong(f"{name} was not verified by {verifier}, who signed")
        played = segment["played_ms"] * 100 >= segment["playable_ms"] * percent
        if not played and not segment["unplayed_reason"].strip():
            raise Wrong(f"{name} was not played, and no reason is given")
    if not document["segments"] and _played(spans, 0, duration) != duration:
        raise Wrong(f"that nothing is said was signed, and {verifier} did not play all of it")


def _played(spans: Any, start: int, end: int) -> int:
    """Return how many milliseconds of a span were played; a millisecond played twice counts once."""
    total, reached = 0, start
    for since, until in sorted(spans):
        total += max(0, min(until, end) - max(since, reached))
        reached = max(reached, min(until, end))
    return total


def _left_out(document: Any) -> set[str]:
    """Return the segments that the plan need not have verified, after doing its draw again."""
    plan = document.get("plan", {"kind": "full"})
    if plan["kind"] == "full" or plan["outcome"] != "enough":
        return set()
    if not (1 <= plan["share_permille"] <= 999 and 1 <= plan["bound_permille"] <= 999):
        raise Wrong("the sampling plan is none: its share or its bound is not below everything")
    seed = bytes.fromhex(plan["seed"])
    if hashlib.sha256(b"confere/sampling-seed/1\0" + seed).hexdigest() != plan["commitment"]:
        raise Wrong("the seed of the sample is not the one that was committed to")
    if len(seed) != 32:
        raise Wrong("the seed of the sample is not of 32 bytes")
    ids = {segment["id"] for segment in document["segments"]}
    marked = set(plan["marked"])
    drawn = {i for i in ids if _is_drawn(seed, document["recording"]["id"], i, plan)}
    sample, rest = drawn - marked, ids - marked - drawn
    named = sum(1 for s in document["segments"] if s["id"] in sample and s["errors"])
    if len(sample) != plan["sample"] or not named <= plan["wrong"] <= len(sample):
        raise Wrong("the sample is not the one that the seed draws")
    if rest and _at_most(plan["wrong"], len(sample), plan["bound_permille"] / 1000) > 0.05:
        raise Wrong("the sample had too many wrong segments for the rest to be left out")
    return rest


def _is_drawn(seed: bytes, recording: str, segment: str, plan: Any) -> bool:
    name = recording.encode()
    told = b"confere/sampling-draw/1\0" + seed + len(name).to_bytes(4, "big") + name
    number = int.from_bytes(hashlib.sha256(told + segment.encode()).digest()[:8], "big")
    return bool(number * 1000 < plan["share_permille"] << 64)


def _at_most(wrong: int, drawn: int, share: float) -> float:
    """Return the probability of at most so many wrong ones in so many, at a share of wrong ones."""
    return math.fsum(
        math.comb(drawn, k) * share**k * (1 - share) ** (drawn - k) for k in range(wrong + 1)
    )


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _tell(document: dict[str, Any], content: bytes, options: argparse.Namespace) -> None:
    recording, verifier, counts = (document[n] for n in ("recording", "verifier", "counts"))
    verdict = "GOOD" if options.key else "UNALTERED, by the key in the file itself"
    _say(f"{verdict}: signed by {verifier['name']} at {document['signed_at']}")
    _say(f"study         {document['study']['name']} (protocol {document['study']['protocol']})")
    _say(
        f"recording     {recording['id']}, part {recording['part']}, version {document['version']}"
    )
    _say(f"audio         SHA-256 {recording['sha256']}" + (", the same" if options.audio else ""))
    _say(f"segments      {counts['segments']}, of which {counts['changed']} changed by people")
    verified = sum(bool(segment["verified_by"]) for segment in document["segments"])
    _say(f"verified      {verified}" + ("" if verified == counts["segments"] else ": A SAMPLE"))
    for line in _sampled(document):
        _say(line)
    _say(f"not played    {counts['unplayed']}, each with a written reason")
    for dismissed in document["checks_dismissed"]:
        _say(f"dismissed     {dismissed['check']}, by {dismissed['by']}: {dismissed['reason']}")
    if document.get("previous"):
        _say(_follows(document["previous"]))
    _say(f"worked on by  {', '.join(document['correctors']) or 'nobody'}")
    _say(f"this file     SHA-256 {hashlib.sha256(content).hexdigest()}")
    _say(f"statement     {document['statement']['en']}")
    if document["practice"]:
        _say("PRACTICE      drafted by a practice model: not a transcript of a study")
    if not options.key:
        _say(f"NOTE          the key is the file's own: {verifier['key']}")
        _say("              Ask the study whether it is theirs, and give it with --key.")


def _sampled(document: dict[str, Any]) -> list[str]:
    """Say what was left out, and why that was allowed."""
    unverified = [str(s["position"]) for s in document["segments"] if not s["verified_by"]]
    if not unverified:
        return []
    plan = document["plan"]
    bound = f"{plan['bound_permille'] / 10:g} %"
    return [
        f"sample        {plan['wrong']} of {plan['sample']} drawn segments were wrong; so many and more "
        f"than {bound} wrong in the rest do not go together (95 %)",
        f"UNVERIFIED    segments {', '.join(unverified)}",
    ]


def _follows(previous: dict[str, Any]) -> str:
    return (
        f"follows       version {previous['version']}, SHA-256 {previous['sha256']}, which "
        f"{previous['by']} reopened at {previous['at']}: {previous['reason']}"
    )


def _say(line: str) -> None:
    """Print a line; what the file says must not steer the terminal it is shown on."""
    shown = "".join(c if c.isprintable() else "?" for c in line)
    print(shown.encode(sys.stdout.encoding, "replace").decode(sys.stdout.encoding))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check the signature on a transcript.")
    parser.add_argument("transcript", type=Path, help="the exported JSON file")
    parser.add_argument("--key", help="the verifier's public key for sign-offs (ed25519:…)")
    parser.add_argument("--audio", type=Path, help="the recording, to compare its digest too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
