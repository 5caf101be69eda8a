"""Word error rate and chrF over time, by model: one SVG, as text.

The same points give the same bytes. It is readable in black and white (models differ by the shape of
their points and the dashes of their lines), says everything that it shows in words (``title`` and
``desc``, which screen readers read), and loads nothing: no font, no script, no style from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final, Literal

from confere.review.worth.measures import Estimate, Models

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 720, 200, 60, 20, 70, 50  # px
_LINE: Final = 18  # px between the lines of the legend
_DASHES: Final = ("", "7 4", "2 3", "9 3 2 3")
_SHAPES: Final = ("circle", "square", "triangle", "diamond")
_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Drafts against verified text, over time",
        "wer": "Word error rate, % (lower is better)",
        "chrf": "chrF (higher is better)",
        "bars": "Bars: 95 % intervals.",
        "none": "Nothing has been measured yet.",
        "point": "{day}, {models}: word error rate {wer}, chrF {chrf}.",
        "practice": "PRACTICE: drafted by a practice model; says nothing about real work.",
        "unknown": "not measured",
    },
    "pt": {
        "title": "Rascunhos e texto conferido, ao longo do tempo",
        "wer": "Taxa de erro de palavras, % (menor é melhor)",
        "chrf": "chrF (maior é melhor)",
        "bars": "Barras: intervalos de 95 %.",
        "none": "Nada foi medido ainda.",
        "point": "{day}, {models}: taxa de erro de palavras {wer}, chrF {chrf}.",
        "practice": "PRÁTICA: rascunho de um modelo de prática; nada diz sobre trabalho real.",
        "unknown": "não medido",
    },
}


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of one transcript on the day of its draft or interview."""

    day: date
    models: Models
    word_error_rate: Estimate
    chrf: Estimate


@dataclass(frozen=True, slots=True)
class _Panel:
    """One of the two graphs: where it lies and what a height means."""

    top: int
    highest: float
    first: date
    days: int

    def x(self, day: date) -> float:
        width = WIDTH - LEFT - RIGHT - 20  # 10 px on each side, so that no point lies on the frame
        share = (day - self.first).days / self.days if self.days else 0.5
        return LEFT + 10 + width * share

    def y(self, value: float) -> float:
        return self.top + PANEL * (1 - min(value, self.highest) / self.highest)


