"""The words of the practice language: tables of Portuguese and English, nothing else.

A noun is `(gender, Portuguese, English)`, the gender being "m" or "f" and, for plurals, "mp" or
"fp"; the Portuguese articles and contractions follow from it. A pair is `(Portuguese, English)`. A
verb row gives the forms that `grammar.py` chooses between.
"""

from __future__ import annotations

PLACES = [
    ("m", "posto de saúde", "health post"),
    ("m", "hospital", "hospital"),
    ("m", "centro de assistência social", "social assistance centre"),
    ("f", "escola", "school"),
    ("f", "farmácia", "pharmacy"),
    ("f", "clínica", "clinic"),
    ("f", "biblioteca", "library"),
    ("f", "associação de moradores", "residents' association"),
    ("f", "prefeitura", "city hall"),
    ("f", "creche", "nursery"),
    ("m", "centro comunitário", "community centre"),
    ("m", "abrigo", "shelter"),
    ("m", "ambulatório", "outpatient clinic"),
    ("m", "laboratório", "laboratory"),
    ("m", "mercado", "market"),
    ("f", "praça", "square"),
    ("f", "igreja", "church"),
    ("m", "parque", "park"),
]

ROLES = [
    ("f", "enfermeira", "nurse"),
    ("m", "médico", "doctor"),
    ("f", "assistente social", "social worker"),
    ("f", "psicóloga", "psychologist"),
    ("m", "agente de saúde", "health agent"),
    ("f", "professora", "teacher"),
    ("f", "coordenadora", "coordinator"),
    ("m", "motorista", "driver"),
    ("m", "dentista", "dentist"),
    ("f", "cozinheira", "cook"),
    ("m", "voluntário", "volunteer"),
    ("f", "recepcionista", "receptionist"),
    ("f", "diretora", "director"),
    ("m", "farmacêutico", "pharmacist"),
    ("f", "nutricionista", "nutritionist"),
    ("m", "vizinho", "neighbour"),
]

# English says "my mother" where Portuguese says "a minha mãe": the article is in the Portuguese only.
FAMILY = [
    ("f", "minha mãe", "my mother"),
    ("m", "meu pai", "my father"),
    ("f", "minha filha", "my daughter"),
    ("m", "meu filho", "my son"),
    ("f", "minha irmã", "my sister"),
    ("m", "meu irmão", "my brother"),
    ("f", "minha avó", "my grandmother"),
    ("m", "meu avô", "my grandfather"),
    ("f", "minha tia", "my aunt"),
    ("m", "meu marido", "my husband"),
    ("f", "minha vizinha", "my neighbour"),
    ("f", "minha prima", "my cousin"),
]

GROUPS = [
    ("fp", "famílias do bairro", "families in the neighbourhood"),
    ("mp", "idosos", "older people"),
    ("fp", "crianças", "children"),
    ("mp", "jovens", "young people"),
    ("fp", "mulheres grávidas", "pregnant women"),
    ("mp", "pacientes", "patients"),
    ("mp", "moradores", "residents"),
    ("mp", "alunos", "students"),
    ("fp", "mães", "mothers"),
]

OBJECTS = [
    ("m", "remédio", "medicine"),
    ("m", "exame", "test"),
    ("m", "cartão", "card"),
    ("m", "documento", "document"),
    ("m", "formulário", "form"),
    ("f", "receita", "prescription"),
    ("f", "vacina", "vaccine"),
    ("f", "cesta básica", "food parcel"),
    ("m", "encaminhamento", "referral"),
    ("f", "carta", "letter"),
    ("m", "endereço", "address"),
    ("m", "telefone", "telephone"),
    ("m", "relatório", "report"),
]

FORMS = [
    ("m", "formulário", "form"),
    ("f", "ficha", "record card"),
    ("m", "relatório", "report"),
]

TASKS = [
    ("m", "exame", "test"),
    ("f", "entrevista", "interview"),
    ("f", "visita", "visit"),
    ("m", "trabalho", "work"),
]

APPOINTMENTS = [
    ("f", "consulta", "appointment"),
    ("m", "exame", "test"),
    ("f", "visita", "visit"),
    ("f", "reunião", "meeting"),
    ("f", "entrevista", "interview"),
    ("f", "conversa", "conversation"),
]

