"""Nothing secret where another process, a log or a disk could show it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from doubles.serving import children, confere_serve
from doubles.studies import PASSPHRASE, Study

needs_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root reads a closed process's environment"
)


def seen_from_outside(pid: int) -> bytes:
    """Return what the system shows of a process: its arguments, its environment, its open files."""
    folder = Path(f"/proc/{pid}")
    files = [str(link.readlink()) for link in (folder / "fd").iterdir()]
    return b"".join(
        [
            (folder / "cmdline").read_bytes(),
            (folder / "environ").read_bytes(),
            *map(os.fsencode, files),
        ]
    )


@needs_root
def test_no_process_shows_passphrase_or_token(study: Study, tmp_path: Path) -> None:
    """Neither the front nor the keeper; and the front printed none of it."""
    log = tmp_path / "log"
    with log.open("wb") as errors, confere_serve(study.root, errors=errors.fileno()) as command:
        with command.browser() as ivo:
            ivo.sign_in("ivo", "four other words blindly")
            ivo.sign_in("ivo")
            (cookie,) = ivo.client.cookies.values()
            (keeper,) = children(command.process.pid)
            shown = seen_from_outside(command.process.pid) + seen_from_outside(keeper)
            assert b"confere.web.keeper_main" in shown
            ivo.get("/api/none?q=" + PASSPHRASE)
        command.process.terminate()
        assert command.process.stdout is not None
        logged = "\n".join(command.printed) + command.process.stdout.read() + log.read_text()
        for secret in (PASSPHRASE, "four other words blindly", ivo.token, cookie):
            assert secret.encode() not in shown
            assert secret not in logged


@needs_root
def test_a_keeper_keeps_no_others_end_of_a_pair(study: Study) -> None:
    """Otherwise one that hangs would keep another alive; each holds one socket, its own."""
    with confere_serve(study.root) as command, command.browser() as ivo, command.browser() as vera:
        ivo.sign_in("ivo")
        vera.sign_in("vera")
        for keeper in children(command.process.pid):
            links = [str(f.readlink()) for f in Path(f"/proc/{keeper}/fd").iterdir()]
            assert len([link for link in links if link.startswith("socket:")]) == 1


def test_a_keeper_is_closed_to_debuggers(study: Study) -> None:
    """As every process that holds keys: its files in /proc belong to root, it dumps no core."""
    with confere_serve(study.root) as command, command.browser() as ivo:
        ivo.sign_in("ivo")
        (keeper,) = children(command.process.pid)
        for pid in (command.process.pid, keeper):
            limits = Path(f"/proc/{pid}/limits").read_text()
            assert next(line for line in limits.splitlines() if "core" in line).split()[4:6] == [
                "0",
                "0",
            ]


def test_a_keeper_takes_no_module_from_the_current_folder(study: Study, tmp_path: Path) -> None:
    """Somebody may start Confere where a stranger left a file."""
    from confere.web.keeper import COMMAND

    (tmp_path / "json.py").write_text("print('taken')")
    done = subprocess.run(
        COMMAND, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert b"taken" not in done.stdout
