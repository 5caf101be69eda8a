"""What is said in the bundled recordings. Every sentence belongs to the practice language and is
kept out of training.

A dialogue is a list of turns; a turn is who speaks and the pairs (Portuguese, English) that they
say. In the interpreted interview each pair is said twice: the researcher's in English and then by
the interpreter in Portuguese, the participant's in Portuguese and then by the interpreter in
English.
"""

from __future__ import annotations

from .grammar import Pair

Turn = tuple[str, list[Pair]]

HEALTH_POST: list[Turn] = [
    ("interviewer", [
        ("Há quanto tempo a senhora trabalha no posto de saúde?",
         "How long have you worked at the health post?"),
    ]),
    ("nurse", [
        ("Meu nome é Helena e eu sou enfermeira.", "My name is Helena and I am a nurse."),
        ("Bom, eu trabalho aqui há dezessete anos.", "Well, I have worked here for seventeen years."),
        ("O posto de saúde abre às sete e meia, mas as mulheres grávidas chegam cedo.",
         "The health post opens at half past seven, but the pregnant women arrive early."),
    ]),
    ("interviewer", [
        ("Como foi a campanha de vacinação?", "How was the vaccination campaign?"),
    ]),
    ("nurse", [
        ("A campanha de vacinação foi muito boa, mas a vacina chegou na semana passada.",
         "The vaccination campaign was very good, but the vaccine arrived last week."),
        ("Depois da pandemia, nós visitamos os idosos duas vezes por mês.",
         "After the pandemic, we visit the older people twice a month."),
        ("Às vezes, há quarenta e três pessoas na fila.",
         "Sometimes, there are forty-three people in the queue."),
    ]),
]  # fmt: skip

LIBRARY: list[Turn] = [
    ("interviewer", [
        ("O senhor pode falar sobre a biblioteca?", "Can you talk about the library?"),
    ]),
    ("volunteer", [
        ("Meu nome é Marcos e eu moro em Campinas.", "My name is Marcos and I live in Campinas."),
        ("Na verdade, eu ajudo as crianças na biblioteca na quinta-feira.",
         "In fact, I help the children at the library on Thursday."),
        ("A biblioteca fica ao lado da escola e a caminhada começa às nove e quinze.",
         "The library is next to the school and the walk starts at quarter past nine."),
        ("No começo, a biblioteca recebeu trinta e seis cadeiras novas.",
         "At the beginning, the library received thirty-six new chairs."),
    ]),
    ("interviewer", [
        ("Quem organiza a oficina de costura?", "Who organises the sewing workshop?"),
    ]),
    ("volunteer", [
        ("A minha vizinha organizou uma oficina de costura na igreja no ano passado.",
         "My neighbour organised a sewing workshop at the church last year."),
        ("A oficina de costura começa às três horas na quarta-feira.",
         "The sewing workshop starts at three o'clock on Wednesday."),
        ("Olha, a minha tia tem sessenta e oito anos e ela vai à biblioteca a pé.",
         "Look, my aunt is sixty-eight years old and she goes to the library on foot."),
    ]),
    ("interviewer", [
        ("O que mudou na associação de moradores?",
         "What has changed at the residents' association?"),
    ]),
    ("volunteer", [
        ("Hoje, a associação de moradores tem vinte e duas salas.",
         "Today, the residents' association has twenty-two rooms."),
        ("Os jovens querem participar do curso de cozinha depois do almoço.",
         "The young people want to take part in the cooking course after lunch."),
        ("O centro comunitário fica longe de casa, por isso eu vou ao mercado de bicicleta.",
         "The community centre is far from home, so I go to the market by bicycle."),
        ("O ônibus passa a cada nove minutos, mas a viagem demora cinquenta e quatro minutos.",
         "The bus comes every nine minutes, but the journey takes fifty-four minutes."),
    ]),
]  # fmt: skip

