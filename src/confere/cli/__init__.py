"""The command line: thin. Each command reads its arguments, calls one act, and prints.

Only the command that is called is imported, so that ``confere --help`` starts fast.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from confere import __version__

#: Name, module, what it does: the order is that of a study's day.
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("init", "init", "Make a study's vault, its first lead and its recovery key."),
    ("person", "person", "Add, list and remove the people of the study."),
    ("passphrase", "passphrase", "Give yourself another passphrase."),
    ("recover", "recover", "Let somebody back in with the recovery key, or two of its sheets."),
    ("machine", "machine", "Certify, list, replace and remove the machines that offload."),
    ("interview", "interview", "The register: site, date, codes, notes, and its recordings."),
    ("names", "names", "The identity key: names that no text may hold, and their codes."),
    ("settings", "settings", "Show the settings, and approve them after a change."),
    ("plan", "plan", "How much of a transcript is verified: all, or what is marked and a draw."),
    ("offload", "offload", "Recorder or folder into the vault; needs no passphrase."),
    ("draft", "draft", "Transcribe and translate what waits."),
    ("worker", "worker", "Draft for a vault on another machine: a worker of a cluster."),
    ("cluster", "cluster", "The scheduler and the certificates of a cluster."),
    ("queue", "queue", "What waits for whom."),
    ("take", "take", "Take a recording, so that two do not do the same work."),
    ("give-back", "give_back", "Give back a recording that was taken."),
    ("assign", "assign", "Assign a recording to somebody, with a day on which it is due."),
    ("comment", "comment", "Comment on a segment, to somebody; list and resolve comments."),
    ("find", "find", "Where a word was said: source and target texts of all recordings."),
    ("show", "show", "The segments of a recording: both texts, times, states, marks."),
    ("correct", "correct", "Correct segments, or take them as they stand."),
    ("check", "check", "What the checks see: numbers, negations, marks, names, and more."),
    ("dismiss", "dismiss", "Say why what a check sees is right as it stands."),
    ("memory", "memory", "How the study translated the same before: verified pairs."),
    ("words", "words", "The study's word list: what is translated so, never so, or kept."),
    ("split", "split", "Split a segment in two."),
    ("merge", "merge", "Merge a segment with the next."),
    ("undo", "undo", "Take the last change of a segment back."),
    ("speaker", "speaker", "Give a speaker's code everywhere, or to some segments."),
    ("verify", "verify", "Play segments and verify them, one by one."),
    ("return", "return_", "Give a segment back to the interpreter, with a reason."),
    ("sign", "sign", "Sign a whole transcript; after that nothing changes."),
    ("reopen", "reopen", "Begin a new version of a signed transcript, to correct it."),
    ("serve", "serve", "Open the page: correcting, verifying and signing in a browser."),
    ("export", "export", "Hand signed transcripts over, with a manifest."),
    ("worth", "worth", "What the machine was worth: its drafts against what was signed."),
    ("audit", "audit", "Check everything there is, and prove one recording's custody."),
    ("destroy", "destroy", "End the retention of a recording: its key is destroyed."),
    ("backup", "backup", "Copy the vault, ciphertext only, to a folder or an S3 store."),
    ("restore", "restore", "Bring a vault back from such a copy."),
    ("rescue", "rescue", "Open any age file with an identity, such as the recovery key."),
    ("models", "models", "List, install, import and check models."),
    ("doctor", "doctor", "What of this machine helps or endangers the vault."),
    ("demo", "demo", "The whole job in a practice vault."),
)


class Commands(click.Group):
    """A group that imports a command when it is called, and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return [name for name, _, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        for name, module, _ in COMMANDS:
            if name == cmd_name:
                loaded: Any = importlib.import_module(f"confere.cli.{module}")
                command: click.Command = loaded.command
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, _, text in COMMANDS])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="confere")
def confere() -> None:
    """Interviews off the recorder, sealed, drafted, corrected, and signed by a second person."""


def main() -> None:
    """Run the command line: every error of ours becomes a message and an exit code."""
    from confere.errors import ConfereError

    _no_core_dumps()
    try:
        code = confere.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except ConfereError as error:
        from confere.cli.exit_codes import exit_code

        click.echo(f"confere: {error.message}", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        sys.exit(exit_code(error))
    except click.exceptions.Abort:
        click.echo("confere: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _no_core_dumps() -> None:
    """A crash must not write keys and words to the disk."""
    try:
        import resource
    except ImportError:  # Windows writes none by itself
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
