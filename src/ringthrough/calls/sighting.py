"""A `Sighting`: one SIP message seen at a place and a time, whatever kind of source it came from."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CUT", "ENCRYPTED_HOP", "Sighting"]

CUT = 1
"Flag: the capture holds only the beginning of the message (snap length, lost fragment or segment, end of file)."
ENCRYPTED_HOP = 2
"Flag: the message travelled encrypted and reached us decrypted (exported PDU, HEP from a TLS endpoint)."


class Sighting(NamedTuple):
    """
    One SIP message at one place and time.

    A plain tuple in all but name: readers make millions of them, so it holds what the reader has at hand and no object
    that costs time to build. Addresses are the octets from the packet; `calls.addresses` makes text of them.
    """

    at_us: int
    "When it was captured: microseconds since 1970-01-01 UTC."
    file: int
    "Index of the file in the data set, from 0."
    frame: int
    "Number of the record that completed the message, from 1, as Wireshark counts."
    transport: str
    "`udp`, `tcp`, `tls`, `ws`, `wss`, `sctp`, or empty when the source does not say."
    src: bytes
    "Source address, 4 or 16 octets; empty when the source does not say."
    sport: int
    "Source port, 0 when unknown."
    dst: bytes
    "Destination address, 4 or 16 octets; empty when the source does not say."
    dport: int
    "Destination port, 0 when unknown."
    data: bytes
    "The message: start line, header fields, empty line, body. Trailing octets of its datagram included."
    flags: int = 0
    "`CUT` and `ENCRYPTED_HOP`, or'ed."
    ident: int = -1
    "IPv4 identification or other per-packet mark that a mirrored copy shares with its original; -1 when unknown."
