"""The line above a message: which end it names, in which tool's words."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.captures.text.heads import Head, address, is_head, read_head

A, B = ip_address("192.0.2.1").packed, ip_address("198.51.100.2").packed
SIX = ip_address("2001:db8::1").packed
NO = b""
HEADS = [
    (b"U 192.0.2.1:5060 -> 198.51.100.2:5062", ("packet", "udp", A, 5060, B, 5062)),
    (b"T +0.000123 192.0.2.1:5060 -> 198.51.100.2:5062 [AP] #7", ("packet", "tcp", A, 5060, B, 5062)),
    (b"U(17) 2026/11/20 09:20:06.619098 192.0.2.1:5060 -> 198.51.100.2:5062", ("packet", "udp", A, 5060, B, 5062)),
    (b"U 2026/11/20 09:20:06.6 2001:db8::1:5060 -> 198.51.100.2:5062 #1", ("packet", "udp", SIX, 5060, B, 5062)),
    (b"2026/11/20 09:20:06.619098 192.0.2.1:5060 -> 198.51.100.2:99999", ("packet", "", A, 5060, B, 0)),
    (b"proto:TCP 2026-11-20T09:20:06.619Z  [2001:db8::1]:5060 ---> 198.51.100.2:5062",
     ("packet", "tcp", SIX, 5060, B, 5062)),
    (b"09:20:06.466658 IP 192.0.2.1.5060 > 198.51.100.2.sip: UDP, length 9", ("packet", "udp", A, 5060, B, 5060)),
    (b"09:20:06.466658 IP6 2001:db8::1.5060 > 2001:db8::1.5061: Flags [P.], seq 1",
     ("packet", "tcp", SIX, 5060, SIX, 5061)),
    (b"09:20:06.466658 IP pbx.example.com.sips > gw.example.com.unknown: SIP", ("packet", "udp", NO, 5061, NO, 0)),
    (b"    192.0.2.1.5060 > 198.51.100.2.5062: SIP, length: 359", ("packet", "udp", A, 5060, B, 5062)),
    (b"Nov 20 09:20:06.619 On [0:0]192.0.2.1:5060 received from 198.51.100.2:5062", ("log", "", B, 5062, A, 5060)),
    (b"Nov 20 09:20:06.619 On [1:0]192.0.2.1:5060 sent to 198.51.100.2:5062", ("log", "", A, 5060, B, 5062)),
    (b"On [1:0][2001:db8::1]:5060 sent to [2:0][2001:db8::1]:5062", ("log", "", SIX, 5060, SIX, 5062)),
    (b"<--- Received SIP response (512 bytes) from TLS:[2001:db8::1]:5061 --->", ("log", "tls", SIX, 5061, NO, 0)),
    (b"<--- Transmitting SIP request (890 bytes) to WSS:192.0.2.1:5060 --->", ("log", "wss", NO, 0, A, 5060)),
    (b"<--- SIP read from 192.0.2.1:2371 --->", ("log", "", A, 2371, NO, 0)),
    (b"Retransmitting #3 (no NAT) to 192.0.2.1:5060:", ("log", "", NO, 0, A, 5060)),
    (b"recv 1141 bytes from udp/[192.0.2.1]:5080 at 19:34:41.657063:", ("log", "udp", A, 5080, NO, 0)),
    (b"send 1439 bytes to tls/[192.0.2.1] at 13:42:41.362829:", ("log", "tls", NO, 0, A, 5061)),
    (b"send 1439 bytes to tcp/[2001:db8::1] at 13:42:41.362829:", ("log", "tcp", NO, 0, SIX, 5060)),
    (b"01 |09:20:06.1 |AppInfo  |SIPTcp - Incoming SIP TCP message from 192.0.2.1 on port 5060 index 1",
     ("log", "tcp", A, 5060, NO, 0)),
    (b"x ---- Outgoing SIP Message to 192.0.2.1:5060 from SIPInterface #0 (WAN) TLS TO(#1) ----",
     ("log", "tls", NO, 0, A, 5060)),
    (b"x: received [852] new bytes from [UDP://sip.example.com:5060]:", ("log", "udp", NO, 0, NO, 0)),
    (b"x: message sent to [TCP://192.0.2.1:5060], size: [852] bytes", ("log", "tcp", NO, 0, A, 5060)),
    (b"x .TX 9 bytes Request msg INVITE/cseq=1 (tdta0x1) to TCP [2001:db8::1]:5060:", ("log", "tcp", NO, 0, SIX, 5060)),
    (b"Received from udp:192.0.2.1:5060 at Nov 20 09:20:06", ("log", "udp", A, 5060, NO, 0)),
    (b"Incoming SIP Message from nowhere", ("log", "", NO, 0, NO, 0)),
    (b"x SIP request (890 bytes) to WSS:sip.example.com --->", ("log", "wss", NO, 0, NO, 0)),
    (b"Sent:", ("mark", "", NO, 0, NO, 0)),
    (b"Received: ", ("mark", "", NO, 0, NO, 0)),
    (b"UDP message sent (400 bytes):", ("mark", "udp", NO, 0, NO, 0)),
    (b"TLS message received [400] bytes :", ("mark", "tls", NO, 0, NO, 0)),
    (b"Odd message received [400] bytes :", ("mark", "", NO, 0, NO, 0)),
    (b"Fri 10:00 | sip.transport | Received WebSocket text message:", ("mark", "", NO, 0, NO, 0)),
    (b"*Feb  8 10:15:23.456: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:", ("mark", "", NO, 0, NO, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), HEADS, ids=[line.decode()[:50] for line, _ in HEADS])
def test_heads(line: bytes, expected: tuple[object, ...]) -> None:
    head = read_head(line)
    assert head is not None
    assert head[:6] == expected
    assert is_head(line)


NO_HEADS = [
    b"", b"INVITE sip:a@b SIP/2.0", b"Via: SIP/2.0/UDP 192.0.2.1:5060", b"From: <sip:a@b>;tag=1", b"a -> b", b"v=0",
    b"the file a.b > c.d: was moved", b"Subject: a message from 192.0.2.1 to you", b"Message from me:", b"Sent away",
    b"Contact: <sip:a@192.0.2.1:5060>", b"On [date] x", b"Content-Type: message/cpim", b"X-Message: sent",
    b"To: \"goes to 192.0.2.1:5060\" <sip:a@b>",
]  # fmt: skip


@pytest.mark.parametrize("line", NO_HEADS)
def test_what_is_no_head(line: bytes) -> None:
    assert read_head(line) is None


@pytest.mark.parametrize("line", [b"----", b"   ------------------", b"<------------->", b"===", b"<--->"])
def test_rules(line: bytes) -> None:
    assert is_head(line)


def test_the_time_of_a_head_is_not_taken_from_an_address() -> None:
    head = read_head(b"U 2001:db8::10:20:30:5060 -> 2001:db8::1:5060")
    assert head is not None
    assert head.stamp == b"U"
    assert head.sport == 5060


def test_addresses() -> None:
    assert address(b"fe80::1%eth0") == ip_address("fe80::1").packed
    assert [address(text) for text in (b"", b"host", b"1.2.3", b"1.2.3.400", b"\xff")] == [b""] * 5


@given(st.one_of(st.binary(max_size=80), st.sampled_from([line for line, _ in HEADS]).flatmap(
    lambda line: st.integers(0, len(line)).map(lambda n: line[:n] + line[n + 1 :]))))  # fmt: skip
def test_nothing_escapes(line: bytes) -> None:
    head = read_head(line)
    assert head is None or (isinstance(head, Head) and 0 <= head.sport < 65536 and 0 <= head.dport < 65536)
