"""Tunnels around the same datagram, and tunnels inside tunnels."""

from __future__ import annotations

from struct import pack

import pytest

from tests.captures.frames import A4, A6, dissect, ethernet, ipv4, ipv6, sip, udp

INNER = ipv4(udp(sip()), src=A4)
INNER6 = ipv6(udp(sip()))
FRAME = ethernet(INNER)
OUTER = {"src": bytes((203, 0, 113, 1)), "dst": bytes((203, 0, 113, 2))}


def over_ip(payload: bytes, protocol: int) -> bytes:
    return ethernet(ipv4(payload, protocol, **OUTER))


def over_udp(payload: bytes, dport: int) -> bytes:
    return over_ip(udp(payload, 50000, dport), 17)


ERSPAN2 = pack("!II", 0x10050001, 0)
ERSPAN3 = pack("!IIHH", 0x20050001, 0, 0, 0)
ERSPAN3_O = pack("!IIHH", 0x20050001, 0, 0, 1) + bytes(8)
ERSPAN3_IP = pack("!IIHH", 0x20050001, 0, 0, 2 << 10)
GTP_EXTENDED = pack("!BBHIHBB", 0x34, 255, 8 + len(INNER), 5, 0, 0, 0x85) + b"\x01\x00\x09\x00"
GENEVE = pack("!BBHI", 0, 0, 0x6558, 0x100)

CARRIES = [
    ("IP in IP", over_ip(INNER, 4)),
    ("IPv6 in IPv4", over_ip(INNER6, 41)),
    ("IPv4 in IPv6", ethernet(ipv6(INNER, 4, bytes(15) + b"\x01", bytes(15) + b"\x02"), 0x86DD)),
    ("GRE", over_ip(pack("!HH", 0, 0x0800) + INNER, 47)),
    ("GRE, IPv6", over_ip(pack("!HH", 0, 0x86DD) + INNER6, 47)),
    ("GRE with checksum", over_ip(pack("!HHI", 0x8000, 0x0800, 0) + INNER, 47)),
    ("GRE with key", over_ip(pack("!HHI", 0x2000, 0x0800, 42) + INNER, 47)),
    ("GRE with sequence", over_ip(pack("!HHI", 0x1000, 0x0800, 1) + INNER, 47)),
    ("GRE with all three", over_ip(pack("!HHIII", 0xB000, 0x0800, 0, 42, 1) + INNER, 47)),
    ("GRE with routing", over_ip(pack("!HHIHBB4sI", 0x4000, 0x0800, 0, 1, 0, 4, bytes(4), 0) + INNER, 47)),
    ("GRE, ethernet", over_ip(pack("!HHI", 0x2000, 0x6558, 42) + FRAME, 47)),
    ("GRE, MPLS", over_ip(pack("!HH", 0, 0x8847) + b"\x00\x01\x01\x40" + INNER, 47)),
    ("PPTP", over_ip(pack("!HHHHI", 0x3001, 0x880B, 9, 9, 1) + b"\xff\x03\x00\x21" + INNER, 47)),
    ("PPTP with acknowledgement", over_ip(pack("!HHHHII", 0x3081, 0x880B, 9, 9, 1, 1) + b"\x00\x21" + INNER, 47)),
    ("ERSPAN I", over_ip(pack("!HH", 0, 0x88BE) + FRAME, 47)),
    ("ERSPAN II", over_ip(pack("!HHI", 0x1000, 0x88BE, 1) + ERSPAN2 + FRAME, 47)),
    ("ERSPAN III", over_ip(pack("!HHI", 0x1000, 0x22EB, 1) + ERSPAN3 + FRAME, 47)),
    ("ERSPAN III with O", over_ip(pack("!HHI", 0x1000, 0x22EB, 1) + ERSPAN3_O + FRAME, 47)),
    ("ERSPAN III with an IP packet", over_ip(pack("!HHI", 0x1000, 0x22EB, 1) + ERSPAN3_IP + INNER, 47)),
    ("EtherIP", over_ip(b"\x30\x00" + FRAME, 97)),
    ("MPLS in IP", over_ip(b"\x00\x01\x01\x40" + INNER, 137)),
    ("VXLAN", over_udp(b"\x08" + bytes(7) + FRAME, 4789)),
    ("VXLAN on the port of Linux", over_udp(b"\x08" + bytes(7) + FRAME, 8472)),
    ("VXLAN with group policy", over_udp(b"\x88" + bytes(7) + FRAME, 4789)),
    ("VXLAN-GPE, IPv4", over_udp(b"\x0c\x00\x00\x01" + bytes(4) + INNER, 4790)),
    ("GENEVE", over_udp(GENEVE + FRAME, 6081)),
    ("GENEVE with options", over_udp(pack("!BBHI", 2, 0, 0x0800, 0x100) + bytes(8) + INNER, 6081)),
    ("TZSP", over_udp(b"\x01\x00\x00\x01\x01" + FRAME, 37008)),
    ("TZSP with tags", over_udp(b"\x01\x01\x00\x01\x00\x0a\x01\xce\x28\x04abcd\x01" + FRAME, 37008)),
    ("GTP-U", over_udp(pack("!BBHI", 0x30, 255, len(INNER), 5) + INNER, 2152)),
    ("GTP-U with sequence", over_udp(pack("!BBHIHBB", 0x32, 255, 4 + len(INNER6), 5, 1, 0, 0) + INNER6, 2152)),
    (
        "GTP-U with extension",
        over_udp(GTP_EXTENDED + INNER, 2152),
    ),
    ("GRE in VXLAN", over_udp(b"\x08" + bytes(7) + over_ip(pack("!HH", 0, 0x0800) + INNER, 47), 4789)),
    ("authentication header", over_ip(pack("!BBHII12s", 17, 4, 0, 1, 1, bytes(12)) + udp(sip()), 51)),
    ("SIP on the port of a tunnel", ethernet(ipv4(udp(sip(), 5060, 4789)))),
]

