"""Numbers and URIs as a PASSporT compares them: one spelling, whatever the message wrote."""

from __future__ import annotations

import re

from ringthrough.numbers import normalise
from ringthrough.wire.uri import Uri, unescape

__all__ = ["canonical_number", "canonical_uri"]

# RFC 8225 §5.2.1: tn-spec = 1*tn-char ; tn-char = "#" / "*" / DIGIT
_TN = re.compile(r"[0-9*#]++")
_NO_TN_CHAR = re.compile(r"[^0-9*#]++")
# What may stand around digits in a number as people and RFC 3966 §3 write it. A letter makes it a name, not a number:
# dropping the letters of `room 101` would make a number of it that nobody sent.
_WRITTEN = re.compile(r"\+?[0-9*#()./\- ]*+")


def canonical_number(text: str, region: str | None = None) -> str:
    """
    The number as a PASSporT carries it: digits, '#' and '*', with the country code where it can be told; "" for none.

    `+1-215-555-0112` gives `12155550112`.

    Args:
        text: a number as a URI or a person writes it, without URI parameters.
        region: two letters of ISO 3166: the country where numbers without a country code are dialled. None: digits
            stay as they are.

    Raises:
        LocalError: the region is unknown (`numbers-unknown-region`).

    Source: RFC 8224 §8.3
    """
    if region is None and _TN.fullmatch(text):
        return text
    if len(text) > 64 or not _WRITTEN.fullmatch(text):
        return ""
    if region is not None:
        text = normalise(text, region)
    return _NO_TN_CHAR.sub("", text)


def canonical_uri(uri: Uri) -> str:
    """
    An address for comparison: scheme, user and host, without port, parameters and password; `sips` counts as `sip`.

    Source: RFC 8224 §8.5
    """
    if uri.scheme not in ("sip", "sips"):
        return uri.raw.lower()
    user = unescape(uri.user.partition(";")[0]) + "@" if uri.user else ""
    return f"sip:{user}{uri.host.lower()}"
