"""
How fast the codec reads a message, beside `sipmessage` from PyPI (skipped by name when it is not installed).

What each side does, for every kind of message:

- `read`: octets to a message, then touch Via, From, To, Call-ID and CSeq, and the Request-URI of a request. Both sides
  parse these values into parts: ours `decode(data)` and `.via .from_ .to .call_id .cseq .uri`; theirs
  `Message.parse(data)` and `.via .from_address .to_address .call_id .cseq` (`parse` takes the Request-URI apart).
- `bare`: octets to a message and nothing else. Ours looks at the start line and puts the rest off; theirs splits every
  header line and parses the Request-URI. So `bare` shows the cost of a message nobody looks into, not equal work.

Rounds of the two alternate; each figure is the best round, in processor time of one thread.

    python bench/wire_decode.py [--rounds N] [--calls N]
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterable

from ringthrough.wire import Malformed, Request, decode

try:
    import sipmessage
except ImportError:
    sipmessage = None

SDP = (
    "v=0\r\no=- 20518 0 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 30312 RTP/AVP 0 8 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)


def _message(start: str, headers: Iterable[tuple[str, str]], body: str = "") -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()


def _kinds() -> dict[str, bytes]:
    vias = [
        ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport"),
        ("Via", "SIP/2.0/UDP pbx.example.com;branch=z9hG4bK2d4790;received=198.51.100.7"),
    ]
    dialog = [
        ("From", '"Alice Liddell" <sip:+12155551212@example.com;user=phone>;tag=1928301774'),
        ("To", "<sip:+12155550113@carrier.example.net;user=phone>"),
        ("Call-ID", "a84b4c76e66710@pbx.example.com"),
        ("CSeq", "314159 INVITE"),
    ]
    answered = [*dialog[:1], ("To", dialog[1][1] + ";tag=a6c85cf"), *dialog[2:]]
    asked = [
        ("Max-Forwards", "69"),
        ("Contact", "<sip:+12155551212@192.0.2.1:5060;transport=udp>"),
        ("User-Agent", "Example SBC 8.4.0"),
        ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"),
        ("Supported", "timer, 100rel"),
        ("P-Asserted-Identity", "<sip:+12155551212@example.com>"),
        ("Content-Type", "application/sdp"),
    ]
    token = "eyJhbGciOiJFUzI1NiJ9." + "eyJhdHRlc3QiOiJBIiwiZGVzdCI6eyJ0biI6WyIx" * 6 + "." + "s" * 86
    invite = "INVITE sip:+12155550113@carrier.example.net;user=phone SIP/2.0"
    plus = 'Q.850;cause=21;location=LN;text="v=analytics1;url=https://redress.example.net/;tel=+12155550199;id=77"'
    return {
        "INVITE": _message(invite, [*vias, *dialog, *asked], SDP),
        "INVITE with Identity": _message(
            invite,
            [*vias, *dialog, *asked, ("Identity", f"{token};info=<https://cert.example.org/a.pem>;alg=ES256")],
            SDP,
        ),
        "100": _message("SIP/2.0 100 Trying", [*vias, *dialog]),
        "603 with Reason": _message("SIP/2.0 603 Network Blocked", [*vias, *answered, ("Reason", plus)]),
        "BYE": _message(
            "BYE sip:+12155551212@192.0.2.1:5060 SIP/2.0",
            [*vias[:1], *answered[:3], ("CSeq", "314160 BYE"), ("Max-Forwards", "70")],
        ),
    }


def _ours(data: bytes) -> object:
    message = decode(data)
    if isinstance(message, Malformed):
        raise TypeError(message.problems)
    uri = message.uri if isinstance(message, Request) else None
    return uri, message.via, message.from_, message.to, message.call_id, message.cseq


def _theirs(data: bytes) -> object:
    message = sipmessage.Message.parse(data)
    return message.via, message.from_address, message.to_address, message.call_id, message.cseq


def _theirs_bare(data: bytes) -> object:
    return sipmessage.Message.parse(data)


def _round_s(work: Callable[[bytes], object], data: bytes, calls: int) -> float:
    begin = time.process_time()
    for _ in range(calls):
        work(data)
    return (time.process_time() - begin) / calls


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each side")
    parser.add_argument("--calls", type=int, default=2000, help="messages in a round")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}; best of {options.rounds} x {options.calls}")
    if sipmessage is None:
        print("sipmessage: skipped, not installed")
    print(
        f"{'message':22} {'octets':>6} {'work':>5} {'ours us':>8} {'ours/s':>9} "
        f"{'theirs us':>10} {'theirs/s':>9} {'ratio':>6}"
    )
    works: dict[str, list[Callable[[bytes], object]]] = {"read": [_ours], "bare": [decode]}
    if sipmessage is not None:
        works["read"].append(_theirs)
        works["bare"].append(_theirs_bare)
    for name, data in _kinds().items():
        for kind, sides in works.items():
            best = [float("inf")] * len(sides)
            for _ in range(options.rounds):
                for side, work in enumerate(sides):
                    best[side] = min(best[side], _round_s(work, data, options.calls))
            line = f"{name:22} {len(data):6} {kind:>5} {best[0] * 1e6:8.2f} {1 / best[0]:9.0f}"
            if len(best) > 1:
                line += f" {best[1] * 1e6:10.2f} {1 / best[1]:9.0f} {best[1] / best[0]:6.1f}"
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
