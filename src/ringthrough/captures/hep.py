"""
HEP, the encapsulation of Homer: what a capture agent sent on, with the addresses and times of the original.

Version 3 ("HEP3", at first "EEP3") is a list of chunks; versions 1 and 2 are a fixed header. Inside a capture HEP
rides on any UDP port, and version 3 also on TCP, where its length cuts the stream.

Source: HEP3 network protocol specification, revision 37; Kamailio `siptrace_hep.c` for the little-endian times of
version 2 and for the protocol numbers that stand for TLS and WebSocket.
"""

from __future__ import annotations

import zlib
from struct import Struct
from typing import NamedTuple

__all__ = ["HEP_MAGIC", "Hep", "read_hep", "read_hep_1_2"]

HEP_MAGIC = (b"HEP3", b"EEP3")
"First octets of version 3."

_LIMIT_OCTETS = 1 << 20
_MAX_CHUNKS = 256
_CHUNK = Struct("!HHH").unpack_from
_U16 = Struct("!H").unpack_from
_OLD = Struct("!BBBBHH").unpack_from
_OLD_TIME = Struct("<II").unpack_from

# IP protocol numbers, and 22 and 50 that OpenSIPS and Kamailio send for TLS and WebSocket, which have no number.
_TRANSPORTS = {17: "udp", 6: "tcp", 132: "sctp", 22: "tls", 50: "ws"}


class Hep(NamedTuple):
    """One message as a capture agent reported it."""

    src: bytes
    "Source of the original, 4 or 16 octets; empty when not said."
    sport: int
    dst: bytes
    "Destination of the original, 4 or 16 octets; empty when not said."
    dport: int
    transport: str
    "`udp`, `tcp`, `tls`, `ws`, `sctp`; empty when not said."
    at_us: int
    "When the agent saw it, microseconds since 1970 UTC; 0 when not said."
    data: bytes
    "The message."


def read_hep(data: bytes, at: int = 0) -> Hep | str:
    """Read HEP version 3 at `at`, or give the cause why there is no message in it."""
    total = _U16(data, at + 4)[0] if len(data) >= at + 6 else 0
    end = at + total
    if total < 6 or end > len(data):
        return "bad-hep"
    chunks: dict[int, bytes] = {}
    at += 6
    for _ in range(_MAX_CHUNKS):
        if at + 6 > end:
            break
        vendor, kind, size = _CHUNK(data, at)
        if size < 6 or at + size > end:
            return "bad-hep"
        if vendor == 0:
            chunks.setdefault(kind, data[at + 6 : at + size])
        at += size
    if _number(chunks, 0x0B) not in (1, -1):
        return "hep-other"
    payload = chunks.get(0x0F)
    if payload is None:
        payload = _inflate(chunks.get(0x10, b""))
    if not payload:
        return "hep-other"
    seconds, rest = _number(chunks, 0x09), _number(chunks, 0x0A)
    return Hep(
        _address(chunks, 0x03, 0x05),
        max(0, _number(chunks, 0x07)) & 0xFFFF,
        _address(chunks, 0x04, 0x06),
        max(0, _number(chunks, 0x08)) & 0xFFFF,
        _TRANSPORTS.get(_number(chunks, 0x02), ""),
        seconds * 1_000_000 + max(0, rest) if seconds > 0 else 0,
        payload,
    )


def read_hep_1_2(data: bytes, at: int = 0) -> Hep | None:
    """Read HEP version 1 or 2 at `at`; None when it is not one. It has no mark, so every field has to fit."""
    if len(data) < at + 16:
        return None
    version, size, family, protocol, sport, dport = _OLD(data, at)
    width = {2: 4, 10: 16}.get(family, 0)
    if version not in (1, 2) or not width or protocol not in _TRANSPORTS or size not in (8 + 2 * width, 20 + 2 * width):
        return None
    addresses = at + 8
    start = addresses + 2 * width
    at_us = 0
    if version == 2:
        if len(data) < start + 12:
            return None
        seconds, rest = _OLD_TIME(data, start)  # then capture id and two octets of padding
        at_us = seconds * 1_000_000 + rest
        start += 12
    return Hep(
        data[addresses : addresses + width],
        sport,
        data[addresses + width : addresses + 2 * width],
        dport,
        _TRANSPORTS[protocol],
        at_us,
        data[start:],
    )


def _number(chunks: dict[int, bytes], kind: int) -> int:
    value = chunks.get(kind)
    return int.from_bytes(value[:4], "big") if value else -1


def _address(chunks: dict[int, bytes], v4: int, v6: int) -> bytes:
    value = chunks.get(v4)
    if value is not None and len(value) == 4:
        return value
    value = chunks.get(v6)
    return value if value is not None and len(value) == 16 else b""


def _inflate(data: bytes) -> bytes:
    """Unpack a payload of zlib or gzip, at most `_LIMIT_OCTETS`; what cannot be unpacked is empty."""
    try:
        return zlib.decompressobj(47).decompress(data, _LIMIT_OCTETS)
    except zlib.error:
        return b""
