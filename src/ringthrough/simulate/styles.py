"""
How different makers write the same message: header names, spaces, order, folding.

All of it is legal by RFC 3261 §7.3: names in any case or in compact form, white space around the colon, header fields
in any order, long ones folded. A reader that was grown on one maker's messages fails on the next maker's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["STYLES", "Header", "Style"]

Header = tuple[str, str]
"Name as the RFC writes it, and value."

# RFC 3261 §7.3.3 and the later registrations: k (3261), u o (6665), x (4028), y n (8224 and its Identity-Info).
_COMPACT = {
    "Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Length": "l", "Content-Type": "c",
    "Supported": "k", "Subject": "s", "Session-Expires": "x", "Identity": "y",
}  # fmt: skip
_EARLY = ("To", "From", "Call-ID", "CSeq", "Content-Length", "Via", "Record-Route", "Max-Forwards")
_LATE = ("Via", "Record-Route", "Contact", "Server", "User-Agent", "Reason", "CSeq", "Call-ID", "To", "From")
_VIA_FIRST = ("Via", "To", "From")


def _ranks(names: Sequence[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Style:
    """One maker's habits."""

    name: str
    "What we call it."
    names: Mapping[str, str] = field(default_factory=dict)
    "Header names that this maker writes in its own way."
    lower: bool = False
    "All other names in lower case."
    colon: str = ": "
    "What stands between name and value."
    ranks: Mapping[str, int] = field(default_factory=dict)
    "Headers that come first, in the order of these numbers; the others follow as they come."
    folds: bool = False
    "Long values continue on the next line."
    joins_vias: bool = False
    "All Via values in one header field, separated by commas."

    def render(self, start: str, headers: Sequence[Header], body: str = "") -> bytes:
        """Write one message; Content-Type and Content-Length are among `headers`."""
        if self.ranks:
            ranks = self.ranks
            headers = sorted(headers, key=lambda header: ranks.get(header[0], 99))
        if self.joins_vias:
            headers = _join_vias(headers)
        if self.names or self.lower or self.folds:
            headers = [(self._written(name), self._folded(value)) for name, value in headers]
        colon = self.colon
        lines = [start]
        lines += [name + colon + value for name, value in headers]
        lines.append("\r\n" + body)
        return "\r\n".join(lines).encode()

    def _written(self, name: str) -> str:
        return self.names.get(name) or (name.lower() if self.lower else name)

    def _folded(self, value: str) -> str:
        if not self.folds or len(value) < 48:
            return value
        # SEMI and COMMA allow white space around them (RFC 3261 §25.1), so a fold may stand before a parameter. A
        # quoted string may hold a semicolon that is none of ours: fold only in front of it.
        plain, quote, rest = value.partition('"')
        return plain.replace(";", "\r\n\t;", 1) + quote + rest


def _join_vias(headers: Sequence[Header]) -> list[Header]:
    vias = ", ".join(value for name, value in headers if name == "Via")
    at = next(index for index, header in enumerate(headers) if header[0] == "Via")
    rest = [header for header in headers if header[0] != "Via"]
    return [*rest[:at], ("Via", vias), *rest[at:]]


STYLES = (
    Style("plain"),
    Style("tight", colon=":"),
    Style("early", ranks=_ranks(_EARLY)),
    Style("lower", lower=True),
    Style("compact", names=_COMPACT, joins_vias=True),
    Style("loose", colon=" : ", ranks=_ranks(_LATE)),
    Style("folded", folds=True, ranks=_ranks(_VIA_FIRST)),
)
"The styles, the plainest first."
