"""Refusals that say what they are: 608 and 603+ by one carrier, by several, and 607 by people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.queries import QUOTED, refused
from ringthrough.analytics.alerts.rules import AlertRules
from ringthrough.analytics.alerts.times import DAY_US, HOUR_US, moment_us, time_text
from ringthrough.analytics.engine import Engine

__all__ = ["find_recurring", "find_spreading", "find_unwanted"]

_BLOCKED = ("network_blocked",)
_UNWANTED = ("unwanted",)


def _rows(
    engine: Engine, verdicts: tuple[str, ...], rules: AlertRules, rule: Any, now_us: int, *, by_carrier: bool
) -> Iterator[dict[str, Any]]:
    """Rows of refused.sql, read; they go back as far as a standing alert can."""
    longest_us = max(rule.window_h, rule.clear_h) * HOUR_US + rules.alerts.forget_d * DAY_US
    table = refused(
        engine, verdicts, by_carrier=by_carrier, since_us=round(now_us - longest_us), until_us=now_us,
        recent_us=round(now_us - rule.window_h * HOUR_US), lately_us=round(now_us - rule.clear_h * HOUR_US),
    )  # fmt: skip
    for row in table:
        row["last_us"] = moment_us(row["last_at"])
        row["first_us"] = row["last_us"] if row["first_at"] is None else moment_us(row["first_at"])
        row["last"] = {name: text for name, text in zip(QUOTED, row["quoted"].split("\x1f"), strict=False) if text}
        yield row


def _evidence(row: dict[str, Any], what: str, window_h: float) -> dict[str, Any]:
    return {
        what: row["recent"], "calls": row["calls"], "window_h": window_h, "first_at": time_text(row["first_us"]),
        "last_at": time_text(row["last_us"]), "calls_since_last": row["calls_after"],
    } | {f"last_{name}": text for name, text in row["last"].items()}  # fmt: skip


def _level(row: dict[str, Any], least: int, clear_calls: int) -> Level:
    if row["recent"] >= least:
        return Level.OVER
    if row["lately"]:
        return Level.BETWEEN
    return Level.UNDER if _over(row, clear_calls) else Level.UNKNOWN


def _over(row: dict[str, Any], clear_calls: int) -> bool:
    """
    Whether so many calls went without a refusal that the share of refusals has changed.

    Source: Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?" (1983): none in n calls where a
    share r was refused before says that it has changed, with 95 %, from n = 3 / r on.
    """
    return bool(row["calls_after"] >= max(clear_calls, 3 * row["calls_between"] / row["refused"]))


def find_recurring(engine: Engine, rules: AlertRules, now_us: int) -> Iterator[Finding]:
    """Numbers that one carrier blocks again and again, by number and carrier."""
    rule = rules.block_recurring
    for row in _rows(engine, _BLOCKED, rules, rule, now_us, by_carrier=True):
        number, carrier = row["number"], row["carrier"] or "a carrier without a name"
        level = _level(row, rule.blocks, rule.clear_calls)
        if level is Level.UNDER:
            title = f"No more 603+ or 608 from {carrier} for {number}"
            detail = f"{row['calls_after']} calls since the last block, at {time_text(row['last_us'])}."
        else:
            title = f"{carrier} blocks {number}: {row['recent']} calls in {rule.window_h:g} h"
            detail = (
                f"{row['recent']} of {row['calls']} calls were refused with 608 or 603+, the last at"
                f" {time_text(row['last_us'])}.{_contact(row['last'])}"
            )
        yield Finding(
            "block_recurring", level, rule.severity, number, row["carrier"], "", row["first_us"], title, detail,
            _evidence(row, "blocks", rule.window_h),
        )  # fmt: skip


def _contact(last: dict[str, str]) -> str:
    """Whom to ask, as the last refusal says."""
    places = [last[name] for name in ("redress_url", "redress_email", "redress_tel") if name in last]
    reference = f", reference {last['redress_id']}" if "redress_id" in last and places else ""
    return f" It names {' or '.join(places)} for an appeal{reference}." if places else ""


def find_spreading(engine: Engine, rules: AlertRules, now_us: int) -> Iterator[Finding]:
    """Numbers that several carriers block."""
    rule = rules.block_spreading
    by_number: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(engine, _BLOCKED, rules, rule, now_us, by_carrier=True):
        # A call whose carrier is not known may have gone to one that is counted already.
        if row["carrier"] and not rules.is_muted("block_spreading", row["number"], row["carrier"], now_us):
            by_number[row["number"]].append(row)
    for number, rows in by_number.items():
        recent = [row for row in rows if row["recent"]]
        lately = sum(1 for row in rows if row["lately"])
        unsure = sum(1 for row in rows if not row["lately"] and _over(row, rule.clear_calls) is False)
        if len(recent) >= rule.carriers:
            level = Level.OVER
        elif lately >= rule.carriers:
            level = Level.BETWEEN
        else:
            level = Level.UNDER if lately + unsure < rule.carriers else Level.UNKNOWN
        names = [row["carrier"] for row in recent]
        if level is Level.UNDER:
            title = f"{number} is no longer blocked by {rule.carriers} carriers"
            detail = f"In {rule.clear_h:g} h {lately} carrier(s) blocked it."
        else:
            title = f"{len(names)} carriers block {number}"
            counts = ", ".join(f"{row['carrier']} {row['recent']}" for row in recent)
            detail = f"Calls refused with 608 or 603+ in {rule.window_h:g} h: {counts or 'none'}."
        yield Finding(
            "block_spreading", level, rule.severity, number, "", "",
            min(row["first_us"] for row in recent or rows), title, detail,
            {"carriers": names, "blocks": sum(row["recent"] for row in recent), "window_h": rule.window_h,
             "last_at": time_text(max(row["last_us"] for row in rows))}, tuple(names),
        )  # fmt: skip


def find_unwanted(engine: Engine, rules: AlertRules, now_us: int) -> Iterator[Finding]:
    """Numbers whose calls people mark as unwanted."""
    rule = rules.unwanted
    for row in _rows(engine, _UNWANTED, rules, rule, now_us, by_carrier=False):
        number = row["number"]
        level = _level(row, rule.calls, rule.clear_calls)
        if level is Level.UNDER:
            title = f"No more 607 for {number}"
            detail = f"{row['calls_after']} calls since the last 607, at {time_text(row['last_us'])}."
        else:
            title = f"People refuse {number} as unwanted (607): {row['recent']} calls in {rule.window_h / 24:g} d"
            detail = f"{row['recent']} of {row['calls']} calls, the last at {time_text(row['last_us'])}."
        yield Finding(
            "unwanted", level, rule.severity, number, "", "", row["first_us"], title, detail,
            _evidence(row, "unwanted", rule.window_h),
        )  # fmt: skip
