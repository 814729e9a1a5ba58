"""Where the commands on many calls get them: options, and the calls of a store or of files."""

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
from ringthrough.errors import LocalError, RemoteError

if TYPE_CHECKING:
    from ringthrough.analytics.spark import Sources

__all__ = ["ROWS", "Calls", "asked_for", "calls_of", "form_of", "is_store", "row_options", "source_options", "time_of"]

F = TypeVar("F", bound=Callable[..., Any])
_FILES_ONLY = {
    "region": "--region", "own": "--own", "carriers_file": "--carriers", "profile": "--profile", "maps": "--map",
    "tz": "--tz", "day": "--date", "number_table": "--numbers",
}  # fmt: skip
"Options that say how files are read: the calls of a store have been read already."
ROWS = 40
"Rows of a table for people, unless --limit says otherwise."


def source_options(command: F) -> F:
    """STORE|FILE..., the period, and how files are read: what `calls_of` takes."""
    for option in (
        click.option("--master", metavar="URL",
                     help="With --engine spark: the cluster, e.g. spark://HOST:7077; this machine without it."),
        click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True,
                     help="What runs the statements. Docs: guides/spark.md."),
        click.option("--no-progress", is_flag=True, help="No progress bar."),
        click.option("--workers", type=click.IntRange(1, 256), default=1, metavar="N", help="Read with N processes."),
        record_options,
        click.option("--carriers", "carriers_file", metavar="FILE",
                     help="TOML file that names carriers by address range, prefix or trunk."),
        click.option("--own", multiple=True, metavar="CIDR",
                     help="Our own addresses, for the direction; may be repeated."),
        click.option("--region", metavar="CC",
                     help="Country in which numbers without a country code are dialled, e.g. US."),
        click.option("--until", metavar="TIME", help="Only calls before this time."),
        click.option("--since", metavar="TIME",
                     help="Only calls from this time on: ISO 8601, UTC unless it says otherwise."),
        click.argument("files", nargs=-1, metavar="STORE|FILE..."),
    ):  # fmt: skip
        command = option(command)
    return command


def row_options(command: F) -> F:
    """How rows are written: --csv, --json, -o, --limit and --mask."""
    for option in (
        click.option("--mask", "masked", is_flag=True, help="Mask telephone numbers in everything that is written."),
        click.option("--limit", type=click.IntRange(min=0), metavar="N",
                     help=f"At most N rows; {ROWS} in the table, all as CSV and JSON."),
        click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output."),
        click.option("--json", "as_json", is_flag=True, help="Write rows as JSON, one object a line."),
        click.option("--csv", "as_csv", is_flag=True, help="Write rows as CSV, with a header line."),
    ):  # fmt: skip
        command = option(command)
    return command


def form_of(options: dict[str, Any]) -> str:
    """
    Return csv, json, or nothing for a table for people.

    Raises:
        UsageError: both are asked for.
    """
    if options["as_csv"] and options["as_json"]:
        raise click.UsageError("--csv and --json exclude each other: choose one form for the rows.")
    return "csv" if options["as_csv"] else "json" if options["as_json"] else ""


def asked_for(files: tuple[str, ...]) -> None:
    """
    Make sure that there is something to read.

    Raises:
        UsageError: nothing was named.
    """
    if not files:
        raise click.UsageError("expected the folder of a store, or at least one FILE (- is standard input).")


class Calls(NamedTuple):
    """Calls, and what came of reading them."""

    source: object | None
    "What `analytics.metrics` takes; None when nothing could be read."
    status: int
    "Exit status: 0, 1 or 2."
    unread: tuple[str, ...] = ()
    "What could not be read of files, a line each; a store says so itself."


@contextmanager
def calls_of(files: tuple[str, ...], options: dict[str, Any]) -> Iterator[Calls]:
    """
    Give the calls of a store, or of files; on Spark where --engine says so.

    Spark reads stores, and Parquet files that are call tables, by itself; other files are read into one first.
    """
    on_spark = options["engine"] == "spark"
    if options["master"] is not None and not on_spark:
        raise click.UsageError("--master names a Spark cluster: it needs --engine spark.")
    given = [option for name, option in _FILES_ONLY.items() if options[name]]
    with ExitStack() as stack:
        if len(files) == 1 and is_store(files[0], on_spark):
            from ringthrough.cli.export import problems_to_stderr
            from ringthrough.store import open_store

            if given:
                raise click.UsageError(
                    f"{', '.join(given)} says how files are read; the calls of a store have been read."
                )
            reader = stack.enter_context(open_store(files[0]))
            status = problems_to_stderr(reader.problems)
            yield Calls(_on_spark(reader, options, stack) if on_spark else reader, status)
            return
        if on_spark and not given and all(map(_is_call_table, files)):
            yield Calls(_on_spark(files, options, stack), 0)
            return
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringthrough-")), "calls.parquet")
        status, missing = _read(files, options, path)
        if status == 2:
            yield Calls(None, status)
            return
        if on_spark:
            yield Calls(_on_spark(path, options, stack), status, missing)
            return
        from ringthrough.store.foreign import relation_of

        yield Calls(relation_of(path), status, missing)


def _on_spark(sources: Sources, options: dict[str, Any], stack: ExitStack) -> object:
    from ringthrough.analytics.spark_session import LOCAL_MASTER, spark_engine

    return stack.enter_context(spark_engine(sources, master=options["master"] or LOCAL_MASTER))


def is_store(path: str, on_spark: bool) -> bool:
    """Is it the folder of a store? Spark also reads folders of Parquet files, which are none."""
    return os.path.isdir(path) and (not on_spark or os.path.exists(os.path.join(path, "manifest.json")))


def _is_call_table(path: str) -> bool:
    """Is it a URL, a folder, or a Parquet file with the columns of the call table?"""
    if "://" in path or os.path.isdir(path):
        return True
    from ringthrough.analytics.statements import COLUMNS_READ
    from ringthrough.store.foreign import ForeignTable

    try:
        with open(path, "rb") as file:
            begins = file.read(4)
        return begins == b"PAR1" and set(COLUMNS_READ) <= set(ForeignTable(path).names)
    except (OSError, RemoteError):  # whoever reads it says what is wrong with it
        return False


def _read(files: tuple[str, ...], options: dict[str, Any], path: Path) -> tuple[int, tuple[str, ...]]:
    """Read files into a Parquet file; say what could not be read; return the exit status, and the same in lines."""
    from ringthrough.cli.choice import Choice
    from ringthrough.cli.dataset import context_of, errors_to_stderr, read_into, status_of
    from ringthrough.cli.files import inputs
    from ringthrough.cli.output import Output
    from ringthrough.cli.settings import settings_of
    from ringthrough.report.document import unread
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
    context = context_of(data, run, reports, output, "", masked=options["masked"])
    errors_to_stderr(context)
    return status_of(reports, run), tuple(unread(context))


def time_of(text: str | None, option: str) -> int | None:
    """Microseconds since 1970 of a time that an option gives."""
    from ringthrough.cli.choice import parse_time

    try:
        return None if text is None else parse_time(text)
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint=option) from None
