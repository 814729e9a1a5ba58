"""
Pasted text without what terminals, mail programs and log files put around it.

Facts
- People paste out of colour terminals, mails (`> `), tickets (code fences), logs (a time and a process in front of each
  line), JSON (`\\r\\n` as four letters, `\\"`), and drawings (`|` at both sides).
- Nothing that could be content is thrown away here: what is not recognised later is simply not used.
"""

from __future__ import annotations

import re
import textwrap

from ringthrough.errors import LocalError, Problem

__all__ = ["MAX_BYTES", "tidy"]

MAX_BYTES = 65_536
"Longest paste: the largest SIP datagram has 65,535 octets, and a ladder of some dozens of messages fits as well."

# ECMA-48 §5.4 (control sequences) and §5.6 (command strings)
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]")
# Surrogates that no octet was decoded to; they could not be encoded again.
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?)+")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)")
_BOX = re.compile(r"^[ \t]*[│┃║][ ]?(.*?)[ \t]*[│┃║]?[ \t]*$")
_ESCAPED_END = re.compile(r"\\r\\n|\\n|\\r|\\x0d\\x0a|<CR><LF>|<CRLF>", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}


def tidy(text: str | bytes) -> list[str]:
    """
    The lines of a paste, bare.

    Args:
        text: what was pasted; octets are taken as UTF-8, and those that are none survive as surrogates.

    Raises:
        LocalError: it is longer than MAX_BYTES (`reading-too-long`).
    """
    if len(text) > MAX_BYTES:
        said = f"expected at most {MAX_BYTES} characters of a message, found {len(text)}"
        raise LocalError(Problem("reading-too-long", said, "paste"))
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    text = _ANSI.sub("", text).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = _LONE.sub("\ufffd", text)
    text = _unwrap(text)
    lines = [line for line in text.split("\n") if not _FENCE.match(line)]
    filled = [line for line in lines if line.strip()]
    if filled and sum(bool(_QUOTED.match(line)) for line in filled) * 2 > len(filled):
        lines = [_QUOTED.sub("", line) for line in lines]
    lines = [box[1] if (box := _BOX.match(line)) else line for line in lines]
    lines = textwrap.dedent("\n".join(line.rstrip() for line in lines)).split("\n")
    return [_unquote(line) for line in lines]


def _unwrap(text: str) -> str:
    """One string of a program: its quotes, its escapes."""
    stripped = text.strip()
    if "\n" in stripped:
        return text
    stripped = re.sub(r"^b(?=['\"])", "", stripped)
    if _ESCAPED_END.search(stripped):
        return _ESCAPED_END.sub("\n", _unquote(stripped).replace('\\"', '"'))
    return stripped


def _unquote(line: str) -> str:
    """A line without the quotes (and comma, in JSON) around all of it."""
    bare = line.strip().removesuffix(",")
    if len(bare) > 2 and _QUOTES.get(bare[0]) == bare[-1]:
        inside = bare[1:-1].replace(f"\\{bare[0]}", bare[0])
        # `"Alice" <sip:a@x>;tag="1"` begins and ends with a quote as well
        if bare[0] != '"' or bare[1:-1].replace('\\"', "").count('"') == 0 or _LOOKS_WHOLE.match(inside):
            return inside
    return line


_LOOKS_WHOLE = re.compile(r"(?:SIP/2\.0 |[A-Za-z-]+: |SIP *;|Q\.850 *;|STIR *;)", re.IGNORECASE)
