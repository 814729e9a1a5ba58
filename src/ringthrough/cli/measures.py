"""What `ringthrough numbers` and `ringthrough carriers` share: options, calls from a store or files, and the output."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from ringthrough.cli.records import given_of_records, record_options
from ringthrough.errors import LocalError

if TYPE_CHECKING:
    from ringthrough.analytics import Table

__all__ = ["measure", "measure_options"]

F = TypeVar("F", bound=Callable[..., Any])
_FILES_ONLY = {
    "region": "--region", "own": "--own", "carriers_file": "--carriers", "profile": "--profile", "maps": "--map",
    "tz": "--tz", "day": "--date", "number_table": "--numbers",
}  # fmt: skip
"Options that say how files are read: the calls of a store have been read already."
_ROWS = 40
"Rows of a table for people, unless --limit says otherwise."


def measure_options(command: F) -> F:
    """Options of the commands that print metrics."""
    for option in (
        click.option("--no-progress", is_flag=True, help="No progress bar."),
        click.option("--workers", type=click.IntRange(1, 256), default=1, metavar="N", help="Read with N processes."),
        record_options,
        click.option("--carriers", "carriers_file", metavar="FILE",
                     help="TOML file that names carriers by address range, prefix or trunk."),
        click.option("--own", multiple=True, metavar="CIDR",
                     help="Our own addresses, for the direction; may be repeated."),
        click.option("--region", metavar="CC",
                     help="Country in which numbers without a country code are dialled, e.g. US."),
        click.option("--mask", "masked", is_flag=True, help="Mask telephone numbers in everything that is written."),
        click.option("--limit", type=click.IntRange(min=0), metavar="N",
                     help=f"At most N rows; {_ROWS} in the table, all as CSV and JSON."),
        click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output."),
        click.option("--json", "as_json", is_flag=True, help="Write rows as JSON, one object a line."),
        click.option("--csv", "as_csv", is_flag=True, help="Write rows as CSV, with a header line."),
        click.option("--until", metavar="TIME", help="Only calls before this time."),
        click.option("--since", metavar="TIME",
                     help="Only calls from this time on: ISO 8601, UTC unless it says otherwise."),
        click.option("--matrix", is_flag=True, help="Blocked calls per number and carrier."),
        click.option("--metric", "only", multiple=True, metavar="NAME",
                     help="Only this metric, with n and interval; may be repeated. Docs: concepts/metrics.md."),
        click.option("--by", multiple=True, metavar="WHAT[,WHAT]",
                     help="Group by number, carrier, trunk, campaign, prefix, country, direction, day or hour."),
        click.argument("files", nargs=-1, metavar="STORE|FILE..."),
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
    if not files:
        raise click.UsageError("expected the folder of a store, or at least one FILE (- is standard input).")
    if options["as_csv"] and options["as_json"]:
        raise click.UsageError("--csv and --json exclude each other: choose one form for the rows.")
    if options["matrix"] and (options["by"] or options["only"]):
        raise click.UsageError("--matrix counts blocked calls by number and carrier: without --by and --metric.")
    # Late: `ringthrough numbers --help` needs none of it.
    from ringthrough.analytics import block_matrix, metrics
    from ringthrough.analytics.metrics import chosen_by, chosen_metrics
    from ringthrough.cli.measures_text import as_lines, matrix_text, table_text
    from ringthrough.cli.targets import octets_to

    words = tuple(word for text in options["by"] or (by,) for word in text.split(","))
    try:
        keys, names = chosen_by(words), chosen_metrics(options["only"] or None)
    except LocalError as fault:
        raise click.UsageError(f"{fault}.") from None
    since_us, until_us = _time(options["since"], "--since"), _time(options["until"], "--until")
    form = "csv" if options["as_csv"] else "json" if options["as_json"] else ""
    with ExitStack() as stack:
        calls = stack.enter_context(_calls(files, options))
        if calls.source is None:
            return calls.status
        masked, limit = options["masked"], options["limit"]
        if options["matrix"]:
            matrix = block_matrix(calls.source, since_us=since_us, until_us=until_us)
            text = as_lines(matrix.table, form, masked, limit) if form else matrix_text(matrix, masked, _shown(limit))
        else:
            found = metrics(calls.source, keys, only=names, since_us=since_us, until_us=until_us)
            table = _busiest_first(found, keys)
            chosen = names if options["only"] else None
            text = (
                as_lines(table, form, masked, limit) if form else table_text(table, keys, chosen, masked, _shown(limit))
            )
        with octets_to(options["output"]) as write:
            write(text.encode("utf-8", "backslashreplace"))
        return calls.status


class _Calls(NamedTuple):
    source: object | None
    "What `analytics.metrics` takes; None when nothing could be read."
    status: int


def _shown(limit: int | None) -> int:
    return _ROWS if limit is None else limit


def _busiest_first(table: Table, keys: tuple[str, ...]) -> Table:
    """Rows with most calls first; in the order of time when time alone is what they are grouped by."""
    from ringthrough.analytics import Table

    if set(keys) <= {"day", "hour"}:
        return table
    place = table.columns.index("attempts")
    return Table(table.columns, tuple(sorted(table.rows, key=lambda row: -row[place])))


@contextmanager
def _calls(files: tuple[str, ...], options: dict[str, Any]) -> Iterator[_Calls]:
    """Give the calls of a store, or of files."""
    if len(files) == 1 and os.path.isdir(files[0]):
        from ringthrough.cli.export import problems_to_stderr
        from ringthrough.store import open_store

        given = [option for name, option in _FILES_ONLY.items() if options[name]]
        if given:
            raise click.UsageError(f"{', '.join(given)} says how files are read; the calls of a store have been read.")
        with open_store(files[0]) as reader:
            yield _Calls(reader, problems_to_stderr(reader.problems))
        return
    with tempfile.TemporaryDirectory(prefix="ringthrough-") as folder:
        path = Path(folder, "calls.parquet")
        status = _read(files, options, path)
        if status == 2:
            yield _Calls(None, status)
            return
        from ringthrough.store.foreign import relation_of

        yield _Calls(relation_of(path), status)


def _read(files: tuple[str, ...], options: dict[str, Any], path: Path) -> int:
    """Read files into a Parquet file; say what could not be read; return the exit status."""
    from ringthrough.cli.choice import Choice
    from ringthrough.cli.dataset import context_of, errors_to_stderr, read_into, status_of
    from ringthrough.cli.files import inputs
    from ringthrough.cli.output import Output
    from ringthrough.cli.settings import settings_of
    from ringthrough.report.rows import OUTPUT
    from ringthrough.store import ParquetFile

    try:
        settings = settings_of(
            region=options["region"], own=options["own"], carriers=options["carriers_file"], workers=options["workers"],
            records=given_of_records(options),
        )  # fmt: skip
    except LocalError as fault:
        raise click.UsageError(str(fault)) from None
    with ExitStack() as stack:
        data = inputs(files, again=settings.workers > 1, stack=stack)
        table = stack.enter_context(ParquetFile(path, OUTPUT))
        factory = partial(Output, "parquet", Choice(), counts=False)
        run, output = read_into(data, settings, factory, table.write, shown=not options["no_progress"])
    reports = data.in_order(run.files)
    errors_to_stderr(context_of(data, run, reports, output, "", masked=options["masked"]))
    return status_of(reports, run)


def _time(text: str | None, option: str) -> int | None:
    from ringthrough.cli.choice import parse_time

    try:
        return None if text is None else parse_time(text)
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint=option) from None