ACTIVITIES = [
    ("m", "grupo de apoio", "support group"),
    ("m", "curso de cozinha", "cooking course"),
    ("f", "oficina de costura", "sewing workshop"),
    ("f", "aula de música", "music lesson"),
    ("f", "caminhada", "walk"),
    ("f", "festa da escola", "school party"),
    ("f", "campanha de vacinação", "vaccination campaign"),
    ("m", "projeto", "project"),
    ("f", "roda de conversa", "discussion circle"),
    ("m", "almoço comunitário", "community lunch"),
]

NAMES = [
    "Ana",
    "Carlos",
    "Maria",
    "João",
    "Paula",
    "Pedro",
    "Lúcia",
    "Roberto",
    "Teresa",
    "Marcos",
    "Helena",
    "Antônio",
    "Júlia",
    "Rafael",
]

CITIES = [
    "Recife",
    "Salvador",
    "Curitiba",
    "Manaus",
    "Fortaleza",
    "Belém",
    "Campinas",
    "Santos",
]

TRANSPORT = [
    ("de ônibus", "by bus"),
    ("a pé", "on foot"),
    ("de carro", "by car"),
    ("de bicicleta", "by bicycle"),
    ("de metrô", "by underground"),
    ("de barco", "by boat"),
]

DAYS = [
    ("na segunda-feira", "on Monday"),
    ("na terça-feira", "on Tuesday"),
    ("na quarta-feira", "on Wednesday"),
    ("na quinta-feira", "on Thursday"),
    ("na sexta-feira", "on Friday"),
]

MONTHS = [
    ("em janeiro", "in January"),
    ("em fevereiro", "in February"),
    ("em março", "in March"),
    ("em abril", "in April"),
    ("em maio", "in May"),
    ("em junho", "in June"),
    ("em julho", "in July"),
    ("em agosto", "in August"),
    ("em setembro", "in September"),
    ("em outubro", "in October"),
    ("em novembro", "in November"),
    ("em dezembro", "in December"),
]

# Zero to nineteen, then the tens.
SMALL_NUMBERS = [
    ("zero", "zero"),
    ("um", "one"),
    ("dois", "two"),
    ("três", "three"),
    ("quatro", "four"),
    ("cinco", "five"),
    ("seis", "six"),
    ("sete", "seven"),
    ("oito", "eight"),
    ("nove", "nine"),
    ("dez", "ten"),
    ("onze", "eleven"),
    ("doze", "twelve"),
    ("treze", "thirteen"),
    ("quatorze", "fourteen"),
    ("quinze", "fifteen"),
    ("dezesseis", "sixteen"),
    ("dezessete", "seventeen"),
    ("dezoito", "eighteen"),
    ("dezenove", "nineteen"),
]
TENS = {
    20: ("vinte", "twenty"),
    30: ("trinta", "thirty"),
    40: ("quarenta", "forty"),
    50: ("cinquenta", "fifty"),
    60: ("sessenta", "sixty"),
    70: ("setenta", "seventy"),
    80: ("oitenta", "eighty"),
    90: ("noventa", "ninety"),
}
HUNDREDS_MASCULINE = {
    100: ("cem", "one hundred"),
    200: ("duzentos", "two hundred"),
    300: ("trezentos", "three hundred"),
}
FEMININE_ENDINGS = {"um": "uma", "dois": "duas", "duzentos": "duzentas", "trezentos": "trezentas"}

PRESENT_TIMES = [
    ("todos os dias", "every day"),
    ("às vezes", "sometimes"),
    ("de manhã", "in the morning"),
    ("à tarde", "in the afternoon"),
    ("à noite", "in the evening"),
    ("uma vez por semana", "once a week"),
    ("duas vezes por mês", "twice a month"),
    ("quase sempre", "almost always"),
]
PAST_TIMES = [
    ("ontem", "yesterday"),
    ("no mês passado", "last month"),
    ("na semana passada", "last week"),
    ("no ano passado", "last year"),
    ("hoje de manhã", "this morning"),
]
FUTURE_TIMES = [
    ("amanhã", "tomorrow"),
    ("na semana que vem", "next week"),
    ("no mês que vem", "next month"),
    ("depois do almoço", "after lunch"),
]

