"""``confere demo``: what a study does in two days, in a practice vault, in three minutes.

It calls the same acts as every other command and stops at the first thing that does not go as told.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.demo_script import Truth, read_script
from confere.errors import ConfereError, Refused

if TYPE_CHECKING:
    from confere.acts.desk import Desk
    from confere.domain import Segment
    from confere.vault import Vault

PASSPHRASE = "practice makes perfect"  # noqa: S105 - of a vault that guards nothing
LEAD, INTERPRETER, VERIFIER = "lena", "ivo", "vera"
CARRIED_THROUGH = "INTERVIEW003.M4A"  # two languages, three voices: the recording that gets signed
_SHOWN = 5  # segments of each recording that are printed


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one demonstration."""

    root: Path

    @property
    def card(self) -> Path:
        """The "recorder"."""
        return self.root / "card"

    @property
    def vault(self) -> Path:
        """The practice vault."""
        return self.root / "vault"

    @property
    def exports(self) -> Path:
        """Where the signed transcript goes."""
        return self.root / "exports"


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="A new folder for the card, the vault and the exports.",
)
def command(folder: Path) -> None:
    """Do the whole job in a practice vault: offload, draft, correct, verify, sign, export."""
    begun = time.monotonic()
    place = Place(_unused(folder))
    click.echo("Confere, from the recorder to a signed transcript. Voices and people are made up,")
    click.echo("the practice models know one small language, and all they draft is PRACTICE.")
    with _step("A study is set up: its vault, a lead, an interpreter, a verifier"):
        vault = _set_up(place)
    with _step("End of the day: the recorder is offloaded"):
        _offload(place, vault)
    with _step("Overnight: every recording is transcribed and translated, in memory"):
        recording = _draft(vault)
    with _step(f"Next day: {INTERPRETER}, the interpreter, corrects"):
        _correct(vault, recording)
    with _step(f"After that: {VERIFIER}, another person, plays, verifies and signs"):
        _verify_and_sign(vault, recording)
    with _step(f"{LEAD}, the lead, hands the signed transcript over"):
        _export(place, vault, recording)
    _say_what_next(place, time.monotonic() - begun)


# --- the steps -----------------------------------------------------------------------------------


def _set_up(place: Place) -> Vault:
    from confere.acts.setup import add_person, create_study
    from confere.domain import Role
    from confere.wiring import practice_settings, this_machine

    created = create_study(
        place.vault,
        study="Demonstration",
        lead=LEAD,
        passphrase=PASSPHRASE,
        settings=practice_settings(),
        practice=True,
        machine=this_machine(),
    )
    # Both roles, so that the refusal below is about own work and not about a missing role.
    both = frozenset({Role.INTERPRETER, Role.VERIFIER})
    with _sitting(created.vault, LEAD) as desk:
        add_person(desk, INTERPRETER, both, PASSPHRASE)
        add_person(desk, VERIFIER, frozenset({Role.VERIFIER}), PASSPHRASE)
    _say(f"vault: {place.vault}")
    _say(f"everybody's passphrase here: {PASSPHRASE}")
    _say(
        f"recovery key, in a real study printed and locked away: {str(created.recovery.identity)[:24]}..."
    )
    _say(f"{INTERPRETER} is interpreter and verifier, {VERIFIER} is verifier.")
    return created.vault


def _offload(place: Place, vault: Vault) -> None:
    from confere.acts.offload import offload_folder, signed_receipt
    from confere.cli.offload_screen import OffloadScreen
    from confere.cli.pace import Pace
    from confere.vault import Vault as FreshVault
    from confere.wiring import dock as docked
    from confere.wiring import state

    _fill_card(place.card)
    before = _files(place.card)
    _say(f"on the card: {', '.join(before)}")
    _say("No passphrase is asked for: this step can open nothing it takes in.")
    dock = docked(FreshVault(vault.storage.root))
    with OffloadScreen(_say, Pace(state())) as bars:
        receipt = offload_folder(dock, place.card, bars, keep=False)
    if receipt.problem is not None:
        raise receipt.problem
    _say(f"still on the card: {', '.join(_files(place.card))}")
    click.echo()
    for line in signed_receipt(dock, receipt).splitlines():
        click.secho(f"    | {line}", dim=True)