INTERPRETED: list[Turn] = [
    ("researcher", [
        ("Como foi a visita?", "How was the visit?"),
        ("Há quanto tempo a senhora trabalha no centro de assistência social?",
         "How long have you worked at the social assistance centre?"),
    ]),
    ("participant", [
        ("Na verdade, eu trabalho aqui há vinte e seis anos.",
         "In fact, I have worked here for twenty-six years."),
        ("A assistente social atende trinta e uma pessoas por dia, e depois ela visita as famílias "
         "do bairro.",
         "The social worker sees thirty-one people a day, and then she visits the families in the "
         "neighbourhood."),
    ]),
    ("researcher", [
        ("Por que a senhora procurou a psicóloga?", "Why did you look for the psychologist?"),
    ]),
    ("participant", [
        ("Depois da pandemia, o meu marido precisou de um encaminhamento.",
         "After the pandemic, my husband needed a referral."),
        ("Nós esperamos duas horas no ambulatório na semana passada.",
         "We waited for two hours at the outpatient clinic last week."),
    ]),
    ("researcher", [
        ("A que horas abre o centro comunitário?", "What time does the community centre open?"),
    ]),
    ("participant", [
        ("O centro comunitário abre às oito e quinze, mas a roda de conversa começa ao meio-dia.",
         "The community centre opens at quarter past eight, but the discussion circle starts at "
         "noon."),
        ("A minha filha leva os idosos ao centro comunitário de manhã.",
         "My daughter takes the older people to the community centre in the morning."),
    ]),
    ("researcher", [
        ("O que mudou no laboratório?", "What has changed at the laboratory?"),
    ]),
    ("participant", [
        ("O atendimento no laboratório é gratuito, mas a viagem demora cinquenta e um minutos.",
         "The service at the laboratory is free, but the journey takes fifty-one minutes."),
    ]),
]  # fmt: skip

SHELTER_FIRST_PART: list[Turn] = [
    ("interviewer", [
        ("Quantas pessoas trabalham no abrigo?", "How many people work at the shelter?"),
    ]),
    ("coordinator", [
        ("Há vinte e nove pessoas no abrigo e a coordenadora escuta com calma.",
         "There are twenty-nine people at the shelter and the coordinator listens calmly."),
        ("O abrigo recebeu dezoito cadeiras novas, mas nós precisamos de um telefone.",
         "The shelter received eighteen new chairs, but we need a telephone."),
        ("Aqui no bairro, a cozinheira organiza um almoço comunitário uma vez por semana.",
         "Here in the neighbourhood, the cook organises a community lunch once a week."),
    ]),
    ("interviewer", [
        ("A senhora recebeu a cesta básica?", "Did you receive the food parcel?"),
    ]),
    ("coordinator", [
        ("Eu recebi uma cesta básica na prefeitura na terça-feira.",
         "I received a food parcel at the city hall on Tuesday."),
        ("Os moradores não conseguem entregar o documento na prefeitura.",
         "The residents do not manage to hand in the document at the city hall."),
    ]),
]  # fmt: skip

SHELTER_SECOND_PART: list[Turn] = [
    ("interviewer", [
        ("Quando começa o grupo de apoio?", "When does the support group start?"),
    ]),
    ("coordinator", [
        ("O grupo de apoio começa às seis e meia na segunda-feira.",
         "The support group starts at half past six on Monday."),
        ("A nutricionista vai explicar a receita para as mães na semana que vem.",
         "The nutritionist will explain the prescription to the mothers next week."),
        ("O meu irmão não preencheu a ficha porque ele saiu de casa às cinco horas.",
         "My brother did not fill in the record card because he left home at five o'clock."),
    ]),
    ("interviewer", [
        ("Quem leva as crianças à creche?", "Who takes the children to the nursery?"),
    ]),
    ("coordinator", [
        ("A minha avó tem setenta e quatro anos, mas ela leva as crianças à creche.",
         "My grandmother is seventy-four years old, but she takes the children to the nursery."),
        ("A creche fica aberta até as seis horas e o motorista é muito educado.",
         "The nursery stays open until six o'clock and the driver is very polite."),
    ]),
]  # fmt: skip

DIALOGUES = [HEALTH_POST, LIBRARY, INTERPRETED, SHELTER_FIRST_PART, SHELTER_SECOND_PART]


def spoken_sentences() -> frozenset[str]:
    """Both sides of everything said in the bundled recordings."""
    return frozenset(
        text for dialogue in DIALOGUES for _, pairs in dialogue for pair in pairs for text in pair
    )
