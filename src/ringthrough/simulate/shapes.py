"""Shapes: the ways in which a capture can hold the same messages, and how a datagram becomes frames in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ringthrough.simulate import links
from ringthrough.simulate.datagrams import SIP, Datagram
from ringthrough.simulate.packets import TCP, UDP, ip_packets, udp_packet
from ringthrough.simulate.streams import Streams

__all__ = ["SHAPES", "Framer", "Shape"]

_MTU = 1500
_SMALL_MTU = 576


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which a capture can hold messages."""

    name: str
    "What we call it."
    says: str
    "What it is, in a few words."
    link: int
    "LINKTYPE of the file."
    frame: Callable[[bytes], bytes] | None = None
    "Puts the link layer around an IP packet; None for shapes without one."
    whole: Callable[[Datagram], bytes] | None = None
    "Makes the frame from the datagram itself, for shapes that keep no IP packet of it."
    transport: str = "udp"
    "Transport of the signalling: `udp`, `tcp` or `ws`."
    ipv6: bool = False
    "Elements talk IPv6."
    mtu: int = _MTU
    "Octets of the largest IP packet; larger ones are fragmented."
    segment_bytes: int = 1400
    "Octets of the largest TCP segment."
    disorder: bool = False
    "Fragments and segments come out of order now and then, segments also twice."


SHAPES: Mapping[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("ethernet", "Ethernet, IPv4, UDP", 1, links.ethernet),
        Shape("vlan", "Ethernet with one VLAN tag", 1, links.vlan),
        Shape("qinq", "Ethernet with two VLAN tags", 1, links.qinq),
        Shape("mpls", "Ethernet with two MPLS labels", 1, links.mpls),
        Shape("pppoe", "Ethernet with a PPPoE session", 1, links.pppoe),
        Shape("sll", "Linux cooked capture, version 1 (tcpdump -i any)", 113, links.sll),
        Shape("sll2", "Linux cooked capture, version 2", 276, links.sll2),
        Shape("raw", "IP packets without a link layer", 101, links.raw),
        Shape("null", "BSD loopback, host byte order", 0, links.null),
        Shape("loop", "BSD loopback, network byte order", 108, links.loop),
        Shape("ppp", "PPP", 9, links.ppp),
        Shape("nflog", "Linux netfilter log", 239, links.nflog),
        Shape("gre", "GRE around IP", 1, links.gre),
        Shape("ipip", "IP in IP", 1, links.ipip),
        Shape("erspan2", "ERSPAN type II: a mirror port far away", 1, links.erspan2),
        Shape("erspan3", "ERSPAN type III", 1, links.erspan3),
        Shape("vxlan", "VXLAN", 1, links.vxlan),
        Shape("geneve", "Geneve", 1, links.geneve),
        Shape("ipv6", "Ethernet, IPv6, UDP", 1, links.ethernet, ipv6=True),
        Shape("udp-fragments", "IPv4 fragments, some out of order", 1, links.ethernet, mtu=_SMALL_MTU, disorder=True),
        Shape(
            "ipv6-fragments",
            "IPv6 fragments, some out of order",
            1,
            links.ethernet,
            ipv6=True,
            mtu=_SMALL_MTU,
            disorder=True,
        ),
        Shape("tcp", "TCP", 1, links.ethernet, transport="tcp"),
        Shape(
            "tcp-small-mss",
            "TCP in small segments, some out of order, some twice",
            1,
            links.ethernet,
            transport="tcp",
            segment_bytes=300,
            disorder=True,
        ),
        Shape("websocket", "WebSocket (RFC 7118)", 1, links.ethernet, transport="ws"),
        Shape("hep3", "HEP version 3, sent to a collector", 1, whole=links.hep3),
        Shape("exported-pdu", "Protocol data exported by Wireshark", 252, whole=links.exported_pdu),
    )
}
"The shapes by name."


class Framer:
    """Makes frames from the datagrams of one capture, and remembers its TCP connections."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._streams = Streams(
            segment_bytes=shape.segment_bytes, disorder=shape.disorder, websocket=shape.transport == "ws"
        )
        self._fragmented = 0
        self._segments = 0

    def frames(self, datagram: Datagram) -> Iterator[bytes]:
        """
        Make the frames of one datagram, in the order in which they come.

        Only complete SIP messages fit into a shape that keeps no IP packet; anything else has no frame there.
        """
        shape = self._shape
        if shape.whole is not None:
            if datagram.kind == SIP:
                yield shape.whole(datagram)
            return
        if shape.frame is None:
            raise AssertionError("a shape has one way to make frames")
        if datagram.transport != "udp":
            for src, dst, segment in self._streams.segments(datagram):
                self._segments += 1
                for packet in ip_packets(src, dst, TCP, segment, ident=self._segments & 0xFFFF, mtu=shape.mtu):
                    yield shape.frame(packet)
            return
        _, _, src, sport, dst, dport, payload, ident, _ = datagram
        content = udp_packet(src, sport, dst, dport, payload)
        packets = ip_packets(src, dst, UDP, content, ident=ident, mtu=shape.mtu)
        if len(packets) > 1:
            self._fragmented += 1
            if shape.disorder and self._fragmented % 4 == 0:
                packets.reverse()
        for packet in packets:
            yield shape.frame(packet)
