"""
Calls of a world as call records of any dialect that `cdr` reads.

Facts
- A profile of `cdr` says which column holds which fact and how: turned round, it says what to write. `dialects.toml`
  adds what a profile leaves open: the order of the columns, the common words, records of a call that are several.
- A fact that a dialect does not hold is not written. One that has records of answered calls only gets those.
- Times of dialects without a zone are written in UTC: read them with `--tz UTC`.
- All records of a call stand one behind the other.
- Of a profile that is not shipped, sample records are read back before anything is written: one from which numbers,
  times and answers do not come back as far as it holds them is refused, so that no file is written that cannot be read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ringthrough.calls import Call
from ringthrough.cdr import Profile, open_records, profile_named
from ringthrough.cdr.profile import Feed
from ringthrough.errors import LocalError, Problem
from ringthrough.simulate.worlds.answers import blank
from ringthrough.simulate.worlds.dialects import RecordForm, dialect_named
from ringthrough.simulate.worlds.templates import Fact, Facts, outcome_of, template

__all__ = ["RecordWriter"]

_UNITS = {"seconds": 1000.0, "milliseconds": 1.0, "microseconds": 0.001}
_WRITTEN = ("csv", "json", "keys")
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
_INSTANTS = {"at": "at", "ring_at": "ring", "media_at": "media", "answer_at": "answer", "end_at": "end"}
_Cells = dict[str, Fact]


class RecordWriter:
    """
    Writes the records of one dialect.

    Args:
        profile: name of a shipped profile, or a profile of the operator's own.

    Raises:
        LocalError: there is no such profile, or its records cannot be read back (`simulate-world-dialect`).
    """

    def __init__(self, profile: str | Profile) -> None:
        shipped = isinstance(profile, str)
        self.profile = profile = profile if isinstance(profile, Profile) else profile_named(profile)
        container = profile.container
        self.answered_only = "refusals" in (profile.blind_to or ())
        "The dialect has no records of calls that were not answered."
        self._dialect = dialect = dialect_named(profile.name if shipped else "")
        self.kind = next((kind for kind in container.kinds if kind in _WRITTEN), "")
        "csv, json (an object a line) or keys."
        if not self.kind:
            raise self._refused(f"it is none of {', '.join(_WRITTEN)}")
        self._separator = dialect.separator or container.separator or ","
        self._coarse = "times" in (profile.blind_to or ())
        self._facts = self._known()
        self._order = dialect.columns or (_stripped(container.columns) if self.kind == "csv" else ())
        turned = {} if dialect.bare else self._turned()
        told = {column: template(text, self._facts) for column, text in dialect.cells.items()}
        kept = {} if profile.join is not None else {column: _always(v[0]) for column, v in profile.keep.items()}
        self._forms = [(form, self._form(form, {**kept, **turned, **told})) for form in dialect.record]
        named = (column for _, cells in self._forms for column in cells)
        self.columns: tuple[str, ...] = self._order or tuple(dict.fromkeys([*profile.hints.names, *named]))
        "Columns of CSV in order; empty names are columns of which nothing is known."
        self._prefixes = [template(form.prefix, self._facts) for form, _ in self._forms]
        self._id = template(dialect.id, self._facts) if dialect.id else None
        if not shipped:
            self._check()

    def _refused(self, why: str) -> LocalError:
        detail = f"expected a dialect that can be written from calls, found {self.profile.name!r}: {why}"
        return LocalError(Problem("simulate-world-dialect", detail))

    def record_id(self, call: Call) -> str:
        """What the records of a call are known by, where it is not its Call-ID; else empty."""
        return "" if self._id is None else self._id(call)

    def header(self) -> str:
        """What stands before the first record."""
        made = "".join(line + "\n" for line in self._dialect.before)
        named = self.kind == "csv" and self.profile.container.header != "none"
        if not named:
            return made
        cells = [column.ljust(len(column) + 1) for column in self.columns] if self._dialect.pad else self.columns
        return self._line(cells) + made

    def lines(self, calls: Sequence[Call]) -> list[str]:
        """The records of the calls that the dialect has records of."""
        made: list[str] = []
        for call in calls:
            answered = _answered(call)
            if self.answered_only and not answered:
                continue
            for (form, cells), prefix in zip(self._forms, self._prefixes, strict=True):
                if form.when and (form.when == "answered") != answered:
                    continue
                made.append(prefix(call) + self._record(cells, call))
        return made

    # ------------------------------------------------------------------------------------------------- one record

    def _record(self, cells: _Cells, call: Call) -> str:
        if self.kind == "csv":
            texts = [cells[column](call) if column in cells else "" for column in self.columns]
            if self._dialect.pad:
                texts = [text.ljust(len(name) + 1) for text, name in zip(texts, self.columns, strict=True)]
            return self._line(texts)
        filled = {column: text for column, fact in cells.items() if (text := fact(call))}
        if self.kind == "json":
            return _object(filled, self._dialect.numbers)
        container = self.profile.container
        kind = filled.pop("kind", "")
        pairs = container.pair.join(f"{key}={text}" for key, text in filled.items())
        return f"{container.marker}{kind}: {pairs}\n" if kind else f"{container.marker}{pairs}\n"

    def _line(self, cells: Iterable[str]) -> str:
        container, separator = self.profile.container, self._separator
        quote, escape = container.quote, container.escape
        if quote:
            always = self._dialect.quoted
            written = [
                f"{quote}{cell.replace(quote, quote * 2)}{quote}"
                if always or separator in cell or quote in cell
                else cell
                for cell in cells
            ]
        elif escape:
            written = [
                cell.replace(escape, escape * 2).replace(separator, escape + separator)
                if separator in cell or escape in cell
                else cell
                for cell in cells
            ]
        else:
            written = [cell.replace(separator, " ") for cell in cells]
        return separator.join(written) + "\n"

    def _form(self, form: RecordForm, cells: _Cells) -> _Cells:
        own = {column: template(text, self._facts) for column, text in form.cells.items()}
        made = {**cells, **own}
        # Where the columns are settled, a column that is not among them has nowhere to go.
        return {c: fact for c, fact in made.items() if c in self._order} if self._order and self.kind == "csv" else made

    # ---------------------------------------------------------------------------------------- profiles turned round

    def _known(self) -> Facts:
        profile, dialect = self.profile, self._dialect
        facts = Facts(
            form=dialect.time or profile.formats[0], local=profile.zone == "local", coarse=self._coarse,
            upper=dialect.upper, product=dialect.cause,
        )  # fmt: skip
        words = {slug: self._word(slug) for slug in _NEXT}
        facts["word"] = lambda call: words[outcome_of(call)]
        for name, one in dialect.maps.items():
            meant = {text: template(said, facts) for text, said in one.items() if text != "of"}
            facts[name] = _picked(facts[one["of"]], meant)
        return facts

    def _word(self, slug: str) -> str:
        """What the dialect calls an outcome."""
        own = self._dialect.words
        if slug in own or "*" in own:
            return own.get(slug) or own["*"]
        first = {meaning: word for word, meaning in reversed(list(self.profile.outcomes.items())) if word != "*"}
        return next((first[other] for other in _NEXT[slug] if other in first), "")

    def _turned(self) -> _Cells:
        """What writes each column: the first field that uses it."""
        fields = self.profile.fields
        order = [name for name in _FIRST if name in fields] + [name for name in fields if name not in _FIRST]
        made: _Cells = {}
        for name in order:
            feed = fields[name]
            if not feed.columns or feed.pattern or feed.json or feed.join or feed.value:
                continue
            column = self._column(feed)
            if column and column not in made:
                made[column] = self._fact(name, feed)
        return made

    def _column(self, feed: Feed) -> str:
        """The column of a field: the first one that a file of settled columns has."""
        columns = self._order
        return next((c for c in feed.columns if not c.startswith("#") and (not columns or c in columns)), "")

    def _fact(self, name: str, feed: Feed) -> Fact:
        facts = self._facts
        if name == "outcome":
            return facts["word"]
        if name == "q850_cause":
            return facts["cause_hex" if feed.kind == "hex" else "cause"]
        if name in _INSTANTS:
            return facts[_INSTANTS[name]]
        value = _VALUES[name]
        if feed.kind in _UNITS:
            return self._span(value, _UNITS[feed.kind])
        if feed.map is None:
            return lambda call: "" if (said := value(call)) is None else str(said)
        back = {meaning: text for text, meaning in reversed(list(feed.map.items())) if text != "*"}
        return lambda call: back.get(str(value(call)), "")

    def _span(self, value: Callable[[Call], int | None], unit_ms: float) -> Fact:
        def write(call: Call) -> str:
            span_ms = value(call)
            if span_ms is None:
                return ""
            if unit_ms < 1000:
                return str(round(span_ms / unit_ms))
            return str(round(span_ms / 1000)) if self._coarse else f"{span_ms / 1000:.3f}"

        return write

    def _check(self) -> None:
        """Read records of two calls back."""
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
        rows = list(records)
        if [self._identity(row) for row in rows] != [self._identity(call) for call in samples]:
            raise self._refused("numbers and times do not come back from it")
        answered = ["answered" in (row.outcome, "answered" if row.final_code == 200 else "") for row in rows]
        if answered != [_answered(call) for call in samples]:
            raise self._refused("it does not come back from it which calls were answered")

    def _identity(self, call: Call) -> tuple[Any, ...]:
        held = [getattr(call, name) for name in ("caller", "callee") if name in self.profile.fields]
        return (call.at_us // 1_000_000, *held)


def _stripped(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns without the nameless ones at the end, which may follow and need not."""
    size = len(columns)
    while size and not columns[size - 1]:
        size -= 1
    return columns[:size]


