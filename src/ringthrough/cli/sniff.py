"""`ringthrough sniff`: which dialect of call records a file is written in, and a profile for an unknown one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ringthrough.errors import BackendError, Problem

__all__ = ["sniff"]


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--toml", is_flag=True, help="Write only the proposed profile, also where a known one fits.")
@click.option("--profiles", is_flag=True, help="List the profiles that are known (FILE is not read; give -).")
def sniff(file: str, *, as_json: bool, toml: bool, profiles: bool) -> None:
    """
    Say which dialect of call records FILE is written in, and why; propose a profile where none fits.

    FILE is a CSV, JSON, XML or log file, or - for standard input. The profile that is proposed is TOML: save it,
    correct it, and give it to diagnose with --profile.
    """
    from ringthrough import cdr
    from ringthrough.cdr.propose import propose

    if profiles:
        for profile in cdr.load_profiles():
            click.echo(f"{profile.name:24} {profile.basis:11} {profile.title}")
        return
    first = _beginning(file, cdr.SAMPLE_BYTES)
    found = cdr.recognise(first, file)
    name = "calls" if file == "-" else Path(file).stem
    known = found.profile is not None and found.profile.name != "generic"
    proposal = propose(first, name) if toml or not known else None
    if as_json:
        made = {
            "file": file,
            "profile": found.profile.name if found.profile is not None else None,
            "why": found.why,
            "others": [{"profile": other, "why": why} for other, why in found.others],
            "proposal": None if proposal is None else {"toml": proposal.toml, "why": list(proposal.why)},
        }
        click.echo(json.dumps(made, ensure_ascii=True, indent=2))
        return
    if toml and proposal is not None:
        for line in proposal.why:
            click.echo(f"# {_safe(line)}", err=True)
        click.echo(proposal.toml, nl=False)
        return
    if found.profile is None:
        click.echo(f"{_safe(file)}: {_safe(found.why)}")
    else:
        click.echo(f"{_safe(file)}: {found.profile.name} ({found.profile.title})")
        click.echo(f"because {_safe(found.why)}")
    for other, why in found.others:
        click.echo(f"also fits: {other}: {_safe(why)}")
    if proposal is not None:
        click.echo("\nA profile of its own:\n" if proposal.toml else "\nNo profile can be proposed:\n")
        for line in proposal.why:
            click.echo(f"# {_safe(line)}")
        click.echo(proposal.toml, nl=False)


def _beginning(file: str, size: int) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(size)
        with Path(file).open("rb") as handle:
            return handle.read(size)
    except (OSError, ValueError) as fault:
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        problem = Problem("cli-not-readable", f"expected a file that can be read, found: {said}", file)
        raise BackendError(problem) from fault


def _safe(text: str) -> str:
    """Text of a stranger's file for a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
