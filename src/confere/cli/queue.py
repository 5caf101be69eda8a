"""``confere queue``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, banner, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.acts.desk import Desk
    from confere.acts.queue import Detail, Todo, Waiting
    from confere.review.independence import Independence


@click.command("queue")
@click.argument("recording", required=False)
@click.option("--mine", is_flag=True, help="Only what you can do, have taken or are asked.")
@click.option("--all", "everybody", is_flag=True, help="What everybody can do; for leads.")
@click.option("--language", metavar="CODE", help="Only where this language is spoken, such as pt.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Show at most so many recordings.",
)
@json_option
@acting
def command(
    recording: str | None,
    mine: bool,
    everybody: bool,
    language: str | None,
    limit: int,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show every recording, what it waits for and what you can do: the earliest due first.

    With a RECORDING: who may verify which of its segments, who may sign it, and why not the others.
    """
    from confere.acts.queue import count_recordings, look_closely, queue

    if recording and (mine or everybody or language):
        raise click.UsageError("with a RECORDING, no other choice is needed")
    with desk(vault_path, name, passphrase_file) as at:
        if recording:
            detail = look_closely(at, recording)
            _show_detail(at, detail, as_json)
            return
        waiting = queue(at, mine=mine, everybody=everybody, language=language or "", limit=limit)
        if as_json:
            print_json([_as_json(item) for item in waiting])
            return
        _show(at, waiting, "Nothing waits." if mine or language else _EMPTY)
        if len(waiting) == limit < count_recordings(at):
            click.echo(f"The first {limit} are shown, of {count_recordings(at)} in all: --limit N")


_EMPTY = "No recordings yet. 'confere offload' brings them in."


def _show(at: Desk, waiting: list[Waiting], nothing: str) -> None:
    banner(at.roster.practice)
    if not waiting:
        click.echo(nothing)
    for item in waiting:
        _show_item(item)
    lone = {item.left for item in waiting if item.left is not None and len(item.left) < 2}
    drafted = [item for item in waiting if item.counts and item.left is not None]
    for item in drafted:
        if not item.left:
            click.secho(f"Nobody is left who may sign {item.recording_id}.", fg="red")
    for left in sorted(lone - {()}):
        ids = [item.recording_id for item in drafted if item.left == left]
        if ids:
            more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
            click.secho(
                f"Only {left[0]} is left who may verify and sign {', '.join(ids[:3])}{more}.",
                fg="yellow",
            )
    if lone and drafted:
        click.echo("  'confere queue RECORDING' says why, and what to do.")


def _show_item(item: Waiting) -> None:
    from confere.domain import clock

    counts = ", ".join(f"{n} {state}" for state, n in item.counts.items())
    counts += f"; {item.spared} need not be verified" if item.spared else ""
    counts += f"; open with {', '.join(item.editing)}" if item.editing else ""
    click.echo(
        f"{item.recording_id}  part {item.part}"
        f"  {clock(item.duration_ms)[:-4]}  {item.stage:<16} {_drafting(item) or item.detail or counts}"
    )
    told = [f"you: {_in_words(item.todo)}"] if item.todo else []
    told += [f"due {item.due}"] if item.due else []
    told += [f"{a.name} has it since {a.at[:10]}" for a in item.taken]
    told += [f"{item.comments} comment(s) to you"] if item.comments else []
    if told:
        click.echo("    " + "; ".join(told))
    for name, todo in item.everybody.items():
        if todo:
            click.echo(f"    {name}: {_in_words(todo)}")


def _drafting(item: Waiting) -> str:
    """Say how far the machine is; nothing where its draft waits or failed, unless that can be told."""
    it = item.drafting
    if it is None or (it.stage == "waiting" and (item.detail or it.left_ms is None)):
        return ""
    told = [] if it.stage == "waiting" else [it.stage]
    if it.of_ms:
        told.append(f"{100 * it.done_ms // it.of_ms} %")
    if it.left_ms is not None:
        minutes = max(1, round(it.left_ms / 60_000))
        about = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
        told.append(f"takes about {about}" if it.stage == "waiting" else f"about {about} left")
    return ", ".join(told)


