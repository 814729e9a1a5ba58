"""`ringthrough export`: calls of a store as CSV, JSON lines or Parquet, with the columns that `diagnose` writes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ringthrough.calls import VERDICTS

if TYPE_CHECKING:
    from ringthrough.store import Reader

__all__ = ["export", "key_of", "problems_to_stderr"]

FORMS = ("csv", "json", "parquet")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR")
@click.option("--csv", "as_csv", is_flag=True, help="Write rows as CSV, with a header line.")
@click.option("--json", "as_json", is_flag=True, help="Write rows as JSON, one object a line.")
@click.option("--parquet", "as_parquet", is_flag=True, help="Write rows as Parquet; needs -o.")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option(
    "--since",
    metavar="TIME",
    help="Only calls from this time on: ISO 8601, UTC unless it says otherwise.",
)
@click.option("--until", metavar="TIME", help="Only calls before this time.")
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice(VERDICTS),
    metavar="VERDICT",
    help="Only calls with this verdict; may be repeated.",
)
@click.option(
    "--number",
    "numbers",
    multiple=True,
    metavar="NUMBER",
    help="Only calls from or to this number: +12155550123, a number as dialled, or its last digits.",
)
@click.option(
    "--code",
    "codes",
    multiple=True,
    metavar="CODE",
    help="Only calls with this final code: 603, a class such as 6xx, or none.",
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N calls, the earliest.")
@click.option("--region", metavar="CC", help="Country in which numbers of --number are dialled, e.g. US.")
@click.option("--key", metavar="FILE", help="Key of a store that keeps numbers as keyed hashes, for --number.")
@click.option("--mask", "masked", is_flag=True, help="Mask telephone numbers in everything that is written.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say how many calls were written; errors are still told.")
def export(folder: str, **options: Any) -> int:
    """
    Write calls of the store DIR as rows, in the order of time.

    The columns are those that `ringthrough diagnose` writes. Others may write the store meanwhile: what is exported is
    the store as it was at the beginning.

    Exit status: 0 everything was read; 1 a part of the store could not be read, and the rest was written; 2 nothing
    could be read, or wrong usage.
    """
    forms = [form for form in FORMS if options[f"as_{form}"]]
    if len(forms) != 1:
        raise click.UsageError("choose one form for the rows: --csv, --json or --parquet.")
    if forms == ["parquet"] and options["output"] in (None, "-"):
        raise click.UsageError("--parquet needs -o FILE: Parquet cannot be written to a pipe.")
    # Late: `ringthrough export --help` needs none of it.
    from ringthrough.store import open_store

    since_us, until_us = _time(options["since"], "--since"), _time(options["until"], "--until")
    with open_store(folder) as reader:
        where, parameters = _condition(reader, options)
        wanted = _Wanted(where, parameters, since_us, until_us, options["limit"])
        if forms == ["parquet"] and not options["masked"]:
            from ringthrough.report.rows import OUTPUT

            written = reader.write_parquet(options["output"], OUTPUT, **wanted._asdict())
        else:
            written = _write(reader, wanted, forms[0], options)
        if not options["quiet"]:
            calls = "call" if written == 1 else "calls"
            sys.stderr.write(f"{written} {calls} written\n")
        return problems_to_stderr(reader.problems)


class _Wanted(NamedTuple):
    """Which rows are wanted, as `Reader.write_parquet` takes it."""

    where: str
    parameters: tuple[Any, ...]
    since_us: int | None
    until_us: int | None
    limit: int | None


def _write(reader: Reader, wanted: _Wanted, form: str, options: dict[str, Any]) -> int:
    """Write rows as lines; return how many."""
    from ringthrough.cli.choice import Choice
    from ringthrough.cli.output import Output, header
    from ringthrough.cli.targets import octets_to
    from ringthrough.report.rows import OUTPUT

    output = Output(form, Choice(), masked=options["masked"], counts=False)
    lines = (output.take(rows) for rows in _limited(reader, wanted))
    if form == "parquet":
        from ringthrough.store import ParquetFile

        with ParquetFile(options["output"], OUTPUT) as table:
            return _passed(lines, table.write)
    with octets_to(options["output"]) as write:
        write(header(form))
        return _passed(lines, lambda found: write(b"".join(found)))


def _limited(reader: Reader, wanted: _Wanted) -> Iterator[Sequence[Any]]:
    left = wanted.limit
    cells = wanted._asdict()
    del cells["limit"]
    if left == 0:
        return
    for rows in reader.rows(**cells):
        if left is not None:
            rows = rows[:left]
            left -= len(rows)
        yield rows
        if left == 0:
            return


def _passed(batches: Iterable[list[bytes]], write: Callable[[list[bytes]], object]) -> int:
    written = 0
    for lines in batches:
        write(lines)
        written += len(lines)
    return written


def _condition(reader: Reader, options: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL condition of the filters, and its parameters."""
    from ringthrough.cli.choice import parse_code, parse_number

    parts: list[str] = []
    parameters: list[Any] = []
    if options["verdicts"]:
        parts.append(f"verdict IN ({', '.join('?' * len(options['verdicts']))})")
        parameters += options["verdicts"]
    codes, numbers = [], []
    for text in options["codes"]:
        low, high = _parsed(parse_code, text, "--code")
        codes.append("final_code IS NULL" if low < 0 else f"final_code BETWEEN {low} AND {high}")
    key = key_of(options["key"])
    for text in options["numbers"]:
        number = _parsed(lambda text: parse_number(text, options["region"]), text, "--number")
        condition, values = reader.by_number(number, key)
        numbers.append(condition)
        parameters += values
    # Conditions of different kinds must all hold, of one kind any.
    parts += [f"({' OR '.join(some)})" for some in (codes, numbers) if some]
    return " AND ".join(parts), tuple(parameters)


def _time(text: str | None, option: str) -> int | None:
    from ringthrough.cli.choice import parse_time

    return None if text is None else int(_parsed(parse_time, text, option))


def _parsed(parse: Callable[[str], Any], text: str, option: str) -> Any:
    try:
        return parse(text)
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint=option) from None


def key_of(path: str | None) -> bytes | None:
    """Read a key file: its octets without white space at the end; None for no file."""
    if path is None:
        return None
    try:
        with open(path, "rb") as handle:
            return handle.read().rstrip()
    except OSError as fault:
        detail = f"expected a file that can be read, the system says: {fault.strerror or fault}"
        raise click.BadParameter(f"{path}: {detail}", param_hint="--key") from None


def problems_to_stderr(problems: Iterable[Any]) -> int:
    """Say what is wrong with a store, one line each; return 1 where rows are missing for it, else 0."""
    from ringthrough.report.words import safe

    status = 0
    for problem in problems:
        sys.stderr.write(safe(f"ringthrough: {problem}") + "\n")
        if problem.code.startswith("store-segment-"):
            status = 1
    return status
