"""An audit as a process of its own: ``python -m confere.web.audit_main``.

A keeper starts it, because an audit reads every byte of every recording: in the keeper it would hold up
whoever is signed in, for hours; and it opens the vault anew in any case, to find what an opening would make
good. It is given one line of JSON at its standard input, ``{vault, name, passphrase, objects}``, and answers
with lines: ``{step, done, of}`` while it goes on, then ``{audited}`` or ``{refused}``. It ends when its input
does, so with the keeper.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from confere.acts.audit import Audited, Order, audit
from confere.web.errors import refusal_of
from confere.wiring import keep_memory_private, pins


def main() -> None:
    """Audit a vault, as somebody who reads."""
    keep_memory_private()
    # What a library prints must not stand between the lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asked = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not asked:
        return
    threading.Thread(target=_end_with_input, daemon=True).start()
    order = Order(objects=asked["objects"], progress=lambda *now: _step(out, *now))
    try:
        done = audit(Path(asked["vault"]), pins(), asked["name"], asked["passphrase"], order)
        _write(out, {"audited": _as_json(done)})
    except Exception as error:  # noqa: BLE001 - told to the page, without its words if not ours
        _write(out, {"refused": refusal_of(error).as_json()})


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)  # half-way: an audit changes nothing before its end


def _step(out: IO[str], step: str, done: int, of: int) -> None:
    _write(out, {"step": step, "done": done, "of": of})


def _write(out: IO[str], message: Mapping[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def _as_json(audited: Audited) -> dict[str, Any]:
    report = audited.report
    return {
        "whole": audited.whole,
        "subjects": [
            {"subject": s.name, "count": s.count, "wrong": s.wrong, "result": s.result}
            for s in report.subjects
        ],
        "findings": [
            {"level": f.level, "about": f.about, "finding": f.text} for f in report.findings
        ],
        "not_checked": list(report.not_checked),
        "log_size": audited.log_size,
        "log_root": base64.b64encode(bytes.fromhex(audited.log_root)).decode(),
        "told": audited.told,
    }


if __name__ == "__main__":
    main()
