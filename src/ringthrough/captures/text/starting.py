"""Whether a message begins where `SIP/2.0` was found, and how its lines are laid out."""

from __future__ import annotations

import re
from typing import NamedTuple

from ringthrough.captures.text.cutting import Cutting, Strip, cut_lines, cut_plain, strip_like
from ringthrough.captures.text.escaped import cut_escaped
from ringthrough.captures.text.shapes import ESCAPED, KNOWN_FIELD, request_start
from ringthrough.captures.text.tree import TREE_LINE, cut_tree

__all__ = ["Start", "judge"]

_LOOK_BACK_BYTES = 4096
"How far before `SIP/2.0` its line may begin: the longest request URI that servers take, and a prefix."
_LOOK_AHEAD_BYTES = 2048
"How far after `SIP/2.0` the line may end."
_PHRASE_BYTES = 512
"Longest reason phrase, with the name of the first header field, on a line with others."
_QUOTES = frozenset((b'"', b"'", b"|"))
"What stands before a message that is a field of a table."
_MARKS = b" \t/#>|*;-"
"What stands before every line of a message that is a comment or a quotation."
_PLAIN, _DOTTED, _LINES, _ESCAPED, _TREE, _ALONE = range(6)


class Start(NamedTuple):
    """Where a message begins."""

    at: int
    "Offset of its first octet."
    line: int
    "Offset of its line."
    layout: int
    prefix: bytes
    "What stands before it on its line."
    strip: Strip | None = None
    end: int = 0
    "Where the start line ends; only set where nothing else belongs to the message."

    @property
    def limit(self) -> int:
        """Where the message before has to end."""
        return self.at if self.layout == _ESCAPED else self.line

    @property
    def alone(self) -> bool:
        """Nothing but a start line: a message only if the line above says so."""
        return self.layout == _ALONE

    @property
    def tree(self) -> bool:
        """The message is a tree of tshark."""
        return self.layout == _TREE

    def cut(self, text: bytes, limit: int) -> Cutting:
        """Cut out the message, which ends at `limit` at the latest."""
        layout = self.layout
        if layout <= _DOTTED:
            return cut_plain(text, self.at, limit, dotted=layout == _DOTTED)
        if layout == _TREE:
            return cut_tree(text, self.at, limit)
        if layout == _ESCAPED:
            end = text.find(b"\n", self.at, limit)
            return cut_escaped(text, self.at, limit if end < 0 else end)
        if layout == _ALONE:
            limit = min(limit, self.end)
        quote = _quote(self.prefix) if self.strip is None else b""
        return cut_lines(text, self.at, limit, self.strip or _as_is, quote=quote)


def _as_is(line: bytes) -> bytes:
    return line


def judge(text: bytes, found: re.Match[bytes], low: int) -> Start | None:
    """
    Judge what `START` found.

    Args:
        text: the trace.
        found: the place.
        low: offset before which everything is spoken for.

    Returns:
        None when no message begins here.
    """
    at = found.start()
    line = max(low, at - _LOOK_BACK_BYTES, text.rfind(b"\n", low, at) + 1)
    if found[1] is None:
        at = request_start(text, line, at)
        if at < 0:
            return None
    after = found.end()
    stop = text.find(b"\n", after, after + _LOOK_AHEAD_BYTES)
    if line == at and stop >= 0 and KNOWN_FIELD.match(text, stop + 1) is not None:
        return Start(at, line, _dots(text, stop), b"")
    prefix = text[line:at]
    if KNOWN_FIELD.match(prefix.lstrip(_MARKS)) is not None:
        return None  # a field that quotes a start line, as a Warning may
    rest = text[after : min(stop, after + _PHRASE_BYTES) if stop >= 0 else after + _PHRASE_BYTES]
    escape = None
    if b"\\" in rest or b".." in rest or b"#01" in rest or b"<" in rest:
        escape = ESCAPED.search(rest) if found[1] is not None else ESCAPED.match(rest)
    if escape is not None and KNOWN_FIELD.match(rest, escape.end()) is not None:
        return Start(at, line, _ESCAPED, prefix)
    if stop < 0:
        return None
    if TREE_LINE.match(prefix) is not None:
        return Start(at, line, _TREE, prefix)
    below = stop + 1
    if text.startswith(prefix, below) and KNOWN_FIELD.match(text, below + len(prefix)) is not None:
        return Start(at, line, _LINES, prefix, strip_like(prefix))
    if KNOWN_FIELD.match(text, below) is not None:
        return Start(at, line, _LINES if _quote(prefix) else _dots(text, stop), prefix)
    if prefix.strip():
        first, second = prefix[:1], text[below : below + 1]
        if first != second and not (first.isdigit() and second.isdigit()):
            return None  # a prefix of the same shape begins alike
        strip = strip_like(prefix)
        bare = strip(text[below : text.find(b"\n", below)])
        if bare and KNOWN_FIELD.match(bare) is not None:
            return Start(at, line, _LINES, prefix, strip)
        return None
    return Start(at, line, _ALONE, prefix, None, stop + 1)


def _quote(prefix: bytes) -> bytes:
    """The mark before a message that is a field of a table; empty when it is none."""
    last = prefix.rstrip(b" ")[-1:]
    return last if last in _QUOTES else b""


def _dots(text: bytes, stop: int) -> int:
    """Whether the line that ends at `stop` and the next one end with a dot, which then stands for CR."""
    if text[stop - 1 : stop] != b".":
        return _PLAIN
    below = text.find(b"\n", stop + 1)
    return _DOTTED if text[below - 1 : below] == b"." else _PLAIN
