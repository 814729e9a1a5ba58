"""`ringthrough store`: make a store, say what is in it, compact it, and let its old days go."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ringthrough.store import Reader, Writer

__all__ = ["store"]

DAY_US = 86_400_000_000

_grace = click.option(
    "--grace",
    "grace_s",
    type=click.FloatRange(min=0),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long files that were replaced stay for readers that are at it.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def store() -> None:
    """
    Make a store of calls, look after it, say what is in it.

    A store is a folder of Parquet files, one writer, any number of readers. `ringthrough COMMAND DIR --help` says more.
    """


@store.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--privacy",
    type=click.Choice(("plain", "masked", "keyed")),
    default="plain",
    show_default=True,
    help="How telephone numbers are kept: as they are, without the last four digits, or as keyed hashes.",
)
@click.option("--key", metavar="FILE", help="With keyed: the secret, 16 octets or more. It is not stored: keep it.")
@click.option(
    "--keep-digits",
    type=click.IntRange(0, 6),
    default=0,
    show_default=True,
    metavar="N",
    help="With keyed: the first N digits of a number, country code included, stay readable.",
)
def create(folder: str, privacy: str, key: str | None, keep_digits: int) -> int:
    """Make the empty store DIR. How it keeps numbers cannot be changed later."""
    from ringthrough.cli.export import key_of
    from ringthrough.store import Privacy, Writer

    with Writer(folder, privacy=Privacy(privacy, keep_digits), key=key_of(key)):
        return 0


@store.command()
@click.argument("folder", metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--verify", is_flag=True, help="Read every segment whole and compare it with its SHA-256.")
def info(folder: str, as_json: bool, verify: bool) -> int:
    """
    Say what is in the store DIR: days, calls, imports, and what is wrong with it.

    Exit status: 0 nothing is wrong; 1 a segment is torn, missing or changed; 2 this is no store.
    """
    from ringthrough.cli.export import problems_to_stderr
    from ringthrough.store import open_store

    with open_store(folder) as reader:
        told = [*reader.problems]
        if verify:
            known = {problem.where for problem in told}
            told += [problem for problem in reader.verify() if problem.where not in known]
        facts = _facts(reader)
        if as_json:
            facts["problems"] = [{"code": p.code, "where": p.where, "detail": p.detail} for p in told]
            click.echo(json.dumps(facts, indent=2))
        else:
            click.echo(_text(facts))
        return problems_to_stderr(told)


@store.command()
@click.argument("folder", metavar="DIR")
@_grace
def compact(folder: str, grace_s: float) -> int:
    """Make as few segments of each day of the store DIR as there can be."""
    with _writer(folder) as writer:
        fewer = writer.compact(_now_us(), grace_s=grace_s)
        click.echo(f"{fewer} segments fewer")
        return _status(writer)


@store.command()
@click.argument("folder", metavar="DIR")
@click.option("--before", metavar="DATE", help="Remove the days before this one (UTC): 2026-03-25.")
@click.option("--keep", "keep_days", type=click.IntRange(min=1), metavar="DAYS", help="Keep today and DAYS - 1 before.")
@click.option("--undated", is_flag=True, help="Remove calls without a time as well.")
@_grace
def expire(folder: str, before: str | None, keep_days: int | None, undated: bool, grace_s: float) -> int:
    """
    Remove the old days of the store DIR.

    Their calls are gone at once for whoever opens the store from now on; their files go when the grace is over and the
    store is next written, compacted or expired.
    """
    from ringthrough.cli.choice import parse_time

    if (before is None) == (keep_days is None):
        raise click.UsageError("expected one of --before DATE and --keep DAYS.")
    now_us = _now_us()
    if before is not None:
        try:
            before_us = parse_time(before)
        except ValueError as fault:
            raise click.BadParameter(str(fault), param_hint="--before") from None
    else:
        assert keep_days is not None
        before_us = now_us - (keep_days - 1) * DAY_US
    with _writer(folder) as writer:
        gone = writer.expire(before_us, now_us, undated=undated, grace_s=grace_s)
        click.echo(f"{gone} calls removed")
        return _status(writer)


def _writer(folder: str) -> Writer:
    from ringthrough.store import Writer

    return Writer(folder, create=False)


def _status(writer: Writer) -> int:
    from ringthrough.cli.export import problems_to_stderr

    sys.stdout.flush()
    return problems_to_stderr(writer.problems)


def _now_us() -> int:
    return time.time_ns() // 1_000


def _facts(reader: Reader) -> dict[str, Any]:
    days: dict[str, dict[str, int]] = {}
    for segment in reader.segments:
        day = days.setdefault(segment.day, {"calls": 0, "segments": 0, "bytes": 0})
        day["calls"] += segment.rows
        day["segments"] += 1
        day["bytes"] += segment.bytes
    imports = reader.imported()
    retired = reader.manifest.retired
    return {
        "calls": len(reader),
        "segments": len(reader.segments),
        "bytes": sum(segment.bytes for segment in reader.segments),
        "privacy": reader.privacy.mode,
        "kept_digits": reader.privacy.keep_digits,
        "generation": reader.manifest.generation,
        "imports": [{"label": each.label, "calls": each.rows, "source_id": each.source_id} for each in imports],
        "retired": {"files": len(retired), "bytes": sum(each.bytes for each in retired)},
        "days": days,
    }


def _text(facts: dict[str, Any]) -> str:
    from ringthrough.report.words import safe

    privacy = facts["privacy"] + (f", {facts['kept_digits']} digits kept" if facts["kept_digits"] else "")
    lines = [
        f"{facts['calls']:,} calls in {facts['segments']:,} segments, {facts['bytes']:,} octets",
        f"numbers are kept: {privacy}",
    ]
    if facts["retired"]["files"]:
        retired = facts["retired"]
        lines.append(f"to be removed: {retired['files']:,} files, {retired['bytes']:,} octets")
    if facts["days"]:
        lines += ["", f"{'day':<12}{'calls':>14}{'segments':>10}{'octets':>16}"]
        for day, counts in facts["days"].items():
            lines.append(f"{day:<12}{counts['calls']:>14,}{counts['segments']:>10,}{counts['bytes']:>16,}")
    if facts["imports"]:
        lines += ["", f"{'calls':>14}  imported file"]
        lines += [f"{each['calls']:>14,}  {safe(each['label'])}" for each in facts["imports"]]
    return "\n".join(lines)
