"""The receipt on one page of paper, to be signed by hand and kept with the day's papers.

The text of the receipt (`receipt`) is what this machine signs, and it is complete. The sheet shows the
same on A4: as many files as fit, the rest counted, and below them the digest of the signed text and the
custody log's three lines, so that the paper vouches for the file. The same receipt gives the same bytes.

The fonts are the fourteen that every reader of PDF has: letters beyond Western European ones are
shown as ``?``, and the page says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from confere.domain import clock
from confere.intake.outcome import Outcome
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion

if TYPE_CHECKING:
    from fpdf import FPDF

_MARGIN_MM: Final = 16.0
_WIDTH_MM: Final = 210.0 - 2 * _MARGIN_MM
_ROW_MM: Final = 5.2
_FOOT_MM: Final = 68.0  # for what stands below the table
_BOTTOM_MM: Final = 297.0 - _MARGIN_MM - _FOOT_MM
#: Width and alignment of the columns: number, file, length, size, SHA-256, on the recorder.
_COLUMNS: Final = ((8.0, "R"), (70.0, "L"), (19.0, "R"), (21.0, "R"), (26.0, "L"), (34.0, "L"))
_GREY: Final = 110

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Receipt of an offload",
        "study": "Study",
        "machine": "Machine",
        "recorder": "Recorder",
        "device": "Device",
        "begun": "Begun (UTC)",
        "ended": "Ended (UTC)",
        "receipt": "Receipt",
        "taken": "{files} taken, {length} long, {size}. Each was sealed, read back from the vault's disk"
        " and read a second time from the recorder; all digests agree.",
        "none": "No file was taken.",
        "left": "Left on the recorder: {count}",
        "unfinished": "NOT FINISHED, still on the recorder: {count}. Run the offload again.",
        "columns": "|File|Length|Size|SHA-256|On the recorder",
        "more": "… and {count} more: see the receipt's text.",
        "already": "{count} in the vault already: that copy was checked again.",
        "deleted": "deleted",
        "kept": "kept, as asked",
        "uncertain": "LOOK: see the text",
        "here": "still there",
        "text": "SHA-256 of the signed text of this receipt",
        "log": "Custody log: type these three lines to check the log later (confere audit --since)",
        "no_log": "The custody log has no entries yet.",
        "uncertified": "THIS MACHINE IS NOT CERTIFIED YET: a lead has to certify it.",
        "flash": "Deleted is not erased: from flash memory, deleted files can often be restored.",
        "letters": "A ? stands for a letter that this page cannot show; the text has it.",
        "by_hand": "Fieldworker|Date and place|Signature",
    },
    "pt": {
        "title": "Recibo de descarregamento",
        "study": "Estudo",
        "machine": "Computador",
        "recorder": "Gravador",
        "device": "Aparelho",
        "begun": "Início (UTC)",
        "ended": "Fim (UTC)",
        "receipt": "Recibo",
        "taken": "{files} guardados, {length} de áudio, {size}. Cada um foi selado, relido do disco do cofre"
        " e lido uma segunda vez do gravador; todos os resumos conferem.",
        "none": "Nenhum arquivo foi guardado.",
        "left": "Deixados no gravador: {count}",
        "unfinished": "NÃO TERMINADOS, ainda no gravador: {count}. Faça o descarregamento de novo.",
        "columns": "|Arquivo|Duração|Tamanho|SHA-256|No gravador",
        "more": "… e mais {count}: veja o texto do recibo.",
        "already": "{count} já no cofre: essa cópia foi conferida de novo.",
        "deleted": "apagado",
        "kept": "mantido, a pedido",
        "uncertain": "VERIFIQUE: veja o texto",
        "here": "ainda lá",
        "text": "SHA-256 do texto assinado deste recibo",
        "log": "Registro de custódia: com estas três linhas se confere o registro mais tarde"
        " (confere audit --since)",
        "no_log": "O registro de custódia ainda não tem entradas.",
        "uncertified": "ESTE COMPUTADOR AINDA NÃO FOI CERTIFICADO: cabe a quem lidera certificá-lo.",
        "flash": "Apagado não é destruído: da memória flash, arquivos apagados muitas vezes podem ser"
        " recuperados.",
        "letters": "Um ? está no lugar de uma letra que esta página não mostra; o texto a traz.",
        "by_hand": "Responsável em campo|Data e local|Assinatura",
    },
}
#: The languages that the sheet is written in.
LANGUAGES: Final = tuple(_WORDS)


def sheet(receipt: Receipt, signed_text: str, language: str = "en") -> bytes:
    """Return one page of PDF for a receipt and its signed text; ``language`` is one of `LANGUAGES`."""
    return _Sheet(receipt, signed_text, _WORDS[language]).draw()


class _Sheet:
    """One page on its way."""

    def __init__(self, receipt: Receipt, signed_text: str, words: Mapping[str, str]) -> None:
        from fpdf import FPDF  # slow to import, and few commands draw

        self._receipt = receipt
        self._signed_text = signed_text
        self._words = words
        self._lossy = False
        self._page: FPDF = FPDF(format="A4")
        self._page.set_creation_date(_moment(receipt.ended))  # nothing of this moment: same bytes
        self._page.set_auto_page_break(False)
        self._page.set_margin(_MARGIN_MM)
        self._page.set_title(words["title"])
        self._page.add_page()
        self._page.set_line_width(0.1)
        self._page.set_draw_color(_GREY)

    def draw(self) -> bytes:
        """Draw everything and return the file."""
        self._head()
        self._table()
        self._foot()
        return bytes(self._page.output())

    def _head(self) -> None:
        receipt, words = self._receipt, self._words
        self._write(words["title"], size=17, style="B", height=10)
        facts = {
            "study": receipt.study,
            "machine": receipt.machine,
            "recorder": " · ".join(filter(None, (receipt.recorder, receipt.kind))),
            "device": str(receipt.device),
            "begun": _time(receipt.begun),
            "ended": _time(receipt.ended),
            "receipt": receipt.id,
        }
        for name, value in facts.items():
            if value:
                self._fact(words[name], value)
        self._page.ln(2)
        self._write(self._summary(), size=10, height=5)
        for kind, outcomes in (
            ("already", receipt.kept_already),
            ("unfinished", receipt.unfinished),
            ("left", receipt.left),
        ):
            if outcomes:
                bold = "B" if kind == "unfinished" else ""
                self._write(words[kind].format(count=len(outcomes)), size=10, style=bold, height=5)
        self._page.ln(2)

    def _summary(self) -> str:
        notes = [o.note for o in self._receipt.taken if o.note is not None]
        if not notes:
            return self._words["none"]
        return self._words["taken"].format(
            files=len(notes),
            length=_length(sum(note.duration_ms for note in notes)),
            size=_size(sum(note.size_bytes for note in notes)),
        )

    def _table(self) -> None:
        rows = list(self._rows())
        self._row(self._words["columns"].split("|"), style="B")
        fit = int((_BOTTOM_MM - self._page.get_y()) / _ROW_MM)
        shown = rows if len(rows) <= fit else rows[: fit - 1]
        for row in shown:
            self._row(row)
        if len(shown) < len(rows):
            more = self._words["more"].format(count=len(rows) - len(shown))
            self._write(more, size=9, height=_ROW_MM)

    def _rows(self) -> Iterator[list[str]]:
        """Yield first what somebody has to look at, then what was taken, then what was left."""
        receipt = self._receipt
        ordered = (*receipt.unfinished, *receipt.safe, *receipt.left)
        for number, outcome in enumerate(ordered, 1):
            note = outcome.note
            yield [
                str(number),
                outcome.path,
                _length(note.duration_ms) if note else "",
                _size(outcome.size_bytes),
                note.sha256[:12] if note else "",
                self._where(outcome),
            ]

    def _where(self, outcome: Outcome) -> str:
        if outcome.note is None:
            return self._words["here"]
        known = {Deletion.DELETED: "deleted", Deletion.GONE: "deleted", Deletion.KEPT: "kept"}
        return self._words[known.get(outcome.deletion or Deletion.KEPT, "uncertain")]

    def _row(self, cells: list[str], style: str = "") -> None:
        self._page.set_font("helvetica", style, 8.5)
        for (width, align), text in zip(_COLUMNS, cells, strict=True):
            shown = self._cut(self._shown(text), width - 2)
            self._page.cell(width, _ROW_MM, shown, border="B", align=align)
        self._page.ln(_ROW_MM)

    def _cut(self, text: str, width_mm: float) -> str:
        """Return a text that fits: of a long path the end tells more."""
        if self._page.get_string_width(text) <= width_mm:
            return text
        while text and self._page.get_string_width(f"...{text}") > width_mm:
            text = text[1:]
        return f"...{text}"

    def _foot(self) -> None:
        receipt, words = self._receipt, self._words
        self._page.set_y(_BOTTOM_MM + 2)
        digest = hashlib.sha256(self._signed_text.encode()).hexdigest()
        self._write(words["text"], size=8.5, grey=True)
        self._write(digest, size=9, font="courier")
        custody = receipt.custody
        if custody is not None and custody.checkpoint:
            self._write(words["log"], size=8.5, grey=True)
            for line in custody.checkpoint.splitlines():
                self._write(line, size=9, font="courier")
        else:
            self._write(words["no_log"], size=8.5, grey=True)
        if custody is not None and not custody.certified:
            self._write(words["uncertified"], size=8.5, style="B")
        if any(o.deletion is Deletion.DELETED for o in receipt.safe):
            self._write(words["flash"], size=8.5)
        if self._lossy:
            self._write(words["letters"], size=8.5)
        self._by_hand()

    def _by_hand(self) -> None:
        """Lines to sign on, at the very bottom."""
        page, titles = self._page, self._words["by_hand"].split("|")
        width, y = _WIDTH_MM / len(titles), 297.0 - _MARGIN_MM - 6
        page.set_font("helvetica", "", 8)
        page.set_text_color(_GREY)
        for number, title in enumerate(titles):
            x = _MARGIN_MM + number * width
            page.line(x, y, x + width - 6, y)
            page.set_xy(x, y + 1)
            page.cell(width - 6, 4, title)

    def _fact(self, name: str, value: str) -> None:
        page = self._page
        page.set_font("helvetica", "", 9)
        page.set_text_color(_GREY)
        page.cell(30, 5, name)
        page.set_text_color(0)
        page.set_font("helvetica", "", 10)
        page.cell(0, 5, self._cut(self._shown(value), _WIDTH_MM - 32))
        page.ln(5)

    def _write(
        self,
        text: str,
        *,
        size: float,
        style: str = "",
        font: str = "helvetica",
        height: float = 4.4,
        grey: bool = False,
    ) -> None:
        self._page.set_font(font, style, size)
        self._page.set_text_color(_GREY if grey else 0)
        self._page.multi_cell(
            0, height, self._shown(text), align="L", new_x="LMARGIN", new_y="NEXT"
        )
        self._page.set_text_color(0)

    def _shown(self, text: str) -> str:
        """Return a text in the letters that the fonts have, on one line."""
        plain = "".join(c if c.isprintable() else "?" for c in text.replace("…", "..."))
        shown = plain.encode("latin-1", "replace").decode("latin-1")
        self._lossy = self._lossy or shown.count("?") > text.count("?")
        return shown


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:.1f} kB"


def _length(duration_ms: int) -> str:
    return clock(duration_ms).partition(".")[0]


def _time(iso: str) -> str:
    return iso[:19].replace("T", " ")


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
