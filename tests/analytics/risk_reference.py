"""What the statements of risk factors count, once more, in plain Python over single rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from ringthrough.analytics.risk.period import Period
from ringthrough.analytics.risk.thresholds import Thresholds
from ringthrough.analytics.risk.zones import federal_holidays, places
from ringthrough.calls import Call
from tests.analytics.made import Row
from tests.store.made import DAY_US

MINUTE_US = 60_000_000
SOME = 31 * DAY_US // 1_000


def counted(rows: Iterable[Row], period: Period, thresholds: Thresholds) -> dict[tuple[str, int], dict[str, Any]]:
    """Counts of each number in the period (1) and the one before (0)."""
    everything = [
        row for row in rows if row[0].kind != "scanner" and period.before_us <= row[0].at_us < period.until_us
    ]
    own = [row for row in everything if row[0].direction != "inbound" and row[0].caller]
    of: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in own:
        of[row[0].caller, _period(row[0], period)].append(row)
    made = {key: _plain(key, those, own) for key, those in of.items()}
    for (number, which), those in of.items():
        mine = [row for row in own if row[0].caller == number]
        made[number, which] |= _rhythm(those, mine, which, period, thresholds)
        made[number, which] |= _callees(those, mine, which, period, thresholds)
        made[number, which] |= _hours(those, thresholds)
        made[number, which] |= _campaigns(those, of, which, thresholds)
        made[number, which] |= _refusals(mine, which, period, thresholds)
        made[number, which] |= _exchange(number, those, of, which)
    _inbound(made, everything, own, period)
    return made


def _period(call: Call, period: Period) -> int:
    return int(call.at_us >= period.since_us)


def _blind(call: Call, to: str) -> bool:
    return to in call.blind_to.split()


def _answered(row: Row) -> bool:
    call, verdict = row
    return (
        verdict.verdict == "answered"
        or (call.final_code is not None and 200 <= call.final_code <= 299)
        or (call.final_code is None and call.outcome == "answered")
    )


def _talk(call: Call) -> int | None:
    return call.talk_ms if call.talk_ms is not None and 0 <= call.talk_ms <= SOME else None


def _named(call: Call) -> bool:
    return bool(call.callee) and "xxxx" not in call.callee


def _plain(key: tuple[str, int], those: list[Row], own: list[Row]) -> dict[str, Any]:
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for call, _verdict in own:
        files[call.source, call.file] |= set(call.blind_to.split()) | (
            {"A!"} if call.attestation in tuple("ABC") else set()
        )

    def knows(row: Row, what: str) -> bool:
        return what not in files[row[0].source, row[0].file]

    settled = [r for r in those if r[1].verdict not in ("", "incomplete") and not _blind(r[0], "refusals")]
    answered = [r for r in those if _answered(r)]
    talked = [talk for r in answered if (talk := _talk(r[0])) is not None]
    bad = [r for r in settled if r[1].verdict == "bad_number"]
    coded = [r for r in settled if knows(r, "code")]
    gave_up = [
        r for r in those
        if not _answered(r) and (r[0].cancel_ms is not None or r[0].final_code == 487 or r[0].outcome == "cancelled")
    ]  # fmt: skip
    rung = [
        r[0].ring_ms for r in gave_up
        if r[0].ring_ms is not None and 0 <= r[0].ring_ms <= SOME and not _blind(r[0], "ringing")
    ]  # fmt: skip
    attestable = [r[0].attestation for r in those if not knows(r, "A!")]
    named = [r[0].callee for r in those if _named(r[0])]
    blocked = [r[0] for r in those if r[1].verdict == "network_blocked"]
    return {
        "calls": len(those), "complete": sum(not _blind(r[0], "refusals") for r in those), "settled": len(settled),
        "answered": sum(map(_answered, settled)), "abandoned": sum(r[1].verdict == "abandoned" for r in settled),
        "unassigned": len(bad), "unassigned_callees": len({r[0].callee for r in bad if _named(r[0])}),
        "any_answered": len(answered), "talked": len(talked), "talk_ms": float(sum(talked)) if talked else None,
        "short_6": sum(t <= 6_000 for t in talked), "short_10": sum(t < 10_000 for t in talked), "coded": len(coded),
        "unavailable": sum(r[0].final_code == 480 for r in coded),
        "screened": sum(knows(r, "code") or knows(r, "reason") for r in settled), "blocked": len(blocked),
        "blocking_carriers": len({c.carrier for c in blocked if c.carrier}),
        "unwanted": sum(r[1].verdict == "unwanted" for r in those), "given_up": len(gave_up),
        "given_up_rung": len(rung), "ring_ms": float(median(rung)) if rung else None, "attestable": len(attestable),
        "attested_a": attestable.count("A"), "attested_b": attestable.count("B"), "attested_c": attestable.count("C"),
        "named": len(named),
        "refused_caller": sum(r[0].provider_code == "D35" for r in those),
    }  # fmt: skip


def _rhythm(those: list[Row], mine: list[Row], which: int, period: Period, thresholds: Thresholds) -> dict[str, Any]:
    at = [call.at_us for call, _verdict in those]

    def most(width_us: int) -> int:
        return max(Counter(us // width_us for us in at).values())

    # A day that the period begins in counts twice, in two parts.
    days = Counter((call.at_us // DAY_US, _period(call, period)) for call, _verdict in mine)
    order = sorted(days)
    steps = [
        (days[day] / days[before], days[day])
        for before, day in pairwise(order)
        if day[1] == which and day[0] - before[0] <= 7
    ]
    big = [ratio for ratio, calls in steps if calls > thresholds["volume_step"].settings["calls"]]
    return {
        "days": sum(day[1] == which for day in order), "in_minute": most(MINUTE_US), "in_hour": most(60 * MINUTE_US),
        "in_day": most(DAY_US), "steps": len(steps), "any_step": max((r for r, _n in steps), default=None),
        "step": max(big, default=None),
    }  # fmt: skip


def _callees(those: list[Row], mine: list[Row], which: int, period: Period, thresholds: Thresholds) -> dict[str, Any]:
    made: dict[str, Any] = {}
    pairs = Counter((call.callee, call.at_us // DAY_US) for call, _verdict in those if _named(call))
    if pairs:
        often = thresholds["repeats"].warn
        made["callees"] = len({callee for callee, _day in pairs})
        made["to_one"] = max(pairs.values())
        made["repeated"] = len({callee for (callee, _day), n in pairs.items() if n >= (often or 2)})
    named = [call for call, _verdict in mine if _named(call)]
    twice = {callee for callee, n in Counter(call.callee for call in named).items() if n > 1}
    within_us = thresholds["redial"].settings["minutes"] * MINUTE_US
    rows = [
        (call.callee, sum(c.callee == call.callee and call.at_us - within_us <= c.at_us <= call.at_us for c in named))
        for call in named
        if call.callee in twice and _period(call, period) == which
    ]
    if rows:
        made["in_row"] = max(n for _callee, n in rows)
        made["redialled"] = len({callee for callee, n in rows if n > 1})
    digits = {
        (call.at_us // DAY_US, int(call.callee[1:]))
        for call, _verdict in those
        if call.callee[:1] == "+" and call.callee[1:].isdigit() and 8 <= len(call.callee) <= 16
    }
    if digits:
        made["in_runs"] = len(digits)
        made["run"] = max(_run(digits, day, start) for day, start in digits)
    return made


def _run(digits: set[tuple[int, int]], day: int, start: int) -> int:
    n = 1
    while (day, start + n) in digits:
        n += 1
    return n


def _hours(those: list[Row], thresholds: Thresholds) -> dict[str, Any]:
    there, zoned, off, rest = places(), 0, 0, 0
    settings = thresholds["off_hours"].settings
    for call, _verdict in those:
        callee = call.callee
        if callee[:1] != "+" or len(callee) < 8:
            continue
        lengths = (5,) if callee[:2] == "+1" and len(callee) == 12 else (2, 3, 4)
        prefix = next((callee[:n] for n in lengths if callee[:n] in there.zones), None)
        if prefix is None or (prefix[:2] == "+1" and lengths != (5,)):
            continue
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=call.at_us)).astimezone(
            ZoneInfo(there.zones[prefix])
        )
        zoned += 1
        off += not settings["first_hour"] <= local.hour < settings["last_hour"]
        kept = federal_holidays(local.year) | federal_holidays(local.year + 1)
        rest += local.weekday() >= 5 or (prefix in there.in_us and local.date() in kept)
    return {"zoned": zoned, "off_hours": off, "at_rest": rest}


def _campaigns(
    those: list[Row], of: dict[tuple[str, int], list[Row]], which: int, thresholds: Thresholds
) -> dict[str, Any]:
    dropped_ms, least = thresholds["abandoned_after"].settings["talk_ms"], thresholds["abandoned_after"].least
    used = Counter(call.campaign for call, _verdict in those)
    ranked = []
    for campaign in used:
        rows = those
        if campaign:
            rows = [row for (_number, period), group in of.items() if period == which for row in group]
        told = [
            row for row in rows
            if row[0].campaign == campaign and _answered(row) and _talk(row[0]) is not None
            and row[0].ended_by in ("caller", "callee")
        ]  # fmt: skip
        dropped = sum(
            r[0].ended_by == "caller" and r[0].talk_ms is not None and r[0].talk_ms <= dropped_ms for r in told
        )
        place = 0 if len(told) >= least else 1 if told else 2
        ranked.append((place, -dropped / len(told) if told else 1.0, campaign, len(told), dropped))
    _place, _rate, worst, told_n, dropped_n = min(ranked)
    enough = thresholds["mixed_use"].settings["calls"]
    return {
        "in_campaigns": sum(n for campaign, n in used.items() if campaign),
        "campaigns": sum(1 for campaign, n in used.items() if campaign and n >= enough),
        "worst_campaign": worst, "told": told_n, "dropped": dropped_n,
    }  # fmt: skip


def _refusals(mine: list[Row], which: int, period: Period, thresholds: Thresholds) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for verdict, name, width_us in (
        ("network_blocked", "most_blocked", thresholds["network_blocks"].settings["hours"] * DAY_US // 24),
        ("unwanted", "most_unwanted", thresholds["unwanted"].settings["days"] * DAY_US),
    ):
        at = [(call.at_us, _period(call, period)) for call, said in mine if said.verdict == verdict]
        made[name] = max(
            (sum(us - width_us <= other <= us for other, _p in at) for us, p in at if p == which), default=0
        )
    return made if any(made.values()) else {}


def _exchange(number: str, those: list[Row], of: dict[tuple[str, int], list[Row]], which: int) -> dict[str, Any]:
    def north(text: str) -> bool:
        return text[:2] == "+1" and len(text) == 12

    mine = [call.callee[:8] for call, _verdict in those if north(number) and north(call.callee)]
    if not mine:
        return {}
    rest = [
        call.callee[:8]
        for (other, period), group in of.items()
        for call, _verdict in group
        if period == which and other != number and north(other) and north(call.callee)
    ]
    home = number[:8]
    return {"placeable": len(mine), "near": mine.count(home), "others": len(rest), "others_near": rest.count(home)}


def _inbound(
    made: dict[tuple[str, int], dict[str, Any]], everything: list[Row], own: list[Row], period: Period
) -> None:
    ours = {call.caller for call, _verdict in own}
    for row in everything:
        call, verdict = row
        key = (call.callee, _period(call, period))
        if call.direction == "outbound" or call.callee not in ours or key not in made:
            continue
        counts = made[key]
        counts["inbound"] = counts.get("inbound", 0) + (verdict.verdict not in ("", "incomplete"))
        counts["inbound_answered"] = counts.get("inbound_answered", 0) + _answered(row)
