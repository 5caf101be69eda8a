"""The number words of Portuguese (Brazil, Portugal, Mozambique, Angola), folded."""

from __future__ import annotations

from confere.review.checks.numbers.amounts import HALF, QUARTER, Value
from confere.review.checks.text import listed

_SMALL = listed(
    "zero um dois tres quatro cinco seis sete oito nove dez onze doze treze quatorze "
    "quinze dezesseis dezessete dezoito dezenove"
)
UNITS = {word: number for number, word in enumerate(_SMALL)} | {
    "uma": 1, "duas": 2, "catorze": 14, "dezasseis": 16, "dezassete": 17, "dezanove": 19,
}  # fmt: skip
TENS = {
    "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70,
    "oitenta": 80, "noventa": 90,
}  # fmt: skip
_HUNDREDS = {
    "cem": 100, "cento": 100, "duzent": 200, "trezent": 300, "quatrocent": 400, "quinhent": 500,
    "seiscent": 600, "setecent": 700, "oitocent": 800, "novecent": 900,
}  # fmt: skip
HUNDREDS = {
    stem + ending: number
    for stem, number in _HUNDREDS.items()
    for ending in (("os", "as") if number > 100 else ("",))
}
SCALES = {
    "mil": 10**3, "milhao": 10**6, "milhoes": 10**6,
    "bilhao": 10**9, "bilhoes": 10**9,  # Brazil
    "biliao": 10**12, "bilioes": 10**12,  # Portugal, Angola, Mozambique
    "trilhao": 10**12, "trilhoes": 10**12,
}  # fmt: skip
GROUPS = {
    "duzia": 12, "duzias": 12, "dezena": 10, "dezenas": 10, "centena": 100, "centenas": 100,
    "milhar": 1000, "milhares": 1000,
}  # fmt: skip
PARTS = {"terco": 3, "tercos": 3, "quartos": 4, "quintos": 5, "decimos": 10}
_ORDINALS = {
    "primeir": 1, "terceir": 3, "sext": 6, "setim": 7, "oitav": 8, "non": 9, "decim": 10,
    "vigesim": 20, "trigesim": 30,
}  # fmt: skip
ORDINALS = {s + e: n for s, n in _ORDINALS.items() for e in ("o", "a", "os", "as")}
ORDINALS |= {"segundo": 2, "segunda": 2, "quarto": 4, "quarta": 4, "quinto": 5, "quinta": 5}
DAYS = {"segunda": "monday", "terca": "tuesday", "quarta": "wednesday", "quinta": "thursday",
        "sexta": "friday"}  # fmt: skip
MONTHS = listed(
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro"
)
MONTH_NAMES = listed(
    "january february march april may june july august september october november december"
)

#: Words that may be a number and mostly need none: article, room, "kind of", "according to" …
LOOSE: dict[str, tuple[Value | int, ...]] = {
    "meio": (HALF,), "meia": (HALF, 6, 30), "quarto": (4, QUARTER, 15), "quarta": (4, "wednesday"),
    "quinta": (5, "thursday"), "quintas": ("thursday",), "quartas": ("wednesday",),
    "terca": ("tuesday",), "tercas": ("tuesday",), "sextas": ("friday",), "segundas": ("monday",),
    "segunda": (2, "monday"), "segundo": (2,), "primeiro": (1,), "primeira": (1,),
    "primeiros": (1,), "primeiras": (1,), "sexta": (6, "friday"), "nona": (9,), "oitavas": (8,),
    "dobro": (2,), "dupla": (2,), "duplo": (2,), "ambos": (2,), "ambas": (2,), "par": (2,),
    "casal": (2,), "gemeos": (2,), "gemeas": (2,), "triplo": (3,), "decada": (10,), "seculo": (100,),
    "semestre": (6, HALF), "trimestre": (3, QUARTER), "milhoes": (10**6,), "bilhoes": (10**9,),
    "semana": ("1 week",), "so": (1,), "unico": (1,), "unica": (1,), "quarteto": (4,), "trio": (3,),
    "dezena": (10,), "centena": (100,), "milhar": (1000,), "zero": (0,), "um": (1,), "uma": (1,),
    "dobrou": (2,), "duplicou": (2,), "duplicaram": (2,), "dobraram": (2,), "triplicou": (3,),
}  # fmt: skip
#: Words that always count.
FIRM: dict[str, tuple[Value | int, ...]] = {
    "metade": (HALF,), "duzia": (12,), "quinzena": (15, 14, "2 weeks"), "sabado": ("saturday",),
    "sabados": ("saturday",), "domingo": ("sunday",), "domingos": ("sunday",),
}  # fmt: skip
FIRM |= {
    word: (name, number)
    for number, (word, name) in enumerate(zip(MONTHS, MONTH_NAMES, strict=True), start=1)
}
#: Everything that is read as a number and as little else.
WORDS = frozenset({*UNITS, *TENS, *HUNDREDS, *SCALES, *FIRM, *DAYS, "feira"})
