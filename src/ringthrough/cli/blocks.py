"""`ringthrough blocks`: numbers that carriers block, also where the signalling does not say so."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from ringthrough.cli.sources import ROWS, asked_for, calls_of, form_of, row_options, source_options, time_of

if TYPE_CHECKING:
    from ringthrough.analytics import Table
    from ringthrough.analytics.blocks import Blocks

__all__ = ["blocks"]

_ROWS = ("cells", "evidence", "calls")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--cells", is_flag=True, help="A row for each number, carrier and UTC day, blocked or not.")
@click.option("--evidence", is_flag=True, help="How the calls ended on each day on which a number is blocked.")
@click.option("--calls", is_flag=True, help="The calls whose verdict is raised, with the verdict each had alone.")
@row_options
@source_options
def blocks(files: tuple[str, ...], **options: Any) -> int:
    """
    Say which numbers are blocked at which carrier, since when, and how sure that is.

    STORE is the folder of a store; FILE is a capture, a text trace or call records, as for diagnose. Several files are
    one data set. Refusals without ringing are compared between numbers, carriers and days: no call is judged alone.
    What probable and suspected mean, and what this cannot see, stands in docs/concepts/hidden-blocks.md.

    Exit status: 0 everything was read; 1 something could not be read, but there are results; 2 nothing could be read,
    or wrong usage.
    """
    asked_for(files)
    form = form_of(options)
    if sum(options[name] for name in _ROWS) > 1:
        raise click.UsageError("--cells, --evidence and --calls exclude each other: choose what a row is.")
    # Late: `ringthrough blocks --help` needs none of it.
    from ringthrough.analytics.blocks import find_blocks
    from ringthrough.cli import blocks_text
    from ringthrough.cli.measures_text import as_lines
    from ringthrough.cli.targets import octets_to

    since_us, until_us = time_of(options["since"], "--since"), time_of(options["until"], "--until")
    with ExitStack() as stack:
        calls = stack.enter_context(calls_of(files, options))
        if calls.source is None:
            return calls.status
        found = find_blocks(calls.source, since_us=since_us, until_us=until_us)
        masked, limit = options["masked"], options["limit"]
        shown = ROWS if limit is None else limit
        if options["calls"]:
            table = _raised_calls(calls.source, found, since_us, until_us)
            text = "" if form else blocks_text.calls_text(table, masked, shown)
        elif options["cells"]:
            table = found.table()
            text = "" if form else blocks_text.cells_text(table, masked, shown)
        elif options["evidence"]:
            table = blocks_text.evidence_of(found)
            text = "" if form else blocks_text.evidence_text(found, masked, shown)
        else:
            table = blocks_text.spells_of(found)
            text = "" if form else blocks_text.spells_text(found, table, masked, shown)
        with octets_to(options["output"]) as write:
            write((as_lines(table, form, masked, limit) if form else text).encode("utf-8", "backslashreplace"))
        return calls.status


def _raised_calls(source: object, found: Blocks, since_us: int | None, until_us: int | None) -> Table:
    from ringthrough.analytics.blocks import raised_source, raised_table

    with raised_source(source, found, since_us=since_us, until_us=until_us) as engine:
        return raised_table(engine, since_us=since_us, until_us=until_us)