CAUSES = [
    ("GRE of version 2", over_ip(pack("!HH", 2, 0x0800) + INNER, 47), "bad-tunnel"),
    ("PPTP acknowledgement alone", over_ip(pack("!HHHHI", 0x2081, 0x880B, 0, 9, 1), 47), "tunnel-control"),
    ("GRE keepalive", over_ip(pack("!HH", 0, 0), 47), "tunnel-control"),
    (
        "ERSPAN III of 802.11",
        over_ip(pack("!HHI", 0x1000, 0x22EB, 1) + pack("!IIHH", 0x20050001, 0, 0, 3 << 10), 47),
        "bad-tunnel",
    ),
    ("EtherIP of another version", over_ip(b"\x40\x00" + FRAME, 97), "bad-tunnel"),
    ("VXLAN without network", over_udp(bytes(8) + FRAME, 4789), "bad-tunnel"),
    ("VXLAN-GPE of NSH", over_udp(b"\x0c\x00\x00\x04" + bytes(4) + INNER, 4790), "bad-tunnel"),
    ("GENEVE of another version", over_udp(b"\x40" + GENEVE[1:] + FRAME, 6081), "bad-tunnel"),
    ("TZSP keepalive", over_udp(b"\x01\x04\x00\x00\x01", 37008), "tunnel-control"),
    ("TZSP of another version", over_udp(b"\x02\x00\x00\x01\x01" + FRAME, 37008), "bad-tunnel"),
    ("TZSP without an end of tags", over_udp(b"\x01\x00\x00\x01" + bytes(20), 37008), "header-short"),
    ("GTP-U echo", over_udp(pack("!BBHI", 0x32, 1, 4, 0) + bytes(4), 2152), "tunnel-control"),
    ("GTP prime", over_udp(b"\x20\xff" + bytes(20), 2152), "bad-tunnel"),
    ("GTP-U, empty extension", over_udp(pack("!BBHIHBB", 0x34, 255, 0, 5, 0, 0, 0x85) + bytes(9), 2152), "bad-tunnel"),
    ("GTP-U of neither IP", over_udp(pack("!BBHI", 0x30, 255, 0, 5) + bytes(20), 2152), "bad-tunnel"),
    ("ESP", over_ip(bytes(60), 50), "encrypted-esp"),
    ("SCTP", over_ip(bytes(60), 132), "sctp"),
    ("OSPF", over_ip(bytes(60), 89), "ospf"),
    ("IGMP", over_ip(bytes(8), 2), "igmp"),
    ("unknown protocol", over_ip(bytes(60), 253), "ip-protocol-253"),
    ("ICMP error that quotes SIP", over_ip(b"\x03\x03" + bytes(6) + INNER, 1), "icmp"),
    ("ICMPv6", ethernet(ipv6(b"\x01\x04" + bytes(6) + INNER6, 58), 0x86DD), "icmp"),
]


@pytest.mark.parametrize(("label", "frame"), CARRIES, ids=[case[0] for case in CARRIES])
def test_tunnel_leads_to_sip(label: str, frame: bytes) -> None:
    (seen,) = dissect(frame).seen
    assert seen.data == sip()
    if "port of a tunnel" not in label:
        assert seen.src in ((OUTER["src"],) if label == "authentication header" else (A4, A6))
    assert seen.sport == 5060


@pytest.mark.parametrize(("label", "frame", "cause"), CAUSES, ids=[case[0] for case in CAUSES])
def test_other_contents_have_a_name(label: str, frame: bytes, cause: str) -> None:
    tap = dissect(frame)
    assert tap.seen == []
    assert tap.causes == {cause: 1}
