"""
Exported PDUs (link type 252): messages that Wireshark or tshark wrote out above the transport, often decrypted.

A list of tags {u16 type, u16 length, value, padded to four} ends with type 0; the message follows. The tags say which
dissector the message is for and which addresses it had.

Source: Wireshark `epan/exported_pdu.h`; the registry of link types, LINKTYPE_WIRESHARK_UPPER_PDU.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ringthrough.captures.sniff import SIP_TLS_PORTS

__all__ = ["Exported", "read_exported"]

_TAG = Struct("!HH").unpack_from
_MAX_TAGS = 64
_DISSECTOR = 12
_HEURISTIC = 13
_TABLE = 14
_ADDRESSES = {20: 4, 21: 4, 22: 16, 23: 16}
_SOURCES = (20, 22)
_PORT_TYPES = {1: "sctp", 2: "tcp", 3: "udp"}


class Exported(NamedTuple):
    """One exported message and where it came from."""

    protocol: str
    "Name of the dissector: `sip`, `sip.tcp`, `http` ..."
    src: bytes
    sport: int
    dst: bytes
    dport: int
    transport: str
    "`udp`, `tcp`, `tls`, `sctp`; empty when not said."
    at: int
    "Offset of the message in the record."


def read_exported(data: bytes) -> Exported | str:
    """Read the tags of an exported PDU, or give the cause why they cannot be read."""
    protocol = ""
    src = dst = b""
    sport = dport = 0
    transport = ""
    at = 0
    for _ in range(_MAX_TAGS):
        kind, size = _TAG(data, at)
        at += 4
        if at + size > len(data):
            return "bad-exported"
        value = data[at : at + size]
        # Wireshark counts the padding into the length; a writer that does not has its next tag at the next word.
        at += (size + 3) & ~3
        if kind == 0:
            break
        if kind in (_DISSECTOR, _HEURISTIC, _TABLE):
            protocol = protocol or value.rstrip(b"\x00").decode("ascii", "replace").lower()
        elif kind in _ADDRESSES and size == _ADDRESSES[kind]:
            if kind in _SOURCES:
                src = value
            else:
                dst = value
        elif kind == 24 and size == 4:
            transport = _PORT_TYPES.get(value[3], "")
        elif kind == 25 and size == 4:
            sport = (value[2] << 8) | value[3]
        elif kind == 26 and size == 4:
            dport = (value[2] << 8) | value[3]
    else:
        return "bad-exported"
    if transport in ("", "tcp") and (sport in SIP_TLS_PORTS or dport in SIP_TLS_PORTS):
        transport = "tls"
    return Exported(protocol, src, sport, dst, dport, transport or _named(protocol), min(at, len(data)))


def _named(protocol: str) -> str:
    """Transport that a dissector's own name gives away."""
    return {"sip.udp": "udp", "sip.tcp": "tcp", "sip_udp": "udp", "sip_tcp": "tcp"}.get(protocol, "")
