"""
What SIP looks like inside other text: start lines anywhere on a line, header fields, and the ways to write a line end.

Facts
- `SIP/2.0` followed by a status or by the end of a line is rare outside of start lines: Via has `SIP/2.0/UDP`. So it is
  searched for first, over megabytes at a time, and the rest is judged only around what was found.
- The version is matched as RFC 3261 §7.1 writes it; traces with another case have not been seen.
- Line ends inside one-line forms are `\\r\\n` as letters (JSON, SQL dumps), `#015#012` (rsyslog), or `..` (ngrep).
"""

from __future__ import annotations

import re

__all__ = [
    "CLEAN",
    "CONTENT_LENGTH",
    "ESCAPED",
    "FIELD",
    "FOLD",
    "KNOWN_FIELD",
    "LOG_LINE",
    "SDP",
    "START",
    "request_start",
]

FOLD = b"\x0b"
"Stands for a line end that is no part of the text, such as those around a page break: counted, and left out."

START = re.compile(
    rb"SIP/2\.0(?:[ \t]{1,4}([1-6][0-9]{2})(?![0-9.:])|[ .]{0,2}\x0b*+(?=\n)"
    rb"|(?=\\{1,2}[rn]|#01[25]|\.\.[A-Za-z-]+[ ]?:|<CR>|\r))"
)
"Where a start line names its version: with a status, or at its end."

_METHODS = rb"INVITE|ACK|BYE|CANCEL|OPTIONS|REGISTER|PRACK|SUBSCRIBE|NOTIFY|PUBLISH|INFO|REFER|MESSAGE|UPDATE"
_REQUEST = re.compile(rb"(?:" + _METHODS + rb") [^\s\"<>]+ \Z")
_OTHER = re.compile(rb"(?<![A-Za-z0-9/:._-])[A-Z][A-Z_-]{2,19} (?:sips?|tel|urn):[^\s\"<>]+ \Z")

_NAMES = (
    rb"via|from|to|call-id|cseq|contact|max-forwards|record-route|route|content-length|content-type|user-agent|server|"
    rb"allow|allow-events|supported|require|proxy-[a-z]+|authorization|www-authenticate|accept(?:-[a-z]+)?|expires|"
    rb"reason|warning|date|identity|event|subscription-state|session-[a-z]+|min-[a-z]+|organization|subject|timestamp|"
    rb"remote-party-id|privacy|call-info|diversion|history-info|refer-to|referred-by|replaces|rack|rseq|retry-after|"
    rb"[xp]-[a-z0-9-]+|cisco-guid|error-info|alert-info|unsupported|mime-version|geolocation|path|service-route|"
    rb"accept-contact|feature-caps|content-disposition|in-reply-to|priority|[vftilmckrsuxabdejoy]"
)
KNOWN_FIELD = re.compile(rb"(?i:" + _NAMES + rb")[ \t]*:[ \t]*(?:(?=\S)|\n[ \t])")
"A header field with a name that is in use; what may follow a start line."
FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9.!%*_+'~-]*[ \t]*:")
"Any header field (RFC 3261 §25.1, `header-name` is a token)."
CLEAN = re.compile(
    rb"[^\n]++\n(?:[A-Za-z][A-Za-z0-9.!%*_+'~-]*+[ \t]*+:[^\n]*+\n|[ \t]++[^\s][^\n]*+\n)++"
)  # fmt: skip
"A start line and nothing but header fields and their continuations."
CONTENT_LENGTH = re.compile(rb"\n(?:[Cc]ontent-[Ll]ength|CONTENT-LENGTH|l)[ \t]*+:[ \t]*+([0-9]{1,9})[ \t.]*(?=\r?\n)")
CONTENT_TYPE = re.compile(rb"\n(?i:content-type|c)[ \t]*+:[ \t]*+([^\n;]*)")
SDP = re.compile(rb"(?:[a-z]=[^\n]*+(?:\n|\Z))*+")
"Lines of a session description (RFC 8866 §5)."
LOG_LINE = re.compile(
    rb"\[?(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ]|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-9][0-9] "
    rb"|[0-9]{2}:[0-9]{2}:[0-9]{2}[.,: ])"
)
"How a line of a log begins."
ESCAPED = re.compile(
    rb"\\{1,2}r\\{1,2}n|\\{1,2}n|#015#012|#012|<CR><LF>|<0d><0a>"
    rb"|\.\.(?=\.\.|(?i:" + _NAMES + rb")[ \t]*:|[a-z]=|\s*\Z)"
)  # fmt: skip
"A line end inside a one-line form."


def request_start(text: bytes, low: int, at: int) -> int:
    """
    Offset of the method of a request line.

    Args:
        text: the trace.
        low: where the line begins, at the earliest.
        at: where `SIP/2.0` was found.

    Returns:
        -1 when what is before it is no method and URI.
    """
    found = _REQUEST.search(text, low, at) or _OTHER.search(text, low, at)
    return -1 if found is None else found.start()
