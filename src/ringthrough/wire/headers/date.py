"""Date: when a message was first sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..problems import fault

__all__ = ["parse_date"]

# RFC 3261 §25.1:
#   rfc1123-date  =  wkday "," SP date1 SP time SP "GMT"
#   date1         =  2DIGIT SP month SP 4DIGIT
_DATE = re.compile(
    r"\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s+([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT\s*"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_date(text: str, where: str = "Date") -> datetime:
    """
    A Date as an aware datetime in UTC; the name of the weekday is not checked against it.

    Raises:
        RemoteError: it is no RFC 1123 date in GMT (`wire-date`).

    Source: RFC 3261 §20.17
    """
    match = _DATE.fullmatch(text)
    wrong = fault("wire-date", "a date such as Sat, 13 Nov 2010 23:29:00 GMT", text, where, "RFC 3261 §20.17")
    if match is None:
        raise wrong
    day, month, year, hour, minute, second = match.groups()
    try:
        return datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC
        )
    except ValueError as error:
        raise wrong from error
