"""The one table of exit codes; the guide shows it."""

from __future__ import annotations

from confere import errors

DONE = 0
WRONG_USE = 2  # click's own code for a command line it cannot read
INTERRUPTED = 130  # Ctrl-C, as shells have it

#: Family of errors, its exit code, and what it means in the guide.
TABLE: tuple[tuple[type[errors.ConfereError], int, str], ...] = (
    (errors.Refused, 1, "refused by a rule, or found wrong; nothing was changed"),
    (errors.BadInput, 3, "what was given is not usable: a file, a name, a value, a setting"),
    (errors.WrongSecret, 4, "the passphrase or key does not open it"),
    (errors.DamagedStore, 5, "something stored is damaged or incomplete"),
    (errors.ForgedStore, 6, "something stored is whole but not authentic"),
    (
        errors.EnvironmentProblem,
        7,
        "the machine: no room, a device gone, a model or program missing",
    ),
)


def exit_code(error: errors.ConfereError) -> int:
    """Return the exit code of an error."""
    return next((code for family, code, _ in TABLE if isinstance(error, family)), 1)
