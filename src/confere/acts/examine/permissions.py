"""Who else on this machine can reach the vault's files and this machine's key."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from confere.acts.examine.finding import Finding, shown

_NAMED = 3  # as many offenders are named


def private(about: str, folder: Path, account: int) -> Finding:
    """Look at a folder that is all this account's: 0600, 0700, its own, no symlinks in it.

    ``account`` is the user ID all of it should belong to.
    """
    open_, foreign, links = [], [], []
    for path, status in _everything(folder):
        if stat.S_ISLNK(status.st_mode):
            links.append(path)
        elif status.st_uid != account:
            foreign.append(path)
        elif status.st_mode & 0o077:
            open_.append(path)
    whole = shlex.quote(shown(folder))
    wrong = [
        *_named(
            foreign,
            "belong to another account; run Confere as that one, or",
            f"sudo chown -R {account} {whole}",
        ),
        *_named(open_, "are open to other accounts", f"chmod -R go= {whole}"),
        *_named(
            links,
            "are symlinks, which Confere never makes; see where they lead, then",
            f"find {whole} -type l -delete",
        ),
    ]
    if wrong:
        return Finding("problem", about, "; ".join(wrong))
    return Finding("ok", about, "every file is private to this account")


def folders_above(folder: Path, account: int) -> Finding:
    """Look at the way to the vault: who may write there can put another vault in its place."""
    wrong = []
    for above in folder.parents:
        status = above.lstat()
        name = shown(above)
        if status.st_uid not in (0, account):
            wrong.append(f"{name} belongs to another account: move the vault to your own folder")
        elif not status.st_mode & stat.S_ISVTX and _others_write(status):
            wrong.append(f"others may write in {name}: 'chmod go-w {shlex.quote(name)}'")
    if wrong:
        return Finding("problem", "folders above", "; ".join(wrong))
    return Finding("ok", "folders above", "nobody else may write there")


def _everything(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    yield folder, folder.stat()
    for parent, folders, files in os.walk(folder):
        for name in sorted([*folders, *files]):
            path = Path(parent, name)
            with contextlib.suppress(OSError):  # a partial file that is done meanwhile
                yield path, path.lstat()


def _named(paths: Sequence[Path], fault: str, mend: str) -> Iterator[str]:
    """Say a fault, the first few that have it, and the command that mends it; nothing for none."""
    if paths:
        names = ", ".join(shown(path) for path in paths[:_NAMED])
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        yield f"{names}{more} {fault}: '{mend}'"


def _others_write(status: os.stat_result) -> bool:
    """Whether anybody but the owner writes; a group that is the owner's alone is the owner."""
    if status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and not _own_group(status)


def _own_group(status: os.stat_result) -> bool:
    """Whether a group is the private one that many systems give each account."""
    import grp
    import pwd

    try:
        group, owner = grp.getgrgid(status.st_gid), pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        return False
    return group.gr_name == owner and set(group.gr_mem) <= {owner}
