"""Receipts on the disk: each as the signed text and as one page to print, for the day's papers.

They lie outside the vault and in the clear, as paper does, readable by this account alone: they tell the
names of files, lengths and times. Whoever should not have that on the laptop prints them and removes them.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from confere.errors import BadValue
from confere.intake.receipt import Receipt
from confere.intake.sheet import sheet


class ReceiptFolder:
    """Where receipts are put; tried before the first recording is touched."""

    def __init__(self, folder: Path, language: str) -> None:
        """Make the folder and try to write into it; raises BadValue."""
        self._folder = folder
        self._language = language
        trial = folder / f".{secrets.token_hex(8)}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(trial, b"")
            trial.unlink()
        except OSError as error:
            raise BadValue(
                f"receipts cannot be written to {folder} ({error.strerror})",
                "Nothing was offloaded. Name another folder with --receipts.",
            ) from None

    def save(self, receipt: Receipt, signed_text: str) -> tuple[Path, Path]:
        """Write text and page; return their paths. Nothing is ever written over. Raises BadValue."""
        day = re.sub(r"\D", "", receipt.ended)[:12]
        recorder = re.sub(r"[^\w-]+", "_", receipt.recorder)[:32]
        name = f"{day[:8]}-{day[8:]}-{recorder}-{receipt.id[:6]}"
        text, page = (self._folder / f"{name}.{kind}" for kind in ("txt", "pdf"))
        try:
            _write(text, signed_text.encode())  # its digest stands on the page
            _write(page, sheet(receipt, signed_text, self._language))
        except OSError as error:
            raise BadValue(
                f"the receipt could not be written to {self._folder} ({error.strerror})",
                "What was taken is safe in the vault. The receipt was shown: keep what stands above.",
            ) from None
        return text, page


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
