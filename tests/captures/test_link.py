"""Each link layer on its own, around the same datagram."""

from __future__ import annotations

from struct import pack

import pytest

from ringthrough.captures.link import LAYERS, LINKS
from tests.captures.frames import A4, A6, B4, Tap, dissect, ethernet, ipv4, ipv6, sip, udp

V4 = ipv4(udp(sip()))
V6 = ipv6(udp(sip()))
TAG = pack("!HH", 0x6005, 0x0800)
NFLOG_BIG = b"\x0a\x00\x00\x07" + pack(">HH6s2x", 10, 5, b"mark")
NFLOG_MARK = b"\x08\x00\x05\x00\x00\x00\x00\x01"

CARRIES = [
    ("ethernet, IPv4", 1, ethernet(V4)),
    ("ethernet, IPv6", 1, ethernet(V6, 0x86DD)),
    ("802.1Q", 1, ethernet(TAG + V4, 0x8100)),
    ("802.1Q, IPv6", 1, ethernet(pack("!HH", 5, 0x86DD) + V6, 0x8100)),
    ("QinQ 802.1ad", 1, ethernet(pack("!HH", 100, 0x8100) + TAG + V4, 0x88A8)),
    ("QinQ 9100", 1, ethernet(pack("!HH", 100, 0x8100) + TAG + V4, 0x9100)),
    ("three tags", 1, ethernet(pack("!HHHH", 1, 0x8100, 2, 0x8100) + TAG + V4, 0x8100)),
    ("LLC with SNAP", 1, ethernet(b"\xaa\xaa\x03\x00\x00\x00\x08\x00" + V4, 8 + len(V4))),
    ("LLC with IP", 1, ethernet(b"\x06\x06\x03" + V4, 3 + len(V4))),
    ("MPLS, one label", 1, ethernet(b"\x00\x01\x01\x40" + V4, 0x8847)),
    ("MPLS, two labels, multicast", 1, ethernet(b"\x00\x01\x00\x40\x00\x02\x01\x40" + V6, 0x8848)),
    ("MPLS, pseudowire with control word", 1, ethernet(b"\x00\x01\x01\x40" + bytes(4) + ethernet(V4), 0x8847)),
    ("MPLS, ethernet without control word", 1, ethernet(b"\x00\x01\x01\x40" + b"\x22" + ethernet(V4)[1:], 0x8847)),
    ("PPPoE", 1, ethernet(b"\x11\x00\x00\x01" + pack("!H", len(V4) + 2) + b"\x00\x21" + V4, 0x8864)),
    ("PPPoE, IPv6", 1, ethernet(b"\x11\x00\x00\x01" + pack("!H", len(V6) + 2) + b"\x00\x57" + V6, 0x8864)),
    ("NULL little-endian", 0, pack("<I", 2) + V4),
    ("NULL big-endian", 0, pack(">I", 2) + V4),
    ("NULL, IPv6 of NetBSD", 0, pack("<I", 24) + V6),
    ("NULL, IPv6 of FreeBSD", 0, pack("<I", 28) + V6),
    ("NULL, IPv6 of Darwin", 0, pack(">I", 30) + V6),
    ("NULL, IPv6 of Linux", 0, pack("<I", 10) + V6),
    ("NULL, IPv6 of Windows", 0, pack("<I", 23) + V6),
    ("LOOP", 108, pack(">I", 2) + V4),
    ("RAW, IPv4", 101, V4),
    ("RAW, IPv6", 101, V6),
    ("RAW of BSD", 12, V4),
    ("RAW of OpenBSD", 14, V6),
    ("IPV4", 228, V4),
    ("IPV6", 229, V6),
    ("PPP", 9, b"\xff\x03\x00\x21" + V4),
    ("PPP without address", 9, b"\x00\x21" + V4),
    ("PPP, protocol in one octet", 9, b"\x21" + V4),
    ("PPP, bridged", 9, b"\xff\x03\x00\x31\x00\x01" + ethernet(V4)),
    ("PPP, MPLS", 9, b"\xff\x03\x02\x81\x00\x01\x01\x40" + V4),
    ("PPP in HDLC", 50, b"\xff\x03\x00\x57" + V6),
    ("Cisco HDLC as 50", 50, b"\x0f\x00\x08\x00" + V4),
    ("Cisco HDLC", 104, b"\x8f\x00\x86\xdd" + V6),
    ("PPP over Ethernet without Ethernet", 51, b"\x11\x00\x00\x01\x00\x00\x00\x21" + V4),
    ("SLL", 113, pack("!HHH8sH", 0, 1, 6, bytes(8), 0x0800) + V4),
    ("SLL with VLAN", 113, pack("!HHH8sH", 0, 1, 6, bytes(8), 0x8100) + TAG + V4),
    ("SLL2", 276, pack("!HHIHBB8s", 0x0800, 0, 2, 1, 0, 6, bytes(8)) + V4),
    ("SLL2, IPv6", 276, pack("!HHIHBB8s", 0x86DD, 0, 2, 1, 0, 6, bytes(8)) + V6),
    ("NFLOG little-endian", 239, b"\x02\x00\x00\x07" + NFLOG_MARK + pack("<HH", 4 + len(V4), 9) + V4),
    ("NFLOG big-endian", 239, NFLOG_BIG + pack(">HH", 4 + len(V6), 9) + V6),
    ("PKTAP, ethernet", 258, pack("<III", 108, 1, 1) + bytes(96) + ethernet(V4)),
    ("PKTAP, raw", 258, pack("<III", 108, 1, 12) + bytes(96) + V6),
]

