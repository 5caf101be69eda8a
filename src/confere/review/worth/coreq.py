"""COREQ, the checklist for reports of interviews: the items that the data can answer.

The 32 items are those of Tong, Sainsbury and Craig, International Journal for Quality in Health Care
19:349, 2007; the names are theirs, the Portuguese ones our translation. Most items ask what only the
team knows. What is not known is left to them and never guessed.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from confere.review.worth.methods import Facts, Language, duration, model_names

TOPICS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": (
        "Interviewer/facilitator", "Credentials", "Occupation", "Gender", "Experience and training",
        "Relationship established", "Participant knowledge of the interviewer",
        "Interviewer characteristics", "Methodological orientation and theory", "Sampling",
        "Method of approach", "Sample size", "Non-participation", "Setting of data collection",
        "Presence of non-participants", "Description of sample", "Interview guide",
        "Repeat interviews", "Audio/visual recording", "Field notes", "Duration", "Data saturation",
        "Transcripts returned", "Number of data coders", "Description of the coding tree",
        "Derivation of themes", "Software", "Participant checking", "Quotations presented",
        "Data and findings consistent", "Clarity of major themes", "Clarity of minor themes",
    ),
    "pt": (
        "Entrevistador/facilitador", "Credenciais", "Ocupação", "Gênero", "Experiência e treinamento",
        "Relacionamento estabelecido", "Conhecimento do participante sobre o entrevistador",
        "Características do entrevistador", "Orientação metodológica e teoria", "Amostragem",
        "Método de abordagem", "Tamanho da amostra", "Não participação", "Local da coleta de dados",
        "Presença de não participantes", "Descrição da amostra", "Roteiro da entrevista",
        "Entrevistas repetidas", "Gravação audiovisual", "Notas de campo", "Duração",
        "Saturação dos dados", "Devolução das transcrições", "Número de codificadores",
        "Descrição da árvore de codificação", "Derivação dos temas", "Software",
        "Checagem pelos participantes", "Apresentação de citações",
        "Consistência entre dados e achados", "Clareza dos temas principais",
        "Clareza dos temas secundários",
    ),
}  # fmt: skip

_SENTENCES: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "12": "{participants} participant codes occur in {interviews} interviews.",
        "14": "The interviews come from {sites} sites; the kind of place is for you to write.",
        "15": "An interpreter speaks in {with_interpreter} of {interviews} interviews; whether anybody "
        "else was present is for you to write.",
        "18": "{repeated} participant codes occur in more than one interview.",
        "19": "Sound was recorded: {recordings} recordings of {interviews} interviews.",
        "20": "Field notes are kept with {with_notes} of {interviews} interviews.",
        "21": "{total} of sound in all; an interview's recordings last {shortest} to {longest} "
        "(median {median}).",
        "27": "Transcription, translation, verification and custody: Confere {version}, with {speech}, "
        "and with {translation}. The software of the analysis is for you to write.",
        "yours": "For you to write",
        "source": "Items as in Tong et al., Int J Qual Health Care 2007;19:349-357",
        "practice": "PRACTICE: from a practice vault, not for publication.",
    },
    "pt": {
        "12": "{participants} códigos de participantes constam em {interviews} entrevistas.",
        "14": "As entrevistas vêm de {sites} locais de estudo; o tipo de lugar fica para você escrever.",
        "15": "Um intérprete fala em {with_interpreter} de {interviews} entrevistas; se havia mais "
        "alguém presente fica para você escrever.",
        "18": "{repeated} códigos de participantes constam em mais de uma entrevista.",
        "19": "O som foi gravado: {recordings} gravações de {interviews} entrevistas.",
        "20": "Há notas de campo junto a {with_notes} de {interviews} entrevistas.",
        "21": "{total} de som ao todo; as gravações de uma entrevista duram de {shortest} a {longest} "
        "(mediana {median}).",
        "27": "Transcrição, tradução, conferência e custódia: Confere {version}, com {speech}, e com "
        "{translation}. O software da análise fica para você escrever.",
        "yours": "Para você escrever",
        "source": "Itens conforme Tong et al., Int J Qual Health Care 2007;19:349-357",
        "practice": "PRÁTICA: de um cofre de prática, não se destina a publicação.",
    },
}


@dataclass(frozen=True, slots=True)
class CoreqItem:
    """One of the 32 items; ``answer`` is empty where only the team can write it."""

    number: int
    topic: str
    answer: str


def coreq(facts: Facts, language: Language = "en") -> tuple[CoreqItem, ...]:
    """Return all 32 items, with the answers that the data can give."""
    say, values = _SENTENCES[language], _values(facts, language)
    return tuple(
        CoreqItem(
            number,
            topic,
            say[str(number)].format(**values[number]) if number in values else "",
        )
        for number, topic in enumerate(TOPICS[language], 1)
    )


def coreq_text(facts: Facts, language: Language = "en") -> str:
    """Return the answered items one to a line, then the names of those left to the team."""
    say, items = _SENTENCES[language], coreq(facts, language)
    lines = [say["practice"]] * facts.worth.practice
    lines += [f"{item.number}. {item.topic}: {item.answer}" for item in items if item.answer]
    left = "; ".join(f"{item.number}. {item.topic}" for item in items if not item.answer)
    return "\n".join([*lines, f"{say['yours']}: {left}.", f"({say['source']})"]) + "\n"


def _values(facts: Facts, language: Language) -> dict[int, dict[str, object]]:
    """Return the facts of each item that can be answered: all of its facts are known."""
    interviews = len(facts.interview_ms)
    found: dict[int, dict[str, object]] = {
        12: {"participants": facts.participants, "interviews": interviews},
        14: {"sites": facts.sites},
        15: {"with_interpreter": facts.with_interpreter, "interviews": interviews},
        18: {"repeated": facts.repeated},
        19: {"recordings": facts.recordings or None, "interviews": interviews},
        20: {"with_notes": facts.with_notes, "interviews": interviews},
    }
    if facts.interview_ms:
        found[21] = {
            "total": duration(sum(facts.interview_ms), language),
            "shortest": duration(min(facts.interview_ms), language),
            "longest": duration(max(facts.interview_ms), language),
            "median": duration(int(statistics.median(facts.interview_ms)), language),
        }
    if facts.worth.models:
        models = facts.worth.models
        found[27] = {
            "version": facts.software_version,
            "speech": model_names({m.speech for m in models}, language),
            "translation": model_names({m.translation for m in models}, language),
        }
    return {item: values for item, values in found.items() if None not in values.values()}
