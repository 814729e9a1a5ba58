"""
tshark's tree of a packet (`-V`, `-O sip`) back to the message it was made of.

Facts
- The tree prints every header field as it came, one level below `Message Header`, and what it made of it deeper still
  or in square brackets. A session description is printed with the letter of each line in brackets: `(m): audio ...`.
- tshark shortens items to 240 characters and marks them `[truncated]`, Identity first of all; the note
  `text-header-truncated` counts them.
- Addresses, ports and times are on lines of their own, between `Frame` and the message.

Source: Wireshark epan/proto.c (ITEM_LABEL_LENGTH), packet-sip.c, packet-sdp.c.
"""

from __future__ import annotations

import re

from ringthrough.captures.text.cutting import Cutting, fitted
from ringthrough.captures.text.heads import Head, address
from ringthrough.captures.text.shapes import CONTENT_LENGTH, FIELD

__all__ = ["TREE_LINE", "cut_tree", "tree_head"]

TREE_LINE = re.compile(rb"[ ]*(?:Request|Status)-Line(?: \[truncated\])?: \Z")
"What stands before the start line in a tree."
_FRAME = re.compile(rb"^Frame [0-9]+:", re.MULTILINE)
_TIME = re.compile(rb"^[ ]+(?:UTC |Epoch )?(?:Arrival )?Time: [^\n]*$", re.MULTILINE)
_IP = re.compile(rb"^Internet Protocol Version [46], Src: ([^\n]*?), Dst: ([^\n]*)$", re.MULTILINE)
_PORTS = re.compile(
    rb"^(User Datagram|Transmission Control|Stream Control Transmission) Protocol, Src Port: ([^\n,]*), "
    rb"Dst Port: ([^\n,]*)",
    re.MULTILINE,
)
_TRANSPORTS = {b"User Datagram": "udp", b"Transmission Control": "tcp", b"Stream Control Transmission": "sctp"}
_SDP_LINE = re.compile(rb"[^(:]*\(([a-z])\): (.*)")
_FOLD = re.compile(rb"\\r\\n(?:(\\t)|[ ])")
_TRUNCATED = re.compile(rb"^(?:\[truncated\] ?|([A-Za-z-]+) \[truncated\])")


def tree_head(above: bytes) -> tuple[Head | None, int]:
    """
    Read what the tree says of a packet above its message.

    Args:
        above: the text between the message before and this one.

    Returns:
        The head, None when the packet began before; and where it begins.
    """
    begins = 0
    for found in _FRAME.finditer(above):
        begins = found.start()
    if not begins and not above.startswith(b"Frame "):
        return None, len(above)
    packet = above[begins:]
    ips, ports, times = list(_IP.finditer(packet)), list(_PORTS.finditer(packet)), list(_TIME.finditer(packet))
    src, dst = (_bare(ips[-1][1]), _bare(ips[-1][2])) if ips else (b"", b"")
    transport, sport, dport = "", 0, 0
    if ports:
        transport, sport, dport = _TRANSPORTS[ports[-1][1]], _number(ports[-1][2]), _number(ports[-1][3])
    stamps = sorted((t[0] for t in times), key=lambda stamp: (b"Epoch" not in stamp, b"UTC" not in stamp))
    stamp = stamps[0] if stamps else b""
    return Head("tree", transport, address(src), sport, address(dst), dport, stamp), begins


def _bare(named: bytes) -> bytes:
    """`192.0.2.1`, or `name (192.0.2.1)` when tshark resolves names."""
    found = re.search(rb"\(([0-9A-Fa-f.:]+)\)", named)
    return found[1] if found is not None else named.strip()


def _number(named: bytes) -> int:
    digits = re.sub(rb"[^0-9]", b"", named)
    return int(digits) if digits and len(digits) < 6 and int(digits) < 65536 else 0


def cut_tree(text: bytes, at: int, limit: int) -> Cutting:
    """
    Put a message together from its tree.

    Args:
        text: the trace.
        at: where the start line begins, after `Request-Line: `.
        limit: where the tree ends at the latest.
    """
    lines = text[at:limit].split(b"\n")
    out = [lines[0]]
    notes: list[str] = []
    begin = text.rfind(b"\n", 0, at) + 1
    indent = len(text[begin:at]) - len(text[begin:at].lstrip(b" "))  # of `Request-Line`
    body: list[bytes] = []
    fields = False
    number = len(lines)
    for n, line in enumerate(lines[1:], 1):
        bare = line.lstrip(b" ")
        depth = len(line) - len(bare) - (bare[:2] == b"[t")  # `[truncated]` is put behind a space of its own
        if not bare or depth < indent:
            number = n
            break
        if depth == indent:
            fields = bare == b"Message Header"
        elif fields and depth == indent + 4:
            bare, shortened = _TRUNCATED.subn(rb"\1", bare)
            if shortened:
                notes.append("text-header-truncated")
            if FIELD.match(bare) is not None:
                out.append(_FOLD.sub(lambda at: b"\r\n\t" if at[1] else b"\r\n ", bare))
        elif not fields and (found := _SDP_LINE.fullmatch(bare)) is not None:
            body.append(found[1] + b"=" + found[2])
    head = b"\r\n".join(out) + b"\r\n\r\n"
    found = CONTENT_LENGTH.search(head)
    data, short = fitted(head, b"".join(line + b"\r\n" for line in body), int(found[1]) if found is not None else -1)
    if short is not None:
        notes.append("text-body-length")
    end = min(limit, at + sum(map(len, lines[:number])) + number)
    return Cutting(data, end, short or 0, tuple(notes))
