"""Draft a recording: window by window, each kept when it is done, until the draft is whole."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace

from confere.acts.desk import Desk
from confere.acts.drafting import Teller
from confere.acts.order import Answer, Order
from confere.acts.plan import bind
from confere.crypto.canonical import canonical_json
from confere.domain import Draft, Recording, Segment, SpokenSegment, State, Transcription, new_id
from confere.errors import ConfereError, Destroyed, NotReady, Refused
from confere.vault import register, transcripts, windows
from confere.vault.word_lists import current_version, get_word_list

UNTRANSLATED = "untranslated"


def waiting(desk: Desk) -> list[Recording]:
    """Return the recordings without a draft, oldest first; a duplicate waits for nothing."""
    return [
        recording
        for recording in register.list_recordings(desk.catalog)
        if not transcripts.has_draft(desk.catalog, recording.id)
    ]


def tell_trouble(desk: Desk, recording_id: str, error: ConfereError) -> None:
    """Keep with a recording why it could not be drafted, so that the queue shows it."""
    with suppress(Destroyed), desk.catalog.transaction():
        register.set_trouble(desk.catalog, recording_id, error.message)


class Chain:
    """The draft of one recording, as a chain of windows: orders go out, answers come in.

    What the machine had done of it before, by the same settings and words, is not done again. Raises
    NotReady for a recording that has a draft or is being drafted; NoSuchThing, Destroyed, WrongKey,
    DamagedObject.
    """

    def __init__(self, desk: Desk, recording_id: str) -> None:
        self._desk = desk
        self._recording = register.get_recording(desk.catalog, recording_id)
        if transcripts.has_draft(desk.catalog, recording_id):
            raise NotReady(
                f"recording {recording_id} has a draft already", "A draft is kept for ever."
            )
        self._first = self._first_order()
        self._plan = _plan(self._first)
        # From here on it is this draft's: windows of another plan may be somebody's until then.
        self._teller = Teller(desk, recording_id, self._recording.duration_ms)
        try:
            # Of the windows before, which may be many, only what the next one begins with is held.
            self._last = self._kept()
            self._teller.goes_on(self.done_ms)
            bind(desk, recording_id)  # before anybody can know its segments
        except BaseException:
            self._teller.end()
            raise

    @property
    def done_ms(self) -> int:
        """How much of the recording is drafted and kept."""
        return self._last.done_ms if self._last else 0

    def order(self) -> Order:
        """Return what is to be done next."""
        last = self._last
        if last is None:
            return self._first
        return replace(self._first, number=last.number + 1, state=last.state, engines=last.engines)

    def take(self, answer: Answer) -> Draft | None:
        """Keep a window; with the last one, lay out the draft and return it.

        Raises NotReady when somebody else drafts the same recording, Destroyed, DiskFull.
        """
        if answer.number != self.order().number:
            raise ConfereError("a worker answered with another window than it was asked for")
        whole = None
        catalog, id_ = self._desk.catalog, self._recording.id
        with catalog.transaction():
            windows.require_next(catalog, id_, answer.number, self._plan)
            self._teller.told(answer.done_ms, answer.took_ms)
            if answer.duration_ms is None:
                text = answer.to_bytes().decode()
                windows.keep_window(catalog, id_, answer.number, self._plan, text)
            else:
                _, before = windows.list_windows(catalog, id_)
                whole = _whole([*map(_read, before), answer], self._desk.now())
                self._keep(whole)
        self._last = replace(answer, segments=(), targets=())
        return whole

    def begin_anew(self) -> None:
        """Forget the windows: the engines are not those that made them."""
        with self._desk.catalog.transaction():
            windows.forget_windows(self._desk.catalog, self._recording.id)
        self._last = None

    def fail(self, error: ConfereError) -> None:
        """Keep with the recording what went wrong, so that the queue shows it; windows stay.

        Where a rule says no, nothing is wrong with the recording.
        """
        if not isinstance(error, Refused):
            tell_trouble(self._desk, self._recording.id, error)
        self.give_up()

    def give_up(self) -> None:
        """Nothing more is drafted of it just now."""
        self._teller.end()

    def _first_order(self) -> Order:
        settings = self._desk.vault.locked.settings
        recording = self._recording
        catalog = self._desk.catalog
        words = get_word_list(catalog, current_version(catalog))
        return Order(
            recording_id=recording.id,
            sealed=f"recordings/{recording.id}/audio.age",
            sealed_sha256=recording.sealed_sha256,
            key=str(self._desk.vault.recording_key(recording.id)),
            practice=self._desk.roster.practice,
            languages=settings.study.languages,
            target=settings.study.target,
            words=words.entries,
            word_list=words.number,
            drafting=settings.drafting,
            number=1,
            state=None,
            engines=None,
        )

    def _kept(self) -> Answer | None:
        plan, kept = windows.list_windows(self._desk.catalog, self._recording.id)
        if plan != self._plan:
            with self._desk.catalog.transaction():
                windows.forget_windows(self._desk.catalog, self._recording.id)
            return None
        return replace(_read(kept[-1]), segments=(), targets=()) if kept else None

    def _keep(self, whole: Draft) -> None:
        catalog, recording_id = self._desk.catalog, self._recording.id
        pairs = zip(whole.transcription.segments, whole.targets, strict=True)
        segments = [
            _segment(recording_id, position, spoken, target)
            for position, (spoken, target) in enumerate(pairs, 1)
        ]
        windows.forget_windows(catalog, recording_id)
        # Headers claim; only decoding knows how long a recording is.
        register.set_duration(catalog, recording_id, whole.transcription.duration_ms)
        commitment = transcripts.add_draft(catalog, recording_id, whole, segments)
        register.set_trouble(catalog, recording_id, "")
        self._teller.keep(whole.speech.model_digest)
        self._desk.tell(
            "draft",
            {
                "recording": recording_id,
                "segments": len(segments),
                "speech_model": whole.speech.model_digest,
                "translation_model": whole.translation.model_digest,
                "practice": whole.practice,
                "draft_sha256": commitment,
            },
        )


def _plan(first: Order) -> str:
    """Return the digest of what all windows of a draft have in common, but for the engines."""
    return hashlib.sha256(canonical_json(first.in_common())).hexdigest()


def _read(window: str) -> Answer:
    return Answer.from_bytes(window.encode())


def _whole(answers: list[Answer], drafted_at: str) -> Draft:
    """Put the windows together, in the order of time."""
    pairs = [pair for a in answers for pair in zip(a.segments, a.targets, strict=True)]
    pairs.sort(key=lambda pair: (pair[0].start_ms, pair[0].end_ms))
    last = answers[-1]
    assert last.duration_ms is not None
    return Draft(
        Transcription(last.duration_ms, tuple(spoken for spoken, _ in pairs)),
        tuple(target for _, target in pairs),
        last.engines.speech,
        last.engines.translation,
        drafted_at,
    )


#: Who speaks is for people to say; a wrong guess would be believed. The side of the recording is none.
SPEAKERS = {"": "UNK", "left": "LEFT", "right": "RIGHT"}


def _segment(recording_id: str, position: int, spoken: SpokenSegment, target: str) -> Segment:
    words = spoken.words
    probability = sum(w.probability for w in words) / len(words) if words else None
    untranslated = bool(spoken.text) and not target
    return Segment(
        id=new_id(),
        recording_id=recording_id,
        position=position,
        start_ms=spoken.start_ms,
        end_ms=spoken.end_ms,
        speaker=SPEAKERS[spoken.side],
        language=spoken.language,
        source=spoken.text,
        target=target,
        state=State.DRAFT,
        version=0,
        marks=(*spoken.marks, UNTRANSLATED) if untranslated else spoken.marks,
        probability=probability,
    )
