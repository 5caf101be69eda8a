"""``confere worth``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confere.cli.options import acting, banner, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.acts.worth import Account
    from confere.review.worth import Estimate, Figures, Language, Model, Share, Worth

_LANGUAGES = click.Choice(["en", "pt"])


@click.command("worth")
@click.argument("recordings", nargs=-1, metavar="[RECORDING ...]")
@click.option("--by", type=click.Choice(["interview", "model"]), help="Also of each by itself.")
@click.option("--draft", is_flag=True, help="What is verified and not signed, too.")
@click.option(
    "--plot",
    "plot_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Write a plot over time.",
)
@click.option("--methods", type=_LANGUAGES, help="A methods paragraph to paste.")
@click.option("--coreq", "coreq_in", type=_LANGUAGES, help="COREQ, as far as it is known.")
@json_option
@acting
def command(
    recordings: tuple[str, ...],
    by: str | None,
    draft: bool,
    plot_file: Path | None,
    methods: Language | None,
    coreq_in: Language | None,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Show what the machine was worth: its drafts against what people verified and signed.

    Of RECORDINGs, or of the whole study. Nothing that is printed or written here holds a word that
    anybody said, a name or a code.
    """
    from confere.acts import worth as act
    from confere.cli.progress import bar
    from confere.review.worth import coreq_text, figures, paragraph

    if draft and (methods or coreq_in):
        raise click.UsageError("--methods and --coreq tell of what is signed: leave out --draft")
    with desk(vault_path, name, passphrase_file) as at:
        with bar("measuring") as told:
            account = act.account(at, recordings, draft=draft, told=told)
        facts = act.facts(at, account) if methods or coreq_in else None
        if plot_file:
            act.save_plot(at, account, plot_file, methods or coreq_in or "en")
        practice = at.roster.practice
    texts = {}
    if facts and methods:
        texts["methods"] = paragraph(facts, methods) + "\n"
    if facts and coreq_in:
        texts["coreq"] = coreq_text(facts, coreq_in)
    if plot_file:
        click.echo(f"{plot_file} holds days, models and figures, and no word of anybody.", err=True)
    if as_json:
        print_json(_as_json(account, by, practice) | texts)
        return
    if texts:  # to be pasted: the figures stand in it
        click.echo("\n".join(texts.values()), nl=False)
        return
    banner(practice)
    for line in _told(account, figures(account.worth)):
        click.echo(line)
    for heading, part in _parts(account, by):
        click.echo(f"\n{heading}: {_what(part)}")
        for line in _figures(part, figures(part)):
            click.echo(line)
    if account.measured:
        click.echo(_MEANING)


_MEANING = """
In brackets: what the figure could as well have been, with other segments like these (95 % interval,
bootstrap). Segments of one interview resemble each other, so for other interviews it is too narrow.
Word error rate: of 100 words that were said, how many the machine had wrong, missing or too many; 0 is
best. Capitals and punctuation do not count. chrF: how alike the two translations are, letter by letter;
100 is the same text. Edit rate: of 100 words of the verified translation, how many edits led there.
They tell how much had to be changed, not how bad it was: one wrong word can turn the meaning. People
corrected the draft; against a text that was written without it, the machine would do worse.
Time is what passed between recorded decisions, without gaps of more than 10 minutes: listening before
the first one is not in it."""


def _told(account: Account, found: Figures) -> Iterator[str]:
    if not account.measured:
        yield "Nothing can be measured yet."
    else:
        yield _what(account.worth)
        yield from _figures(account.worth, found)
    if account.unsigned:
        yield f"NOT FINAL: {account.unsigned} of these transcripts are verified and not signed."
    if account.left_out:
        reasons = Counter(account.left_out.values())
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        yield f"Left out: {told}."


def _what(worth: Worth) -> str:
    return (
        f"{len(worth.transcripts)} transcript(s), {_duration(worth.audio_ms)} of sound, "
        f"{len(worth.segments)} segments measured"
    )


