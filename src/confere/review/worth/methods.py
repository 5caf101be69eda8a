"""The methods paragraph, in English and Portuguese, from what the system knows and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from confere.review.worth import scores
from confere.review.worth.measures import RESAMPLES, Estimate, Figures, Model, Share, Worth
from confere.review.worth.time_spent import BREAK_MINUTES

Language: TypeAlias = Literal["en", "pt"]
_NAMES: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "bn": "Bengali", "en": "English", "es": "Spanish", "fil": "Filipino", "hi": "Hindi",
        "pt": "Portuguese", "tl": "Filipino",
    },
    "pt": {
        "bn": "bengali", "en": "inglês", "es": "espanhol", "fil": "filipino", "hi": "hindi",
        "pt": "português", "tl": "filipino",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Sampled:
    """The signed transcripts that were drafted under one sampling plan.

    ``returned`` of them were verified whole, because the sample did not allow anything else.
    """

    share_permille: int
    bound_permille: int
    transcripts: int
    returned: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the vault tells of a study. None means: not known, and then not said.

    ``languages`` are those spoken, ``protocol`` is the level of transcription as the study words it.
    ``worth`` and ``figures`` are of the signed transcripts. ``unplayed`` counts segments that were
    verified with a written reason instead of being played, ``verified`` those that were verified;
    ``played_percent`` is how much of a segment had to be played. ``sampled`` are the transcripts that
    were not all bound to full verification.
    ``interview_ms`` holds the length of each interview's sound; ``with_interpreter`` the interviews in
    which an interpreter speaks, ``with_notes`` those with field notes, ``participants`` the codes that
    occur, ``repeated`` the codes that occur in more than one interview.
    """

    software_version: str
    languages: tuple[str, ...]
    target_language: str
    protocol: str
    interview_ms: tuple[int, ...]
    recordings: int
    transcripts: int
    correctors: int
    verifiers: int
    verified: int
    unplayed: int
    worth: Worth
    figures: Figures
    played_percent: int = 100
    sampled: tuple[Sampled, ...] = ()
    participants: int | None = None
    repeated: int | None = None
    sites: int | None = None
    with_interpreter: int | None = None
    with_notes: int | None = None


