"""The patterns of the practice language: what can be said, as weighted templates with slots.

A pattern is `(weight, Portuguese, English)`. A slot in braces is filled once and appears on both sides:

    {o.place} {um.place} {no.place} {ao.place} {do.place}
                             a noun with its article or contraction (Portuguese side)
    {the.place} {a.place}    the same noun with its article (English side)
    {place} {name} {city}    the bare noun or name
    {hour} {day} {service}   a pair of phrases
    {place.2}                another noun of the same kind
    {role:f} {role/place}    a noun of one gender; a noun of either kind
    {number:f:2-90}          a number from 2 to 90, feminine; on the English side {number}
    {open.place}             "aberto" or "aberta", by the gender of the place

Weights of one list need not add up to anything.
"""

from __future__ import annotations

Pattern = tuple[float, str, str]

# What follows each verb, by its Portuguese infinitive.
COMPLEMENTS: dict[str, list[Pattern]] = {
    "trabalhar": [
        (0.7, "{no.place}", "at {the.place}"),
        (0.3, "{no.place} com {o.group}", "at {the.place} with {the.group}"),
    ],
    "marcar": [
        (0.5, "{um.appointment}", "{a.appointment}"),
        (0.5, "{um.appointment} com {o.role}", "{a.appointment} with {the.role}"),
    ],
    "procurar": [(1, "{o.role/place}", "{the.role/place}")],
    "visitar": [
        (1, "{o.group}", "{the.group}"),
        (1, "{o.family}", "{family}"),
        (1, "{o.place}", "{the.place}"),
    ],
    "esperar": [
        (0.24, "{number:m:5-60} minutos", "for {number} minutes"),
        (0.36, "{number:m:5-60} minutos {no.place}", "for {number} minutes at {the.place}"),
        (0.03, "uma hora", "for one hour"),
        (0.05, "uma hora {no.place}", "for one hour at {the.place}"),
        (0.13, "{number:f:2-5} horas", "for {number} hours"),
        (0.19, "{number:f:2-5} horas {no.place}", "for {number} hours at {the.place}"),
    ],
    "precisar": [(1, "de {um.object}", "{a.object}")],
    "receber": [
        (1, "{um.object}", "{a.object}"),
        (1, "{um.object} {no.place}", "{a.object} at {the.place}"),
    ],
    "pedir": [
        (1, "{um.object}", "{a.object}"),
        (1, "{um.object} {no.place}", "{a.object} at {the.place}"),
    ],
    "levar": [
        (1, "{o.family} {ao.place}", "{family} to {the.place}"),
        (1, "{o.group} {ao.place}", "{the.group} to {the.place}"),
    ],
    "conversar": [
        (1, "com {o.role}", "with {the.role}"),
        (1, "com {o.group}", "with {the.group}"),
        (1, "com {o.family}", "with {family}"),
        (1, "com {o.role} sobre {o.topic}", "with {the.role} about {the.topic}"),
        (1, "com {o.group} sobre {o.topic}", "with {the.group} about {the.topic}"),
        (1, "com {o.family} sobre {o.topic}", "with {family} about {the.topic}"),
    ],
    "ajudar": [
        (0.6, "{o.group}", "{the.group}"),
        (0.6, "{o.family}", "{family}"),
        (0.4, "{o.group} {no.place}", "{the.group} at {the.place}"),
        (0.4, "{o.family} {no.place}", "{family} at {the.place}"),
    ],
    "participar": [(1, "{do.activity}", "in {the.activity}")],
    "organizar": [
        (0.4, "{um.activity}", "{a.activity}"),
        (0.6, "{um.activity} {no.place}", "{a.activity} at {the.place}"),
    ],
    "chegar": [(0.7, "{ao.place} {hour}", "to {the.place} {hour}"), (0.3, "cedo", "early")],
    "sair": [(1, "de casa {hour}", "home {hour}")],
    "ir": [(1, "{ao.place} {transport}", "to {the.place} {transport}")],
    "ligar": [(1, "para {o.place}", "{the.place}"), (1, "para {o.role}", "{the.role}")],
    "morar": [
        (1, "perto {do.place}", "near {the.place}"),
        (1, "em {city}", "in {city}"),
        (1, "longe {do.place}", "far from {the.place}"),
    ],
    "cuidar": [(0.6, "{do.family}", "of {family}"), (0.4, "{do.group}", "of {the.group}")],
    "preencher": [
        (0.4, "{o.form}", "{the.form}"),
        (0.6, "{o.form} {no.place}", "{the.form} at {the.place}"),
    ],
    "entregar": [
        (0.3, "{o.object}", "{the.object}"),
        (0.7, "{o.object} {no.place}", "{the.object} at {the.place}"),
    ],
    "buscar": [(1, "{o.object} {no.place}", "{the.object} at {the.place}")],
    "voltar": [
        (0.6, "{ao.place}", "to {the.place}"),
        (0.4, "{ao.place} depois {do.event}", "to {the.place} after {the.event}"),
    ],
    "explicar": [(1, "{o.topic} para {o.group}", "{the.topic} to {the.group}")],
    "fazer": [(1, "{o.task}", "{the.task}")],
}

