"""
A profile: how one dialect of call records is written, as data. `parse_profile` reads one from TOML.

Every shipped dialect is one file in `profiles/`, and an operator's own has the same form:

    name = "acme"                        slug; rows carry `cdr acme` in the column `source`
    title = "ACME switch, CSV export"
    basis = "seen"                       or "documented"
    source = "where the sample or the description comes from"
    blind_to = ["ringing"]               slugs of calls.BLIND_SPOTS; left out: found by what is mapped

    [container]                          how records are cut: see `Container`
    [time]                               formats = ["iso"], zone = "local", zones = { CET = "+01:00" }
    [fields]                             field = "Column", or a table: see `Feed`
    [outcome]                            the record's own words -> calls.OUTCOMES
    [keep]                               column = ["values of records that are calls"]
    [join]                               several records of one call: see `Join`
    [recognise]                          how the dialect is known: see `Hints`
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ringthrough.calls import BLIND_SPOTS, OUTCOMES
from ringthrough.errors import LocalError, Problem, RuleError

from .times import Stamps, zone_named

__all__ = ["FIELDS", "KINDS", "Container", "Feed", "Hints", "Join", "Profile", "parse_profile"]

FIELDS: dict[str, str] = {
    "at": "when the call began",
    "ring_at": "when it began to ring",
    "media_at": "when early media began",
    "answer_at": "when it was answered",
    "end_at": "when it ended",
    "total_ms": "from the beginning to the end",
    "pdd_ms": "from the beginning to ringing or early media",
    "ring_after_ms": "from the beginning to ringing",
    "media_after_ms": "from the beginning to early media",
    "setup_ms": "from the beginning to the answer or the refusal",
    "ring_ms": "how long it rang",
    "talk_ms": "from the answer to the end",
    "call_id": "what names the call, the SIP Call-ID where the record has it",
    "caller": "calling number",
    "callee": "called number",
    "carrier": "carrier of the called number, or the one the call was given to",
    "trunk": "trunk or gateway the call left by",
    "campaign": "campaign, list or account",
    "direction": "outbound, inbound, internal or transit",
    "final_code": "SIP status that ended the call set-up",
    "final_phrase": "its phrase",
    "reason": "Reason header of that answer, or of the BYE",
    "q850_cause": "Q.850 cause, as number or by name",
    "location": "location of the Q.850 cause, as number or token",
    "provider_code": "code of a provider's own block",
    "outcome": "how the record says it ended: read with [outcome]",
    "ended_by": "caller or callee",
    "answered_by": "address of the element that answered",
    "server": "Server or User-Agent of the far side",
    "user_agent": "User-Agent of the caller",
    "attestation": "A, B or C",
}
"Field that a profile or `--map` can fill -> what it means."

KINDS = (
    "text",
    "time",
    "seconds",
    "milliseconds",
    "microseconds",
    "code",
    "cause",
    "hex",
    "number",
    "location",
    "flag",
)
"What `as` may say: how the text of a cell is read."
_DEFAULT_KIND = {
    "caller": "number", "callee": "number", "final_code": "code", "q850_cause": "cause", "location": "location",
}  # fmt: skip
_UNITS = re.compile(r"(?:(?P<us>(?:us|usec|micros(?:econds?)?))|(?P<ms>ms|msec|millis(?:econds?)?))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feed:
    """Where one field comes from."""

    columns: tuple[str, ...] = ()
    "Names of columns, paths of JSON (`payload.to`) or positions (`#3`, from 1); the first that is filled counts."
    kind: str = "text"
    "One of `KINDS`; in TOML `as`."
    pattern: str = ""
    "Regular expression whose first group that matches is the value; without a match the field is empty."
    json: str = ""
    "The cell holds a JSON object; this path of it is the value."
    map: Mapping[str, str] | None = None
    "Value by the text of the cell; any other text leaves the field empty. `*` stands for every other text."
    zero: bool = True
    """
    Whether 0 is a value; false: it means that there is none. Where `at` follows from `end_at` and `total_ms`, the end
    then stands for the beginning of a record without a length.
    """
    unless: str = ""
    "Field in whose presence this one is left out, because the dialect only derives it from there."
    join: bool = False
    "Put the cells of all columns together, with a blank between, before anything else."
    value: str = ""
    "A fixed value instead of columns."


@dataclass(frozen=True, slots=True)
class Container:
    """How the file is cut into records, and records into columns."""

    kinds: tuple[str, ...] = ("csv",)
    "csv, json (lines, arrays, objects), keys (log lines with key=value), xml, sql (INSERT and COPY of a dump)."
    separator: str = ""
    "Character between columns; empty: found from the header."
    quote: str = '"'
    "Quoting character; empty for none."
    loose: bool = False
    "A quote inside a quoted cell may stand unescaped: only one before a separator or the end closes it."
    escape: str = ""
    "Character that takes the meaning from the one behind it."
    skip_space: bool = False
    "Blanks after a separator do not count."
    header: str = "first"
    "first: the first line names the columns; none: `columns` does; maybe: the first line if it names some of them."
    columns: tuple[str, ...] = ()
    "Names of the columns by position; without a header either these or `most`, and then columns are `#1`, `#2` ..."
    least: int = 0
    "Fewest columns of a record, where the last ones may be missing; 0: all of them."
    most: int = 0
    "Most columns of a record, where further ones may follow; 0: no more than named."
    skip: str = ""
    "Regular expression of lines that are no records: comments, a line of types."
    strip: str = ""
    "csv: regular expression of what is no part of the record: the prefix that syslog puts before each line."
    trim: bool = False
    "Blanks around a value do not count."
    records: str = ""
    "JSON: path of the list of records inside an object."
    percent: bool = False
    "Values are URL-encoded (`%3B` for `;`)."
    marker: str = ""
    "keys: the record begins behind this text; lines without it are passed over."
    pair: str = ";"
    "keys: character between two pairs."
    keys: tuple[str, ...] = ()
    "keys: names of all keys, because values may hold `;` and `=`."
    element: str = ""
    "xml: name of the element that is a record."


@dataclass(frozen=True, slots=True)
class Join:
    """Several records that belong to one call."""

    key: tuple[str, ...]
    "Fields that have to be the same."
    event: tuple[str, ...] = ()
    "Columns (the first that is there) that say what a record is."
    named: tuple[str, ...] = ()
    "Events whose columns are kept as `EVENT.column`; `*` for all. Of the last such event also as `EVENT.last.column`."
    close: tuple[str, ...] = ()
    "Events after which the call is over."
    prefer: tuple[str, ...] = ()
    "`column`, then values: the last record with one of them decides, others fill its gaps."
    agree: tuple[str, ...] = ()
    "Columns in which another record has to be the same to fill gaps."
    window: int = 16384
    "Most calls that wait for further records at one time."


@dataclass(frozen=True, slots=True)
class Hints:
    """How the dialect is recognised."""

    names: tuple[str, ...] = ()
    "Column names, keys or paths that have to be there."
    any: tuple[str, ...] = ()
    "Further ones; the more of them, the surer."
    cells: Mapping[str, str] = field(default_factory=dict)
    "Column -> regular expression that fits nearly every filled cell."
    last_resort: bool = False
    "Only where nothing else fits."


@dataclass(frozen=True, slots=True)
class Profile:
    """One dialect of call records."""

    name: str
    title: str
    basis: str
    "seen: made from a sample; documented: from a description."
    source: str
    container: Container
    fields: Mapping[str, Feed]
    formats: tuple[str, ...] = ("iso",)
    zone: str = "local"
    zones: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    answer_decides: bool = True
    "An answer time means that the call was answered, whatever the outcome says."
    blind_to: tuple[str, ...] | None = None
    "None: whatever no field is mapped for."
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    "Column -> values of records that are calls; all others are skipped."
    join: Join | None = None
    hints: Hints = Hints()

    def mapped(self, pairs: Sequence[str]) -> Profile:
        """
        This profile with fields fed from other columns.

        Args:
            pairs: `FIELD=COLUMN`, as the option `--map` takes them.

        Raises:
            LocalError: there is no such field, or the text is no pair (`cdr-bad-map`).
        """
        fields = dict(self.fields)
        for pair in pairs:
            name, equals, column = pair.partition("=")
            name = name.strip()
            if not equals or not column.strip() or name not in FIELDS:
                detail = f"expected FIELD=COLUMN with a field of {', '.join(FIELDS)}; found {pair!r}"
                raise LocalError(Problem("cdr-bad-map", detail, "--map"))
            kept = fields.get(name, Feed())
            mapping = kept.map if name not in ("final_code", "q850_cause") else None
            fields[name] = Feed((column.strip(),), _kind_of(name, column), map=mapping, zero=kept.zero)
        return replace(self, fields=fields)


def _kind_of(name: str, column: str) -> str:
    if name == "at" or name.endswith("_at"):
        return "time"
    if name.endswith("_ms"):
        unit = _UNITS.search(column)
        return "seconds" if unit is None else "microseconds" if unit["us"] else "milliseconds"
    return _DEFAULT_KIND.get(name, "text")


# ---------------------------------------------------------------------- from TOML


def parse_profile(text: str, where: str = "profile") -> Profile:
    """
    Read a profile.

    Args:
        text: TOML, as described on top of this module.
        where: name of the file, for what is said about it.

    Raises:
        RuleError: it is no TOML, or a key is unknown, missing or wrong (`cdr-profile`).
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise RuleError(Problem("cdr-profile", f"expected TOML, found: {fault}", where)) from fault
    return _Reader(where).profile(found)


