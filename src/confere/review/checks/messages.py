"""Every sentence that a check can say, with its level: the one place that another language needs.

The part before the dot is the check. Values in braces are the parameters of a finding. Sentences are
kept with a dismissal, and stand in the signed document: that of a name does not say the name.
"""

from __future__ import annotations

from collections.abc import Iterable

from confere.review.checks.values import Finding, Level, SegmentTexts, Span, key_of

ERROR, WARNING, INFO = Level.ERROR, Level.WARNING, Level.INFO

MESSAGES: dict[str, tuple[Level, str]] = {
    "empty.target": (ERROR, "There is no translation."),
    "empty.source": (ERROR, "There is a translation, and no source text."),
    "untranslated.equal": (ERROR, "The translation is the source text, unchanged."),
    "numbers.differ": (ERROR, "Source says {source}; the translation has {target}."),
    "numbers.missing": (ERROR, "Source says {source}; the translation has no such number."),
    "numbers.added": (ERROR, "The translation has {target}; the source has no such number."),
    "marks.missing": (ERROR, "The translation lacks the mark {source}."),
    "marks.added": (ERROR, "The translation has the mark {target}, which the source has not."),
    "marks.differ": (ERROR, "Source has the mark {source}; the translation has {target}."),
    "marks.order": (ERROR, "The marks stand in another order than in the source."),
    "marks.open": (ERROR, "A mark is not closed: {text}"),
    "identity.name": (ERROR, "A name of the identity key stands in {side}."),
    "negation.lost": (WARNING, "Source denies something ({source}); the translation may not."),
    "negation.added": (WARNING, "The translation denies something ({target}); the source may not."),
    "length.short": (WARNING, "The translation is short: {target} words for {source}."),
    "length.long": (WARNING, "The translation is long: {target} words for {source}."),
    "omission.words": (WARNING, "Nothing in the translation seems to stand for: {source}"),
    "addition.words": (WARNING, "Nothing in the source seems to stand for: {target}"),
    "names.missing": (WARNING, "The translation lacks the name {source}."),
    "names.added": (WARNING, "The translation names {target}; the source does not."),
    "questions.lost": (WARNING, "Source asks; the translation does not."),
    "questions.added": (WARNING, "The translation asks; the source does not."),
    "leftover.words": (WARNING, "Left in Portuguese: {target}"),
    "language.words": (WARNING, "Marked as {language}, and reads like Portuguese: {source}"),
    "language.other": (WARNING, "Marked as {language}; the words may be of another language."),
    "loop.sentences": (WARNING, "The machine wrote this again and again."),
    "loop.words": (WARNING, "The same words {times} times in a row: {text}"),
    "sound.silence": (WARNING, "Text where the engine doubts that anybody speaks."),
    "sound.invention": (WARNING, "Models write this sentence where nobody speaks."),
    "sound.unheard": (WARNING, "Somebody speaks here, and there are no words."),
    "sound.missed": (WARNING, "There seem to be fewer words than were said."),
    "sound.rate": (WARNING, "The words do not fit the time that they were said in."),
    "sound.fast": (WARNING, "{words} words in {seconds} s: more than anybody says."),
    "sound.untold": (WARNING, "{seconds} s of sound, and {words} words."),
    "wordlist.required": (WARNING, "The word list wants {target} for {source}."),
    "wordlist.forbidden": (WARNING, "The word list forbids {target} for {source}."),
    "wordlist.keep": (WARNING, "The word list keeps {source} as it is."),
    "person.we": (INFO, "“a gente” is usually “we”: the translation has no “we”."),
    "person.first": (INFO, "The source speaks of itself ({source}); the translation has no “I”."),
    "person.yours": (INFO, "“{source}” may be “your”: the translation says {target}."),
    "gender.other": (INFO, "Source says {source}; the translation says {target}."),
    "gender.open": (INFO, "The source does not tell the gender; the translation says {target}."),
    "friends.word": (INFO, "“{source}” is rarely “{target}”: {meaning}."),
    "inconsistent.target": (INFO, "The same words are translated otherwise elsewhere: {other}"),
    "inconsistent.source": (INFO, "The same translation stands elsewhere for: {other}"),
}


def finding(
    segment: SegmentTexts,
    message_id: str,
    source: Iterable[Span] = (),
    target: Iterable[Span] = (),
    /,
    **parameters: str,
) -> Finding:
    """Make the finding of ``message_id``, whose parameters must be those of its sentence."""
    level, sentence = MESSAGES[message_id]
    return Finding(
        check=message_id.split(".")[0],
        level=level,
        message_id=message_id,
        parameters=parameters,
        message=sentence.format(**parameters),
        source_spans=tuple(source),
        target_spans=tuple(target),
        key=key_of(message_id, parameters, segment),
    )
