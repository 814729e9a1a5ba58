"""`ringthrough explain`: a code, a cause, words, or a pasted message."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ringthrough.errors import BackendError, LocalError, Problem

if TYPE_CHECKING:
    from ringthrough.reading import Reading
    from ringthrough.reference import Entry

__all__ = ["explain"]

MAX_FILE = 65_536
"Octets read of a file or of standard input: what a person pastes, and no capture."
_MANY = 12


@click.command()
@click.argument("what", nargs=-1)
@click.option(
    "--list",
    "listed",
    is_flag=False,
    flag_value="all",
    metavar="[CLASS]",
    help="List the entries of a class (6xx), of Q.850 (causes), outside the registry (variants), or all.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON; without WHAT the whole catalogue.")
@click.option("--schema", is_flag=True, help="Write the JSON Schema of the catalogue.")
@click.option("--full", is_flag=True, help="Show everything that is known.")
@click.option("--ticket", "as_ticket", is_flag=True, help="Of a paste: write the text of a support ticket, masked.")
@click.option(
    "--site",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the reference as HTML pages into a folder.",
)
def explain(
    what: tuple[str, ...], listed: str | None, as_json: bool, schema: bool, full: bool, as_ticket: bool,
    site: Path | None,
) -> None:  # fmt: skip
    """
    Explain a SIP code or Q.850 cause, or a pasted message.

    WHAT is a code (608, 603+), a cause (Q.850:21), words to search for (rejected), a file, - for standard input, or the
    pasted text itself: a status line, a whole message, a Reason, Call-Info, Identity or Warning header, a ladder, or
    the cause of a call record.
    """
    if site is not None:
        _write_site(site)
    elif schema:
        from ringthrough import reference

        _print_json(reference.schema())
    elif listed is not None:
        _list(listed, as_json=as_json)
    elif not what:
        if as_json:
            from ringthrough import reference

            _print_json(reference.catalogue())
        elif sys.stdin.isatty():
            raise click.UsageError("expected a code such as 608, a cause such as Q.850:21, words, or a pasted message")
        else:
            _paste(_stdin(), as_json=as_json, full=full, as_ticket=as_ticket)
    else:
        _explain(" ".join(what), as_json=as_json, full=full, as_ticket=as_ticket)


def _explain(text: str, *, as_json: bool, full: bool, as_ticket: bool) -> None:
    if text == "-":
        _paste(_stdin(), as_json=as_json, full=full, as_ticket=as_ticket)
        return
    from ringthrough import reference

    refused: LocalError | None = None
    if not (as_ticket or "\n" in text or "sip/2.0" in text.casefold() or len(text) > 200):
        try:
            _entry(reference.lookup(text), as_json=as_json, full=full)
        except LocalError as fault:
            refused = fault
        else:
            return
    if _is_file(text):
        _paste(_file(text), as_json=as_json, full=full, as_ticket=as_ticket)
        return
    if refused is not None and (text.isdecimal() or _is_key(text)):
        raise refused
    try:
        from ringthrough.reading import read_paste

        reading = read_paste(text)
    except LocalError as fault:
        found = reference.search(text, _MANY) if fault.problem.code == "reading-not-understood" else []
        if not found or as_ticket or len(text) > 200:
            raise
        _found(text, found, as_json=as_json, full=full)
    else:
        _reading(reading, as_json=as_json, full=full, as_ticket=as_ticket)


def _is_key(text: str) -> bool:
    """Whether it is meant as the name of an entry: `Q.850:300`, `699+`."""
    low = text.casefold().replace(" ", "")
    return low.startswith(("q.850", "q850")) or (low.rstrip("+").isdecimal() and len(low) <= 6)


def _is_file(text: str) -> bool:
    try:
        return len(text) < 4096 and Path(text).is_file()
    except (OSError, ValueError):
        return False


def _file(name: str) -> bytes:
    try:
        with Path(name).open("rb") as handle:
            return _checked(handle.read(MAX_FILE + 1), name)
    except OSError as fault:
        said = f"expected a file that can be read, found: {fault.strerror}"
        raise BackendError(Problem("cli-not-readable", said, name)) from fault


def _stdin() -> bytes:
    return _checked(sys.stdin.buffer.read(MAX_FILE + 1), "standard input")


def _checked(data: bytes, name: str) -> bytes:
    """Octets that may be a paste; a capture belongs to another command."""
    magic = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x0a\x0d\x0d\x0a", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    if data.startswith(magic) or len(data) > MAX_FILE:
        said = f"expected a pasted message of at most {MAX_FILE} octets; for a capture use: ringthrough diagnose {name}"
        raise LocalError(Problem("cli-not-a-paste", said, name))
    return data


def _paste(data: bytes, *, as_json: bool, full: bool, as_ticket: bool) -> None:
    from ringthrough.reading import read_paste

    _reading(read_paste(data), as_json=as_json, full=full, as_ticket=as_ticket)


def _reading(reading: Reading, *, as_json: bool, full: bool, as_ticket: bool) -> None:
    if as_ticket:
        from ringthrough.reading import ticket

        from .reference_text import safe

        click.echo("\n".join(map(safe, ticket(reading).split("\n"))), nl=False)
    elif as_json:
        from dataclasses import asdict

        _print_json(asdict(reading))
    else:
        from .reference_text import Page, reading_text

        page = Page()
        reading_text(reading, page, full=full)
        click.echo(str(page), nl=False)


def _entry(entry: Entry, *, as_json: bool, full: bool) -> None:
    if as_json:
        from dataclasses import asdict

        _print_json(asdict(entry))
        return
    from .reference_text import Page, entry_text

    page = Page()
    entry_text(entry, page, full=full)
    click.echo(str(page), nl=False)


def _found(text: str, found: list[Entry], *, as_json: bool, full: bool) -> None:
    """Hits of a search; a single one is shown at once."""
    if len(found) == 1:
        _entry(found[0], as_json=as_json, full=full)
        return
    if as_json:
        from dataclasses import asdict

        _print_json([asdict(entry) for entry in found])
        return
    from .reference_text import Page, list_text

    page = Page()
    list_text([(f"Entries about {text!r}", found)], page)
    click.echo(str(page), nl=False)


def _list(class_: str, *, as_json: bool) -> None:
    from ringthrough import reference

    wanted = class_.strip().casefold()
    groups: list[tuple[str, tuple[Entry, ...]]] = []
    if wanted in ("causes", "q.850", "q850", "cause"):
        groups.append(("Q.850 causes", reference.causes()))
    elif wanted in ("variants", "variant", "unregistered"):
        groups.append(("Not in the registry", tuple(e for e in reference.codes() if not e.registered)))
    elif wanted == "all":
        for number in range(1, 7):
            entries = tuple(e for e in reference.codes(f"{number}xx"))
            groups.append((entries[0].class_, entries))
        seen = {entry.id for _, entries in groups for entry in entries}
        others = tuple(entry for entry in reference.codes() if entry.id not in seen)
        if others:
            groups.append(("Other numbers", others))
        groups.append(("Q.850 causes", reference.causes()))
    else:
        entries = reference.codes(class_)
        groups.append((entries[0].class_, entries))
    if as_json:
        from dataclasses import asdict

        _print_json([asdict(entry) for _, entries in groups for entry in entries])
        return
    from .reference_text import Page, list_text

    page = Page()
    list_text(groups, page)
    click.echo(str(page), nl=False)


def _print_json(value: Any) -> None:
    # The paste may hold octets that were no UTF-8; JSON for other programs is plain ASCII then.
    click.echo(json.dumps(value, ensure_ascii=True, indent=2))


def _write_site(folder: Path) -> None:
    from ringthrough.report.reference_site import site

    count = 0
    try:
        for name, text in site():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            count += 1
    except OSError as fault:
        said = f"expected a folder that can be written, found: {fault.strerror}"
        raise BackendError(Problem("cli-output", said, str(folder))) from fault
    click.echo(f"{count} pages in {folder}; begin with {folder / 'index.html'}")
