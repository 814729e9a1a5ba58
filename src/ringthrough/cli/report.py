"""`ringthrough report`: what an operations lead sends to management, as HTML, PDF, JSON or a summary."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from ringthrough.cli.sources import asked_for, calls_of, source_options, time_of

if TYPE_CHECKING:
    from ringthrough.analytics.overview import Overview
    from ringthrough.report.operations import Frame

__all__ = ["report"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--html", "html", metavar="FILE", help="Write the report as one HTML file that loads nothing.")
@click.option("--pdf", "pdf", metavar="FILE", help="Print it to a PDF file with an installed Chromium or Chrome.")
@click.option("--json", "json_", metavar="FILE", help="Write the same content as a JSON document.")
@click.option(
    "--previous-since",
    metavar="TIME",
    help="Where the period to compare with begins; it ends at --since. As long as the period by default.",
)
@click.option("--value", type=click.FloatRange(min=0), metavar="AMOUNT", help="What an answered call is worth.")
@click.option("--currency", default="", metavar="CODE", help="Currency of --value, e.g. EUR.")
@click.option("--title", default="Blocked calls", show_default=True, metavar="TEXT", help="Heading of the report.")
@click.option("--logo", metavar="FILE", help="PNG or SVG picture for the top of the page; put into the file.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Size of the PDF.")
@click.option("--browser", metavar="PATH", help="Chromium or Chrome for --pdf; looked for by name by default.")
@click.option("--mask", "masked", is_flag=True, help="Mask telephone numbers in everything that is written.")
@source_options
def report(files: tuple[str, ...], **options: Any) -> int:
    """
    Say what is blocked, by whom, since when, what it costs, what changed, and what to do first.

    STORE is the folder of a store; FILE is a capture, a text trace or call records, as for diagnose. Several files are
    one data set. With --since, the period before it, as long, is read as well and compared. --html, --pdf and --json
    may be given together; - is standard output. Without any of them a summary is printed. How each figure is made
    stands in docs/guides/report.md.

    Exit status: 0 everything was read; 1 something could not be read, but there is a report; 2 nothing could be read,
    nothing could be printed, or wrong usage.
    """
    asked_for(files)
    if options["currency"] and options["value"] is None:
        raise click.UsageError("--currency names what --value is counted in: give --value too.")
    if [options[form] for form in ("html", "pdf", "json_")].count("-") > 1:
        raise click.UsageError("standard output takes one form: give the others a FILE.")
    # Late: `ringthrough report --help` needs none of it.
    from ringthrough.analytics.overview import overview
    from ringthrough.cli.pictures import picture
    from ringthrough.cli.printing import find_browser
    from ringthrough.report.operations import Frame
    from ringthrough.report.operations_masking import mask_overview

    logo = picture(options["logo"]) if options["logo"] else ""
    browser = find_browser(options["browser"]) if options["pdf"] else ""
    since_us, until_us = time_of(options["since"], "--since"), time_of(options["until"], "--until")
    before_us = time_of(options["previous_since"], "--previous-since")
    if before_us is not None and (since_us is None or before_us >= since_us):
        raise click.UsageError("--previous-since is the beginning of the period before --since: give a later --since.")
    with ExitStack() as stack:
        calls = stack.enter_context(calls_of(files, options))
        if calls.source is None:
            return calls.status
        found = overview(
            calls.source, since_us=since_us, until_us=until_us, previous_since_us=before_us,
            worth=None if options["value"] is None else (options["value"], options["currency"]),
        )  # fmt: skip
        if options["masked"]:
            found = mask_overview(found)
        unread = tuple(str(problem) for problem in getattr(calls.source, "problems", ())) + calls.unread
        notes = (
            ("Some of what was given could not be read; the command said what.",) if calls.status and not unread else ()
        )
        frame = Frame(options["title"], logo, time.time_ns() // 1_000, unread, notes)
        _write(found, frame, options, browser)
        return calls.status


def _write(found: Overview, frame: Frame, options: dict[str, Any], browser: str) -> None:
    """Write what was asked for."""
    from ringthrough.cli.targets import octets_to

    if options["json_"]:
        import json

        from ringthrough.report.operations_document import document

        made = document(found, title=frame.title, made_at_us=frame.made_at_us, unread=frame.unread, notes=frame.notes)
        with octets_to(options["json_"]) as write:
            write(json.dumps(made, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n")
    if options["html"] or options["pdf"]:
        from ringthrough.report.operations import operations_page

        page = operations_page(found, frame).encode("utf-8", "backslashreplace")
        if options["html"]:
            with octets_to(options["html"]) as write:
                write(page)
        if options["pdf"]:
            from ringthrough.cli.printing import print_page

            with octets_to(options["pdf"]) as write:
                write(print_page(page, browser, options["paper"]))
    if not (options["json_"] or options["html"] or options["pdf"]):
        _tell(found, frame)


def _tell(found: Overview, frame: Frame) -> None:
    """Print the summary: in colour on a terminal, plain in a pipe."""
    import sys

    from ringthrough.report.operations_text import operations_sections
    from ringthrough.report.terminal import plain_text, rich_text

    sections = operations_sections(found, title=frame.title, unread=frame.unread, notes=frame.notes)
    if sys.stdout.isatty():
        from rich.console import Console

        rich_text(sections, Console())
    else:
        sys.stdout.buffer.write(plain_text(sections).encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
