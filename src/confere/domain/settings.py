"""The settings of a study: one TOML file, every key with a default and a comment.

The classes below are the only list of keys: the parser, the commented example and the guide come
from them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from confere.errors import BadSetting

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _key(default: Any, comment: str, check: Callable[[Any], str] = lambda _value: "") -> Any:
    """A setting: its default, the comment in the example, and what is wrong with a value, if so."""
    metadata = {"comment": comment, "check": check}
    if isinstance(default, list):
        return field(default_factory=lambda: tuple(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def _between(low: float, high: float) -> Callable[[Any], str]:
    return lambda value: "" if low <= value <= high else f"must lie between {low} and {high}"


def _one_of(*allowed: str) -> Callable[[Any], str]:
    return lambda value: "" if value in allowed else f"must be one of {', '.join(allowed)}"


def _languages(value: Any) -> str:
    good = value and all(_LANGUAGE.fullmatch(code) for code in value)
    return "" if good else 'must be a list of language codes such as ["pt", "en"]'


def _models(value: Any) -> str:
    names = (value,) if isinstance(value, str) else value
    good = names and all(names) and len(set(names)) == len(names)
    return "" if good else "must be the name of a model, or a list of different ones"


def _language(value: Any) -> str:
    return "" if _LANGUAGE.fullmatch(value) else 'must be a language code such as "en"'


@dataclass(frozen=True, slots=True)
class Study:
    """Which languages are spoken and written."""

    languages: tuple[str, ...] = _key(
        ["pt", "en"], "languages spoken in the interviews (ISO 639-1)", _languages
    )
    target: str = _key("en", "the language everything is translated into", _language)
    protocol: str = _key(
        "intelligent verbatim", "level of transcription the study claims; stands in the sign-off"
    )


@dataclass(frozen=True, slots=True)
class People:
    """How the people's secrets are kept."""

    scrypt_work_factor: int = _key(
        18,
        "cost of trying a passphrase, as a power of two: 18 is about 1 s and 256 MiB",
        _between(10, 20),
    )


@dataclass(frozen=True, slots=True)
class Intake:
    """How recordings come off the recorder."""

    settle_seconds: float = _key(
        2.0, "a file must not change for so long before it is copied", _between(0, 3600)
    )
    rescan_seconds: float = _key(
        30.0, "with --watch: look again after so long, announced or not", _between(1, 3600)
    )
    recorders: tuple[str, ...] = _key(
        [], "with --watch: volumes that are recorders whatever is on them, by label or UUID"
    )


@dataclass(frozen=True, slots=True)
class Drafting:
    """Which models draft, and on what."""

    speech_model: str = _key("small", "name of the speech model (confere models list)")
    translation_model: str | tuple[str, ...] = _key(
        "translate-pt_en",
        "name of the translation model, or a list: one for each language, or two in a row",
        _models,
    )
    device: str = _key("auto", "auto, cpu or cuda", _one_of("auto", "cpu", "cuda"))
    compute_type: str = _key(
        "auto",
        "auto, int8, int8_float16, float16 or float32",
        _one_of("auto", "int8", "int8_float16", "float16", "float32"),
    )
    threads: int = _key(
        0,
        "processor threads for one batch of speech; 0: whatever is fastest here",
        _between(0, 256),
    )
    batch: int = _key(
        0, "pieces of speech heard together; 0: what the model wants", _between(0, 256)
    )
    workers: int = _key(
        0, "recordings drafted at a time; 0: what processors and memory allow", _between(0, 64)
    )
    sides: Literal["auto", "mixed", "apart"] = _key(
        "auto",
        "stereo: auto, mixed (heard as one) or apart (each side has its own microphone)",
        _one_of("auto", "mixed", "apart"),
    )

    @property
    def translation_models(self) -> tuple[str, ...]:
        """The names of the translation models, one or more."""
        named = self.translation_model
        return (named,) if isinstance(named, str) else named


@dataclass(frozen=True, slots=True)
class Review:
    """How recordings are played, and how much of each segment must be."""

    played_percent: int = _key(
        100,
        "how much of a segment must have been played to who verifies it, in per cent",
        _between(1, 100),
    )
    player: str = _key(
        "auto",
        "program that plays: auto, ffplay, play, aplay or pw-cat; silent in practice vaults only",
        # A closed list: this file is not signed, and a command written here would be handed the sound.
        _one_of("auto", "ffplay", "play", "aplay", "pw-cat", "silent"),
    )