# Portuguese infinitive; present and past, each for eu, ela, nós, eles; English base, third person, past.
VERBS = {
    row.split("|")[0]: row.split("|")
    for row in """\
trabalhar|trabalho|trabalha|trabalhamos|trabalham|trabalhei|trabalhou|trabalhamos|trabalharam|work|works|worked
marcar|marco|marca|marcamos|marcam|marquei|marcou|marcamos|marcaram|book|books|booked
procurar|procuro|procura|procuramos|procuram|procurei|procurou|procuramos|procuraram|look for|looks for|looked for
visitar|visito|visita|visitamos|visitam|visitei|visitou|visitamos|visitaram|visit|visits|visited
esperar|espero|espera|esperamos|esperam|esperei|esperou|esperamos|esperaram|wait|waits|waited
precisar|preciso|precisa|precisamos|precisam|precisei|precisou|precisamos|precisaram|need|needs|needed
receber|recebo|recebe|recebemos|recebem|recebi|recebeu|recebemos|receberam|receive|receives|received
levar|levo|leva|levamos|levam|levei|levou|levamos|levaram|take|takes|took
conversar|converso|conversa|conversamos|conversam|conversei|conversou|conversamos|conversaram|talk|talks|talked
ajudar|ajudo|ajuda|ajudamos|ajudam|ajudei|ajudou|ajudamos|ajudaram|help|helps|helped
participar|participo|participa|participamos|participam|participei|participou|participamos|participaram|take part|takes part|took part
organizar|organizo|organiza|organizamos|organizam|organizei|organizou|organizamos|organizaram|organise|organises|organised
chegar|chego|chega|chegamos|chegam|cheguei|chegou|chegamos|chegaram|arrive|arrives|arrived
sair|saio|sai|saímos|saem|saí|saiu|saímos|saíram|leave|leaves|left
ir|vou|vai|vamos|vão|fui|foi|fomos|foram|go|goes|went
ligar|ligo|liga|ligamos|ligam|liguei|ligou|ligamos|ligaram|call|calls|called
morar|moro|mora|moramos|moram|morei|morou|moramos|moraram|live|lives|lived
cuidar|cuido|cuida|cuidamos|cuidam|cuidei|cuidou|cuidamos|cuidaram|take care|takes care|took care
preencher|preencho|preenche|preenchemos|preenchem|preenchi|preencheu|preenchemos|preencheram|fill in|fills in|filled in
entregar|entrego|entrega|entregamos|entregam|entreguei|entregou|entregamos|entregaram|hand in|hands in|handed in
buscar|busco|busca|buscamos|buscam|busquei|buscou|buscamos|buscaram|collect|collects|collected
pedir|peço|pede|pedimos|pedem|pedi|pediu|pedimos|pediram|ask for|asks for|asked for
voltar|volto|volta|voltamos|voltam|voltei|voltou|voltamos|voltaram|come back|comes back|came back
explicar|explico|explica|explicamos|explicam|expliquei|explicou|explicamos|explicaram|explain|explains|explained
fazer|faço|faz|fazemos|fazem|fiz|fez|fizemos|fizeram|do|does|did
""".splitlines()  # noqa: E501 - one verb a line reads best
}

# Forms of "ir", which makes the future, and of the verbs that take another verb; for eu, ela, nós, eles.
GOING_TO = ("vou", "vai", "vamos", "vão")
# Portuguese forms; English plain, third person singular, and what follows "do not" ("" means "cannot").
MODALS = [
    (("quero", "quer", "queremos", "querem"), "want to", "wants to", "want to"),
    (("posso", "pode", "podemos", "podem"), "can", "can", ""),
    (("preciso", "precisa", "precisamos", "precisam"), "need to", "needs to", "need to"),
    (("consigo", "consegue", "conseguimos", "conseguem"), "manage to", "manages to", "manage to"),
]

# Portuguese, English, which Portuguese verb form (0 eu, 1 ela, 2 nós, 3 eles), English third person singular.
PRONOUNS = [
    ("eu", "I", 0, False),
    ("ela", "she", 1, True),
    ("ele", "he", 1, True),
    ("nós", "we", 2, False),
    ("eles", "they", 3, False),
    ("a gente", "we", 1, False),
]