def _in_words(todo: Todo) -> str:
    can = [f"correct {todo.correct}"] if todo.correct else []
    can += [f"verify {todo.verify}"] if todo.verify else []
    can += ["sign"] if todo.sign else []
    return ", ".join(can) or f"nothing, {todo.why}"


def _show_detail(at: Desk, detail: Detail, as_json: bool) -> None:
    if as_json:
        print_json(_detail_as_json(detail))
        return
    banner(at.roster.practice)
    _show_item(detail.waiting._replace(everybody={}))
    for name, todo in detail.waiting.everybody.items():
        click.echo(f"    {name}: {_in_words(todo)}")
    if detail.independence is not None:
        _show_independence(detail.independence)
    for comment in detail.comments:
        to = f" to {', '.join(comment.addressed)}" if comment.addressed else ""
        click.echo(f"open comment {comment.id} on segment {comment.position}, by {comment.by}{to}")
    for warning in detail.warnings:
        click.secho(warning, fg="yellow")


def _show_independence(found: Independence) -> None:
    """Print segments that say the same as one line."""
    lines: dict[str, list[str]] = {}
    for segment in found.segments:
        held = f"verified by {segment.verified_by}; " if segment.verified_by else ""
        may = ", ".join(segment.may) or "nobody"
        why = [f"{name} {reason}" for name, reason in segment.why_not.items()]
        says = f"{held}may be verified by {may}; not by: {', '.join(why) or 'none'}"
        lines.setdefault(says, []).append(segment.number)
    for says, numbers in lines.items():
        click.echo(f"segment {_spans(numbers)}: {says}")
    signing = found.signing
    why = [f"{name} worked on {_spans(n)}" for name, n in signing.worked_on.items()]
    why += [f"{name} is not a verifier" for name in signing.not_verifiers]
    click.echo(
        f"the whole may be signed by {', '.join(signing.may) or 'nobody'}; not by: {', '.join(why)}"
    )


def _spans(numbers: tuple[str, ...] | list[str]) -> str:
    """Return ``1-4, 7`` for the numbers of segments."""
    spans: list[list[int]] = []
    for number in map(int, numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _todo_as_json(todo: Todo) -> dict[str, Any]:
    return {
        "correct": todo.correct,
        "verify": todo.verify,
        "sign": todo.sign,
        "why_not": todo.why,
    }


def _as_json(item: Waiting) -> dict[str, Any]:
    return {
        "recording": item.recording_id,
        "interview": item.interview_id,
        "part": item.part,
        "offloaded_at": item.offloaded_at,
        "duration_ms": item.duration_ms,
        "waits_for": item.stage,
        "segments": {str(state): n for state, n in item.counts.items()},
        "detail": item.detail,
        "languages": list(item.languages),
        "waits_since": item.since,
        "due": item.due,
        "taken": [{"name": a.name, "by": a.by, "at": a.at, "due": a.due} for a in item.taken],
        "comments": item.comments,
        "editing": list(item.editing),
        "may_sign": None if item.left is None else list(item.left),
        "you": _todo_as_json(item.todo),
        "everybody": {name: _todo_as_json(todo) for name, todo in item.everybody.items()},
        "spared": item.spared,
        "drafting": _drafting_as_json(item),
    }


def _drafting_as_json(item: Waiting) -> dict[str, Any] | None:
    it = item.drafting
    if it is None:
        return None
    return {
        "stage": it.stage,
        "by": it.by,
        "seen_at": it.seen_at,
        "done_ms": it.done_ms,
        "of_ms": it.of_ms,
        "left_ms": it.left_ms,
    }


def _detail_as_json(detail: Detail) -> dict[str, Any]:
    found = detail.independence
    return {
        **_as_json(detail.waiting),
        "warnings": list(detail.warnings),
        "verification": None
        if found is None
        else [
            {
                "segment": int(s.number),
                "id": s.segment_id,
                "state": s.state,
                "verified_by": s.verified_by,
                "may": list(s.may),
                "why_not": {name: str(why) for name, why in s.why_not.items()},
            }
            for s in found.segments
        ],
        "signing": None
        if found is None
        else {
            "may": list(found.signing.may),
            "not_verifiers": list(found.signing.not_verifiers),
            "worked_on": {n: list(map(int, w)) for n, w in found.signing.worked_on.items()},
        },
        "open_comments": [c.id for c in detail.comments],
    }
