"""
The line that a tool writes above a message: who sent it to whom, and over what.

Facts
- Two kinds of lines matter: those that name both ends (ngrep, sipgrep, sngrep, HOMER, tcpdump, Oracle), and those that
  name the peer and a direction, since the writer is the other end (Asterisk, FreeSWITCH, CUCM, AudioCodes, PJSIP).
  Of the latter the unknown end stays empty: `from` fills the source, `to` the destination.
- Host names and what is no address stay empty too; nothing is looked up.
- Cisco IOS, SIPp and browser consoles say the direction at most; then both ends are empty.

Sources: ngrep.c and sipgrep.c (dump functions), sngrep `capture_packet_save`, tcpdump print-ip.c, Asterisk
res_pjsip_logger.c and chan_sip.c, sofia-sip tport_logging.c, Cisco `debug ccsip messages`, SIPp logger.cpp,
AudioCodes and Oracle manuals on syslog and sipmsg.log.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

__all__ = ["HEAD_LINES", "RULE", "Head", "address", "is_head", "read_head"]

HEAD_LINES = 8
"How many lines that are not blank may lie between the line that names the ends and the message, garbage included."


class Head(NamedTuple):
    """What a line says about the message below it."""

    kind: str
    "`packet` when a line stands for a packet, `log` when for a message; `mark` when it only says that one follows."
    transport: str
    "As in `Sighting`; empty when the line does not say."
    src: bytes
    sport: int
    dst: bytes
    dport: int
    stamp: bytes
    "The part of the line that may hold its time."
    above: bool = False
    "The time is on the line above."


_V4 = rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_V6 = rb"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%\w+)?"
_ARROW = re.compile(
    rb"(?:^|[\s\]])\[?([^\s\[\]]+)\]?:([0-9]{1,5})[ \t]+-{1,3}>[ \t]+\[?([^\s\[\]]+)\]?:([0-9]{1,5})(?![^\s\[(,;])"
)
_TCPDUMP = re.compile(
    rb"(?:^|[ \t])([^\s>]+)\.([0-9]{1,5}|[a-z][\w-]*) > ([^\s>]+)\.([0-9]{1,5}|[a-z][\w-]*): (?=(Flags )?)"
)
_ORACLE = re.compile(
    rb"\bOn \[[0-9]+:[0-9]+\]\[?(" + _V4 + rb"|" + _V6 + rb")\]?[:.]([0-9]{1,5}) (sent to|received from) "
    rb"(?:\[[0-9]+:[0-9]+\])?\[?(" + _V4 + rb"|" + _V6 + rb")\]?[:.]([0-9]{1,5})"
)  # fmt: skip
# What makes a line with `from` or `to` and an address the head of a message, tool by tool.
_SIGNATURE = re.compile(
    rb"SIP (?:request|response) \([0-9]+ bytes\) (?:to|from) "
    rb"|SIP read from "
    rb"|ransmitting (?:#[0-9]+ )?\((?:no )?NAT\) to "
    rb"|\b(?:recv|send|received|sent) [0-9]+ bytes (?:from|to) "
    rb"|\b(?:Incoming|Outgoing) SIP (?:\w+ )?[Mm]essage (?:from|to) "
    rb"|: received \[[0-9]+\] new bytes from \["
    rb"|message sent to \["
    rb"|\b[TR]X [0-9]+ bytes (?:Request|Response) msg "
    rb"|^(?:Sent to|Received from) (?:udp|tcp|tls):"
)
_PEER = re.compile(
    rb"\b(?i:(from|to))[ \t]+\[?(?:(?i:(udp|tcp|tls|wss?|sctp))(?:://|/|:|[ \t]))?"
    rb"(?:\[(" + _V6 + rb"|" + _V4 + rb")\]|(" + _V4 + rb"))?(?::([0-9]{1,5})|[ \t]+on port ([0-9]{1,5}))?"
)  # fmt: skip
_TRANSPORT = re.compile(rb"\b(?i:(udp|tcp|tls|wss?|sctp))\b")
_AT = re.compile(rb" at ([0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+)")
# Lines that say that a message follows and no more. Their time stands above, or on the line itself.
_MARK = re.compile(
    rb"^(?:(Sent|Received):[ \t]*$|(\w{2,4}) message (?:sent|received) [(\[]([0-9]+)|.*ccsipDisplayMsg:"
    rb"|.*\b(?i:sending|received|sent)\b(?: \w+)?(?i: websocket)?(?: \w+)? message:[ \t]*$)"
)
RULE = re.compile(rb"[ \t]*(?:[-=*_]{3,}[ \t]*|<-{3,}>?[ \t]*)$")
"A line that only separates."
_PORT_NAMES = {b"sip": 5060, b"sips": 5061, b"sip-tls": 5061}


@lru_cache(maxsize=65536)
def address(text: bytes) -> bytes:
    """Octets of an address; empty for what is none, such as a host name."""
    try:
        return ip_address(text.partition(b"%")[0].decode("ascii")).packed
    except (ValueError, UnicodeDecodeError):
        return b""


def _port(text: bytes | None) -> int:
    if text is None:
        return 0
    port = int(text) if text.isdigit() else _PORT_NAMES.get(text, 0)
    return port if port < 65536 else 0


def read_head(line: bytes) -> Head | None:
    """
    Read a line as the head of a message.

    Args:
        line: without its line end.
    """
    if b"-> " in line and (found := _ARROW.search(line)) is not None:
        src, sport, dst, dport = found.groups()
        stamp = line[: found.start()]
        return Head("packet", _arrow_transport(stamp), address(src), _port(sport), address(dst), _port(dport), stamp)
    if (b" to " in line or b" from " in line) and _SIGNATURE.search(line) is not None:
        return _one_end(line)
    if b" > " in line and (found := _TCPDUMP.search(line)) is not None:
        src, sport, dst, dport, flags = found.groups()
        one, two = address(src), address(dst)
        # `a.b > c.d:` occurs in prose as well; an address or a time tell that this is a packet
        if one or two or line[:2].isdigit():
            transport = "tcp" if flags else "udp"
            stamp = line[: found.start()]
            above = not stamp.strip()
            return Head("packet", transport, one, _port(sport), two, _port(dport), stamp, above)
        return None
    if b"On [" in line and (found := _ORACLE.search(line)) is not None:
        here, here_port, way, there, there_port = found.groups()
        ends = (address(here), _port(here_port), address(there), _port(there_port))
        if way == b"received from":
            ends = (*ends[2:], *ends[:2])
        return Head("log", "", *ends, line[: found.start()])
    if b"essage" in line or b"ccsipDisplayMsg" in line or line[:4] in (b"Sent", b"Rece"):
        found = _MARK.match(line)
        if found is None:
            return None
        transport = found[2].lower().decode("ascii") if found[2] else ""
        return Head("mark", transport if _TRANSPORT.match(found[2] or b"") else "", b"", 0, b"", 0, line[:80], True)
    return None


def _arrow_transport(stamp: bytes) -> str:
    """ngrep and sipgrep begin the line with U or T, HOMER with `proto:UDP`; sngrep does not say."""
    first = stamp[:2]
    if first in (b"U", b"U ", b"U("):
        return "udp"
    if first in (b"T", b"T ", b"T("):
        return "tcp"
    found = _TRANSPORT.search(stamp)
    return found[1].lower().decode("ascii") if found is not None else ""


def _one_end(line: bytes) -> Head:
    found = None
    for found in _PEER.finditer(line):
        if found[2] or found[3] or found[4]:
            break
    else:
        return Head("log", "", b"", 0, b"", 0, line[:80])
    way, transport, six, four, port, on_port = found.groups()
    peer = address(six or four or b"")
    number = _port(port or on_port) if peer else 0
    if peer and not number and b"/[" in line:
        number = 5061 if transport and transport.lower() == b"tls" else 5060  # sofia leaves the default port out
    if transport is None:
        named = _TRANSPORT.search(line)
        transport = named[1] if named is not None else b""
    name = transport.lower().decode("ascii")
    late = _AT.search(line, found.end())
    stamp = line[: found.start()]
    if late is not None and not _DATED.search(stamp):
        stamp = late[1]
    elif b"[Time:" in line:
        stamp = line[line.index(b"[Time:") :]
    if way.lower() == b"from":
        return Head("log", name, peer, number, b"", 0, stamp)
    return Head("log", name, b"", 0, peer, number, stamp)


_DATED = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]")


def is_head(line: bytes) -> bool:
    """Say whether a line is the head of a message (or of a packet), or begins or ends one visibly."""
    return RULE.match(line) is not None or read_head(line) is not None
