"""Options about call records and text traces, shared by the commands that read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

import click

__all__ = ["given_of_records", "record_options"]

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = ("profile", "maps", "tz", "day", "number_table")


def _day(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"expected a date such as 2026-11-20, found {value!r}") from None


def record_options(command: F) -> F:
    """Options --profile, --map, --tz, --date and --numbers."""
    for option in (
        click.option("--numbers", "number_table", metavar="FILE",
                     help="CSV file with the columns number and carrier: whose number was called."),
        click.option("--date", "day", metavar="DAY", callback=_day,
                     help="Day on which a text trace begins that has times without a date: 2026-11-20."),
        click.option("--tz", metavar="ZONE",
                     help="Zone of times that name none: America/Chicago, UTC, +02:00."),
        click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN",
                     help="Column of call records that holds a field, whatever the profile says; may be repeated."),
        click.option("--profile", metavar="NAME",
                     help="How call records are written: a profile of ringthrough sniff --profiles, or a TOML file."),
    ):  # fmt: skip
        command = option(command)
    return command


def given_of_records(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The options that were given, for `settings.settings_of`; None when none was."""
    given = {name: options[name] for name in _OPTIONS}
    return given if any(given.values()) else None
