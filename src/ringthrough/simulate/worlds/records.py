"""
Calls of a world as call records of any dialect whose profile can be turned round.

Facts
- A profile of `cdr` says which column holds which fact and how. Turned round, it says what to write. Left out is what
  cannot be turned round: values that are cut out of a text by an expression, and facts that the dialect does not hold.
- A dialect that spreads a call over several records cannot be written: it is refused by name.
- Times of dialects without a zone are written in UTC: read them with `--tz UTC`.
- A dialect that has records of answered calls only gets those.
- Before anything is written, sample records are read back with the profile; a dialect from which caller, callee, time
  and whether it was answered do not come back is refused, so that no file is written that cannot be read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ringthrough.calls import Call
from ringthrough.cdr import open_records, profile_named
from ringthrough.cdr.profile import Feed
from ringthrough.errors import LocalError, Problem, RemoteError
from ringthrough.simulate.worlds.answers import blank

__all__ = ["RecordWriter", "outcome_of"]

_INVALID = frozenset((404, 410, 484, 485, 604))
_UNITS = {"seconds": 1000.0, "milliseconds": 1.0, "microseconds": 0.001}
_NEXT = {
    "rejected": ("rejected", "failed", "busy", "no_answer"),
    "invalid": ("invalid", "failed", "rejected", "no_answer"),
    "congestion": ("congestion", "failed", "no_answer"),
    "failed": ("failed", "congestion", "no_answer"),
    "cancelled": ("cancelled", "no_answer", "failed"),
    "no_answer": ("no_answer", "cancelled", "failed"),
    "busy": ("busy", "no_answer", "failed"),
    "answered": ("answered",),
}
"What a switch without a word of its own for an outcome calls it."
_FIRST = ("at", "answer_at", "end_at", "ring_at", "media_at", "call_id", "caller", "callee", "outcome", "final_code")
"Fields that come first where several share a column."


def outcome_of(call: Call) -> str:
    """How a call record would say that a call ended: a slug of `calls.OUTCOMES`."""
    code = call.final_code or 0
    if code // 100 == 2:
        return "answered"
    if code in (486, 600):
        return "busy"
    if code == 487:
        return "cancelled"
    if code in _INVALID:
        return "invalid"
    if code in (408, 480):
        return "no_answer"
    if code >= 600 or code == 403:
        return "rejected"
    return "congestion" if code in (503, 504) else "failed"


class RecordWriter:
    """
    Writes the records of one dialect.

    Args:
        name: name of a shipped profile.

    Raises:
        LocalError: there is no such profile, or it cannot be turned round (`simulate-world-dialect`).
    """

    def __init__(self, name: str) -> None:
        self.profile = profile = profile_named(name)
        if profile.join is not None or not {"csv", "json"} & set(profile.container.kinds):
            raise self._refused("it spreads a call over several records, or is neither CSV nor JSON")
        self._csv = "csv" in profile.container.kinds
        self._separator = profile.container.separator or ","
        self._coarse = "times" in (profile.blind_to or ())
        self._words = {
            slug: next((word for word, meaning in profile.outcomes.items() if meaning == slug), "") for slug in _NEXT
        }
        self.answered_only = "refusals" in (profile.blind_to or ())
        "The dialect has no records of calls that were not answered."
        self._texts = self._makers()
        fixed = profile.container.columns if profile.container.header != "first" else ()
        named = [*profile.hints.names, *profile.keep, *self._texts]
        self.columns: tuple[str, ...] = fixed or tuple(dict.fromkeys(named))
        "Columns in order; empty names are columns of which the profile says nothing."
        self._check()

    def _refused(self, why: str) -> LocalError:
        detail = f"expected a dialect that can be written from calls, found {self.profile.name!r}: {why}"
        return LocalError(Problem("simulate-world-dialect", detail))

    def header(self) -> str:
        """What stands before the first record."""
        named = self._csv and self.profile.container.header != "none"
        return self._line(self.columns) if named else ""

    def lines(self, calls: Sequence[Call]) -> list[str]:
        """One line for each call that the dialect has a record of."""
        made = []
        for call in calls:
            if self.answered_only and not _answered(call):
                continue
            texts = {column: values[0] for column, values in self.profile.keep.items()}
            for column, maker in self._texts.items():
                text = maker(call)
                if text:
                    texts[column] = text
            made.append(self._line([texts.get(column, "") for column in self.columns]) if self._csv else _object(texts))
        return made

    def _line(self, cells: Sequence[str]) -> str:
        quote = self.profile.container.quote
        written = [
            f"{quote}{cell.replace(quote, quote * 2)}{quote}" if quote and (self._separator in cell or quote in cell)
            else cell.replace(self._separator, " ")
            for cell in cells
        ]  # fmt: skip
        return self._separator.join(written) + "\n"

    # ---------------------------------------------------------------------------------------- profiles turned round

    def _makers(self) -> dict[str, Callable[[Call], str]]:
        """What writes each column: the first field that uses it."""
        fields = self.profile.fields
        order = [name for name in _FIRST if name in fields] + [name for name in fields if name not in _FIRST]
        made: dict[str, Callable[[Call], str]] = {}
        for name in order:
            feed = fields[name]
            if not feed.columns or feed.pattern or feed.json or feed.join or feed.value:
                continue
            column = self._column(feed)
            fact = _FACTS.get(name)
            if column and fact is not None and column not in made:
                made[column] = self._maker(name, feed, fact)
        return made

    def _column(self, feed: Feed) -> str:
        """The column of a field: the first one that a file of fixed columns has."""
        fixed = self.profile.container.columns if self.profile.container.header != "first" else ()
        for column in feed.columns:
            if column.startswith("#"):
                continue
            if not fixed or column in fixed:
                return column
        return ""

    def _maker(self, name: str, feed: Feed, fact: Callable[[Call], Any]) -> Callable[[Call], str]:
        if name == "outcome":
            return self._outcome
        kind = feed.kind
        back = {meaning: text for text, meaning in feed.map.items() if text != "*"} if feed.map is not None else None

        def text(call: Call) -> str:
            value = fact(call)
            if value is None or value == "":
                return ""
            if kind == "time":
                return self._time(value)
            if kind in _UNITS:
                return self._span(value, _UNITS[kind])
            if kind == "hex":
                return f"{value:x}"
            return str(value) if back is None else back.get(str(value), "")

        return text

    def _outcome(self, call: Call) -> str:
        return next((self._words[slug] for slug in _NEXT[outcome_of(call)] if self._words[slug]), "")

    def _span(self, value_ms: int, unit_ms: float) -> str:
        if unit_ms < 1000:
            return str(round(value_ms / unit_ms))
        return str(round(value_ms / 1000)) if self._coarse else f"{value_ms / 1000:.3f}"

    def _time(self, at_us: int) -> str:
        form = self.profile.formats[0]
        second, rest = divmod(at_us, 1_000_000)
        if form.startswith("epoch"):
            scale = {"epoch": 1_000_000, "epoch_ms": 1000, "epoch_us": 1}[form]
            return str(second) if self._coarse and scale == 1_000_000 else _epoch(at_us, scale)
        moment = datetime.fromtimestamp(second, UTC).replace(microsecond=rest)
        if form == "iso":
            local = self.profile.zone == "local"
            clock = moment.strftime("%Y-%m-%d %H:%M:%S" if local else "%Y-%m-%dT%H:%M:%S")
            return clock + ("" if self._coarse else f".{rest // 1000:03d}") + ("" if local else "Z")
        if form == "rfc2822":
            return moment.strftime("%a, %d %b %Y %H:%M:%S +0000")
        return moment.strftime(form.replace("%f", f"{rest // 1000:03d}"))

    def _check(self) -> None:
        """Read two records back."""
        if len(set(self._texts) & set(self.columns)) < 3:
            raise self._refused("hardly a column can be written")
        samples = [
            blank(
                call_id=f"sample-{code}", at_us=1_780_300_800_000_000, caller="+16175550100", callee="+12902240000",
                caller_raw="+16175550100", callee_raw="+12902240000", final_code=code, final_phrase=phrase,
                setup_ms=9000, final_ms=9000, pdd_ms=2000, ring_ms=7000, talk_ms=talk,
                ended_by="caller" if talk else "",
            )
            for code, phrase, talk in ((200, "OK", 20_000), (486, "Busy Here", None))
        ]  # fmt: skip
        if self.answered_only:
            samples.pop()
        octets = (self.header() + "".join(self.lines(samples))).encode()
        records = open_records(io.BytesIO(octets), self.profile, name="sample", tz="UTC", region="US")
        try:
            rows = list(records)
        except RemoteError as fault:
            raise self._refused(str(fault)) from fault
        found = [(row.caller, row.callee, row.at_us // 1_000_000) for row in rows]
        if found != [(call.caller, call.callee, call.at_us // 1_000_000) for call in samples]:
            raise self._refused("numbers and times do not come back from it")
        answered = ["answered" in (row.outcome, "answered" if row.final_code == 200 else "") for row in rows]
        if answered != [_answered(call) for call in samples]:
            raise self._refused("it does not come back from it which calls were answered")


def _epoch(at_us: int, scale: int) -> str:
    whole, rest = divmod(at_us, scale)
    return f"{whole}.{rest:06d}" if scale == 1_000_000 else str(whole)


def _object(texts: Mapping[str, str]) -> str:
    """A line of JSON; a dot in a column leads into an object."""
    made: dict[str, Any] = {}
    for column, text in texts.items():
        place = made
        *path, last = column.split(".")
        for step in path:
            place = place.setdefault(step, {})
        place[last] = text
    return json.dumps(made, separators=(",", ":")) + "\n"


def _after(call: Call, span_ms: int | None) -> int | None:
    return None if span_ms is None else call.at_us + span_ms * 1000


def _setup(call: Call) -> int:
    return call.setup_ms or 0


def _answered(call: Call) -> bool:
    return (call.final_code or 0) // 100 == 2


_FACTS: dict[str, Callable[[Call], Any]] = {
    "at": lambda call: call.at_us,
    "ring_at": lambda call: _after(call, None if call.ring_ms is None else call.pdd_ms),
    "media_at": lambda call: _after(call, call.pdd_ms if call.early_media else None),
    "answer_at": lambda call: _after(call, _setup(call)) if _answered(call) else None,
    "end_at": lambda call: _after(call, _setup(call) + (call.talk_ms or 0)),
    "total_ms": lambda call: _setup(call) + (call.talk_ms or 0),
    "pdd_ms": lambda call: call.pdd_ms,
    "ring_after_ms": lambda call: None if call.ring_ms is None else call.pdd_ms,
    "media_after_ms": lambda call: call.pdd_ms if call.early_media else None,
    "setup_ms": lambda call: call.setup_ms,
    "ring_ms": lambda call: call.ring_ms,
    "talk_ms": lambda call: call.talk_ms or 0,
    "call_id": lambda call: call.call_id,
    "caller": lambda call: call.caller,
    "callee": lambda call: call.callee,
    "carrier": lambda call: call.carrier,
    "trunk": lambda call: call.trunk,
    "campaign": lambda call: call.campaign,
    "direction": lambda call: call.direction,
    "final_code": lambda call: call.final_code,
    "final_phrase": lambda call: call.final_phrase,
    "reason": lambda call: call.reason,
    "q850_cause": lambda call: call.q850_cause,
    "location": lambda call: call.location,
    "provider_code": lambda call: call.provider_code,
    "outcome": lambda call: outcome_of(call),
    "ended_by": lambda call: call.ended_by,
    "answered_by": lambda call: call.answered_by,
    "server": lambda call: call.server,
    "user_agent": lambda call: call.user_agent,
    "attestation": lambda call: call.attestation,
}
"What each field of a profile is, of a call."
