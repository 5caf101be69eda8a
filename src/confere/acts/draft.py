"""Draft a recording: transcribe it, translate it, lay out its segments for the people."""

from __future__ import annotations

from collections.abc import Callable

from confere.acts.desk import Desk
from confere.acts.drafting import Teller, telling
from confere.acts.plan import bind
from confere.domain import (
    Draft,
    Recording,
    Role,
    Segment,
    SpokenSegment,
    State,
    Transcription,
    new_id,
)
from confere.errors import ConfereError, NotReady, PracticeOnly
from confere.transcribe.port import SpeechEngine
from confere.translate.port import TranslationEngine
from confere.vault import register, transcripts

UNTRANSLATED = "untranslated"
#: So many segments are translated at once; then it is told how far that is.
TRANSLATED_AT_ONCE = 200


def waiting(desk: Desk) -> list[Recording]:
    """Return the recordings without a draft, oldest first; a duplicate waits for nothing."""
    return [
        recording
        for recording in register.list_recordings(desk.catalog)
        if not transcripts.has_draft(desk.catalog, recording.id)
    ]


def draft(
    desk: Desk,
    recording_id: str,
    speech: SpeechEngine,
    translation: TranslationEngine,
    progress: Callable[[int, int], None],
) -> Draft:
    """Draft one recording from its sealed object, in memory.

    ``progress`` is told the milliseconds transcribed and in all; whoever reads the vault meanwhile sees
    how far both stages are (`acts.drafting`). What goes wrong is kept with the recording, so that the
    queue shows it, and raised; nothing else of it is kept, but for the sampling plan that it is bound
    to before anybody can know its segments.
    """
    desk.require("draft", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
    for record in (speech.record, translation.record):
        if record.practice and not desk.roster.practice:
            raise PracticeOnly(record.model)
    register.get_recording(desk.catalog, recording_id)  # raises for one that is not there
    if transcripts.has_draft(desk.catalog, recording_id):
        raise NotReady(f"recording {recording_id} has a draft already", "A draft is kept for ever.")
    with telling(desk, recording_id) as teller:
        try:
            bind(desk, recording_id)
            made = _make(desk, recording_id, speech, translation, progress, teller)
        except ConfereError as error:
            with desk.catalog.transaction():
                register.set_trouble(desk.catalog, recording_id, error.message)
            raise
        _keep(desk, recording_id, made, teller)
    return made


def _make(
    desk: Desk,
    recording_id: str,
    speech: SpeechEngine,
    translation: TranslationEngine,
    progress: Callable[[int, int], None],
    teller: Teller,
) -> Draft:
    def told(done_ms: int, of_ms: int) -> None:
        progress(done_ms, of_ms)
        teller.told(done_ms, of_ms)

    study = desk.vault.locked.settings.study
    with desk.vault.open_audio(recording_id) as audio:
        heard = speech.transcribe(audio, languages=study.languages, progress=told)
    teller.translating(heard.duration_ms)
    targets = _translate(heard, study.target, translation, teller)
    return Draft(heard, targets, speech.record, translation.record, desk.now())


def _translate(
    heard: Transcription, target: str, engine: TranslationEngine, teller: Teller
) -> tuple[str, ...]:
    """Return the target text of each segment: speech in the target language stays as it is.

    A language that the engine does not read gets an empty text; its segment is marked.
    """
    foreign = [s for s in heard.segments if s.language == engine.source]
    translations: list[str] = []
    for first in range(0, len(foreign), TRANSLATED_AT_ONCE):
        some = foreign[first : first + TRANSLATED_AT_ONCE]
        translations += engine.translate([s.text for s in some])
        teller.told(some[-1].end_ms, heard.duration_ms)
    translated = iter(translations)
    return tuple(
        s.text if s.language == target else next(translated) if s.language == engine.source else ""
        for s in heard.segments
    )


def _keep(desk: Desk, recording_id: str, made: Draft, teller: Teller) -> None:
    pairs = zip(made.transcription.segments, made.targets, strict=True)
    segments = [
        _segment(recording_id, position, spoken, target)
        for position, (spoken, target) in enumerate(pairs, 1)
    ]
    with desk.catalog.transaction():
        # Headers claim; only decoding knows how long a recording is.
        register.set_duration(desk.catalog, recording_id, made.transcription.duration_ms)
        commitment = transcripts.add_draft(desk.catalog, recording_id, made, segments)
        register.set_trouble(desk.catalog, recording_id, "")
        teller.keep(made.transcription.duration_ms)
        desk.tell(
            "draft",
            {
                "recording": recording_id,
                "segments": len(segments),
                "speech_model": made.speech.model_digest,
                "translation_model": made.translation.model_digest,
                "practice": made.practice,
                "draft_sha256": commitment,
            },
        )


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
        speaker="UNK",  # who speaks is for people to say; a wrong guess would be believed
        language=spoken.language,
        source=spoken.text,
        target=target,
        state=State.DRAFT,
        version=0,
        marks=(*spoken.marks, UNTRANSLATED) if untranslated else spoken.marks,
        probability=probability,
    )