def _draft(vault: Vault) -> str:
    """Draft everything; return the id of the recording that is carried through."""
    from confere.acts.draft import waiting
    from confere.acts.night import draft_all
    from confere.acts.reading import open_transcript
    from confere.acts.take_in import take_in
    from confere.cli.draft_screen import DraftScreen
    from confere.cli.hands import this_machine
    from confere.domain import clock
    from confere.wiring.bench import work

    carried = ""
    with _sitting(vault, INTERPRETER) as desk:
        _say(f"{len(take_in(desk))} recordings taken in by {INTERPRETER}, who holds a key.")
        todo = waiting(desk)
        with this_machine(desk) as hands, DraftScreen(True, len(todo)) as screen:
            outcomes = draft_all(desk, todo, hands, work, screen)
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
            recording = outcome.recording
            click.echo()
            _say(f"{recording.name}, {clock(recording.duration_ms)[3:8]} of audio - PRACTICE")
            segments = open_transcript(desk, recording.id).transcript.segments
            for segment in segments[:_SHOWN]:
                _say_segment(segment)
            if len(segments) > _SHOWN:
                _say(f"  ... and {len(segments) - _SHOWN} more")
            if recording.name == CARRIED_THROUGH:
                carried = recording.id
    return carried


def _correct(vault: Vault, recording: str) -> None:
    from confere.acts.correct import Correction, correct
    from confere.acts.reading import open_transcript
    from confere.acts.verify import play, verify
    from confere.cli.player import SilentPlayer

    truths = read_script(_bundled(CARRIED_THROUGH))
    with _sitting(vault, INTERPRETER) as desk:
        segments = open_transcript(desk, recording).transcript.segments
        two = _worth_correcting(segments, truths, vault.settings.study.target)
        for segment, truth in two:
            changed = correct(
                desk,
                recording,
                segment.id,
                Correction(source=truth.source, target=truth.target, speaker=truth.speaker),
            )
            _say(f"segment {segment.position} corrected:")
            _say_change(segment, changed)
        corrected = {segment.id for segment, _ in two}
        for segment in segments:
            if segment.id not in corrected:
                correct(desk, recording, segment.id, Correction())
        rest = len(segments) - len(two)
        _say(f"the other {rest} taken as they stand, one by one: there is no bulk accept.")
        own = two[0][0]
        play(desk, recording, own.id, SilentPlayer())
        _say(f"{INTERPRETER} tries to verify segment {own.position}:")
        with _must_be_refused():
            verify(desk, recording, own.id)


def _verify_and_sign(vault: Vault, recording: str) -> None:
    from confere.acts.correct import Correction, correct
    from confere.acts.reading import open_transcript
    from confere.acts.sign import sign
    from confere.acts.verify import play, verify
    from confere.cli.player import SilentPlayer

    with _sitting(vault, VERIFIER) as desk:
        segments = open_transcript(desk, recording).transcript.segments
        _say(f"{VERIFIER} tries to verify segment 1 before playing it:")
        with _must_be_refused():
            verify(desk, recording, segments[0].id)
        for segment in segments:
            play(desk, recording, segment.id, SilentPlayer())
            verify(desk, recording, segment.id)
        _say(
            f"{len(segments)} segments played (to a silent player, as nobody listens) and verified."
        )
        signed = sign(desk, recording, PASSPHRASE)
        _say(f"signed by {VERIFIER}: SHA-256 {signed.digest}")
    with _sitting(vault, INTERPRETER) as desk:
        _say(f"{INTERPRETER} tries to change segment 1 after the signature:")
        with _must_be_refused():
            correct(desk, recording, segments[0].id, Correction(target="Something else."))


def _export(place: Place, vault: Vault, recording: str) -> None:
    from confere.acts.hand_over import hand_over
    from confere.review import sign_off

    with _sitting(vault, LEAD) as desk:
        made = hand_over(desk, [recording], ["docx", "webvtt", "json"], place.exports)
        for path in made.files:
            _say(f"{path.stat().st_size:>8} bytes  {path}")
        envelope = next(p for p in made.files if p.suffix == ".json" and "manifest" not in p.name)
        roster = desk.roster
        checked = sign_off.check(
            envelope.read_bytes(), lambda name: roster.person(name).verify_keys["sign-off"]
        )
    who, when = checked.document["verifier"]["name"], checked.document["signed_at"]
    _say(f"the signature in {envelope.name} holds: {who}, {when}")


