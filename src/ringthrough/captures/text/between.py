"""What lies between messages: blank lines, log lines, log lines that name a status, fields whose start is missing."""

from __future__ import annotations

import re
from collections import Counter

from ringthrough.captures.tally import Tally
from ringthrough.captures.text.shapes import FOLD

__all__ = ["MENTION", "Between"]

# Both begin with a line end, which is searched for much faster than the beginning of a line.
_SPACING = re.compile(rb"\n[ \t.]*+(?:(?:[-=*_]{3,}+|<-{3,}+>?)[ \t]*+)?(?=\n)")
_HEADLESS = re.compile(
    rb"\n(?i:via|from|to|call-id|cseq|contact|max-forwards|record-route|route|content-length|content-type|user-agent"
    rb"|server|allow|supported|expires|proxy-authenticate|www-authenticate|(?:proxy-)?authorization)[ \t]*+:"
    rb"[^\n]*+(?=\n)"
)
MENTION = re.compile(
    rb"Got SIP response ([1-6][0-9]{2})\b|entering state \[\w+\]\[([1-6][0-9]{2})\]"
    rb"|Overriding SIP cause [0-9]+ with ([1-6][0-9]{2})\b|Response msg ([1-6][0-9]{2})/\w+/cseq=[0-9]+ \(\w+\)"
    rb"|\bSIP/2\.0 ([1-6][0-9]{2})\b|\bRequest: ([A-Z]+) |\b([A-Z]{3,}) sips?:[^\s]+ SIP/2\.0|Rejecting inbound (\w+)"
)
_WORDS = (
    b"SIP response", b"entering state", b"Overriding SIP", b"Response msg", b"SIP/2.0", b"Request: ",
    b"Rejecting inbound",
)  # fmt: skip
"One of these is in every mention; searching for them is faster than searching for the patterns."


class Between:
    """Counts the lines that hold no message, by cause."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self.mentions: Counter[str] = Counter()
        "Statuses and methods that log lines name without holding the message."
        self._named = b""

    def count(self, text: bytes) -> int:
        """
        Count the lines that end in a stretch of text.

        Returns:
            How many there are.
        """
        lines = text.count(b"\n")
        folded = text.count(FOLD)
        if folded:
            self._tally.skip("text-page", folded)
        if not lines:
            return folded
        if not text.strip(b" \t\n"):
            self._tally.skip("text-spacing", lines)
            return lines + folded
        padded = b"\n" + text
        spacing = len(_SPACING.findall(padded))
        headless = len(_HEADLESS.findall(padded))
        named = self._name(padded) if any(words in text for words in _WORDS) else 0
        for cause, times in (("text-spacing", spacing), ("text-mention", named)):
            if times:
                self._tally.skip(cause, times)
        if headless:
            self._tally.spoil("text-headless", headless)
        if other := lines - spacing - headless - named:
            self._tally.skip("text-other", other)
        return lines + folded

    def _name(self, text: bytes) -> int:
        """Lines that name a status or a request, and that are no header fields; also adds to `mentions`."""
        lines = end = 0
        for found in MENTION.finditer(text):
            if found.start() >= end:
                begin = text.rfind(b"\n", end, found.start())
                stop = text.find(b"\n", found.end())
                if stop < 0:
                    break
                end = stop
                if _HEADLESS.match(text, begin) is not None:
                    continue
                lines += 1
            if found[0] != self._named or not found[4]:
                self.mentions[next(filter(None, found.groups())).decode("ascii", "replace")] += 1
            self._named = found[0]
        return lines
