"""What a Confere process that holds keys could give away on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from confere.acts.examine.finding import Finding, read, shown
from confere.errors import ConfereError
from confere.vault.memory import MemoryGuard


def core_dumps(root: Path) -> Finding:
    """Tell where crashes go. A collector is a program of root's and asks no limit (core(5))."""
    if os.name == "nt":
        text = "nothing is done on Windows: turn Windows Error Reporting off"
        return Finding("warning", "core dumps", text)
    pattern = read(root / "proc/sys/kernel/core_pattern")
    if pattern.startswith("|") and pattern[1:].split():
        collector = shown(pattern[1:].split()[0])
        text = (
            f"crashes are handed to {collector}: a process of Confere's that holds keys leaves none, "
            "a player that crashes might"
        )
        return Finding("ok", "core dumps", text)
    return Finding("ok", "core dumps", "a process that holds keys leaves none")


def memory_lock(state: MemoryGuard, swap: Finding) -> Finding:
    """Tell whether a process that holds keys can be kept out of swap, and whether that matters."""
    if not state.why_not_locked:
        return Finding("ok", "memory", "a process that holds keys is kept out of swap")
    why = f"a process that holds keys is not kept out of swap: {state.why_not_locked}"
    if swap.level == "ok":
        return Finding("ok", "memory", f"{why}. Swap gives nothing away here, so nothing is lost")
    return Finding("warning", "memory", f"{why}. Encrypt the swap or turn it off")


def decoder() -> Finding:
    """Tell whether the process that decodes recordings can be confined here, by doing it."""
    from confere.transcribe.child import confinement_here

    try:
        missing = confinement_here().missing
    except ConfereError as error:
        return Finding("problem", "decoder", f"{error.message}. {error.hint}")
    if missing:
        text = (
            "recordings are decoded in a process of its own, but this system does not confine it: "
            f"{' and '.join(missing)} missing. A recording made to do harm might read this account's "
            "files. A newer Linux has it"
        )
        return Finding("warning", "decoder", text)
    text = "recordings are decoded by a process that can open no file and no connection"
    return Finding("ok", "decoder", text)
