"""What kind of source a file is, told by its first octets: a capture, a text trace, call records, or Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ringthrough.captures import is_capture
from ringthrough.captures.source import Source as Octets
from ringthrough.errors import Problem

if TYPE_CHECKING:
    from ringthrough.cdr import Profile

__all__ = ["Kind", "kind_of"]

_PARQUET = b"PAR1"
_ONLY_NAMED = "no message"
"What is said of a log that names SIP messages and holds none: call records beside such lines are worth more."


class Kind(NamedTuple):
    """How to read a file."""

    name: str
    "capture, trace, records or parquet."
    profile: Profile | None = None
    "How its records are written."
    why: str = ""
    "Why it is taken for that; empty for a capture."
    problem: Problem | None = None
    "What to say of text that nothing can read; captures name what else a file may be."


def kind_of(source: Octets, profile: Profile | None) -> Kind:
    """
    Tell the kind of a file.

    Args:
        source: its content, unpacked; nothing is taken from it.
        profile: what the operator says records are written in; None lets their look decide. Text that holds whole SIP
            messages is a trace all the same, so that traces and records can be given together.
    """
    if is_capture(source.peek(8)):
        return Kind("capture")
    # Late, all of it: a data set of captures, which most are, needs no reader of text.
    from ringthrough.captures.text import looks_like_text_trace
    from ringthrough.cdr import SAMPLE_BYTES, recognise

    head = source.peek(SAMPLE_BYTES)
    if head[:4] == _PARQUET:
        return Kind("parquet", profile)
    why = looks_like_text_trace(head)
    if why is not None and _ONLY_NAMED not in why:
        return Kind("trace", None, why)
    if profile is not None:
        return Kind("records", profile, "--profile says so")
    found = recognise(head, source.name)
    if found.profile is not None:
        return Kind("records", found.profile, found.why)
    if why is not None:
        return Kind("trace", None, why)
    strange = not head or b"\x00" in head[:512] or head[:1] > b"\x7f"
    if strange:
        return Kind("capture")  # its reader names what else a file may be
    said = (
        f"expected a capture, a text trace or call records, but {found.why}: give --profile, or see ringthrough sniff"
    )
    return Kind("capture", problem=Problem("cdr-unknown-dialect", said, source.name))
