"""Pictures of the page for the guide, and whether the page still looks like them.

A picture has its words beside it (`NAME.yaml`: the page as a screen reader is told of it). They have to be
the same to the letter. The pictures themselves are compared coarsely: letters of another shape are no
difference; a panel that is gone or a colour that changed is one. Where letters are wider than those of the
pictures, lines break elsewhere and everything below moves: there only the words are compared.
"""

from __future__ import annotations

import difflib
import io
import os
import re
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from playwright.sync_api import BrowserContext, Page, Route, ViewportSize

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
SIZE: ViewportSize = {"width": 1440, "height": 900}
#: Bytes of a picture, so that the guide opens quickly everywhere.
LARGEST = 120_000
#: A cell of 80 by 80 pixels is compared by its mean colour, of 0 to 255.
CELL = 80
#: How far a single cell, and all of them in the mean, may be from the picture. Three other fonts on one
#: page came to 12.2 and 2.9; panels, columns or the waveform gone to 18 and more in a cell.
FURTHEST, FURTHEST_MEAN = 15.0, 4.0

#: How wide a sentence is in the letters of the pictures (Liberation Sans, as wide as Arial and Helvetica).
SENTENCE, WIDTH_PX = "Transcrição conferida com a gravação", 271.5

_ID = re.compile(r"(?<=/)[0-9a-z]{16}(#[0-9a-z]{16})?\b")
_MOMENT = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
#: When everything was done that the server tells of, and when it is looked at: a few minutes later.
DONE, NOW = b"2026-11-24T17:05:00Z", "2026-11-24T17:12:00Z"


def at_one_moment(context: BrowserContext) -> None:
    """Let all that the server tells have happened at one moment, and now be a little later."""
    context.clock.set_fixed_time(NOW)
    context.route("**/api/**", _answer)


def _answer(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=_MOMENT.sub(DONE, answer.body()))


@dataclass
class Album:
    """The pictures in one language: compared, or made anew where ``CONFERE_GUIDE`` says ``write``."""

    language: str
    differ: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return GUIDE / "pictures" / self.language

    def scene(self, page: Page, name: str) -> None:
        """Look at a page as it is now."""
        page.wait_for_load_state("networkidle")
        picture = settled(page)
        words = _ID.sub("ID", page.locator("body").aria_snapshot()) + "\n"
        if os.environ.get("CONFERE_GUIDE") == "write":
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.png").write_bytes(packed(picture))
            (self.folder / f"{name}.yaml").write_text(words, "utf-8")
            return
        self._compare(name, picture if has_our_letters(page) else b"", words)

    def _compare(self, name: str, picture: bytes, words: str) -> None:
        kept = self.folder / f"{name}.png"
        if not kept.exists():
            self.differ.append(f"{self.language}/{name}: there is no picture")
            return
        before = kept.with_suffix(".yaml").read_text("utf-8")
        lines = difflib.unified_diff(before.splitlines(), words.splitlines(), n=0, lineterm="")
        self.differ += [f"{self.language}/{name}: {line}" for line in [*lines][2:]]
        if picture and not alike(kept.read_bytes(), picture):
            far, mean = apart(kept.read_bytes(), picture)
            self.differ.append(
                f"{self.language}/{name}: looks, {far:.1f} apart, {mean:.1f} in the mean"
            )


def has_our_letters(page: Page) -> bool:
    """Whether this machine draws the page in letters as wide as those of the pictures."""
    measure = """(sentence) => {
        const paint = document.createElement("canvas").getContext("2d");
        paint.font = `16px ${getComputedStyle(document.body).fontFamily}`;
        return paint.measureText(sentence).width;
    }"""
    return abs(float(page.evaluate(measure, SENTENCE)) - WIDTH_PX) < 1


def settled(page: Page) -> bytes:
    """Return a picture of the page once nothing in it moves any more."""
    before = b""
    while (now := page.screenshot(animations="disabled")) != before:
        before = now
    return now


def alike(one: bytes, other: bytes) -> bool:
    """Whether two pictures show the same, as far as a look from afar tells."""
    furthest, mean = apart(one, other)
    return furthest <= FURTHEST and mean <= FURTHEST_MEAN


def apart(one: bytes, other: bytes) -> tuple[float, float]:
    """Return how far two pictures of one size are apart: in the worst cell, and in the mean."""
    far = np.abs(cells(one) - cells(other)).max(axis=2)
    return float(far.max()), float(far.mean())


def cells(picture: bytes) -> npt.NDArray[np.float64]:
    """Return the mean colour of each cell of a PNG: rows, columns, 3."""
    pixels = _pixels(picture).astype(np.float64)
    rows, columns = pixels.shape[0] // CELL, pixels.shape[1] // CELL
    cut = pixels[: rows * CELL, : columns * CELL]
    means: npt.NDArray[np.float64] = cut.reshape(rows, CELL, columns, CELL, 3).mean(axis=(1, 3))
    return means


def packed(picture: bytes) -> bytes:
    """Return a PNG in its 256 commonest colours, a third as long; all others become the nearest of them."""
    pixels = _pixels(picture).astype(np.int32)
    height, width, _ = pixels.shape
    numbers = pixels @ np.array([1 << 16, 1 << 8, 1], dtype=np.int32)
    found, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    palette = colours[np.argsort(-counts)[:256]]
    nearest = np.abs(colours[:, None] - palette).sum(axis=2).argmin(axis=1).astype(np.uint8)
    rows = nearest[places].reshape(height, width)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, content)
        for kind, content in (
            (b"IHDR", head),
            (b"PLTE", palette.astype(np.uint8).tobytes()),
            (b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def _pixels(picture: bytes) -> npt.NDArray[np.uint8]:
    with av.open(io.BytesIO(picture), "r") as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8)
