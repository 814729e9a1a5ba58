"""Names of headers: compact and long forms are one name, and case does not matter (RFC 3261 §7.3.1, §7.3.3)."""

from __future__ import annotations

__all__ = ["COMPACT", "KEYS", "key_of"]

COMPACT: dict[str, str] = {
    "a": "Accept-Contact",  # RFC 3841
    "b": "Referred-By",  # RFC 3892
    "c": "Content-Type",
    "d": "Request-Disposition",  # RFC 3841
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",  # RFC 3841
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",  # RFC 4474, obsoleted by RFC 8224
    "o": "Event",  # RFC 6665
    "r": "Refer-To",  # RFC 3515
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",  # RFC 6665
    "v": "Via",
    "x": "Session-Expires",  # RFC 4028
    "y": "Identity",  # RFC 8224
}
"Compact form, in lower case -> long form (IANA registry of SIP header fields)."

_USUAL = (
    "Via", "From", "To", "Call-ID", "Call-Id", "CSeq", "Contact", "Max-Forwards", "Content-Type", "Content-Length",
    "Route", "Record-Route", "Reason", "Call-Info", "Identity", "Date", "User-Agent", "Server", "Allow", "Supported",
    "Require", "P-Asserted-Identity", "Diversion", "History-Info", "Session-ID", "Session-Expires", "Warning",
    "Feature-Caps", "RSeq", "RAck", "Retry-After", "Timestamp", "Accept", "Privacy", "Remote-Party-ID", "Min-SE",
    "Subject", "Expires", "Allow-Events", "Content-Disposition", "P-Charging-Vector", "P-Early-Media",
)  # fmt: skip

KEYS: dict[str, str] = {
    **{name: name.lower() for name in _USUAL},
    **{name.lower(): name.lower() for name in _USUAL},
    **{short: name.lower() for short, name in COMPACT.items()},
    **{short.upper(): name.lower() for short, name in COMPACT.items()},
}
"Spellings met most, so that most lines cost one look-up."


def key_of(name: str) -> str:
    """The name under which a header is filed: its long form in lower case, without spaces around it."""
    known = KEYS.get(name)
    if known is not None:
        return known
    low = name.strip(" \t").lower()
    return KEYS.get(low, low)
