"""
The rules of alerts: what `alerts.toml` holds, checked.

A file of an operator holds what differs from the shipped one. What is wrong in it is told with the file, the key, what
was expected and what was found; nothing in it is passed over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ringthrough.analytics.alerts.alert import KINDS, SEVERITIES
from ringthrough.analytics.risk import shipped
from ringthrough.errors import Problem, RuleError

__all__ = [
    "AlertRules", "AnswerDrop", "BlockHidden", "BlockRecurring", "BlockSpreading", "General", "Mute", "RiskCrossing",
    "Silence", "Unwanted", "default_rules", "read_rules",
]  # fmt: skip

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_ALLOWED = {"remind_h", "clear_h", "every_h", "overdispersion", "clear_share"}
"Numbers that may be 0: never, at once, every time."
_SHARES = {"drop", "clear_drop", "q", "clear_share"}
_LONGEST = 100_000  # hours or days; keeps times within what calendars hold
_MOST = 1_000_000_000
_LEVELS = ("warn", "high")


@dataclass(frozen=True, slots=True)
class General:
    """What holds for all kinds."""

    remind_h: float
    "Tell a standing alert again after so long; 0: never."
    forget_d: float
    "Close an alert when nothing could be said about it for so long."
    history_d: float
    "Calls before this are not looked at."


@dataclass(frozen=True, slots=True)
class _Kind:
    on: bool
    severity: str


@dataclass(frozen=True, slots=True)
class BlockRecurring(_Kind):
    """One carrier blocks one number and says so."""

    blocks: int
    window_h: float
    clear_h: float
    clear_calls: int


@dataclass(frozen=True, slots=True)
class BlockSpreading(_Kind):
    """Several carriers block one number and say so."""

    carriers: int
    window_h: float
    clear_h: float
    clear_calls: int


@dataclass(frozen=True, slots=True)
class BlockHidden(_Kind):
    """Blocks that do not say so."""

    suspected: bool
    hidden: int
    clear_calls: int
    fresh_d: float
    every_h: float


@dataclass(frozen=True, slots=True)
class Unwanted(_Kind):
    """People say 607."""

    calls: int
    window_h: float
    clear_h: float
    clear_calls: int


@dataclass(frozen=True, slots=True)
class AnswerDrop(_Kind):
    """One number is answered less often than others."""

    window_h: float
    attempts: int
    pool_attempts: int
    drop: float
    clear_drop: float
    clear_h: float
    q: float
    overdispersion: float


@dataclass(frozen=True, slots=True)
class RiskCrossing(_Kind):
    """A number crosses a threshold of a risk factor."""

    level: str
    factors: tuple[str, ...]
    leave_out: tuple[str, ...]
    clear_h: float
    every_h: float


@dataclass(frozen=True, slots=True)
class Silence(_Kind):
    """The data stop."""

    window_h: float
    usual_calls: int
    longest_h: float
    clear_share: float


class Mute(NamedTuple):
    """What no alerts are wanted of, for a time."""

    number: str
    "Calling number; empty for any."
    carrier: str
    "Carrier; empty for any."
    kind: str
    "A slug of `KINDS`; empty for any."
    until_us: int
    "The first microsecond in which it is over, since 1970 UTC."
    because: str
    "Why, in the operator's words."


@dataclass(frozen=True, slots=True)
class AlertRules:
    """All rules; made by `read_rules` and `default_rules`. The fields are the tables of alerts.toml."""

    alerts: General
    block_recurring: BlockRecurring
    block_spreading: BlockSpreading
    block_hidden: BlockHidden
    unwanted: Unwanted
    answer_drop: AnswerDrop
    risk: RiskCrossing
    silence: Silence
    mutes: tuple[Mute, ...] = field(default=())
    "What is muted."

    def is_on(self, kind: str) -> bool:
        """Whether a kind is watched."""
        return bool(getattr(self, kind).on)

    def is_muted(self, kind: str, number: str, carrier: str, at_us: int) -> bool:
        """Whether alerts of this kind, number and carrier are not wanted at a time."""
        return any(
            at_us < mute.until_us
            and mute.kind in ("", kind)
            and mute.number in ("", number)
            and mute.carrier in ("", carrier)
            for mute in self.mutes
        )


_TABLES: dict[str, type] = {
    "alerts": General, "block_recurring": BlockRecurring, "block_spreading": BlockSpreading,
    "block_hidden": BlockHidden, "unwanted": Unwanted, "answer_drop": AnswerDrop, "risk": RiskCrossing,
    "silence": Silence,
}  # fmt: skip


@cache
def default_rules() -> AlertRules:
    """Return the rules as they are shipped."""
    text = files("ringthrough.analytics.alerts").joinpath("alerts.toml").read_text("utf-8")
    whole = tomllib.loads(text)
    return AlertRules(**{name: _made(name, whole[name]) for name in _TABLES})


def _made(name: str, table: Mapping[str, Any]) -> Any:
    checked = {each.name: _checked(table[each.name], each.name, each.type, "alerts.toml", name)
               for each in fields(_TABLES[name])}  # fmt: skip
    return _TABLES[name](**checked)


def read_rules(text: str, name: str = "alerts.toml") -> AlertRules:
    """
    Return the shipped rules with what an operator's file changes.

    Args:
        text: TOML, with the tables and keys of the shipped file, and `[[mute]]`.
        name: of the file, for what is said of it.

    Raises:
        RuleError: `analytics-alerts-rules`, with the file, the key, and what was expected and found.
    """
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _wrong(name, "", f"expected TOML, found: {fault}") from None
    rules = default_rules()
    changes: dict[str, Any] = {}
    for table, found in whole.items():
        if table == "mute":
            changes["mutes"] = _mutes(found, name)
        elif table not in _TABLES:
            raise _wrong(name, table, f"expected one of {', '.join((*_TABLES, 'mute'))}, found {table!r}")
        elif not isinstance(found, dict):
            raise _wrong(name, table, f"expected a table, found {_kind(found)}")
        else:
            changes[table] = _changed(getattr(rules, table), found, name, table)
    made = replace(rules, **changes)
    if made.answer_drop.clear_drop > made.answer_drop.drop:
        detail = f"expected at most drop, {made.answer_drop.drop:g}, found {made.answer_drop.clear_drop:g}"
        raise _wrong(name, "answer_drop.clear_drop", detail)
    return made


def _changed(rule: Any, found: Mapping[str, Any], name: str, table: str) -> Any:
    known = {each.name: each.type for each in fields(rule)}
    changes = {}
    for key, value in found.items():
        if key not in known:
            raise _wrong(name, f"{table}.{key}", f"expected one of {', '.join(known)}, found {key!r}")
        changes[key] = _checked(value, key, known[key], name, table)
    return replace(rule, **changes)


def _checked(value: Any, key: str, kind: Any, name: str, table: str) -> Any:
    """Return a value of the kind that a key has, or say what is wrong with it."""
    place = f"{table}.{key}"
    if kind == "bool":
        if not isinstance(value, bool):
            raise _wrong(name, place, f"expected true or false, found {_kind(value)}")
        return value
    if kind == "str":
        allowed = _LEVELS if key == "level" else SEVERITIES
        if value not in allowed:
            raise _wrong(name, place, f"expected {' or '.join(map(repr, allowed))}, found {value!r}")
        return value
    if kind == "tuple[str, ...]":
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise _wrong(name, place, f"expected a list of names, found {_kind(value)}")
        known = shipped().factors
        strange = [one for one in value if one not in known]
        if strange:
            raise _wrong(name, place, f"expected risk factors ({', '.join(known)}), found {strange[0]!r}")
        return tuple(value)
    whole = kind == "int"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise _wrong(name, place, f"expected {'a whole number' if whole else 'a number'}, found {_kind(value)}")
    least = 1 if whole else 0
    most = 1 if key in _SHARES else _LONGEST if key.endswith(("_h", "_d")) else _MOST
    open_below = not whole and key not in _ZERO_ALLOWED
    if not (least < value <= most if open_below else least <= value <= most):
        sign = "above" if open_below else "from"
        raise _wrong(name, place, f"expected a number {sign} {least} to {most}, found {value}")
    return value if whole else float(value)


_MUTE_KEYS = ("number", "carrier", "kind", "until", "because")


def _mutes(found: Any, name: str) -> tuple[Mute, ...]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _wrong(name, "mute", f"expected [[mute]] tables, found {_kind(found)}")
    made = []
    for number, one in enumerate(found, start=1):
        place = f"mute {number}"
        for key, value in one.items():
            if key not in _MUTE_KEYS:
                raise _wrong(name, f"{place}: {key}", f"expected one of {', '.join(_MUTE_KEYS)}, found {key!r}")
            if key != "until" and not isinstance(value, str):
                raise _wrong(name, f"{place}: {key}", f"expected a text, found {_kind(value)}")
        if one.get("kind", "") not in ("", *KINDS):
            raise _wrong(name, f"{place}: kind", f"expected one of {', '.join(KINDS)}, found {one['kind']!r}")
        if "until" not in one:
            raise _wrong(name, f"{place}: until", "expected a date such as 2026-04-01, found nothing")
        words = {key: one.get(key, "") for key in ("number", "carrier", "kind", "because")}
        if not (words["number"] or words["carrier"] or words["kind"]):
            raise _wrong(name, place, "expected a number, a carrier or a kind, found none of them")
        made.append(Mute(until_us=_until(one["until"], f"{place}: until", name), **words))
    return tuple(made)


def _until(value: Any, place: str, name: str) -> int:
    """Microseconds of a date (its midnight, UTC) or of a time (UTC unless it says otherwise)."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _wrong(name, place, f"expected a date such as 2026-04-01, found {value!r}") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise _wrong(name, place, f"expected a date such as 2026-04-01, found {_kind(value)}")
    since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _kind(value: Any) -> str:
    """What stands there, short enough to be repeated."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _wrong(name: str, key: str, detail: str) -> RuleError:
    return RuleError(Problem("analytics-alerts-rules", detail, where=f"{name}: {key}" if key else name))
