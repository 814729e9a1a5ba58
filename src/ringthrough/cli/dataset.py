"""A whole data set: rows or a list, a page, the summary, and the exit status."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TextIO

from ringthrough.captures import CAUSES
from ringthrough.captures.causes import explain
from ringthrough.cli.choice import Choice
from ringthrough.cli.files import Inputs
from ringthrough.cli.output import Output, header
from ringthrough.cli.progress import progress_bar
from ringthrough.cli.targets import limited, octets_to
from ringthrough.diagnosis import FileReport, Run, Settings, diagnose
from ringthrough.errors import Problem
from ringthrough.numbers import mask, mask_text
from ringthrough.report.document import Context, Section, build, headline, plain, unread
from ringthrough.report.rows import OUTPUT
from ringthrough.report.summary import Summary
from ringthrough.report.terminal import plain_text, rich_text
from ringthrough.report.words import clock, safe

__all__ = ["Told", "context_of", "errors_to_stderr", "everything", "print_document", "read_into", "status_of"]


class Told(Protocol):
    """What a reading, or several, found out besides rows: `Run` is such."""

    notes: list[str]
    problems: list[Problem]
    others: Counter[str]


_QUIET_CAUSES = ("block-", "journal-entry")


def everything(data: Inputs, settings: Settings, choice: Choice, form: str, options: dict[str, Any]) -> int:
    """
    Read the data set and write what was asked for.

    Args:
        data: the files.
        settings: how to read.
        choice: which calls are wanted.
        form: one of `output.FORMS`.
        options: options of the command.

    Returns:
        The exit status.
    """
    to_file = options["output"] not in (None, "-")
    colour = form == "list" and not to_file and _colourful(sys.stdout)
    counts = bool(options["html"]) or not options["quiet"]
    factory = partial(Output, form, choice, masked=options["masked"], colour=colour, counts=counts)
    # Millions of short-lived tuples make the collector look for circles that are not there; the calls that are open at
    # a time fit between two looks.
    gc.set_threshold(100_000, 20, 100)
    with _lines_to(form, options) as write:
        joined = options["limit"] is None
        run, output = read_into(data, settings, factory, write, shown=not options["no_progress"], joined=joined)
    files = data.in_order(run.files)
    context = context_of(data, run, files, output, _words(choice, options), masked=options["masked"])
    if options["html"]:
        from ringthrough.report.html import page

        made_at_us = time.time_ns() // 1_000
        text = page(output.summary, context, made_at_us=made_at_us)
        with octets_to(options["html"]) as write_page:
            write_page(text.encode("utf-8", "backslashreplace"))
    told = _summary(output.summary, context, form, options, to_file=to_file)
    if not told:
        errors_to_stderr(context)
    return status_of(files, run)


@contextmanager
def _lines_to(form: str, options: dict[str, Any]) -> Iterator[Callable[[list[bytes]], None]]:
    """Give the function that takes lines of rows."""
    path, limit = options["output"], options["limit"]
    if form == "none":
        yield lambda _lines: None
    elif form == "parquet":
        from ringthrough.store import ParquetFile

        with ParquetFile(path, OUTPUT) as table:
            yield limited(table.write, limit)
    else:
        with octets_to(path) as write:
            write(header(form))
            yield limited(lambda lines: write(b"".join(lines)), limit)


def read_into(
    data: Inputs,
    settings: Settings,
    factory: Callable[[], Output],
    write: Callable[[list[bytes]], None],
    *,
    shown: bool,
    joined: bool = False,
) -> tuple[Run, Output]:
    """Read all files into a sink, with a progress bar where it is wanted; see `Run.into`."""
    with progress_bar(data.size, shown=shown) as progress:
        run = diagnose(data.sources, settings, progress=progress)
        return run, run.into(factory, write, joined=joined)


def _words(choice: Choice, options: dict[str, Any]) -> str:
    """Return the filter as a person would say it."""
    show = mask if options["masked"] else plain
    parts = [f"verdict {v}" for v in options["verdicts"]]
    parts += [f"number {show(n)}" for n in options["numbers"]]
    for low, high in choice.codes:
        parts.append("no final code" if low < 0 else f"code {low}" if low == high else f"code {low // 100}xx")
    if choice.call_id:
        parts.append("one Call-ID" if options["masked"] else f"Call-ID {choice.call_id}")
    if choice.since_us is not None:
        parts.append(f"since {clock(choice.since_us)} UTC")
    if choice.until_us is not None:
        parts.append(f"until {clock(choice.until_us)} UTC")
    return ", ".join(parts)


def context_of(
    data: Inputs, run: Told, files: Sequence[FileReport], output: Output, words: str, *, masked: bool
) -> Context:
    """Return what a report says besides its counts."""
    notes = [*data.notes, *run.notes]
    for report in files:
        for cause, times in sorted(report.tally.notes.items()):
            if not cause.startswith(_QUIET_CAUSES):
                notes.append(f"{report.name}: {times} x {cause}: {_explain(cause)}")
    notes += [f"proof: {problem}" for problem in run.problems]
    others = ", ".join(f"{number} {method}" for method, number in run.others.most_common(6))
    if others:
        notes.append(f"SIP that makes no call: {others}")
    return Context(
        files,
        notes,
        explain=_explain_bad,
        chosen=words,
        total=output.total if words else None,
        show_number=mask if masked else plain,
        show_text=mask_text if masked else plain,
    )


def _explain_bad(cause: str) -> str:
    """Say what a cause of bad records means: captures have none by this name, but a note on sound ones."""
    if cause == "bad-time":
        from ringthrough import cdr

        return cdr.SPOILS[cause]
    return _explain(cause)


def _explain(cause: str) -> str:
    said = CAUSES.get(cause) or explain(cause)
    if not said:
        from ringthrough import cdr

        said = cdr.explain(cause)
    return said.rstrip(".")


def _summary(summary: Summary, context: Context, form: str, options: dict[str, Any], *, to_file: bool) -> bool:
    """Print the summary where it does not mix with rows; return whether a person has seen what could not be read."""
    if options["quiet"]:
        return False
    if form == "none":
        sections = build(summary, context)
        if to_file:
            with octets_to(options["output"]) as write:
                write(plain_text(sections).encode("utf-8", "backslashreplace"))
            return False
        print_document(sections, sys.stdout)
        return sys.stdout.isatty()
    stream = sys.stdout if to_file else sys.stderr
    if form == "list":
        missing = unread(context)
        sections = [Section("Calls", headline(summary, context))]
        sections += [Section("What could not be read", missing)] if missing else []
    else:
        sections = build(summary, context)
    if form == "list" and not to_file:
        stream.write("\n")
    print_document(sections, stream)
    return stream is sys.stderr or stream.isatty()


def print_document(sections: Sequence[Section], stream: TextIO) -> None:
    """Print sections: with colour in a terminal, plain in a pipe."""
    if not _colourful(stream):
        stream.write(plain_text(sections).encode("utf-8", "backslashreplace").decode())
        stream.flush()
        return
    from rich.console import Console

    rich_text(sections, Console(file=stream))


def _colourful(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def errors_to_stderr(context: Context) -> None:
    """Say what could not be read, one line each."""
    for line in unread(context):
        sys.stderr.write(safe(f"ringthrough: {line}") + "\n")


def status_of(files: Sequence[FileReport], run: Told) -> int:
    """Exit status: 0 all was read, 1 something was not but there are results, 2 nothing was usable."""
    if not any(report.usable for report in files):
        return 2
    return 1 if run.problems or any(report.problems or report.tally.bad for report in files) else 0
