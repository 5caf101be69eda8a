"""The kinds of export there are: the one place that knows them all.

A writer takes an ExportInput, gives its files, and gives the same bytes for the same transcript on
every machine. Its libraries are imported when it is called, so that naming the kinds costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from confere.export.values import ExportFile, ExportInput

Writer: TypeAlias = Callable[[ExportInput], list[ExportFile]]


def _docx(given: ExportInput) -> list[ExportFile]:
    from confere.export import docx

    return docx.write(given)


def _webvtt(given: ExportInput) -> list[ExportFile]:
    from confere.export import webvtt

    return webvtt.write(given)


def _json(given: ExportInput) -> list[ExportFile]:
    from confere.export import json_export

    return json_export.write(given)


KINDS: Final[Mapping[str, Writer]] = {"docx": _docx, "webvtt": _webvtt, "json": _json}