class _Reader:
    """Takes a document apart, and says where it is wrong."""

    def __init__(self, where: str) -> None:
        self._where = where

    def wrong(self, key: str, detail: str) -> RuleError:
        return RuleError(Problem("cdr-profile", detail, f"{self._where}: {key}"))

    def text(self, table: dict[str, Any], key: str, default: str | None = None, prefix: str = "") -> str:
        value = table.pop(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(prefix + key, f"expected a text, found {value!r}")
        return value

    def texts(
        self, table: dict[str, Any], key: str, default: tuple[str, ...] = (), prefix: str = ""
    ) -> tuple[str, ...]:
        value = table.pop(key, None)
        if value is None:
            return default
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
            raise self.wrong(prefix + key, f"expected a text or a list of texts, found {value!r}")
        return tuple(several)

    def flag(self, table: dict[str, Any], key: str, default: bool, prefix: str = "") -> bool:
        value = table.pop(key, default)
        if not isinstance(value, bool):
            raise self.wrong(prefix + key, f"expected true or false, found {value!r}")
        return value

    def count(self, table: dict[str, Any], key: str, default: int, prefix: str = "") -> int:
        value = table.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
            raise self.wrong(prefix + key, f"expected a number, not negative, found {value!r}")
        return value

    def table(self, found: dict[str, Any], key: str) -> dict[str, Any]:
        value = found.pop(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"expected a table, found {value!r}")
        return dict(value)

    def pattern(self, text: str, key: str, groups: bool = False) -> str:
        try:
            compiled = re.compile(text)
        except re.error as fault:
            raise self.wrong(key, f"expected a regular expression, found {text!r}: {fault}") from fault
        if groups and not compiled.groups:
            raise self.wrong(key, f"expected a regular expression with a group, found {text!r}")
        return text

    def done(self, table: dict[str, Any], prefix: str = "") -> None:
        if table:
            key = next(iter(table))
            raise self.wrong(prefix + key, "expected no such key")

    def profile(self, found: dict[str, Any]) -> Profile:
        name = self.text(found, "name")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            raise self.wrong("name", f"expected lower-case letters, digits, - and _, found {name!r}")
        basis = self.text(found, "basis", "documented")
        if basis not in ("seen", "documented"):
            raise self.wrong("basis", f"expected seen or documented, found {basis!r}")
        blind: tuple[str, ...] | None = None
        if "blind_to" in found:
            blind = self.texts(found, "blind_to")
            if unknown := [slug for slug in blind if slug not in BLIND_SPOTS]:
                raise self.wrong("blind_to", f"expected slugs of {', '.join(BLIND_SPOTS)}, found {unknown[0]!r}")
        title, source = self.text(found, "title"), self.text(found, "source", "")
        formats, zone, zones = self.times(self.table(found, "time"))
        outcomes, answer_decides = self.outcomes(self.table(found, "outcome"))
        made = Profile(
            name, title, basis, source,
            container=self.container(self.table(found, "container")),
            fields=self.fields(self.table(found, "fields")),
            formats=formats, zone=zone, zones=zones, outcomes=outcomes, answer_decides=answer_decides, blind_to=blind,
            keep=self.keep(self.table(found, "keep")),
            join=self.joins(self.table(found, "join")) if "join" in found else None,
            hints=self.hints(self.table(found, "recognise")),
        )  # fmt: skip
        self.done(found)
        if "at" not in made.fields and not {"end_at", "total_ms"} <= set(made.fields):
            raise self.wrong("fields", "expected a field `at`, or both `end_at` and `total_ms`")
        return made

    def times(self, table: dict[str, Any]) -> tuple[tuple[str, ...], str, dict[str, int]]:
        formats = self.texts(table, "formats", ("iso",), "time.")
        zone = self.text(table, "zone", "local", "time.")
        zones = {}
        for name, offset in self.table(table, "zones").items():
            try:
                away = zone_named(str(offset)).utcoffset(None)
            except LocalError as fault:
                raise self.wrong(f"time.zones.{name}", fault.problem.detail) from fault
            if away is None:
                raise self.wrong(f"time.zones.{name}", f"expected an offset such as +01:00, found {offset!r}")
            zones[name.upper()] = int(away.total_seconds()) // 60
        self.done(table, "time.")
        try:
            Stamps(formats, zone, None, zones)
        except LocalError as fault:
            raise self.wrong("time", fault.problem.detail) from fault
        return formats, zone, zones

    def outcomes(self, table: dict[str, Any]) -> tuple[dict[str, str], bool]:
        decides = self.flag(table, "answer_decides", True, "outcome.")
        made: dict[str, str] = {}
        for slug, words in table.items():
            if slug not in OUTCOMES:
                raise self.wrong(f"outcome.{slug}", f"expected one of {', '.join(OUTCOMES)}")
            for word in self.texts({slug: words}, slug, (), "outcome."):
                made[word] = slug
        return made, decides

    def container(self, table: dict[str, Any]) -> Container:
        at = "container."
        kinds = self.texts(table, "kinds", ("csv",), at)
        if not kinds or not set(kinds) <= {"csv", "json", "keys", "xml", "sql"}:
            raise self.wrong("container.kinds", f"expected some of csv, json, keys, xml, sql; found {kinds!r}")
        header = self.text(table, "header", "first", at)
        if header not in ("first", "none", "maybe"):
            raise self.wrong("container.header", f"expected first, none or maybe, found {header!r}")
        single = {key: self.text(table, key, default, at) for key, default in _SINGLE.items()}
        for key, value in single.items():
            if len(value) > 1:
                raise self.wrong(at + key, f"expected one character, found {value!r}")
        made = Container(
            kinds=kinds, header=header, columns=self.texts(table, "columns", (), at),
            least=self.count(table, "least", 0, at), most=self.count(table, "most", 0, at),
            loose=self.flag(table, "loose", False, at), skip_space=self.flag(table, "skip_space", False, at),
            percent=self.flag(table, "percent", False, at), trim=self.flag(table, "trim", False, at),
            marker=self.text(table, "marker", "", at),
            records=self.text(table, "records", "", at), keys=self.texts(table, "keys", (), at),
            element=self.text(table, "element", "", at),
            skip=self.pattern(self.text(table, "skip", "", at), at + "skip"),
            strip=self.pattern(self.text(table, "strip", "", at), at + "strip"), **single,
        )  # fmt: skip
        self.done(table, at)
        for kind, needed in (("keys", "marker"), ("keys", "keys"), ("xml", "element")):
            if kind in kinds and not getattr(made, needed):
                raise self.wrong(at + needed, f"expected what {kind} needs")
        if "csv" in kinds and header != "first":
            named, further = len(made.columns), max(made.most - len(made.columns), 0)
            if not named and not further:
                raise self.wrong("container.columns", "expected names of columns, or most, where no header gives them")
            # What may follow has no name, and a position: --map can ask for it.
            made = replace(made, columns=made.columns + ("",) * further, least=made.least or named or further)
        return made

    def fields(self, table: dict[str, Any]) -> dict[str, Feed]:
        made = {}
        for name, value in table.items():
            at = f"fields.{name}"
            if name not in FIELDS:
                raise self.wrong(at, f"expected one of {', '.join(FIELDS)}")
            made[name] = self.feed(name, dict(value) if isinstance(value, dict) else {"column": value}, at + ".")
        return made

    def feed(self, name: str, table: dict[str, Any], at: str) -> Feed:
        columns = self.texts(table, "column", (), at)
        value = self.text(table, "value", "", at)
        if bool(columns) == bool(value):
            raise self.wrong(at + "column", "expected either a column or a value")
        kind = self.text(table, "as", _kind_of(name, columns[0] if columns else ""), at)
        if kind not in KINDS:
            raise self.wrong(at + "as", f"expected one of {', '.join(KINDS)}, found {kind!r}")
        if (_kind_of(name, "") == "time") != (kind == "time") or (name.endswith("_ms") != kind.endswith("seconds")):
            raise self.wrong(at + "as", f"expected a reading that fits the field {name}, found {kind!r}")
        words = self.table(table, "map") if "map" in table else None
        if words is not None and not all(isinstance(word, str) for word in words.values()):
            raise self.wrong(at + "map", "expected texts")
        unless = self.text(table, "unless", "", at)
        if unless and unless not in ("final_code", "reason"):
            raise self.wrong(at + "unless", f"expected final_code or reason, found {unless!r}")
        pattern = self.text(table, "pattern", "", at)
        made = Feed(
            columns, kind, self.pattern(pattern, at + "pattern", groups=True) if pattern else "",
            self.text(table, "json", "", at), words, self.flag(table, "zero", True, at), unless,
            self.flag(table, "join", False, at), value,
        )  # fmt: skip
        self.done(table, at)
        return made

    def keep(self, table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        return {column: self.texts({column: values}, column, (), "keep.") for column, values in table.items()}

    def joins(self, table: dict[str, Any]) -> Join:
        key = self.texts(table, "key", (), "join.")
        if not key or not set(key) <= set(FIELDS):
            raise self.wrong("join.key", f"expected fields, found {key!r}")
        lists = {name: self.texts(table, name, (), "join.") for name in ("event", "named", "close", "prefer", "agree")}
        made = Join(key, **lists, window=max(1, self.count(table, "window", 16384, "join.")))
        self.done(table, "join.")
        return made

    def hints(self, table: dict[str, Any]) -> Hints:
        at = "recognise."
        cells = self.table(table, "cells")
        made = Hints(
            self.texts(table, "names", (), at), self.texts(table, "any", (), at),
            {name: self.pattern(str(pattern), f"{at}cells.{name}") for name, pattern in cells.items()},
            self.flag(table, "last_resort", False, at),
        )  # fmt: skip
        self.done(table, at)
        return made


_SINGLE = {"separator": "", "quote": '"', "escape": "", "pair": ";"}
