"""From what people type to an entry: numbers, `603+`, `Q.850:21`, `cause 21`, and words."""

from __future__ import annotations

import re
from functools import cache

from ringthrough.errors import Problem

from .entries import Entry
from .loading import entry, ids, raw
from .problems import NotFound

__all__ = ["causes", "codes", "lookup", "search"]

# Whatever people put between `Q.850` (Q850, Q.931, ISUP, cause) and the number: blanks, `:`, `;cause=`.
_CAUSE = re.compile(r"(?:q[. ]?850|q[. ]?931|isup|cause)[\s:;,#]*(?:cause)?[\s:=#]*([0-9]{1,3})")
_CODE = re.compile(r"(?:sip[:/-])?([0-9]{3}\+?)(?:\s.*)?")
_WORD = re.compile(r"[a-z0-9+.]+")
_SHOWN = 60  # characters of a question that a message repeats


def lookup(what: int | str) -> Entry:
    """
    The entry of a code, variant or cause.

    Args:
        what: 608, "608", "SIP 608", "608 Rejected", "603+", "603 Network Blocked", "Q.850:21", "q850 21", "cause 21",
            or another spelling that an entry lists in `aliases`. A number alone is a SIP code; below 100 it is a cause.

    Raises:
        NotFound: nothing has that name (`reference-unknown-code`); the message names the nearest ones. It is a
            LocalError.
    """
    asked = " ".join(str(what).split()).casefold()
    asked = asked.removeprefix("sip/2.0 ").removeprefix("sip ")
    found = _exact().get(asked)
    if found is None and (cause := _CAUSE.fullmatch(asked)):
        found = _exact().get(f"q.850:{int(cause[1])}")
    if found is None and asked.isdecimal() and asked.isascii() and len(asked) <= 3 and int(asked) < 128:
        found = _exact().get(f"q.850:{int(asked)}")
    if found is None and (code := _CODE.fullmatch(asked)):
        found = _exact().get(code[1])
    if found is None:
        raise _not_found(str(what), asked)
    return entry(found)


@cache
def _exact() -> dict[str, str]:
    """Every spelling in lower case -> id. Ids win over aliases, and aliases over `number name`."""
    spelt: dict[str, str] = {}
    for row in raw()["entries"]:
        spoken = row["name"] if row["kind"] == "cause" else f"{row['code']} {row['name']}"
        spelt[spoken.casefold()] = row["id"]
    for row in raw()["entries"]:
        spelt.update((alias.casefold(), row["id"]) for alias in row["aliases"])
    spelt.update((name.casefold(), name) for name in ids())
    return spelt


def _not_found(what: str, asked: str) -> NotFound:
    nearest = _nearest(asked)
    shown = what if len(what) <= _SHOWN else what[:_SHOWN] + "..."
    expected = "expected a SIP code (100 to 699), a variant such as 603+, or a cause such as Q.850:21"
    titles = ", ".join(entry(one).title for one in nearest)
    detail = f"{expected}; found {shown!r}; nearest: {titles}"
    return NotFound(Problem("reference-unknown-code", detail, "code", "IANA sip-parameters-7; ITU-T Q.850"), nearest)


def _nearest(asked: str) -> tuple[str, ...]:
    """Three ids: nearest numbers of the same kind, or the best hits for the words."""
    digits = re.search(r"[0-9]+", asked)
    if digits is None:
        hits = search(asked, limit=3)
        return tuple(one.id for one in hits) or ("603", "608", "Q.850:21")
    number = int(digits[0][:9])
    is_cause = bool(re.search(r"q[. ]?850|q[. ]?931|isup|cause", asked)) or number < 100
    if is_cause and (after := re.search(r"(?:850|931|isup|cause)\D*([0-9]+)", asked)):
        number = int(after[1][:9])
    pool = [row for row in raw()["entries"] if (row["kind"] == "cause") == is_cause and row["status"] != "internal"]
    pool.sort(key=lambda row: (abs(row["code"] - number), row["code"] // 100 != number // 100, not row["registered"]))
    return tuple(row["id"] for row in pool[:3])


def codes(class_: str | None = None) -> tuple[Entry, ...]:
    """
    All codes and variants, by number.

    Args:
        class_: `6xx` or `6` for one class; None for all.

    Raises:
        NotFound: there is no such class.
    """
    rows = [row for row in raw()["entries"] if row["kind"] != "cause"]
    if class_ is not None:
        first = class_.strip().casefold().removesuffix("xx")
        if first not in {"1", "2", "3", "4", "5", "6"}:
            detail = f"expected a class from 1xx to 6xx, found {class_[:_SHOWN]!r}"
            raise NotFound(Problem("reference-unknown-code", detail, "class", "RFC 3261 7.2"), ("1xx", "6xx"))
        rows = [row for row in rows if row["code"] // 100 == int(first)]
    rows.sort(key=lambda row: (row["code"], not row["registered"], row["id"]))
    return tuple(entry(row["id"]) for row in rows)


def causes() -> tuple[Entry, ...]:
    """All causes of Q.850, by number."""
    return tuple(entry(row["id"]) for row in raw()["entries"] if row["kind"] == "cause")


def search(words: str, limit: int = 10) -> list[Entry]:
    """
    Entries that the words fit, best first.

    Every word has to occur; if no entry has them all, entries with most of them come. A hit in number, name or alias
    counts more than one in the gist, and that more than one in the rest.

    Args:
        words: `rejected`, `spam`, `busy everywhere`, `wrong number`.
        limit: how many at most.
    """
    wanted = [word for word in _WORD.findall(words.casefold()) if word not in _STOP]
    if not wanted or limit < 1:
        return []
    scored: list[tuple[int, int, int, str]] = []
    for order, (id_, fields) in enumerate(_texts().items()):
        hits = score = 0
        for word in wanted:
            best = max((weight for text, weight in fields if _starts(word, text)), default=0)
            hits += bool(best)
            score += best
        if hits:
            scored.append((-hits, -score, order, id_))
    most = max((-one[0] for one in scored), default=0)
    scored = [one for one in scored if -one[0] == most]
    scored.sort()
    return [entry(one[3]) for one in scored[:limit]]


def _starts(word: str, text: str) -> bool:
    """Does a word of the text begin with `word`? (`reject` finds `rejected`.)"""
    return f" {word}" in text


_STOP = frozenset({"the", "a", "an", "of", "to", "is", "and", "or", "for", "in", "was", "my", "sip", "code"})


@cache
def _texts() -> dict[str, tuple[tuple[str, int], ...]]:
    """Per entry: its words in lower case, each group with what a hit there is worth."""
    made: dict[str, tuple[tuple[str, int], ...]] = {}
    for row in raw()["entries"]:
        groups = (
            ([row["name"], row["id"], str(row["code"]), *row["aliases"]], 20 if row["registered"] else 18),
            ([row["words"]], 10),
            ([row["gist"]], 8),
            ([row["description"], row["blocks"]["why"], *row["when_seen"]], 3),
            ([*row["details"], *row["fix_caller"], *row["fix_operator"], *row["pitfalls"]], 1),
        )
        made[row["id"]] = tuple((" " + " ".join(_WORD.findall(" ".join(t).casefold())), w) for t, w in groups)
    return made
