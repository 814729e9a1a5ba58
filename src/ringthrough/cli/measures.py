"""What `ringthrough numbers` and `ringthrough carriers` share: options and output."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ringthrough.cli.sources import ROWS, asked_for, calls_of, form_of, row_options, source_options, time_of
from ringthrough.errors import LocalError

if TYPE_CHECKING:
    from ringthrough.analytics import Table

__all__ = ["measure", "measure_options"]

INFERRED_NOTE = (
    "Probable and suspected blocks are inferred from many calls, not said by the signalling: ringthrough blocks shows"
    " them, --no-hidden leaves them out.\n"
)
"What stands under a table with inferred blocks."
F = TypeVar("F", bound=Callable[..., Any])


def measure_options(command: F) -> F:
    """Options of the commands that print metrics."""
    command = row_options(source_options(command))
    for option in (
        click.option("--no-hidden", is_flag=True,
                     help="Do not look for blocks that nothing says: probable and suspected stay empty."),
        click.option("--matrix", is_flag=True, help="Blocked calls per number and carrier."),
        click.option("--metric", "only", multiple=True, metavar="NAME",
                     help="Only this metric, with n and interval; may be repeated. Docs: concepts/metrics.md."),
        click.option("--by", multiple=True, metavar="WHAT[,WHAT]",
                     help="Group by number, carrier, trunk, campaign, prefix, country, direction, day or hour."),
    ):  # fmt: skip
        command = option(command)
    return command


def measure(files: tuple[str, ...], by: str, options: dict[str, Any]) -> int:
    """
    Print metrics of the calls in a store or in files.

    Args:
        files: the folder of a store, or files.
        by: what to group by where no --by says so.

    Returns:
        The exit status.
    """
    asked_for(files)
    form = form_of(options)
    if options["matrix"] and (options["by"] or options["only"]):
        raise click.UsageError("--matrix counts blocked calls by number and carrier: without --by and --metric.")
    # Late: `ringthrough numbers --help` needs none of it.
    from ringthrough.analytics import block_matrix, metrics
    from ringthrough.analytics.blocks import raised_source
    from ringthrough.analytics.metrics import chosen_by, chosen_metrics
    from ringthrough.cli.measures_text import as_lines, matrix_text, table_text
    from ringthrough.cli.targets import octets_to

    words = tuple(word for text in options["by"] or (by,) for word in text.split(","))
    try:
        keys, names = chosen_by(words), chosen_metrics(options["only"] or None)
    except LocalError as fault:
        raise click.UsageError(f"{fault}.") from None
    since_us, until_us = time_of(options["since"], "--since"), time_of(options["until"], "--until")
    with ExitStack() as stack:
        calls = stack.enter_context(calls_of(files, options))
        if calls.source is None:
            return calls.status
        masked, limit, source = options["masked"], options["limit"], calls.source
        hidden = not options["no_hidden"]
        if hidden:
            source = stack.enter_context(raised_source(source, since_us=since_us, until_us=until_us))
        if options["matrix"]:
            matrix = block_matrix(source, since_us=since_us, until_us=until_us, inferred=hidden)
            text = as_lines(matrix.table, form, masked, limit) if form else matrix_text(matrix, masked, _shown(limit))
        else:
            found = metrics(source, keys, only=names, since_us=since_us, until_us=until_us, inferred=hidden)
            table = _busiest_first(found, keys)
            chosen = names if options["only"] else None
            text = (
                as_lines(table, form, masked, limit) if form else table_text(table, keys, chosen, masked, _shown(limit))
            )
        if hidden and not form:
            text += INFERRED_NOTE
        with octets_to(options["output"]) as write:
            write(text.encode("utf-8", "backslashreplace"))
        return calls.status


def _shown(limit: int | None) -> int:
    return ROWS if limit is None else limit


def _busiest_first(table: Table, keys: tuple[str, ...]) -> Table:
    """Rows with most calls first; in the order of time when time alone is what they are grouped by."""
    from ringthrough.analytics import Table

    if set(keys) <= {"day", "hour"}:
        return table
    place = table.columns.index("attempts")
    return Table(table.columns, tuple(sorted(table.rows, key=lambda row: -row[place])))