# Each inner list is one fact with its wordings; facts are equally likely, wordings by weight.
FACTS: list[list[Pattern]] = [
    [
        (1, "{o.place} abre {hour}", "{the.place} opens {hour}"),
        (1, "{o.place} fecha {hour}", "{the.place} closes {hour}"),
    ],
    [
        (
            1,
            "{o.place} fica {open.place} até as {number:f:5-9} horas",
            "{the.place} stays open until {number} o'clock",
        )
    ],
    [
        (1, "{o.event} começa {hour}", "{the.event} starts {hour}"),
        (1, "{o.event} começa {hour} {day}", "{the.event} starts {hour} {day}"),
    ],
    [
        (1, "há {number:f:2-300} pessoas na fila", "there are {number} people in the queue"),
        (
            1,
            "há {number:f:2-300} pessoas na sala de espera",
            "there are {number} people in the waiting room",
        ),
        (1, "há {number:f:2-300} pessoas {no.place}", "there are {number} people at {the.place}"),
    ],
    [
        (
            1,
            "{o.role} atende {number:f:2-90} pessoas por dia",
            "{the.role} sees {number} people a day",
        )
    ],
    [
        (1, "eu trabalho aqui há {number:m:2-40} anos", "I have worked here for {number} years"),
        (
            1,
            "eu moro nesta cidade há {number:m:2-40} anos",
            "I have lived in this city for {number} years",
        ),
        (
            1,
            "ela trabalha aqui há {number:m:2-40} anos",
            "she has worked here for {number} years",
        ),
        (
            1,
            "nós moramos neste bairro há {number:m:2-40} anos",
            "we have lived in this neighbourhood for {number} years",
        ),
    ],
    [(1, "{o.family} tem {number:m:3-95} anos", "{family} is {number} years old")],
    [
        (1, "{o.place} fica perto {do.place.2}", "{the.place} is near {the.place.2}"),
        (1, "{o.place} fica longe de casa", "{the.place} is far from home"),
        (1, "{o.place} fica ao lado {do.place.2}", "{the.place} is next to {the.place.2}"),
        (
            1,
            "{o.place} fica no centro da cidade",
            "{the.place} is in the centre of the city",
        ),
    ],
    [
        (1, "{o.object:m} está pronto", "{the.object:m} is ready"),
        (1, "{o.object:m} chegou atrasado", "{the.object:m} arrived late"),
        (1, "{o.object:m} não chegou", "{the.object:m} did not arrive"),
    ],
    [
        (1, "{o.event:f} foi muito boa", "{the.event:f} was very good"),
        (1, "{o.event:f} foi cancelada", "{the.event:f} was cancelled"),
        (1, "{o.event:f} foi importante para mim", "{the.event:f} was important for me"),
    ],
    [
        (
            1,
            "{o.place} recebeu {number:f:2-40} cadeiras novas",
            "{the.place} received {number} new chairs",
        ),
        (1, "{o.place} tem {number:f:2-40} salas", "{the.place} has {number} rooms"),
    ],
    [
        (0.4, "o atendimento {service}", "the service {service}"),
        (0.6, "o atendimento {no.place} {service}", "the service at {the.place} {service}"),
    ],
    [
        (1, "{o.role:f} é muito atenciosa", "{the.role:f} is very attentive"),
        (1, "{o.role:f} está cansada", "{the.role:f} is tired"),
        (1, "{o.role:f} está de férias", "{the.role:f} is on holiday"),
        (1, "{o.role:f} escuta com calma", "{the.role:f} listens calmly"),
    ],
    [
        (1, "{o.role:m} é muito educado", "{the.role:m} is very polite"),
        (1, "{o.role:m} está ocupado", "{the.role:m} is busy"),
        (1, "{o.role:m} está de férias", "{the.role:m} is on holiday"),
        (1, "{o.role:m} escuta com calma", "{the.role:m} listens calmly"),
    ],
    [
        (
            1,
            "a viagem {ao.place} demora {number:m:2-60} minutos",
            "the journey to {the.place} takes {number} minutes",
        ),
        (1, "a viagem demora {number:m:2-60} minutos", "the journey takes {number} minutes"),
    ],
    [
        (
            1,
            "o ônibus passa a cada {number:m:2-10} minutos",
            "the bus comes every {number} minutes",
        )
    ],
    [
        (1, "eu tenho {number:m:2-9} filhos", "I have {number} children"),
        (1, "eu tenho {number:m:2-9} irmãos", "I have {number} brothers"),
    ],
    [
        (1, "meu nome é {name} e eu sou {role}", "my name is {name} and I am {a.role}"),
        (1, "meu nome é {name} e eu moro em {city}", "my name is {name} and I live in {city}"),
    ],
]

