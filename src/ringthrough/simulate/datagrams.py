"""A `Datagram`: what one element of the made-up network sent to another, before any link layer is put around it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["JUNK", "RTP", "SIP", "Datagram"]

SIP = "sip"
"A complete SIP message."
RTP = "rtp"
"A packet of audio."
JUNK = "junk"
"Keep-alives, torn messages and whatever else ends up on a signalling port: never a complete SIP message."


class Datagram(NamedTuple):
    """One message on its way from one address to another."""

    at_us: int
    "When the capture point saw it: microseconds since 1970-01-01 UTC."
    transport: str
    "`udp`, `tcp` or `ws`."
    src: bytes
    "Source address, 4 or 16 octets."
    sport: int
    "Source port."
    dst: bytes
    "Destination address, 4 or 16 octets."
    dport: int
    "Destination port."
    payload: bytes
    "The message, without any framing of its transport."
    ident: int
    "IPv4 identification, 0..65535; a mirrored copy has that of its original."
    kind: str = SIP
    "`SIP`, `RTP` or `JUNK`."
