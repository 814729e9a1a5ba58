"""`ringthrough import`: calls of any source into a store, each file once."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

import click

from ringthrough.cli.credentials import certificate_options, network_options
from ringthrough.cli.records import given_of_records, record_options
from ringthrough.errors import LocalError

__all__ = ["import_"]

_WORDS = ("region", "own", "profile", "maps", "tz", "day")
_FILES = ("carriers", "number_table", "profile")
"""
Options that change rows: the same file read with others is another import. What is in a file counts, not its name.
Certificates and cards do not count: they judge a call, and the call stays the same.
"""


def _counted(options: dict[str, Any]) -> dict[str, str]:
    """Settings that are part of what an import is; those that were read before and are right."""
    from hashlib import sha256
    from pathlib import Path

    counted = {name: str(options[name]) for name in _WORDS if options[name]}
    for name in _FILES:
        path = options[name]
        if path and Path(path).is_file():
            counted[name] = sha256(Path(path).read_bytes()).hexdigest()
    return counted


@click.command("import", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--into", "folder", required=True, metavar="DIR", help="Folder of the store; made when it is missing.")
@click.option("--key", metavar="FILE", help="Key of a store that keeps numbers as keyed hashes.")
@click.option("--region", metavar="CC", help="Country in which numbers without a country code are dialled, e.g. US.")
@click.option("--own", multiple=True, metavar="CIDR", help="Our own addresses, for the direction; may be repeated.")
@click.option("--carriers", metavar="FILE", help="TOML file that names carriers by address range, prefix or trunk.")
@record_options
@certificate_options
@click.option("--cards", type=click.Path(), metavar="DIR", help="Contact cards of 608s: a folder of files.")
@network_options
@click.option("--workers", type=click.IntRange(1, 256), default=1, metavar="N", help="Read captures with N processes.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of what went well.")
@click.option("--no-progress", is_flag=True, help="No progress bar.")
def import_(files: tuple[str, ...], folder: str, **options: Any) -> int:
    """
    Put the calls of FILE... into a store.

    FILE is whatever `ringthrough diagnose` reads. A file that was imported before, with the same settings, adds
    nothing. Captures and traces given together are one stream: give rotated files in one command, or calls that run
    from one into the next are cut at its edge. All calls of a file become visible at once, or none does.

    Exit status: 0 everything was read; 1 something could not be read, but there are results; 2 nothing could be read,
    or wrong usage.
    """
    if not files:
        raise click.UsageError("expected at least one FILE (- is standard input).")
    from ringthrough.cli.diagnose import proof_of
    from ringthrough.cli.export import key_of
    from ringthrough.cli.files import inputs
    from ringthrough.cli.importing import Importing
    from ringthrough.cli.settings import settings_of
    from ringthrough.report.words import safe

    try:
        settings = settings_of(
            region=options["region"], own=options["own"], carriers=options["carriers"], workers=options["workers"],
            proof=proof_of(options), records=given_of_records(options),
        )  # fmt: skip
    except LocalError as fault:
        raise click.UsageError(str(fault)) from None
    with ExitStack() as stack:
        data = inputs(files, again=True, stack=stack)
        importing = Importing(folder, key_of(options["key"]), _counted(options))
        status = importing.run(data, settings, shown=not options["no_progress"])
    if not options["quiet"]:
        sys.stdout.write("".join(f"{safe(line)}\n" for line in importing.lines))
    return status