_SENTENCES: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "practice": "PRACTICE: the drafts come from a practice model; these figures say nothing about "
        "real work and are not for publication.",
        "what": "Interviews in {languages} were transcribed and translated into {target} with Confere "
        "{version} ({interviews} interviews, {recordings} recordings, {audio} of sound; {transcripts} "
        "signed transcripts).",
        "speech": "Transcripts were drafted with {model}.",
        "translation": "Translations were drafted with {model}.",
        "model": "the model {name} in {engine} {engine_version} (SHA-256 {digest})",
        "and": "and",
        "protocol": "The stated level of transcription is “{protocol}”.",
        "people": "The drafts were corrected, and then verified in both texts, segment by segment "
        "(correctors: {correctors}; verifiers: {verifiers}); nobody verified a segment on which they "
        "had worked themselves, and each transcript was signed by its verifier.",
        "played": "A segment could be verified only after {percent} % of its sound had been played to its "
        "verifier, or with a written reason (this was so for {unplayed} of {verified} segments).",
        "full": "Every segment was verified.",
        "sampled": "In {transcripts} of {all} transcripts, those segments were verified that the software "
        "or a person had marked, and {share} % of all segments, drawn at random from a seed that was "
        "fixed before the draft (its SHA-256 stands in the signed document); the others stayed "
        "unverified only where more than {bound} % wrong segments among them could be refuted with 95 % "
        "confidence (one-sided exact binomial test), and otherwise everything was verified "
        "(transcripts: {returned}).",
        "rest": "In the other transcripts every segment was verified.",
        "drawn": "Where segments stayed unverified, the figures are those of the segments drawn.",
        "wer": "Against the verified text the drafted transcripts had a word error rate of {value} "
        "({substitutions} substitutions, {deletions} deletions and {insertions} insertions for "
        "{words} words; lower case, punctuation and transcript marks left out).",
        "target": "The drafted translations had a chrF of {chrf} and a translation edit rate of {ter} "
        "({signatures}; transcript marks left out, speech in the target language not counted).",
        "changed": "People changed the transcript of {source} and the translation of {target} segments.",
        "share": "{percent} % ({count} of {of})",
        "time": "This took at least {work} of work, or {ratio} minutes for each minute of sound "
        "(time between recorded decisions; gaps of more than {minutes} minutes are left out).",
        "interval": "Intervals are 95 % bootstrap intervals over segments ({resamples} resamples).",
        "bias": "As the verified text was made by correcting the draft, error rates against an "
        "independent transcript would be higher.",
        "estimate": "{value}{unit}",
        "estimate_interval": "{value}{unit} (95 % interval {low} to {high}; {n} segments)",
        "none": "No speech was found, so nothing was measured.",
        "hours": "{hours} h {minutes} min",
    },
    "pt": {
        "practice": "PRÁTICA: os rascunhos são de um modelo de prática; estes números nada dizem sobre "
        "trabalho real e não se destinam a publicação.",
        "what": "Entrevistas em {languages} foram transcritas e traduzidas para {target} com o Confere "
        "{version} ({interviews} entrevistas, {recordings} gravações, {audio} de som; {transcripts} "
        "transcrições assinadas).",
        "speech": "Os rascunhos das transcrições foram feitos com {model}.",
        "translation": "Os rascunhos das traduções foram feitos com {model}.",
        "model": "o modelo {name} no {engine} {engine_version} (SHA-256 {digest})",
        "and": "e",
        "protocol": "O nível de transcrição declarado é “{protocol}”.",
        "people": "Os rascunhos foram corrigidos e depois conferidos, segmento por segmento, nos dois textos "
        "(pessoas que corrigiram: {correctors}; que conferiram: {verifiers}); ninguém conferiu um "
        "segmento em que tivesse trabalhado, e cada transcrição foi assinada por quem a conferiu.",
        "played": "Um segmento só podia ser conferido depois que {percent} % do seu som tivessem sido "
        "reproduzidos para quem o conferiu, ou com um motivo por escrito (caso de {unplayed} de "
        "{verified} segmentos).",
        "full": "Todos os segmentos foram conferidos.",
        "sampled": "Em {transcripts} de {all} transcrições foram conferidos os segmentos marcados pelo "
        "programa ou por uma pessoa, e {share} % de todos os segmentos, sorteados com uma semente fixada "
        "antes do rascunho (seu SHA-256 consta no documento assinado); os demais só ficaram sem "
        "conferência onde mais de {bound} % de segmentos errados entre eles pôde ser refutado com 95 % de "
        "confiança (teste binomial exato unilateral); do contrário, tudo foi conferido (transcrições: "
        "{returned}).",
        "rest": "Nas demais transcrições todos os segmentos foram conferidos.",
        "drawn": "Onde ficaram segmentos sem conferência, os números são os dos segmentos sorteados.",
        "wer": "Em relação ao texto conferido, os rascunhos das transcrições tiveram taxa de erro de "
        "palavras de {value} ({substitutions} substituições, {deletions} omissões e {insertions} "
        "inserções em {words} palavras; minúsculas, sem pontuação nem marcas de transcrição).",
        "target": "Os rascunhos das traduções tiveram chrF de {chrf} e taxa de edição (TER) de {ter} "
        "({signatures}; sem marcas de transcrição; fala na língua de chegada não contada).",
        "changed": "As pessoas mudaram a transcrição de {source} e a tradução de {target} segmentos.",
        "share": "{percent} % ({count} de {of})",
        "time": "Isso levou ao menos {work} de trabalho, ou {ratio} minutos por minuto de som (tempo "
        "entre decisões registradas; pausas de mais de {minutes} minutos não contam).",
        "interval": "Os intervalos são de 95 %, por bootstrap de segmentos ({resamples} reamostras).",
        "bias": "Como o texto conferido foi feito corrigindo o rascunho, as taxas de erro em relação a "
        "uma transcrição independente seriam maiores.",
        "estimate": "{value}{unit}",
        "estimate_interval": "{value}{unit} (intervalo de 95 %: {low} a {high}; {n} segmentos)",
        "none": "Não se encontrou fala; nada foi medido.",
        "hours": "{hours} h {minutes} min",
    },
}


def paragraph(facts: Facts, language: Language = "en") -> str:
    """Return the methods paragraph, ready to paste; of a practice vault it says so first."""
    say = _SENTENCES[language]
    parts = [say["practice"]] * facts.worth.practice
    parts += [_what(facts, language), *_models(facts, language)]
    parts += [say["protocol"].format(protocol=facts.protocol)] * bool(facts.protocol)
    parts.append(say["people"].format(correctors=facts.correctors, verifiers=facts.verifiers))
    parts.append(
        say["played"].format(
            percent=facts.played_percent, unplayed=facts.unplayed, verified=facts.verified
        )
    )
    parts += _plans(facts, language)
    parts += _measured(facts, language)
    return " ".join(parts)


