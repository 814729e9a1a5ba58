"""
What metrics can be grouped by: each dimension once, with its SQL and its meaning.

Facts
- `at` is a word of DuckDB's grammar and `"at"` a text for Spark, so columns are written as `calls.at`.
- Country codes are free of prefixes: 1 and 7 have one digit, those listed two, all others three (ITU-T E.164, annex).
- A day and an hour are UTC. The hour of day at the callee would need the place of a number, which only some numbers
  tell; nothing here guesses it.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DIMENSIONS", "Dimension"]


class Dimension(NamedTuple):
    """One thing that calls can be grouped by."""

    sql: str
    "Its value, of the table `calls`; a text (empty where it is not known) or an integer (null where it is not)."
    meaning: str
    "What it is, in one sentence."


_TWO = (
    "'20', '27', '30', '31', '32', '33', '34', '36', '39', '40', '41', '43', '44', '45', '46', '47', "
    "'48', '49', '51', '52', '53', '54', '55', '56', '57', '58', '60', '61', '62', '63', '64', '65', "
    "'66', '81', '82', '84', '86', '90', '91', '92', '93', '94', '95', '98'"
)
"Country codes of two digits, as SQL."
_CALLEE = "coalesce(calls.callee, '')"
# Eight characters: a plus and the seven digits that a number has at least (numbers.normalise). Digits are looked for
# by deleting them, because engines differ in their regular expressions.
_GLOBAL = (
    f"substring({_CALLEE}, 1, 1) = '+' and length({_CALLEE}) >= 8"
    f" and translate(substring({_CALLEE}, 2, 3), '0123456789', '') = ''"
)
_COUNTRY = (
    f"when substring({_CALLEE}, 2, 1) in ('1', '7') then substring({_CALLEE}, 1, 2)"
    f" when substring({_CALLEE}, 2, 2) in ({_TWO})"
    f" then substring({_CALLEE}, 1, 3) else substring({_CALLEE}, 1, 4) end"
)
_EXCHANGE = f"when substring({_CALLEE}, 1, 2) = '+1' and length({_CALLEE}) = 12 then substring({_CALLEE}, 1, 8)"


def _text(column: str) -> str:
    return f"coalesce(calls.{column}, '')"


DIMENSIONS: dict[str, Dimension] = {
    "number": Dimension(_text("caller"), "Calling number."),
    "carrier": Dimension(_text("carrier"), "Carrier that the call went to: from carriers.toml, else an address."),
    "trunk": Dimension(_text("trunk"), "Trunk or gateway that the call left by."),
    "campaign": Dimension(_text("campaign"), "Campaign, list or account that the call belongs to."),
    "prefix": Dimension(
        f"case when not ({_GLOBAL}) then '' {_EXCHANGE} {_COUNTRY}",
        "Where the called number is: area code and exchange in the North American plan (+1NPANXX), else the country.",
    ),
    "country": Dimension(f"case when not ({_GLOBAL}) then '' {_COUNTRY}", "Country code of the called number."),
    "direction": Dimension(_text("direction"), "Outbound, inbound, internal or transit."),
    "day": Dimension(
        "cast(cast(calls.at as date) as string)", "Day of the call, UTC; null where its time is not known."
    ),
    "hour": Dimension(
        "cast(hour(calls.at) as bigint)", "Hour of the call, 0 to 23, UTC; null where its time is not known."
    ),
}
"Name -> dimension."
