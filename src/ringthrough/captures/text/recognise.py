"""Telling a text trace from call records, captures and everything else, by its first octets."""

from __future__ import annotations

import io
import re

from ringthrough.captures.compression import compression_of
from ringthrough.captures.source import FileSource
from ringthrough.captures.text.between import MENTION
from ringthrough.captures.text.heads import HEAD_LINES, read_head
from ringthrough.captures.text.shapes import FOLD, START
from ringthrough.captures.text.starting import Start, judge
from ringthrough.captures.text.tidying import pieces, unfold

__all__ = ["is_text", "looks_like_text_trace"]

_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MOST_CONTROL = 0.02
"Share of control characters that a text may have: tcpdump -A prints none but line ends and tabs."
_RECORDS = (b"{", b"[{", b"<", b'"')
"How files of records begin: JSON, XML, CSV with quoted fields. They may name a status without being a log."
_TOOLS = (
    (rb"^[UT?](?:\([0-9]+\))? .* -> .*", "ngrep or sipgrep"),
    (rb"-{1,3}> ", "sngrep or HOMER"),
    (rb"SIP (?:request|response) \([0-9]+ bytes\)", "Asterisk's pjsip logger"),
    (rb"SIP read from|ransmitting ", "Asterisk's chan_sip"),
    (rb"[TR]X [0-9]+ bytes", "PJSIP"),
    (rb"(?:recv|send) [0-9]+ bytes", "sofia-sip (FreeSWITCH siptrace, drachtio)"),
    (rb"SIPInterface", "AudioCodes syslog"),
    (rb"(?:Incoming|Outgoing) SIP", "Cisco CUCM SDL"),
    (rb"new bytes from|message sent to", "belle-sip (Linphone)"),
    (rb"On \[[0-9]+:[0-9]+\]", "Oracle sipmsg.log"),
    (rb" > .*: ", "tcpdump"),
    (rb"^(?:Sent|Received):", "Cisco debug ccsip"),
    (rb" message (?:sent|received)", "SIPp -trace_msg"),
)


def is_text(head: bytes) -> bool:
    """Say whether octets are text, in any encoding that a trace may have."""
    if head.startswith(_UTF16):
        return True
    return b"\x00" not in head and len(_CONTROL.findall(head)) <= len(head) * _MOST_CONTROL


def looks_like_text_trace(octets: bytes) -> str | None:
    """
    Say whether a file is a text trace.

    Args:
        octets: its first octets, unpacked; 64 KiB will do unless a log begins with much that is no SIP.

    Returns:
        Why it is one, in a few words; None when it is not, or not seen to be.
    """
    if not octets or compression_of(octets[:6]) or not is_text(octets[:4096]):
        return None
    text = unfold(b"".join(pieces(FileSource(io.BytesIO(octets), ""))))
    for found in START.finditer(text):
        start = judge(text, found, 0)
        if start is not None and not start.alone:
            return _why(text, start)
        if start is not None:
            tool = _tool(text, start)
            if tool:
                return f"{tool}: start lines of SIP messages from line {_line(text, start.at)}"
    if not text.lstrip().startswith(_RECORDS):
        mention = MENTION.search(text)
        if mention is not None:
            return f"log lines that name SIP messages from line {_line(text, mention.start())}, but no message"
    return None


def _why(text: bytes, start: Start) -> str:
    tool = "tshark -V" if start.tree else _tool(text, start)
    return f"{tool or 'text'}: a SIP message at line {_line(text, start.at)}"


def _line(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + text.count(FOLD, 0, at) + 1


def _tool(text: bytes, start: Start) -> str:
    """The tool whose line stands above a message; empty when none is known."""
    above = text[max(0, start.line - 2048) : start.line].rstrip().split(b"\n")[-HEAD_LINES:]
    for line in (start.prefix, *reversed(above)):
        if read_head(line.rstrip()) is not None:
            return next((tool for pattern, tool in _TOOLS if re.search(pattern, line)), "")
    return ""
