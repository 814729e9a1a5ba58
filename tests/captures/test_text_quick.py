"""The quick way gives what the careful way gives."""

from __future__ import annotations

import io
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls.sighting import Sighting
from ringthrough.captures.source import FileSource
from ringthrough.captures.tally import Tally
from ringthrough.captures.text.reader import TraceReader
from tests.captures.printers import PRINTERS
from tests.captures.test_text_printed import simulated
from tests.fuzz.mutate import mutated_message

QUICK = ("ngrep -W byline", "asterisk pjsip log", "asterisk pjsip on the console", "asterisk pjsip, default dates")


def read(text: bytes, *, quick: bool) -> tuple[list[Sighting], Tally]:
    trace = TraceReader(FileSource(io.BytesIO(text), "made.txt"), quick=quick)
    return list(trace), trace.tally


def agree(text: bytes) -> int:
    quickly, carefully = read(text, quick=True), read(text, quick=False)
    assert quickly == carefully
    return len(quickly[0])


@pytest.mark.parametrize("name", PRINTERS)
def test_in_order(name: str) -> None:
    assert agree(PRINTERS[name].print(simulated()[1])) == len(simulated()[1])


HEAD = b"U 2026/11/20 09:20:06.619098 192.0.2.1:5060 -> 198.51.100.2:5060 #6\n"
PJSIP = b"<--- Received SIP response (9 bytes) from UDP:192.0.2.1:5060 --->\n"
FIELDS = b"SIP/2.0 603 Decline.\nVia: x.\nCSeq: 1 INVITE.\n"
ODD = [
    ("no length", FIELDS + b".\n\n"),
    ("a type and no length", FIELDS + b"Content-Type: application/sdp.\n.\nv=0.\n\n"),
    ("body too short", FIELDS + b"Content-Length: 50.\n.\nv=0.\n\n"),
    ("body too long", FIELDS + b"Content-Length: 5.\n.\nv=0.\ns=-.\n\n"),
    ("length in the middle of a line", FIELDS + b"Content-Length: 7.\n.\nv=0.\ns=-.\n\n"),
    ("text", FIELDS + b"Content-Length: 5.\n.\none.\n\n"),
    ("body without line end", FIELDS + b"Content-Length: 8.\n.\nv=0.\ns=-\n\n"),
    ("no blank line", FIELDS + b"\n\n"),
    ("a tab", FIELDS + b".\t;x.\nX:.y.\n.\n"),
    ("a blank line too much", FIELDS + b"\n.\n"),
    ("mentions", b"Got SIP response 603 \"x\"\n" + FIELDS + b".\n\n"),
]  # fmt: skip


@pytest.mark.parametrize("text", [o[1] for o in ODD], ids=[o[0] for o in ODD])
def test_odd(text: bytes) -> None:
    bare = text.replace(b".\n", b"\n")
    noise = b"[2026-11-20 09:20:06.1] NOTICE[1] Got SIP response 603 back\n\nSIP/2.0 100 Trying\n"
    for all_of_it in (
        (HEAD + text) * 3, b"\n" + (HEAD + text + b"\n") * 2, (PJSIP + bare) * 3, (noise + PJSIP + bare + b"\n") * 3,
        b"\n" + HEAD.replace(b"192.0.2.1", b"999.0.2.1") + text + HEAD.replace(b":5060", b":99999") + text,
        HEAD.replace(b"/11/", b"/13/") + text, PJSIP.replace(b"192.0", b"999.0") + bare,
        PJSIP.replace(b"5060", b"99999") + bare, b"[2026-13-20 09:20:06.1] x " + PJSIP + bare,
        PJSIP + bare + b"SIP/2.0 200 OK\nVia: x\n\n" + PJSIP + bare,
    ):  # fmt: skip
        agree(all_of_it)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(QUICK), st.integers(1, 12))
def test_mutated(rng: Random, name: str, messages: int) -> None:
    text = PRINTERS[name].print(simulated()[1][:messages])
    agree(mutated_message(rng, [text]))