@dataclass(frozen=True, slots=True)
class Web:
    """The page that ``confere serve`` opens."""

    lock_minutes: int = _key(
        10, "the page locks a session in which nothing was done for so long", _between(1, 240)
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a study, a part for each table of the TOML file."""

    study: Study = Study()
    people: People = People()
    intake: Intake = Intake()
    drafting: Drafting = Drafting()
    review: Review = Review()
    web: Web = Web()


_PARTS: dict[str, type] = {
    "study": Study,
    "people": People,
    "intake": Intake,
    "drafting": Drafting,
    "review": Review,
    "web": Web,
}
FORMAT = 1


def parse(text: str, file: str = "confere.toml") -> Settings:
    """Read the text of a settings file; raises BadSetting with the line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadSetting(file, int(line[1]) if line else 1, str(error)) from None
    version = data.pop("format", None)
    if version != FORMAT:
        at = line_of(text, "", "format")
        raise BadSetting(file, at, f"format is {version!r}; this software knows {FORMAT}")
    for name, value in data.items():
        if name not in _PARTS or not isinstance(value, dict):
            kind = "table" if isinstance(value, dict) else "key"
            at = line_of(text, name if kind == "table" else "", "" if kind == "table" else name)
            raise BadSetting(file, at, f"there is no {kind} '{name}'")
    parts = {
        name: _part(text, file, name, kind, data.get(name, {})) for name, kind in _PARTS.items()
    }
    return Settings(**parts)


def _part(text: str, file: str, name: str, kind: type, values: dict[str, Any]) -> Any:
    known = {f.name: f for f in fields(kind)}
    default = kind()
    taken: dict[str, Any] = {}
    for key, value in values.items():
        at = line_of(text, name, key)
        if key not in known:
            raise BadSetting(file, at, f"there is no key '{key}' under [{name}]")
        value = tuple(value) if isinstance(value, list) else value
        wrong = _wrong_type(value, getattr(default, key), known[key].type)
        wrong = wrong or known[key].metadata["check"](value)
        if wrong:
            raise BadSetting(file, at, f"{key} {wrong}")
        taken[key] = value
    return kind(**taken)


def _wrong_type(value: Any, default: Any, annotation: Any) -> str:
    # Annotations are text here: a setting that is one text may also be declared as several.
    if isinstance(value, tuple) and annotation == "str | tuple[str, ...]":
        default = value
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return ""
    if type(value) is not type(default):
        wanted = {str: "text", int: "a whole number", float: "a number", tuple: "a list"}
        return f"must be {wanted[type(default)]}"
    if isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
        return "must be a list of texts"
    return ""


def line_of(text: str, table: str, key: str) -> int:
    """Return the line of a key of a table (of the table itself if the key is empty), from 1."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            inside = header[1].strip("\"'")
            if not key and inside == table:
                return number
        elif key and inside == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return 1


def render(settings: Settings) -> str:
    """Return the TOML text of settings, every key with its comment."""
    lines = [
        "# Settings of one study. Nothing secret belongs here: this file is not encrypted.",
        "",
        "# version of the vault's format; not to be changed by hand",
        f"format = {FORMAT}",
    ]
    for name in _PARTS:
        part = getattr(settings, name)
        lines += ["", f"[{name}]"]
        for f in fields(part):
            lines += [f"# {f.metadata['comment']}", f"{f.name} = {_toml(getattr(part, f.name))}"]
    return "\n".join(lines) + "\n"


def values(settings: Settings) -> list[tuple[str, str, bool]]:
    """Return each key (``part.name``), its value as TOML writes it, and whether it is the default."""
    standard = Settings()
    return [
        (
            f"{name}.{f.name}",
            _toml(getattr(getattr(settings, name), f.name)),
            getattr(getattr(settings, name), f.name) == getattr(getattr(standard, name), f.name),
        )
        for name in _PARTS
        for f in fields(getattr(settings, name))
    ]


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value).lower() if isinstance(value, bool) else str(value)