CAUSES = [
    ("ARP", 1, ethernet(bytes(28), 0x0806), "arp"),
    ("LLDP", 1, ethernet(bytes(28), 0x88CC), "lldp"),
    ("spanning tree", 1, ethernet(b"\x42\x42\x03" + bytes(35), 38), "cdp"),
    ("PPPoE discovery", 1, ethernet(b"\x11\x09" + bytes(30), 0x8863), "pppoe-discovery"),
    ("PPPoE session with a discovery code", 1, ethernet(b"\x11\x09" + bytes(30), 0x8864), "pppoe-discovery"),
    ("PPPoE of another version", 1, ethernet(b"\x21\x00" + bytes(30), 0x8864), "bad-tunnel"),
    ("unknown EtherType", 1, ethernet(bytes(30), 0x88B5), "ethertype-88b5"),
    ("unknown link type", 147, bytes(60), "link-type-147"),
    ("PKTAP around an unknown link type", 258, pack("<III", 12, 1, 147) + bytes(60), "link-type-147"),
    ("PKTAP with an impossible length", 258, pack("<III", 4, 1, 1) + bytes(60), "bad-tunnel"),
    ("NULL of AppleTalk", 0, pack("<I", 16) + bytes(30), "null-other"),
    ("LCP", 9, b"\xff\x03\xc0\x21" + bytes(8), "ppp-control"),
    ("bridged token ring", 9, b"\xff\x03\x00\x31\x00\x03" + bytes(20), "ppp-control"),
    ("Cisco SLARP", 104, b"\x8f\x00\x80\x35" + bytes(14), "cdp"),
    ("RAW without a version", 101, b"\x00" * 30, "bad-tunnel"),
    ("NFLOG without a packet", 239, b"\x02\x00\x00\x07" + NFLOG_MARK, "nflog-other"),
    ("NFLOG with a broken attribute", 239, b"\x02\x00\x00\x07\x01\x00\x01\x00", "nflog-other"),
    ("NFLOG of another family", 239, b"\x07\x00\x00\x00" + pack("<HH", 24, 9) + bytes(20), "nflog-other"),
    ("nothing", 1, b"", "header-short"),
    ("half an Ethernet header", 1, bytes(9), "header-short"),
    ("half an SLL2 header", 276, pack("!HHI", 0x0800, 0, 2), "header-short"),
]


@pytest.mark.parametrize(("label", "link", "frame"), CARRIES, ids=[case[0] for case in CARRIES])
def test_layer_leads_to_sip(label: str, link: int, frame: bytes) -> None:
    tap = dissect(frame, link=link)
    (seen,) = tap.seen
    assert seen.data == sip()
    assert (seen.frame, seen.file, seen.transport, seen.sport, seen.dport, seen.flags) == (1, 3, "udp", 5060, 5060, 0)
    assert seen.src in (A4, A6)
    assert seen.ident == (7 if seen.src == A4 else -1)
    assert tap.tally.sip == 1


@pytest.mark.parametrize(("label", "link", "frame", "cause"), CAUSES, ids=[case[0] for case in CAUSES])
def test_other_contents_have_a_name(label: str, link: int, frame: bytes, cause: str) -> None:
    tap = dissect(frame, link=link)
    assert tap.seen == []
    assert tap.causes == {cause: 1}


def test_header_cut_by_the_snap_length_is_named_apart() -> None:
    tap = Tap()
    tap.feed(ethernet(V4)[:30], cut=True)
    assert tap.causes == {"header-cut": 1}


def test_padding_after_the_packet_stays_outside() -> None:
    tap = dissect(ethernet(V4) + b"\x00" * 40, ethernet(TAG + V4, 0x8100) + b"trailer!")
    assert [seen.data for seen in tap.seen] == [sip(), sip()]


def test_endless_nesting_is_given_up() -> None:
    tap = dissect(ethernet(pack("!HH", 1, 0x8100) * 60, 0x8100))
    assert tap.causes == {"too-deep": 1}


def test_every_link_type_has_its_reader() -> None:
    assert set(LINKS.values()) <= {*LAYERS, "ipv4", "ipv6"}


def test_addresses_are_those_of_the_packet() -> None:
    (seen,) = dissect(ethernet(V4)).seen
    assert (seen.src, seen.dst) == (A4, B4)
