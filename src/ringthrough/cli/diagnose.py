"""`ringthrough diagnose`: captures, traces and call records in; a summary, rows, a list, a ladder or a page out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from ringthrough.calls import INFERRED, VERDICTS
from ringthrough.cli.credentials import certificate_options, network_options
from ringthrough.cli.records import given_of_records, record_options
from ringthrough.errors import LocalError

__all__ = ["diagnose", "proof_of"]

_ALONE = tuple(verdict for verdict in VERDICTS if verdict not in INFERRED)


def _parsed(parse: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Make a click callback of a function of `choice` that raises ValueError."""

    def callback(_ctx: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        from ringthrough.cli import choice

        try:
            if isinstance(value, tuple):
                return tuple(getattr(choice, parse)(each) for each in value)
            return None if value is None else getattr(choice, parse)(value)
        except ValueError as fault:
            raise click.BadParameter(str(fault)) from None

    return callback


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--calls", "listed", is_flag=True, help="List the calls, one line each.")
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice(_ALONE),
    metavar="VERDICT",
    help=f"Only calls with this verdict; may be repeated. One of: {', '.join(_ALONE)}.",
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
    callback=_parsed("parse_code"),
    help="Only calls with this final code: 603, a class such as 6xx, or none.",
)
@click.option(
    "--since",
    "since_us",
    metavar="TIME",
    callback=_parsed("parse_time"),
    help="Only calls from this time on: ISO 8601, UTC unless it says otherwise.",
)
@click.option(
    "--until", "until_us", metavar="TIME", callback=_parsed("parse_time"), help="Only calls before this time."
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N calls in the list or output.")
@click.option(
    "--call",
    "call_id",
    metavar="ID",
    help="Show one call: its ladder and the evidence for its verdict. The beginning of a Call-ID will do.",
)
@click.option("--pcap", metavar="OUT", help="With --call: write that call alone as a capture.")
@click.option("--json", "as_json", is_flag=True, help="Write rows as JSON, one object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="Write rows as CSV, with a header line.")
@click.option("--parquet", "as_parquet", is_flag=True, help="Write rows as Parquet; needs -o.")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option("--html", metavar="FILE", help="Write a report with plots as one self-contained page.")
@click.option("--mask", "masked", is_flag=True, help="Mask telephone numbers in everything that is written.")
@click.option("--region", metavar="CC", help="Country in which numbers without a country code are dialled, e.g. US.")
@click.option("--own", multiple=True, metavar="CIDR", help="Our own addresses, for the direction; may be repeated.")
@click.option("--carriers", metavar="FILE", help="TOML file that names carriers by address range or number prefix.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, metavar="N", help="Read with N processes.")
@record_options
@certificate_options
@click.option(
    "--cards",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Contact cards of 608s: a file, or a folder of files.",
)
@network_options
@click.option("-q", "--quiet", is_flag=True, help="No summary and no remarks; errors are still told.")
@click.option("--no-progress", is_flag=True, help="No progress bar.")
def diagnose(files: tuple[str, ...], **options: Any) -> int:
    """
    Say per call why it was refused, by whom, and whom to ask.

    FILE is a capture (pcap, pcapng), a text trace, or call records (CSV, JSON, XML, syslog, Parquet), compressed or
    not; - is standard input. What it is, is told by its content. Several files are one data set. Without options a
    summary is printed. Filters hold for whatever is written, the summary included.

    Exit status: 0 everything was read; 1 something could not be read, but there are results; 2 nothing could be read,
    or wrong usage.
    """
    form = _form(files, options)
    # Late: `ringthrough diagnose --help` needs none of it.
    from ringthrough.cli.choice import Choice, parse_number
    from ringthrough.cli.dataset import everything
    from ringthrough.cli.files import inputs
    from ringthrough.cli.onecall import one_call
    from ringthrough.cli.settings import settings_of

    try:
        settings = settings_of(
            region=options["region"], own=options["own"], carriers=options["carriers"], workers=options["workers"],
            proof=proof_of(options), records=given_of_records(options),
        )  # fmt: skip
    except LocalError as fault:
        raise click.UsageError(str(fault)) from None
    try:
        numbers = tuple(parse_number(number, options["region"]) for number in options["numbers"])
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--number") from None
    choice = Choice(
        frozenset(options["verdicts"]), numbers, options["codes"], options["since_us"], options["until_us"],
        options["call_id"] or "",
    )  # fmt: skip
    alone = options["call_id"] is not None and form == "none"
    with ExitStack() as stack:
        data = inputs(files, again=alone or settings.workers > 1, stack=stack)
        if alone:
            return one_call(data, settings, choice, options)
        return everything(data, settings, choice, form, options)


_OF_PROOF = ("certs", "anchors", "cache", "fetch", "cards", "trusted", "ports", "allow", "tls_ca")


def proof_of(options: dict[str, Any]) -> dict[str, Any] | None:
    """Return the options for proof when some were given: else Identities and cards stay `not_checked`."""
    given = {name: options.get(name) for name in _OF_PROOF}
    return given if any(given.values()) else None


def _form(files: tuple[str, ...], options: dict[str, Any]) -> str:
    """Return the form of the rows; refuse what contradicts itself."""
    forms = [form for form in ("csv", "json", "parquet") if options[f"as_{form}"]]
    one = options["call_id"] is not None
    if not files:
        raise click.UsageError("expected at least one FILE (- is standard input).")
    if len(forms) > 1:
        raise click.UsageError(f"--{' and --'.join(forms)} exclude each other: choose one form for the rows.")
    if "parquet" in forms and options["output"] in (None, "-"):
        raise click.UsageError("--parquet needs -o FILE: Parquet cannot be written to a pipe.")
    if one and not options["call_id"]:
        raise click.UsageError("--call needs a Call-ID or the beginning of one.")
    if options["pcap"] and (not one or forms):
        raise click.UsageError("--pcap needs --call ID, and goes with the ladder, not with rows.")
    if one and (options["html"] or options["listed"]):
        raise click.UsageError("--call shows one call; --calls and --html show many.")
    if options["limit"] is not None and not (forms or options["listed"]):
        raise click.UsageError("--limit needs --calls, --csv, --json or --parquet.")
    if options["html"] and options["html"] == options["output"]:
        raise click.UsageError("--html and -o name the same file.")
    return forms[0] if forms else "list" if options["listed"] else "none"
