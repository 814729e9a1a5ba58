"""What tshark prints of simulated traffic, read back."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from random import Random

from ringthrough.captures import Dissector, open_capture
from ringthrough.captures.text import looks_like_text_trace, open_trace
from ringthrough.simulate import DEMO, simulate

_FIELD = re.compile(rb"\n([A-Za-z-]+)[ \t]*:[ \t]*")


def tidy(data: bytes) -> bytes:
    """A message without what tshark writes its own way: the case of names, and blanks after the colon."""
    return _FIELD.sub(lambda found: b"\n" + found[1].lower() + b":", data)


def test_a_tree_of_tshark(tshark: str, tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    with path.open("wb") as handle:
        simulate(Random(3), handle, mix=DEMO, calls=40, start_us=1_780_272_000_000_000, duration_s=600.0)
    words = [tshark, "-n", "-r", str(path), "-V", "-Y", "sip"]
    text = subprocess.run(words, capture_output=True, check=True).stdout
    capture = open_capture(io.BytesIO(path.read_bytes()), name="made.pcap")
    dissector = Dissector(file=0, tally=capture.tally)
    captured = [s for row in capture for s in dissector.feed(*row)]
    captured += dissector.finish()
    trace = open_trace(io.BytesIO(text), name="made.txt")
    seen = list(trace)
    assert (looks_like_text_trace(text[:65536]) or "").startswith("tshark -V: a SIP message at line ")
    assert trace.tally.adds_up
    assert [(s.at_us, *s[3:8]) for s in seen] == [(s.at_us, *s[3:8]) for s in captured]
    differ = [one for one, two in zip(seen, captured, strict=True) if tidy(one.data) != tidy(two.data)]
    # Fields of more than 240 characters are shortened, and bodies that are no session description are not printed.
    assert len(differ) <= trace.tally.notes["text-header-truncated"] + trace.tally.notes.get("text-body-length", 0)
    assert len(differ) < len(seen) / 20