def _always(text: str) -> Fact:
    return lambda _call: text


def _picked(fact: Fact, meant: Mapping[str, Fact]) -> Fact:
    other = meant.get("*", _always(""))
    return lambda call: meant.get(fact(call), other)(call)


def _object(texts: Mapping[str, str], numbers: frozenset[str]) -> str:
    """A line of JSON; a dot in a column leads into an object, or by a number into a list."""
    made: dict[str, Any] = {}
    for column, text in texts.items():
        place = made
        *path, last = column.split(".")
        for step in path:
            place = place.setdefault(step, {})
        place[last] = json.loads(text) if column in numbers else text
    return json.dumps(_listed(made), separators=(",", ":")) + "\n"


def _listed(value: Any) -> Any:
    """Objects whose names are numbers as lists."""
    if not isinstance(value, dict):
        return value
    if value and all(name.isdecimal() for name in value):
        return [_listed(inner) for inner in value.values()]
    return {name: _listed(inner) for name, inner in value.items()}


def _answered(call: Call) -> bool:
    return (call.final_code or 0) // 100 == 2


_VALUES: dict[str, Callable[[Call], Any]] = {
    "total_ms": lambda call: (call.setup_ms or 0) + (call.talk_ms or 0),
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
    "location": lambda call: call.location,
    "provider_code": lambda call: call.provider_code,
    "ended_by": lambda call: call.ended_by,
    "answered_by": lambda call: call.answered_by,
    "server": lambda call: call.server,
    "user_agent": lambda call: call.user_agent,
    "attestation": lambda call: call.attestation,
}
"What a field of a profile is, of a call, where `Facts` does not say it in the way of the dialect."
