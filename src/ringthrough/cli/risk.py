"""`ringthrough risk`: what makes calling numbers look like a spammer's, the worst number first."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ringthrough.cli.sources import ROWS, asked_for, calls_of, form_of, row_options, source_options, time_of
from ringthrough.errors import Problem, RuleError

if TYPE_CHECKING:
    from ringthrough.analytics.risk import Risks, Thresholds

__all__ = ["risk"]

_STATES = ("high", "warn", "info", "ok", "not_measurable")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--number", metavar="N", help="All factors of one number; its last digits are enough.")
@click.option("--factors", is_flag=True, help="List the factors with their thresholds and sources; reads no calls.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(_STATES), help="Only factors in this state; may be repeated."
)
@click.option("--thresholds", metavar="FILE", help="TOML file with thresholds of your own in place of those shipped.")
@click.option("--dno", metavar="FILE", help="Do-not-originate list: one number a line, or the beginning of one and *.")
@row_options
@source_options
def risk(files: tuple[str, ...], **options: Any) -> int:
    """
    Say what makes each calling number look like a spammer's: 27 factors, a score from 0 to 100, and what to do.

    STORE is the folder of a store; FILE is a capture, a text trace or call records, as for diagnose. Several files are
    one data set. The last 7 days are looked at, or --since to --until, beside as many days before. What a factor means,
    where its threshold comes from and what it cannot see stands in docs/concepts/risk.md; what the calls cannot tell
    is not measurable and takes nothing from the score.

    With --csv and --json a row is a factor of a number.

    Exit status: 0 everything was read; 1 something could not be read, but there are results; 2 nothing could be read,
    or wrong usage.
    """  # fmt: skip
    if not options["factors"]:
        asked_for(files)
    elif files or options["number"] or options["states"]:
        raise click.UsageError("--factors lists what there is: without calls, --number and --state.")
    form = form_of(options)
    # Late: `ringthrough risk --help` needs none of it.
    from ringthrough.analytics.risk import parse_dno, parse_thresholds, shipped
    from ringthrough.cli.risk_text import definition_rows, definitions_text
    from ringthrough.cli.targets import octets_to

    path, listed = options["thresholds"], options["dno"]
    thresholds = parse_thresholds(_text_of(path), Path(path).name) if path else shipped()
    dno = parse_dno(_text_of(listed), Path(listed).name) if listed else None
    since_us, until_us = time_of(options["since"], "--since"), time_of(options["until"], "--until")
    with ExitStack() as stack:
        status = 0
        if options["factors"]:
            text = definition_rows(thresholds, form, options["limit"]) if form else definitions_text(thresholds)
        else:
            from ringthrough.analytics.risk import assess

            calls = stack.enter_context(calls_of(files, options))
            if calls.source is None:
                return calls.status
            risks = assess(
                calls.source, thresholds=thresholds, since_us=since_us, until_us=until_us,
                now_us=time.time_ns() // 1_000, dno=dno,
            )  # fmt: skip
            status, text = calls.status, _text(risks, thresholds, form, options)
        with octets_to(options["output"]) as write:
            write(text.encode("utf-8", "backslashreplace"))
        return status


def _text(risks: Risks, thresholds: Thresholds, form: str, options: dict[str, Any]) -> str:
    from ringthrough.cli.measures_text import as_lines
    from ringthrough.cli.risk_text import factor_rows, number_text, numbers_text

    states, masked, limit = frozenset(options["states"]), options["masked"], options["limit"]
    number = None if options["number"] is None else _number(options["number"], options["region"], risks)
    if form:
        return as_lines(factor_rows(risks, thresholds, number, states), form, masked, limit)
    if number is not None:
        return number_text(risks, thresholds, number, states, masked=masked)
    return numbers_text(risks, thresholds, states, masked=masked, limit=ROWS if limit is None else limit)


def _number(text: str, region: str | None, risks: Risks) -> str:
    """The one number that is meant."""
    from ringthrough.cli.choice import parse_number

    try:
        wanted = parse_number(text, region)
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--number") from None
    known = [score.number for score in risks.scores]
    found = [number for number in known if number == wanted or (wanted.isdigit() and number.endswith(wanted))]
    if len(found) == 1:
        return found[0]
    those = "none" if not found else f"{len(found)}"
    raise click.BadParameter(f"expected one number with calls in this period, found {those}", param_hint="--number")


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as fault:
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        raise RuleError(Problem("cli-not-readable", f"expected a text file that can be read: {said}", path)) from fault
