"""
Rows of a table of messages, such as Kamailio's `sip_trace`: time and ends are columns beside the message.

Facts
- Dumps come as INSERT statements, CSV, tab-separated, `\\G` lists and boxes; the columns are the same everywhere:
  `time_stamp` (seconds) with `time_us`, and `fromip`, `toip` in the form `udp:192.0.2.1:5060`.
- The table has them after the message; a SELECT may put them before. The first message of a file decides.

Source: Kamailio and OpenSIPS, `siptrace-create.sql`.
"""

from __future__ import annotations

import re

from ringthrough.captures.text.heads import Head, address

__all__ = ["REACH_BYTES", "RowReader"]

REACH_BYTES = 2048
"How far the columns of a row may be from its message."
_ENDS = re.compile(
    rb"\b(udp|tcp|tls|wss?|sctp):\[?([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+(?=\]))\]?:([0-9]{1,5})\b"
)
_TIME = re.compile(
    rb"([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2})"
    rb"(?:\.[0-9]+|[^0-9.]{1,24}([0-9]{1,6})(?![0-9A-Za-z@.:-]))?"
)


class RowReader:
    """Reads the columns beside the messages of one file."""

    def __init__(self) -> None:
        self._before: bool | None = None

    def read(self, before: bytes, after: bytes) -> Head | None:
        """
        Read the columns of a row.

        Args:
            before: the text before the message, back to the message before it.
            after: the text after it, up to the next message.

        Returns:
            None when this is no such row.
        """
        behind = _ENDS.findall(after)[:2]
        if self._before is None:
            ahead = _ENDS.findall(before)
            if len(ahead) < 2 and len(behind) < 2:
                return None
            self._before = len(ahead) >= 2
        ends = _ENDS.findall(before)[-2:] if self._before else behind
        if len(ends) < 2:
            return None
        stamp = b""
        for found in _TIME.finditer(before):
            stamp = found[0] if found[2] is None else found[1] + b"." + found[2].rjust(6, b"0")
        (transport, src, sport), (_, dst, dport) = ends
        ports = [int(port) if int(port) < 65536 else 0 for port in (sport, dport)]
        return Head("row", transport.decode("ascii"), address(src), ports[0], address(dst), ports[1], stamp)