def plot(points: Iterable[Point], language: Literal["en", "pt"] = "en", *, practice: bool) -> str:
    """Return the SVG; with ``practice`` it says across its top that no real work is shown."""
    given = sorted(points, key=lambda p: (p.day, p.models))
    texts = _TEXTS[language]
    models = sorted({point.models for point in given})
    height = TOP + 2 * (PANEL + GAP) + _LINE * (len(models) + 1)
    body = [_text(LEFT, 22, texts["title"], 'font-size="15" font-weight="bold"')]
    if practice:
        body.append(_text(LEFT, 40, texts["practice"], 'font-weight="bold"'))
    if given:
        body += _panels(given, models, texts)
    else:
        body.append(_text(LEFT, TOP + PANEL / 2, texts["none"]))
    told = [texts["practice"]] * practice + (_told(given, texts, language) or [texts["none"]])
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" '
        f'lang="{language}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="black" stroke="none">',
        f'<title id="title">{escape(texts["title"], quote=False)}</title>',
        f'<desc id="desc">{escape(" ".join(told), quote=False)}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _panels(
    points: Sequence[Point], models: Sequence[Models], texts: Mapping[str, str]
) -> list[str]:
    first, last = points[0].day, points[-1].day
    rates = [p.word_error_rate for p in points]
    reach = max((e.high or e.value or 0 for e in rates), default=0)
    highest = max(10.0, 10.0 * -(-reach // 10))  # the next full ten
    lines = []
    for index, (name, top_value) in enumerate((("wer", highest), ("chrf", 100.0))):
        panel = _Panel(TOP + index * (PANEL + GAP), top_value, first, (last - first).days)
        lines += _frame(panel, texts[name], last)
        for number, model in enumerate(models):
            of_model = [p for p in points if p.models == model]
            drawn = [(p.day, p.word_error_rate if name == "wer" else p.chrf) for p in of_model]
            lines += _series(panel, number, drawn)
    below = TOP + 2 * (PANEL + GAP)
    for number, model in enumerate(models):
        y = below + _LINE * number
        lines += [_dash(number, [(LEFT, y), (LEFT + 40, y)]), _shape(number, LEFT + 20, y)]
        lines.append(_text(LEFT + 50, y + 4, label(model)))
    lines.append(_text(LEFT, below + _LINE * len(models) + 4, texts["bars"]))
    return lines


def _frame(panel: _Panel, title: str, last: date) -> list[str]:
    """Return a panel's frame, its scale in five steps and the days at its ends."""
    lines = [_text(LEFT, panel.top - 6, title)]
    for step in range(6):
        value = panel.highest * step / 5
        y = panel.y(value)
        shade = "black" if step == 0 else "#ccc"
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{shade}"/>')
        lines.append(_text(LEFT - 6, y + 4, f"{value:g}", 'text-anchor="end"'))
    bottom = panel.top + PANEL + 16
    if last == panel.first:
        lines.append(_text(panel.x(last), bottom, last.isoformat(), 'text-anchor="middle"'))
    else:  # within the picture, whatever font there is
        lines.append(_text(LEFT, bottom, panel.first.isoformat()))
        lines.append(_text(WIDTH - RIGHT, bottom, last.isoformat(), 'text-anchor="end"'))
    return lines


def _series(panel: _Panel, number: int, drawn: Sequence[tuple[date, Estimate]]) -> list[str]:
    """Return the line of one model, its points and their intervals."""
    places, bars, shapes = [], [], []
    for day, estimate in drawn:
        if estimate.value is None:
            continue
        x, y = panel.x(day), panel.y(estimate.value)
        places.append((x, y))
        shapes.append(_shape(number, x, y))
        if estimate.low is not None and estimate.high is not None:
            span = f"M{x:.1f} {panel.y(estimate.low):.1f}V{panel.y(estimate.high):.1f}"
            bars.append(f'<path d="{span}" stroke="#777"/>')
    line = [_dash(number, places)] if len(places) > 1 else []
    return [*bars, *line, *shapes]


def _dash(number: int, places: Sequence[tuple[float, float]]) -> str:
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dashes = _DASHES[number % len(_DASHES)]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{way}" fill="none" stroke="black"{dashed}/>'


def _shape(number: int, x: float, y: float) -> str:
    """Return a point; the fifth model and on have the shapes again, filled."""
    fill = "white" if number < len(_SHAPES) else "black"
    kind = _SHAPES[number % len(_SHAPES)]
    look = f'fill="{fill}" stroke="black"'
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {look}/>'
    way = {
        "square": "m-4 -4h8v8h-8z",
        "triangle": "m0 -5l5 9h-10z",
        "diamond": "m0 -6l6 6l-6 6l-6 -6z",
    }[kind]
    return f'<path d="M{x:.1f} {y:.1f}{way}" {look}/>'


def _text(x: float, y: float, text: str, look: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{" " if look else ""}{look}>{escape(text, quote=False)}</text>'


def label(models: Models) -> str:
    """Return the names of a pair of models, speech first."""
    return f"{models.speech.name} + {models.translation.name}"


def _told(points: Sequence[Point], texts: Mapping[str, str], language: str) -> list[str]:
    """Return every point as a sentence."""
    return [
        texts["point"].format(
            day=p.day.isoformat(),
            models=label(p.models),
            wer=_number(p.word_error_rate.value, " %", texts, language),
            chrf=_number(p.chrf.value, "", texts, language),
        )
        for p in points
    ]


def _number(value: float | None, unit: str, texts: Mapping[str, str], language: str) -> str:
    if value is None:
        return texts["unknown"]
    written = f"{value:.1f}"
    return (written.replace(".", ",") if language == "pt" else written) + unit
