"""
The factors read off what was counted: one function each, in the order of their numbers.

A function says what the value is and on how many calls; whether that is a risk, `Definition.state` says. What the
calls do not hold is named, in columns of the call table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from ringthrough.analytics.risk.caller import DoNotOriginate, doubts, faults
from ringthrough.analytics.risk.measures import Measured, Measures
from ringthrough.analytics.risk.period import Period, day_of
from ringthrough.analytics.risk.thresholds import Definition

__all__ = ["READERS", "Given", "Hidden", "Reading"]


class Reading(NamedTuple):
    """What a factor is for one number."""

    value: float | None
    n: int
    because: str
    missing: str = ""
    "What the calls lack; the value is None then."
    at_least: str = ""
    "warn or high where another rule of the factor says so, whatever the value."
    at_most: str = ""
    "warn where the factor asks for more than a value to be high."
    spared: bool = False
    "No risk, whatever the value: the factor asks for more than that."
    floor: str = ""
    "The value is a lower bound, because the calls lack this."


class Hidden(NamedTuple):
    """What is known of hidden blocks of one number in a period."""

    attempts: int
    "Calls that tell something."
    posterior: float
    "The highest likelihood of a carrier and day."
    probable: bool
    "Whether one of them is probable."
    where: tuple[str, ...]
    "Carriers at which it is suspected or probable."


class Given(NamedTuple):
    """What a factor is read from."""

    number: str
    own: Measured
    "Counts of the number."
    all: Measures
    "Those of all numbers."
    period: Period
    "The period."
    dno: DoNotOriginate | None
    "Do-not-originate list; None where none was given."
    hidden: Hidden | None
    "Hidden blocks; None where they were not looked for."
    rotation: tuple[int, int, int] | None
    "Numbers that came, went, and all of both periods; None where the period before is not known."
    came: bool
    "Whether this number came in this period."

    def count(self, name: str) -> int:
        """A count; 0 where no row said anything."""
        return int(self.own.get(name) or 0)

    def known(self, value: float, n: int, because: str) -> Reading:
        """A reading that is a lower bound where only answered calls are listed."""
        floor = "" if self.count("complete") else "refused calls (blind_to refusals)"
        return Reading(value, n, because, floor=floor)


def _lacks(what: str, because: str, n: int = 0) -> Reading:
    return Reading(None, n, because, missing=what)


def _unsettled(given: Given) -> Reading:
    if not given.count("complete"):
        return _lacks("refused calls (blind_to refusals)", "The source lists answered calls only.")
    return _lacks("verdict", "The end of no call is known.")


def _calls_per_day(given: Given, factor: Definition) -> Reading:
    calls, most, days = given.count("calls"), given.count("in_day"), given.count("days")
    weekly = calls * 7 / given.period.days
    reading = given.known(most, calls, f"{most:,} calls on the busiest of {days} days, {calls:,} in all.")
    if given.period.days >= 7 and weekly >= factor.settings["week"] and factor.warn is not None:
        return reading._replace(at_least="warn", because=f"{reading.because} That is {weekly:,.0f} a week.")
    return reading


def _burst(given: Given, factor: Definition) -> Reading:
    minute, hour = given.count("in_minute"), given.count("in_hour")
    reading = given.known(minute, given.count("calls"), f"Up to {minute:,} calls in a minute and {hour:,} in an hour.")
    busy = hour >= factor.settings["hour"] and factor.warn is not None
    return reading._replace(at_least="warn") if busy else reading


def _volume_step(given: Given, factor: Definition) -> Reading:
    steps, step = given.count("steps"), given.own.get("step")
    if not steps:
        return _lacks("at (calls on two days within a week)", "There is no earlier day to compare a day with.")
    if step is None:
        step = float(given.own["any_step"])
        because = f"The largest jump is to {step:.1f} times, on no day to more than {factor.settings['calls']} calls."
        return given.known(step, steps, because)._replace(spared=True)
    return given.known(float(step), steps, f"The largest jump is to {step:.1f} times the calls of the day before.")


def _short_calls(given: Given, factor: Definition) -> Reading:
    talked, ten, six = given.count("talked"), given.count("short_10"), given.count("short_6")
    if not talked:
        return _no_talk(given)
    because = f"{ten:,} of {talked:,} answered calls were shorter than 10 s, {six:,} lasted 6 s or less."
    many = six / talked >= factor.settings["six"] and factor.high is not None
    return Reading(ten / talked, talked, because, at_least="high" if many else "")


def _no_talk(given: Given) -> Reading:
    if not given.count("any_answered"):
        return _lacks("answered calls", "No call was answered.")
    return _lacks("talk_ms", "No answered call tells how long it lasted.")


def _call_duration(given: Given, _factor: Definition) -> Reading:
    talked = given.count("talked")
    if not talked:
        return _no_talk(given)
    mean_s = float(given.own["talk_ms"]) / talked / 1000
    return Reading(mean_s, talked, f"{talked:,} answered calls lasted {mean_s:.0f} s on average.")


def _answer_rate(given: Given, factor: Definition) -> Reading:
    settled = given.count("settled")
    if not settled:
        return _unsettled(given)
    rate, pool = given.count("answered") / settled, given.all.asr
    if pool is None:
        needed = f"{factor.settings['pool']} numbers with {factor.least} calls"
        return _lacks(
            f"caller ({needed})", f"{rate:.0%} were answered, and there is no pool: {needed} needed.", settled
        )
    if not pool:
        return _lacks("answered calls", "Half of the numbers have no answered call.", settled)
    because = f"{rate:.1%} of {settled:,} calls were answered; the median of {given.all.pool} numbers is {pool:.1%}."
    return Reading(rate / pool, settled, because)


def _abandoned_before(given: Given, _factor: Definition) -> Reading:
    settled, gave_up = given.count("settled"), given.count("abandoned")
    if not settled:
        return _unsettled(given)
    return Reading(gave_up / settled, settled, f"{gave_up:,} of {settled:,} calls were given up before an answer.")


def _abandoned_after(given: Given, factor: Definition) -> Reading:
    told, dropped = given.count("told"), given.count("dropped")
    if not told:
        if not given.count("any_answered"):
            return _lacks("answered calls", "No call was answered.")
        lacking = "ended_by" if given.count("talked") else "talk_ms, ended_by"
        return _lacks(lacking, "No answered call tells both its duration and who ended it.")
    seconds = factor.settings["talk_ms"] / 1000
    campaign = given.own.get("worst_campaign") or ""
    of = f"campaign {campaign}" if campaign else "this number (no campaign is named)"
    return Reading(
        dropped / told, told, f"{dropped:,} of {told:,} answered calls of {of} were ended by us within {seconds:g} s."
    )


def _ring_time(given: Given, _factor: Definition) -> Reading:
    rung, ring_ms = given.count("given_up_rung"), given.own.get("ring_ms")
    if not rung or ring_ms is None:
        if given.count("given_up"):
            return _lacks("ring_ms", "No call that was given up tells how long it rang.")
        if not given.count("complete"):
            return _unsettled(given)
        return _lacks("calls given up by the caller", "No call was given up by the caller.")
    seconds = float(ring_ms) / 1000
    return Reading(seconds, rung, f"{rung:,} calls that were given up had rung for {seconds:.1f} s (median).")


def _unassigned(given: Given, factor: Definition) -> Reading:
    settled, bad, callees = (given.count(name) for name in ("settled", "unassigned", "unassigned_callees"))
    if not settled:
        return _unsettled(given)
    because = f"{bad:,} of {settled:,} calls went to numbers that do not exist, {callees:,} different ones."
    return Reading(bad / settled, settled, because, spared=callees < factor.settings["callees"])


def _no_callees(given: Given) -> Reading:
    return _lacks("callee", "Called numbers are missing or masked.", given.count("calls"))


def _repeats(given: Given, factor: Definition) -> Reading:
    if not given.count("named"):
        return _no_callees(given)
    most, callees = given.count("to_one"), given.count("repeated")
    often = 2 if factor.warn is None else int(factor.warn)
    because = f"Up to {most:,} calls to one number on a day; {callees:,} numbers got {often} or more."
    return given.known(most, given.count("named"), because)


def _redial(given: Given, factor: Definition) -> Reading:
    if not given.count("named"):
        return _no_callees(given)
    most, callees = max(given.count("in_row"), 1), given.count("redialled")
    within = f"within {factor.settings['minutes']:g} minutes"
    return given.known(
        most,
        given.count("named"),
        f"Up to {most:,} calls to one number {within}; {callees:,} numbers were dialled again.",
    )


def _spread(given: Given, _factor: Definition) -> Reading:
    named, callees = given.count("named"), given.count("callees")
    if not named:
        return _no_callees(given)
    return Reading(callees / named, named, f"{named:,} calls went to {callees:,} different numbers.")


def _sequential(given: Given, _factor: Definition) -> Reading:
    run, among = given.count("run"), given.count("in_runs")
    if not run:
        return _lacks("callee", "No called number is a whole number of E.164.", given.count("calls"))
    return given.known(run, among, f"The longest run of consecutive called numbers on a day has {run:,}.")


def _neighbour(given: Given, factor: Definition) -> Reading:
    placeable, near = given.count("placeable"), given.count("near")
    if not placeable:
        return _lacks("caller, callee (numbers of the North American plan)", "There are no exchanges to compare.")
    others, others_near = given.count("others"), given.count("others_near")
    usual = max(others_near / others if others else 0.0, 1 / factor.settings["one_in"])
    because = f"{near:,} of {placeable:,} calls went into the number's own exchange; {usual:.1%} would be usual."
    few = near < factor.settings["calls"]
    return Reading(near / placeable / usual, placeable, because, spared=few)


def _unzoned(given: Given) -> Reading:
    if not given.all.zoned:
        return _lacks("time zone data (package tzdata)", "This machine knows no time zones.")
    return _lacks("callee (time zone)", "Nobody knows where the called numbers are.", given.count("calls"))


def _off_hours(given: Given, factor: Definition) -> Reading:
    zoned, off, calls = given.count("zoned"), given.count("off_hours"), given.count("calls")
    if not zoned:
        return _unzoned(given)
    hours = f"{factor.settings['first_hour']} to {factor.settings['last_hour']} h at the callee"
    rest = f" Of {calls - zoned:,} more nobody knows the time there." if calls > zoned else ""
    return Reading(off / zoned, zoned, f"{off:,} of {zoned:,} calls came outside {hours}.{rest}")


def _weekend(given: Given, _factor: Definition) -> Reading:
    zoned, resting = given.count("zoned"), given.count("at_rest")
    if not zoned:
        return _unzoned(given)
    return Reading(
        resting / zoned, zoned, f"{resting:,} of {zoned:,} calls came on a weekend or a US federal holiday there."
    )


def _attestation(given: Given, _factor: Definition) -> Reading:
    n = given.count("attestable")
    if not n:
        return _lacks("attestation", "No file shows an attestation of any own call.", given.count("calls"))
    a, b, c = (given.count(f"attested_{level}") for level in "abc")
    because = f"Of {n:,} calls {a:,} are attested A, {b:,} B, {c:,} C, and {n - a - b - c:,} not at all."
    return Reading((n - a - b) / n, n, because)


def _new_number(given: Given, factor: Definition) -> Reading:
    found = given.own.get("first_day")
    if found is None:
        return _lacks("at", "No call has a time.")
    first, last = date.fromisoformat(found), day_of(given.period.until_us - 1)
    age = (last - first).days
    quiet, began = (first - day_of(given.period.first_us)).days, factor.settings["quiet"]
    if factor.warn is not None and age < factor.warn and quiet < began:
        because = f"First seen on {found}, {quiet} days after the first call of all: {began} are needed to call it new."
        return _lacks("at (earlier calls)", because)
    most = given.count("in_day")
    because = f"First seen on {found}, {age} days before the end; up to {most:,} calls a day."
    return Reading(float(age), given.count("calls"), because, spared=most <= factor.settings["calls"])


def _rotation(given: Given, factor: Definition) -> Reading:
    if given.rotation is None:
        return _lacks("at (earlier calls)", "The calls do not reach back over the whole period before.")
    came, went, numbers = given.rotation
    if not numbers:
        least = factor.settings["calls"]
        return _lacks(f"caller (numbers with {least} calls)", f"No number has {least} calls in either period.")
    weekly = (came + went) / numbers * 7 / given.period.days
    because = f"{came:,} numbers came and {went:,} went, of {numbers:,} in both periods; {weekly:.0%} a week."
    if not given.came:
        because += " This one was there before."
    return Reading(weekly, numbers, because, spared=not given.came)


def _mixed_use(given: Given, factor: Definition) -> Reading:
    calls, campaigns = given.count("in_campaigns"), given.count("campaigns")
    if not calls:
        because = (
            "No call of this number names a campaign." if given.all.named_campaigns else "No call names a campaign."
        )
        return _lacks("campaign", because, given.count("calls"))
    return Reading(
        campaigns, calls, f"{campaigns:,} campaigns made {factor.settings['calls']} calls or more from this number."
    )


def _callback(given: Given, _factor: Definition) -> Reading:
    if not given.all.inbound:
        return _lacks("direction (inbound calls)", "There is no call to any of the numbers.")
    inbound, answered = given.count("inbound"), min(given.count("inbound_answered"), given.count("inbound"))
    if not inbound:
        return _lacks("inbound calls to this number", "Nobody called this number.")
    return Reading(answered / inbound, inbound, f"{answered:,} of {inbound:,} calls to this number were answered.")


def _screened(given: Given, count: int, most: int, because: str) -> Reading:
    """A count of refusals: what was found counts, also where the source could not know of others."""
    if not given.count("screened") and not count:
        if not given.count("settled"):
            return _unsettled(given)
        return _lacks("final_code, reason", "The source tells neither status nor reason.", given.count("calls"))
    return Reading(most, max(given.count("screened"), count), because)


def _unwanted(given: Given, factor: Definition) -> Reading:
    count, most = given.count("unwanted"), given.count("most_unwanted")
    because = f"{count:,} calls were refused as unwanted, up to {most:,} within {factor.settings['days']} days."
    return _screened(given, count, most, because)


def _network_blocks(given: Given, factor: Definition) -> Reading:
    count, most, carriers = (given.count(name) for name in ("blocked", "most_blocked", "blocking_carriers"))
    within = f"within {factor.settings['hours']} hours"
    where = f"at {carriers:,} carriers" if carriers or not count else "at carriers that nobody names"
    because = f"{count:,} calls were blocked by a network that says so, up to {most:,} {within}, {where}."
    many = carriers >= factor.settings["carriers"] and factor.high is not None
    return _screened(given, count, most, because)._replace(at_least="high" if many else "")


def _hidden_blocks(given: Given, _factor: Definition) -> Reading:
    hidden = given.hidden
    if hidden is None or not hidden.attempts:
        return _lacks("ring_ms (blind_to ringing)", "No call tells whether it rang, or nothing tells how it ended.")
    if not hidden.where:
        return Reading(
            hidden.posterior, hidden.attempts, f"Nothing is suspected in {hidden.attempts:,} calls.", spared=True
        )
    where = ", ".join(name or "the unnamed carrier" for name in hidden.where)
    word = "probable" if hidden.probable else "suspected"
    because = f"Blocks that do not say so are {word} at {where}."
    return Reading(hidden.posterior, hidden.attempts, because, at_most="" if hidden.probable else "warn")


def _unavailable(given: Given, _factor: Definition) -> Reading:
    coded, count = given.count("coded"), given.count("unavailable")
    if not coded:
        if not given.count("settled"):
            return _unsettled(given)
        return _lacks("final_code", "The source tells no status.", given.count("calls"))
    return Reading(count / coded, coded, f"{count:,} of {coded:,} calls ended with 480.")


def _caller_id(given: Given, _factor: Definition) -> Reading:
    if "xxxx" in given.number:
        return _lacks("caller (masked)", "The calling number is masked.", given.count("calls"))
    refused = given.count("refused_caller")
    wrong = list(faults(given.number, given.dno or DoNotOriginate()))
    if refused:
        wrong.append(f"a provider refused {refused:,} calls because of it")
    doubtful = doubts(given.number) if not wrong else ()
    unseen = "P-Asserted-Identity" if given.dno is not None else "P-Asserted-Identity or a do-not-originate list"
    found = "; ".join(wrong or doubtful or ("nothing is wrong with it",))
    because = f"{found[0].upper()}{found[1:]}. Not compared with {unseen}."
    return Reading(2 if wrong else 1 if doubtful else 0, given.count("calls"), because)


READERS: dict[str, Callable[[Given, Definition], Reading]] = {
    "calls_per_day": _calls_per_day, "burst": _burst, "volume_step": _volume_step, "short_calls": _short_calls,
    "call_duration": _call_duration, "answer_rate": _answer_rate, "abandoned_before": _abandoned_before,
    "abandoned_after": _abandoned_after, "ring_time": _ring_time, "unassigned": _unassigned, "repeats": _repeats,
    "redial": _redial, "spread": _spread, "sequential": _sequential, "neighbour": _neighbour, "off_hours": _off_hours,
    "weekend": _weekend, "attestation": _attestation, "new_number": _new_number, "rotation": _rotation,
    "mixed_use": _mixed_use, "callback": _callback, "unwanted": _unwanted, "network_blocks": _network_blocks,
    "hidden_blocks": _hidden_blocks, "unavailable": _unavailable, "caller_id": _caller_id,
}  # fmt: skip
"Factor -> its function."