def duration(milliseconds: int, language: Language) -> str:
    """Return hours and minutes, rounded to the minute."""
    hours, minutes = divmod((milliseconds + 30_000) // 60_000, 60)
    return _SENTENCES[language]["hours"].format(hours=hours, minutes=minutes)


def number(value: float, language: Language) -> str:
    """Return a number with one decimal, as the language writes it."""
    return f"{value:.1f}".replace(".", "," if language == "pt" else ".")


def language_names(codes: tuple[str, ...], language: Language) -> str:
    """Return the names of languages as an enumeration; an unknown one by its code."""
    if not codes:
        return ""
    *most, last = [_NAMES[language].get(code, code) for code in codes]
    return f"{', '.join(most)} {_SENTENCES[language]['and']} {last}" if most else last


def model_names(models: set[Model], language: Language) -> str:
    """Return models with their engines, versions and digests."""
    say = _SENTENCES[language]
    told = [
        say["model"].format(
            name=m.name, engine=m.engine, engine_version=m.engine_version, digest=m.digest
        )
        for m in sorted(models)
    ]
    return f" {say['and']} ".join(told)


def _what(facts: Facts, language: Language) -> str:
    return _SENTENCES[language]["what"].format(
        languages=language_names(facts.languages, language),
        target=language_names((facts.target_language,), language),
        version=facts.software_version,
        interviews=len(facts.interview_ms),
        recordings=facts.recordings,
        audio=duration(sum(facts.interview_ms), language),
        transcripts=facts.transcripts,
    )


def _models(facts: Facts, language: Language) -> list[str]:
    say, models = _SENTENCES[language], facts.worth.models
    if not models:
        return []
    return [
        say["speech"].format(model=model_names({m.speech for m in models}, language)),
        say["translation"].format(model=model_names({m.translation for m in models}, language)),
    ]


def _plans(facts: Facts, language: Language) -> list[str]:
    say = _SENTENCES[language]
    if not facts.sampled:
        return [say["full"]]
    parts = [
        say["sampled"].format(
            transcripts=each.transcripts,
            all=facts.transcripts,
            share=number(each.share_permille / 10, language),
            bound=number(each.bound_permille / 10, language),
            returned=each.returned,
        )
        for each in facts.sampled
    ]
    others = facts.transcripts - sum(each.transcripts for each in facts.sampled)
    parts += [say["rest"]] * bool(others)
    partly = any(each.returned < each.transcripts for each in facts.sampled)
    return parts + [say["drawn"]] * partly


def _measured(facts: Facts, language: Language) -> list[str]:
    say, figures, worth = _SENTENCES[language], facts.figures, facts.worth
    if figures.word_error_rate.value is None:
        return [say["none"]]
    words = worth.words()
    parts = [
        say["wer"].format(
            value=_estimate(figures.word_error_rate, " %", language),
            substitutions=words.substitutions,
            deletions=words.deletions,
            insertions=words.insertions,
            words=words.reference,
        )
    ]
    if figures.chrf.value is not None:
        parts.append(
            say["target"].format(
                chrf=_estimate(figures.chrf, "", language),
                ter=_estimate(figures.edit_rate, " %", language),
                signatures=", ".join(scores.signatures()),
            )
        )
        source = _share(figures.source_changed, language)
        target = _share(figures.target_changed, language)
        parts.append(say["changed"].format(source=source, target=target))
    if worth.work_ms and worth.audio_ms:
        parts.append(
            say["time"].format(
                work=duration(worth.work_ms, language),
                ratio=number(worth.work_ms / worth.audio_ms, language),
                minutes=BREAK_MINUTES,
            )
        )
    if figures.word_error_rate.low is not None:
        parts.append(say["interval"].format(resamples=RESAMPLES))
    return [*parts, say["bias"]]


def _estimate(estimate: Estimate, unit: str, language: Language) -> str:
    say, value = _SENTENCES[language], number(estimate.value or 0.0, language)
    if estimate.low is None or estimate.high is None:
        return say["estimate"].format(value=value, unit=unit)
    return say["estimate_interval"].format(
        value=value,
        unit=unit,
        low=number(estimate.low, language),
        high=number(estimate.high, language),
        n=estimate.n,
    )


def _share(share: Share, language: Language) -> str:
    percent = number(share.percent or 0.0, language)
    return _SENTENCES[language]["share"].format(percent=percent, count=share.count, of=share.of)