def _say_what_next(place: Place, seconds: float) -> None:
    click.secho(f"\nDone in {seconds:.0f} s.", bold=True)
    _say(f"vault    {place.vault}")
    _say(f"exports  {place.exports}")
    confere = _program()
    click.echo("\nLook around in it:")
    _say(f"{confere} queue --vault {place.vault} --as {LEAD}")
    _say("a stranger checks the signature with cryptography and rfc8785 alone:")
    _say(f"  {sys.executable} scripts/verify_transcript.py {place.exports}/*-v1.json")
    click.echo("\nWith a real recorder and real models:")
    _say(f'{confere} init --study "NAME" --lead YOU')
    _say(f"{confere} person add NAME --role interpreter --as YOU   (and a verifier)")
    _say(f"{confere} models install small translate-pt_en   (or: models import FOLDER)")
    _say(f"{confere} offload /media/YOUR-RECORDER")
    _say(f"{confere} draft --as YOU   (and leave it overnight)")
    _say(f"{confere} queue --as YOU")


# --- what the steps share --------------------------------------------------------------------------


@contextmanager
def _step(title: str) -> Iterator[None]:
    begun = time.monotonic()
    number = next(_numbers)
    click.secho(f"\n{number}. {title}", bold=True)
    yield
    click.secho(f"   ({time.monotonic() - begun:.1f} s)", dim=True)


_numbers = itertools.count()


@contextmanager
def _sitting(vault: Vault, name: str) -> Iterator[Desk]:
    """Sit down at the vault as somebody."""
    from confere.acts.desk import sit_down
    from confere.vault import Vault as FreshVault

    desk = sit_down(FreshVault(vault.storage.root), name, PASSPHRASE)
    try:
        yield desk
    finally:
        desk.vault.close()


@contextmanager
def _must_be_refused() -> Iterator[None]:
    """Show a refusal; a demonstration in which a rule does not hold must fail."""
    try:
        yield
    except Refused as refusal:
        click.secho(f"    REFUSED: {refusal.message}", fg="yellow")
        return
    raise ConfereError("this should have been refused", "Please report this.")


def _worth_correcting(
    segments: tuple[Segment, ...], truths: list[Truth], target_language: str
) -> list[tuple[Segment, Truth]]:
    """Return two Portuguese segments with what is really said: wrong ones first."""
    pairs = [
        (segment, truth)
        for segment in segments
        for truth in truths
        if segment.language == truth.language != target_language and truth.overlaps(segment)
    ]
    pairs.sort(key=lambda pair: (pair[0].source == pair[1].source, pair[0].position))
    return pairs[:2]


def _program() -> str:
    """Return what to type for Confere: its name if the shell finds it, or where it lies."""
    return "confere" if shutil.which("confere") else sys.argv[0]


def _say(text: str) -> None:
    click.echo(f"   {text}")


def _say_segment(segment: Segment) -> None:
    from confere.domain import clock

    span = f"{clock(segment.start_ms)[3:10]}-{clock(segment.end_ms)[3:10]}"
    _say(f"  {span} {segment.language}  {segment.source}")
    if segment.target != segment.source:
        _say(f"                        en  {segment.target}")


def _say_change(before: Segment, after: Segment) -> None:
    for name in ("speaker", "source", "target"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            click.secho(f"     - {old}", fg="red")
            click.secho(f"     + {new}", fg="green")


def _fill_card(card: Path) -> None:
    """Lay the bundled recordings out as on a Zoom recorder's card."""
    folder = card / "STEREO" / "FOLDER01"
    folder.mkdir(parents=True)
    (card / "H5_HPRJ.SYS").write_bytes(b"ZOOM H5  PROJECT DATA VER0001\n")
    for file in sorted(_recordings().iterdir()):
        if file.suffix in (".WAV", ".MP3", ".M4A"):
            shutil.copyfile(file, folder / file.name)


def _recordings() -> Path:
    return Path(str(resources.files("confere.models"))) / "practice" / "recordings"


def _bundled(name: str) -> Path:
    return (_recordings() / name).with_suffix(".txt")


def _files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def _unused(folder: Path) -> Path:
    """Return the folder, or the first numbered one beside it that is not there yet."""
    names = itertools.chain(
        [folder], (folder.with_name(f"{folder.name}-{n}") for n in itertools.count(2))
    )
    return next(name for name in names if not name.exists()).absolute()
