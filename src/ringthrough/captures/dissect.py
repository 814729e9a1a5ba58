"""
From a captured record to the SIP messages in it.

Theory of operation
- `feed` holds the one path that a day of calls takes a million times: Ethernet, IPv4 without options or fragments, UDP,
  SIP or RTP. It reads all headers with one unpack and calls nothing for a message. Whatever does not fit goes to
  `_walk`, which steps through any nesting of links, tunnels and IP, layer by layer.
- Every record is counted once in the tally: it completed SIP (`sip`), was skipped or was spoilt for a named cause.
  What belongs to no single record (lost fragments, holes in streams) is counted in the tally's notes.
- Time is the capture's own. Datagrams and streams that wait are looked at once a second of it, and at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812

from ringthrough.calls.sighting import CUT, ENCRYPTED_HOP, Sighting
from ringthrough.captures.causes import SPOILS
from ringthrough.captures.exported import read_exported
from ringthrough.captures.hep import HEP_MAGIC, Hep, read_hep, read_hep_1_2
from ringthrough.captures.ip import Fragments, Lost, Packet, read_ipv4, read_ipv6
from ringthrough.captures.link import LAYERS, LINKS
from ringthrough.captures.records import Row
from ringthrough.captures.sniff import PREFIXES, is_sip, name_of_datagram
from ringthrough.captures.tally import Tally
from ringthrough.captures.tcp import Found, Streams
from ringthrough.captures.tunnels import PROTOCOLS, TUNNELS, UDP_TUNNELS

__all__ = ["Dissector"]

_MAX_LAYERS = 40
_LINK_EXPORTED = 252
_SWEEP_US = 1_000_000
_NEVER = 1 << 63

# Ethernet, IPv4 and UDP in one: EtherType with version and IHL, total length, identification, fragment, protocol,
# addresses, ports, length. 42 octets.
_FAST = Struct("!12x3sxHHHxBxx4s4sHHHxx").unpack_from
_FAST_OCTETS = 42
_PLAIN = Struct("!BxHHHxBxx4s4sHHHxx").unpack_from  # the same without Ethernet
_UDP = Struct("!HHH").unpack_from
_TCP = Struct("!HHI4xBB").unpack_from
_NO_MEDIA = frozenset((4500, 5353, *UDP_TUNNELS))
_READERS = LAYERS | TUNNELS
_FRAME_BITS = 40
_FRAMES = (1 << _FRAME_BITS) - 1
_new = tuple.__new__  # skips the Python-level `Sighting.__new__`, half of the cost of making one


class Dissector:
    """Finds SIP in the records of one capture file. Feed it every record in order, then call `finish`."""

    def __init__(self, *, file: int, tally: Tally) -> None:
        self._file = file
        self._tally = tally
        self._fragments = Fragments()
        self._noted: dict[str, int] = {}  # what streams noted, until it is moved to the tally of the file at hand
        self._streams = Streams(self._noted)
        self._files = [file]  # a mark is an index of this list and a frame: what waits remembers whence it came
        self._base = 0
        self._due = _NEVER  # capture time at which something that waits has to be looked at

    def go_on(self, *, file: int, tally: Tally) -> None:
        """Go on with the next file of the same capture: what waits for its rest keeps waiting, and its old frames."""
        self._file = file
        self._tally = tally
        self._base = len(self._files) << _FRAME_BITS
        self._files.append(file)

    @property
    def pending(self) -> int:
        """Octets of fragments and streams held, waiting for the rest."""
        return self._fragments.held + self._streams.held

    def feed(self, at_us: int, frame: int, link: int, data: bytes, cut: bool) -> Sequence[Sighting]:
        """
        Dissect one record.

        Args:
            at_us: capture time, microseconds since 1970 UTC.
            frame: number of the record in its file, from 1.
            link: link type of its interface.
            data: octets of the record.
            cut: the snap length left octets out.

        Returns:
            The SIP messages that this record completed, and those given up by now; mostly none.
        """
        if at_us >= self._due:
            late = self._expire(at_us)
            return [*late, *self.feed(at_us, frame, link, data, cut)]
        if link == 1 and len(data) >= _FAST_OCTETS:
            kind, total, ident, place, protocol, src, dst, sport, dport, size = _FAST(data)
            end = 34 + size
            if (
                kind == b"\x08\x00\x45"
                and protocol == 17
                and not place & 0x3FFF
                and total == size + 20
                and size > 12
                and end <= len(data)
            ):
                if data[42] < 128:
                    head = data[42:46]
                    if head in PREFIXES and (
                        data.find(b" SIP/2.0\r\n", 46, end) > 0 if head != b"SIP/" else data[46:50] == b"2.0 "
                    ):
                        tally = self._tally
                        tally.sip += 1
                        tally.messages += 1
                        fields = (at_us, self._file, frame, "udp", src, sport, dst, dport, data[42:end], 0, ident)
                        return (_new(Sighting, fields),)
                # The first two bits of RTP are 10 (RFC 3550 §5.1), the second octet of RTCP is 192-223 (RFC 5761 §4).
                elif (
                    data[42] < 192
                    and size >= 16
                    and sport >= 1024 <= dport
                    and dport not in _NO_MEDIA
                    and sport not in _NO_MEDIA
                ):
                    self._tally.skip("rtcp" if 192 <= data[43] < 224 else "rtp")
                    return ()
        try:
            return self._walk(at_us, self._base | frame, link, data)
        except (IndexError, StructError):
            self._tally.spoil("header-cut" if cut else "header-short")
            return ()

    def feed_rows(self, rows: Iterable[Row], *, acks: bool = True) -> list[Sighting]:
        """
        Dissect a batch of records: what `feed` gives for each, in one list, at less cost for the ordinary ones.

        Args:
            rows: records, in order.
            acks: hand out ACKs too. They are counted in any case; who builds calls has no use for them.
        """
        found: list[Sighting] = []
        append, prefixes, due, file = found.append, PREFIXES, self._due, self._file
        sip = 0
        for at_us, frame, link, data, cut in rows:
            if link == 1 and at_us < due and len(data) >= _FAST_OCTETS:
                kind, total, ident, place, protocol, src, dst, sport, dport, size = _FAST(data)
                end = 34 + size
                head = data[42:46]
                if (
                    head in prefixes
                    and kind == b"\x08\x00\x45"
                    and protocol == 17
                    and not place & 0x3FFF
                    and total == size + 20
                    and size > 12
                    and end <= len(data)
                    and (data[46:50] == b"2.0 " if head == b"SIP/" else data.find(b" SIP/2.0\r\n", 46, end) > 0)
                ):
                    sip += 1
                    if acks or head != b"ACK ":
                        fields = (at_us, file, frame, "udp", src, sport, dst, dport, data[42:end], 0, ident)
                        append(_new(Sighting, fields))
                    continue
            sightings = self.feed(at_us, frame, link, data, cut)
            due = self._due
            if sightings:
                found.extend(sightings)
        self._tally.sip += sip
        self._tally.messages += sip
        return found

    def finish(self) -> Sequence[Sighting]:
        """End of the file: hand out what stayed incomplete, flagged `CUT`, and count what was lost."""
        return self._expire(None)

    def _walk(self, at_us: int, mark: int, link: int, data: bytes) -> Sequence[Sighting]:
        """Step from layer to layer until SIP, a stream, a held fragment or a cause is reached."""
        if link == _LINK_EXPORTED:
            return self._exported(at_us, mark, data)
        layer, at = LINKS.get(link) or f"link-type-{link}", 0
        for _ in range(_MAX_LAYERS):
            reader = _READERS.get(layer)
            if reader is not None:
                layer, at = reader(data, at)
                continue
            if layer != "ipv4" and layer != "ipv6":
                return self._drop(layer)
            if layer == "ipv4" and (plain := self._plain(at_us, mark, data, at)) is not None:
                return plain
            packet = read_ipv4(data, at) if layer == "ipv4" else read_ipv6(data, at)
            if isinstance(packet, str):
                return self._drop(packet)
            if packet.end < len(data):
                data = data[: packet.end]  # Ethernet pads short frames: the packet ends where its header says
            at = packet.at
            missing = packet.end - len(data)
            if packet.offset or packet.more:
                whole = self._fragment(at_us, mark, packet, data[at:])
                if isinstance(whole, list):
                    return whole
                data, at, missing = whole, 0, 0
            if packet.protocol == 17:
                sport, dport, size = _UDP(data, at)
                if size == 0:
                    size = len(data) - at + missing  # jumbograms and segmentation offload leave it 0 (RFC 2675 §4)
                if size < 8:
                    return self._drop("bad-udp")
                payload = data[at + 8 : at + size]
                tunnel = UDP_TUNNELS.get(dport)
                if tunnel is None or is_sip(payload):
                    lost = size - 8 - len(payload)
                    return self._datagram(at_us, mark, packet, sport, dport, payload, lost > 0)
                data, layer, at = data[: at + size], tunnel, at + 8
            elif packet.protocol == 6:
                return self._segment(at_us, mark, packet, data, at, len(data) + missing)
            else:
                layer = PROTOCOLS.get(packet.protocol) or f"ip-protocol-{packet.protocol}"
        return self._drop("too-deep")

    def _plain(self, at_us: int, mark: int, data: bytes, at: int) -> Sequence[Sighting] | None:
        """Do what `feed` does at once, for an IPv4 packet found anywhere: SIP or RTP in plain UDP, or None."""
        if len(data) < at + 28:
            return None
        version, total, ident, place, protocol, src, dst, sport, dport, size = _PLAIN(data, at)
        start, end = at + 28, at + 20 + size
        if (
            version != 0x45
            or protocol != 17
            or place & 0x3FFF
            or total != size + 20
            or size < 16
            or end > len(data)
            or dport in _NO_MEDIA
            or sport in _NO_MEDIA
        ):
            return None
        head = data[start : start + 4]
        if head in PREFIXES:
            if (
                data.find(b" SIP/2.0\r\n", start + 4, end) > 0
                if head != b"SIP/"
                else data[start + 4 : start + 8] == b"2.0 "
            ):
                self._tally.sip += 1
                self._tally.messages += 1
                fields = (at_us, self._file, mark & _FRAMES, "udp", src, sport, dst, dport, data[start:end], 0, ident)
                return (_new(Sighting, fields),)
        elif 128 <= head[0] < 192 and sport >= 1024 <= dport:
            self._tally.skip("rtcp" if 192 <= head[1] < 224 else "rtp")
            return ()
        return None

    def _drop(self, cause: str) -> Sequence[Sighting]:
        if cause in SPOILS:
            self._tally.spoil(cause)
        else:
            self._tally.skip(cause)
        return ()

    def _fragment(self, at_us: int, mark: int, packet: Packet, data: bytes) -> bytes | list[Sighting]:
        """Add a fragment: the whole payload if that completed a datagram, else what to return for this record."""
        whole, kind, dropped = self._fragments.add(at_us, mark, packet, data)
        if kind == "bad":
            self._tally.spoil("bad-fragment")
            return []
        if self._due == _NEVER:
            self._due = at_us + _SWEEP_US
        if kind != "new":
            self._tally.note(f"fragment-{kind}")
        if whole is not None:
            return whole
        self._tally.skip("ip-fragment")
        return self._lost(dropped, "fragment-overflow")

    def _datagram(
        self, at_us: int, mark: int, packet: Packet, sport: int, dport: int, payload: bytes, cut: bool
    ) -> Sequence[Sighting]:
        """Judge the payload of a UDP datagram."""
        start = len(payload) - len(payload.lstrip(b"\r\n")) if payload[:1] in (b"\r", b"\n") else 0
        if is_sip(payload, start, cut=cut):
            self._tally.sip += 1
            ident = packet.ident if len(packet.src) == 4 else -1
            flags = CUT if cut else 0
            return [
                self._sighting(at_us, mark, "udp", packet.src, sport, packet.dst, dport, payload[start:], flags, ident)
            ]
        found: Hep | str | None
        if payload[:4] in HEP_MAGIC:
            found = read_hep(payload)
        else:
            found = read_hep_1_2(payload)
            if found is not None and not is_sip(found.data):
                found = None
        if found is not None:
            return self._hep(at_us, mark, found)
        return self._drop(name_of_datagram(payload, sport, dport))

    def _hep(self, at_us: int, mark: int, found: Hep | str) -> Sequence[Sighting]:
        """Hand out the message of a HEP packet with the addresses and time of the original."""
        if isinstance(found, str):
            return self._drop(found)
        if not is_sip(found.data.lstrip(b"\r\n")):
            return self._drop("hep-other")
        self._tally.sip += 1
        return [self._from_hep(at_us, mark, found)]

    def _from_hep(self, at_us: int, mark: int, found: Hep) -> Sighting:
        """Make a sighting with the addresses and time of the original; the record's time when HEP says none."""
        src, sport, dst, dport, transport, original_us, data = found
        flags = ENCRYPTED_HOP if transport == "tls" else 0
        data = data.lstrip(b"\r\n")
        return self._sighting(original_us or at_us, mark, transport, src, sport, dst, dport, data, flags)

    def _exported(self, at_us: int, mark: int, data: bytes) -> Sequence[Sighting]:
        """Hand out an exported PDU; its dissector's name is a hint, the start line decides."""
        found = read_exported(data)
        if isinstance(found, str):
            return self._drop(found)
        message = data[found.at :].lstrip(b"\r\n")
        if not is_sip(message):
            return self._drop("keepalive" if found.protocol.startswith("sip") and not message else "exported-other")
        self._tally.sip += 1
        flags = ENCRYPTED_HOP if found.transport == "tls" else 0
        return [
            self._sighting(at_us, mark, found.transport, found.src, found.sport, found.dst, found.dport, message, flags)
        ]

    def _segment(self, at_us: int, mark: int, packet: Packet, data: bytes, at: int, end: int) -> Sequence[Sighting]:
        """Pass a TCP segment to its stream and hand out the messages it completed."""
        sport, dport, sequence, offset, flags = _TCP(data, at)
        start = at + (offset >> 4) * 4
        if start < at + 20 or start > end:
            return self._drop("bad-tcp")
        payload = data[start:]
        address = (packet.src, sport, packet.dst, dport)
        streams = self._streams
        found, cause = streams.feed(at_us, mark, address, sequence, flags, payload, end - start - len(payload))
        if streams.waiting and self._due == _NEVER:
            self._due = at_us + _SWEEP_US
        made = self._messages(found)
        if self._noted:
            self._move_notes()
        if made and any(self._base | message.frame == mark and message.file == self._file for message in made):
            self._tally.sip += 1
        else:
            self._tally.skip(cause)
        return made

    def _messages(self, found: list[Found]) -> list[Sighting]:
        """Make sightings of what streams held; a HEP packet is opened first."""
        made: list[Sighting] = []
        for (src, sport, dst, dport), transport, data, flags, at_us, mark in found:
            if transport != "hep":
                made.append(self._sighting(at_us, mark, transport, src, sport, dst, dport, data, flags))
                continue
            packet = read_hep(data)
            if not isinstance(packet, str) and is_sip(packet.data.lstrip(b"\r\n")):
                made.append(self._from_hep(at_us, mark, packet))
        return made

    def _expire(self, at_us: int | None) -> list[Sighting]:
        """Give up what has waited too long at `at_us`, or everything; set when to look again."""
        late = self._lost(self._fragments.expire(at_us), "fragment-lost")
        late += self._messages(self._streams.expire(at_us))
        self._move_notes()
        waiting = at_us is not None and (len(self._fragments) or self._streams.waiting)
        self._due = at_us + _SWEEP_US if at_us is not None and waiting else _NEVER
        return late

    def _move_notes(self) -> None:
        """Hand what streams noted to the tally of the file at hand."""
        for name, times in self._noted.items():
            self._tally.note(name, times)
        self._noted.clear()

    def _lost(self, datagrams: list[Lost], note: str) -> list[Sighting]:
        """Count datagrams given up; a first fragment that begins a SIP message still gives a `CUT` sighting."""
        made: list[Sighting] = []
        for packet, data, at_us, mark in datagrams:
            self._tally.note(note)
            if packet.protocol == 17 and len(data) > 8 and is_sip(data, 8, cut=True):
                sport, dport, _ = _UDP(data)
                ident = packet.ident if len(packet.src) == 4 else -1
                made.append(
                    self._sighting(at_us, mark, "udp", packet.src, sport, packet.dst, dport, data[8:], CUT, ident)
                )
        return made

    def _sighting(
        self, at_us: int, mark: int, transport: str, src: bytes, sport: int, dst: bytes, dport: int, data: bytes,
        flags: int, ident: int = -1,
    ) -> Sighting:  # fmt: skip
        """Make a sighting and count the message."""
        self._tally.messages += 1
        if flags & CUT:
            self._tally.note("message-cut")
        file, frame = self._files[mark >> _FRAME_BITS], mark & _FRAMES
        return Sighting(at_us, file, frame, transport, src, sport, dst, dport, bytes(data), flags, ident)
