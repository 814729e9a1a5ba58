"""
Is this SIP, and if not, what is it? Judged by the first octets, never by the port alone.

Facts
- SIP runs on any port, so the start line decides. `SIP-Version` is case-insensitive (RFC 3261 §7.1) and a method is any
  token (§25.1); torture messages also put several spaces between the parts (RFC 4475 §3.1.1.1), so the shape is what
  counts: a token, something, a version.
- The first octet tells STUN (0-3), DTLS (20-63) and RTP (128-191) apart (RFC 7983 §7); the second tells RTCP (192-223)
  from RTP (RFC 5761 §4).
"""

from __future__ import annotations

import re

__all__ = [
    "PREFIXES", "SIP_TLS_PORTS", "find_start", "is_sip", "may_become_sip", "name_of_datagram", "name_of_stream",
]  # fmt: skip

PREFIXES = frozenset(
    (b"SIP/", b"INVI", b"ACK ", b"BYE ", b"CANC", b"OPTI", b"REGI", b"PRAC", b"SUBS", b"NOTI", b"PUBL", b"INFO",
     b"REFE", b"MESS", b"UPDA")
)  # fmt: skip
"First four octets of every response and of every registered method (IANA SIP parameters): a cheap first question."

SIP_TLS_PORTS = frozenset((5061, 5081))
"Ports on which TLS means SIP: 5061 is registered (RFC 3261 §19.1.2), 5081 is what FreeSWITCH uses outside."

# Request-Line = Method SP Request-URI SP SIP-Version CRLF; Status-Line = SIP-Version SP Status-Code SP Reason CRLF
# (RFC 3261 §7.1, §7.2). A method longer than 32 octets is not known to exist; the limit and the
# possessive quantifiers keep the search linear.
_TOKEN = rb"[A-Za-z0-9.!%*_+`'~-]"
_LINE = (
    rb"(?:SIP/[0-9]++\.[0-9]++[ \t]++[0-9]|"
    + _TOKEN
    + rb"{1,32}+[ \t]++[^\r\n]*?[ \t]SIP/[0-9]++\.[0-9]++[ \t]*+\r?\n)"
)
_START = re.compile(_LINE, re.IGNORECASE)
_FIND = re.compile(rb"\n" + _LINE, re.IGNORECASE)
# What a start line looks like while its end is still to come: a token, then a URI, no control characters.
_PARTIAL = re.compile(
    rb"(?:" + _TOKEN + rb"{1,32}|SIP(?:/[0-9.]*)?)(?:[ \t][^\x00-\x08\x0a-\x1f]*)?\r?\Z", re.IGNORECASE
)
_CUT = re.compile(_TOKEN + rb"{1,32} <?(?:sips?|tel|urn):[^\x00-\x08\x0a-\x1f]*\Z", re.IGNORECASE)

_TUNNELLED_TLS = (b"\x14\x03", b"\x15\x03", b"\x16\x03", b"\x17\x03")
_HTTP = re.compile(rb"(?:HTTP/1\.[01] |(?:GET|POST|PUT|HEAD|DELETE|PATCH|CONNECT|OPTIONS) [^\r\n]* HTTP/1\.[01]\r?\n)")
_STUN_COOKIE = b"\x21\x12\xa4\x42"
_UDP_PORTS = {
    53: "dns", 5353: "dns", 5355: "dns", 67: "dhcp", 68: "dhcp", 546: "dhcp", 547: "dhcp", 161: "snmp", 162: "snmp",
    500: "ike", 514: "syslog", 1900: "ssdp", 2427: "mgcp", 2727: "mgcp", 2944: "mgcp", 1719: "h323",
    1701: "l2tp",
}  # fmt: skip
_TCP_PORTS = {53: "dns", 514: "syslog", 1720: "h323", 2855: "msrp"}


def is_sip(data: bytes | bytearray, at: int = 0, *, cut: bool = False) -> bool:
    """Say whether a SIP start line begins at `at`; with `cut`, a Request-Line that broke off in its URI will do."""
    if _START.match(data, at) is not None:
        return True
    return cut and _CUT.match(data, at) is not None


def find_start(data: bytes | bytearray, at: int = 0) -> int:
    """Offset of the next SIP start line after a line end at or after `at`; -1 when there is none."""
    found = _FIND.search(data, at)
    return -1 if found is None else found.start() + 1


def may_become_sip(data: bytes | bytearray, at: int = 0) -> bool:
    """Say whether `data` from `at`, which holds no complete line yet, could still grow into a SIP start line."""
    return _PARTIAL.match(data, at) is not None


def name_of_datagram(data: bytes, sport: int, dport: int) -> str:
    """Name a UDP payload that is not SIP and no tunnel: the cause under which it is skipped."""
    size = len(data)
    if size <= 4 or not data.strip(b"\r\n\x00 "):
        return "keepalive"
    if sport == 4500 or dport == 4500:
        return "ike" if data[:4] == b"\x00\x00\x00\x00" else "encrypted-esp"  # RFC 3948 §2.2: the non-ESP marker
    name = _UDP_PORTS.get(dport) or _UDP_PORTS.get(sport)
    if name is not None:
        return name
    first = data[0]
    if first < 4 and size >= 20 and (data[4:8] == _STUN_COOKIE or (size - 20 == data[2] * 256 + data[3])):
        return "stun"
    if 64 <= first < 80 and size - 4 - (data[2] * 256 + data[3]) in range(4):
        return "stun"  # ChannelData, RFC 8656 §12.4: channel number, length, padding to four
    if 20 <= first < 64 and size >= 13 and data[1:2] == b"\xfe" and data[2] in (0xFF, 0xFD, 0xFC):
        return "encrypted-dtls"  # RFC 6347 §4.1: type, version 254.255, 254.253 or 254.252
    if 128 <= first < 192 and sport >= 1024 and dport >= 1024 and size >= 8:
        return "rtcp" if 192 <= data[1] < 224 else "rtp"
    if (sport == 443 or dport == 443) and first >= 0x40:
        return "encrypted-quic"
    if b" HTTP/1." in data[:200] or data[:7] == b"HTTP/1.":
        return "ssdp"
    return "udp-other"


def name_of_stream(data: bytes | bytearray, sport: int, dport: int) -> str:
    """Name a TCP stream that is not SIP by what it begins with: the cause under which its segments are skipped."""
    if data[:2] in _TUNNELLED_TLS:
        return "encrypted-sip-tls" if sport in SIP_TLS_PORTS or dport in SIP_TLS_PORTS else "encrypted-tls"
    if data[:5] == b"MSRP ":
        return "msrp"
    if data[:5] == b"RTSP/" or b" RTSP/1.0\r\n" in data[:512]:
        return "rtsp"
    if _HTTP.match(data) is not None:
        return "http"
    return _TCP_PORTS.get(dport) or _TCP_PORTS.get(sport) or "tcp-other"