QUESTIONS: list[list[Pattern]] = [
    [
        (
            1,
            "há quanto tempo a senhora trabalha {no.place}",
            "how long have you worked at {the.place}",
        ),
        (
            1,
            "há quanto tempo o senhor trabalha {no.place}",
            "how long have you worked at {the.place}",
        ),
    ],
    [(1, "a que horas abre {o.place}", "what time does {the.place} open")],
    [(1, "onde fica {o.place}", "where is {the.place}")],
    [(1, "a senhora recebeu {o.object}", "did you receive {the.object}")],
    [(1, "quem organiza {o.activity}", "who organises {the.activity}")],
    [(1, "como foi {o.event}", "how was {the.event}")],
    [(1, "o que mudou {no.place}", "what has changed at {the.place}")],
    [(1, "quantas pessoas trabalham {no.place}", "how many people work at {the.place}")],
    [
        (
            1,
            "o senhor pode falar sobre {o.event/place}",
            "can you talk about {the.event/place}",
        )
    ],
    [(1, "por que a senhora procurou {o.role/place}", "why did you look for {the.role/place}")],
    [(1, "quem leva as crianças {ao.place}", "who takes the children to {the.place}")],
    [(1, "quando começa {o.activity}", "when does {the.activity} start")],
]

# Whole sentences, with their own punctuation.
FIXED: list[tuple[str, str]] = [
    ("Bom dia.", "Good morning."),
    ("Boa tarde.", "Good afternoon."),
    ("Sim, claro.", "Yes, of course."),
    ("Não, obrigado.", "No, thank you."),
    ("Muito obrigada.", "Thank you very much."),
    ("Eu entendo.", "I understand."),
    ("Não sei.", "I do not know."),
    ("Pode repetir, por favor?", "Can you repeat that, please?"),
    ("Pode falar mais devagar?", "Can you speak more slowly?"),
    ("Vamos começar a entrevista.", "Let us start the interview."),
    ("A senhora pode se apresentar?", "Can you introduce yourself?"),
    ("O senhor mora aqui perto?", "Do you live near here?"),
    ("Como é o seu dia de trabalho?", "What is your working day like?"),
    ("Na minha opinião, falta transporte.", "In my opinion, transport is lacking."),
    ("Isso é muito importante.", "That is very important."),
    ("Com certeza.", "Certainly."),
    ("É verdade.", "That is true."),
    ("Eu gosto do meu trabalho.", "I like my work."),
    ("Obrigado pela conversa.", "Thank you for the conversation."),
    ("O que poderia melhorar?", "What could improve?"),
    ("Quais são as maiores dificuldades?", "What are the greatest difficulties?"),
    ("Antes era mais difícil.", "Before, it was more difficult."),
    ("Agora está melhor.", "Now it is better."),
    ("Podemos terminar aqui.", "We can finish here."),
]

SERVICE: list[Pattern] = [
    (1, "melhorou muito", "has improved a lot"),
    (1, "é bom", "is good"),
    (1, "é rápido", "is quick"),
    (1, "é gratuito", "is free"),
    (1, "precisa melhorar", "needs to improve"),
]

OPENINGS: list[tuple[str, str]] = [
    ("olha", "look"),
    ("bom", "well"),
    ("na verdade", "in fact"),
    ("às vezes", "sometimes"),
    ("no começo", "at the beginning"),
    ("hoje", "today"),
    ("depois da pandemia", "after the pandemic"),
    ("aqui no bairro", "here in the neighbourhood"),
]

# With the mark that joins: a comma stands before some of them.
CONNECTORS: list[tuple[str, str]] = [
    (", mas", ", but"),
    (" e", " and"),
    (" porque", " because"),
    (", e depois", ", and then"),
    (", por isso", ", so"),
]