def _figures(worth: Worth, found: Figures) -> Iterator[str]:
    words = worth.words()
    yield f"  word error rate  {_estimate(found.word_error_rate, ' %')}"
    if words.reference:
        yield (
            f"                   {words.substitutions} wrong, {words.deletions} missing,"
            f" {words.insertions} too many, for {words.reference} words"
        )
    yield f"  translation      chrF {_estimate(found.chrf, '')}"
    yield f"                   edit rate {_estimate(found.edit_rate, ' %')}"
    yield f"  people changed   source {_share(found.source_changed)}"
    yield f"                   target {_share(found.target_changed)}"
    yield f"  time             {_time(worth)}"


def _estimate(estimate: Estimate, unit: str) -> str:
    if estimate.value is None:
        return "not measured: there is no text"
    told = f"{estimate.value:.1f}{unit}"
    if estimate.low is None or estimate.high is None:
        return f"{told} (n = {estimate.n})"
    return f"{told} ({estimate.low:.1f} to {estimate.high:.1f}; n = {estimate.n} segments)"


def _share(share: Share) -> str:
    if share.percent is None:
        return "no segments"
    return f"{share.percent:.1f} % ({share.count} of {share.of} segments)"


def _time(worth: Worth) -> str:
    if not worth.work_ms or not worth.audio_ms:
        return "not known"
    ratio = worth.work_ms / worth.audio_ms
    return (
        f"at least {_duration(worth.work_ms)} of people, {ratio:.1f} min for each minute of sound"
    )


def _duration(milliseconds: int) -> str:
    if milliseconds < 60_000:
        return f"{milliseconds // 1000} s"
    hours, minutes = divmod((milliseconds + 30_000) // 60_000, 60)
    return f"{hours} h {minutes} min"


def _parts(account: Account, by: str | None) -> Iterator[tuple[str, Worth]]:
    from confere.review.worth import by_models

    if by == "interview":
        for interview, worth in account.by_interview().items():
            yield f"interview {interview}", worth
    if by == "model":
        for models, worth in by_models(each.worth for each in account.measured).items():
            yield f"{_model(models.speech)}, {_model(models.translation)}", worth


def _model(model: Model) -> str:
    return (
        f"{model.name} ({model.engine} {model.engine_version}, {model.digest[:12] or 'no digest'})"
    )


def _as_json(account: Account, by: str | None, practice: bool) -> dict[str, Any]:
    from confere.review.worth import by_models

    value: dict[str, Any] = {
        "practice": practice,
        "unsigned": account.unsigned,
        "left_out": [
            {"recording": id_, "reason": str(why)} for id_, why in account.left_out.items()
        ],
        "study": _worth_as_json(account.worth),
    }
    if by == "interview":
        value["by"] = [
            {"interview": id_, **_worth_as_json(worth)}
            for id_, worth in account.by_interview().items()
        ]
    if by == "model":
        value["by"] = [
            {
                "speech": _model_as_json(models.speech),
                "translation": _model_as_json(models.translation),
                **_worth_as_json(worth),
            }
            for models, worth in by_models(each.worth for each in account.measured).items()
        ]
    return value


def _worth_as_json(worth: Worth) -> dict[str, Any]:
    from confere.review.worth import figures

    found, words = figures(worth), worth.words()
    return {
        "recordings": list(worth.transcripts),
        "audio_ms": worth.audio_ms,
        "segments": len(worth.segments),
        "word_error_rate": _estimate_as_json(found.word_error_rate),
        "words": {
            "reference": words.reference,
            "substitutions": words.substitutions,
            "deletions": words.deletions,
            "insertions": words.insertions,
        },
        "chrf": _estimate_as_json(found.chrf),
        "edit_rate": _estimate_as_json(found.edit_rate),
        "source_changed": {"count": found.source_changed.count, "of": found.source_changed.of},
        "target_changed": {"count": found.target_changed.count, "of": found.target_changed.of},
        "work_ms": worth.work_ms,
    }


def _estimate_as_json(estimate: Estimate) -> dict[str, float | int | None]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
    }


def _model_as_json(model: Model) -> dict[str, str]:
    return {
        "name": model.name,
        "engine": model.engine,
        "engine_version": model.engine_version,
        "digest": model.digest,
    }
