"""
Text traces to sightings: MB per CPU second, beside tshark on the capture of the same messages and grep on the text.

    python bench/text_traces.py [--calls 20000] [--rounds 3]

A capture is made by `ringthrough simulate --mix bench`, its messages are printed as ngrep -W byline and as Asterisk's
pjsip logger print them, and all three are kept in bench/made. Each round runs the candidates one after the other, so
that a slow minute favours nobody; the best round counts. tshark and grep are left out, and named, where absent.
"""

from __future__ import annotations

import argparse
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ringthrough.calls.addresses import endpoint
from ringthrough.captures import Dissector, open_capture
from ringthrough.captures.text import open_trace

WORK = Path(__file__).resolve().parent / "made"


def captured(path: Path) -> list[tuple[int, bytes, bytes, bytes]]:
    """Time, source, destination and octets of every message of a capture."""
    with path.open("rb") as handle:
        capture = open_capture(handle, name=path.name)
        dissector = Dissector(file=0, tally=capture.tally)
        return [
            (s.at_us, endpoint(s.src, s.sport).encode(), endpoint(s.dst, s.dport).encode(), s.data)
            for rows in capture.blocks()
            for s in dissector.feed_rows(rows)
        ]


def stamp(at_us: int, form: str, digits: int) -> bytes:
    at = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    return f"{at.strftime(form)}.{at_us % 1_000_000:06}".encode()[: digits - 6 or None]


def ngrep(at_us: int, src: bytes, dst: bytes, data: bytes) -> bytes:
    head = b"\nU %s %s -> %s #1\n" % (stamp(at_us, "%Y/%m/%d %H:%M:%S", 6), src, dst)
    return head + data.replace(b"\r", b".") + b"\n"


def pjsip(at_us: int, src: bytes, _dst: bytes, data: bytes) -> bytes:
    kind = b"response" if data.startswith(b"SIP/") else b"request"
    head = b"[%s] VERBOSE[2211] res_pjsip_logger.c: <--- Received SIP %s (%d bytes) from UDP:%s --->\n"
    return head % (stamp(at_us, "%Y-%m-%d %H:%M:%S", 3), kind, len(data), src) + data.replace(b"\r\n", b"\n") + b"\n"


def made(calls: int) -> tuple[Path, Path, Path]:
    """A capture, and its messages as ngrep and as Asterisk print them; made once."""
    WORK.mkdir(exist_ok=True)
    capture = WORK / f"text-{calls}.pcap"
    texts = {WORK / f"text-{calls}.ngrep.txt": ngrep, WORK / f"text-{calls}.pjsip.log": pjsip}
    if not capture.exists():
        part = capture.with_suffix(".part")
        command = [
            sys.executable,
            "-m",
            "ringthrough",
            "simulate",
            "--no-truth",
            "--mix",
            "bench",
            "--calls",
            str(calls),
        ]
        subprocess.run([*command, "--seed", "4", "-o", str(part)], check=True)
        part.rename(capture)
    for path, tool in texts.items():
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(b"".join(tool(*message) for message in captured(capture)))
            part.rename(path)
    one, two = texts
    return capture, one, two


def of_process(*command: str) -> float:
    """CPU seconds of a command with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)  # grep stops at once when it writes to /dev/null
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def of_reading(path: Path) -> float:
    """CPU seconds that reading a trace takes in this process."""
    began = time.process_time()
    with path.open("rb") as handle:
        for _ in open_trace(handle, name=path.name, tz=UTC).blocks():
            pass
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    capture, byline, log = made(asked.calls)
    with byline.open("rb") as handle:
        messages = sum(len(batch) for batch in open_trace(handle, name=byline.name).blocks())
    candidates: dict[str, tuple[Path, Callable[[], float]]] = {
        "ringthrough, ngrep byline": (byline, lambda: of_reading(byline)),
        "ringthrough, pjsip log": (log, lambda: of_reading(log)),
    }
    if shutil.which("tshark"):
        fields = ("frame.time_epoch", "ip.src", "ip.dst", "sip.Method", "sip.Status-Code", "sip.Call-ID", "sip.Reason")
        asks = [word for field in fields for word in ("-e", field)]
        command = ["tshark", "-n", "-r", str(capture), "-Y", "sip", "-T", "fields", *asks]
        candidates["tshark -T fields, the capture"] = (capture, lambda: of_process(*command))
    else:
        print("tshark: left out, it is not installed")
    if shutil.which("grep"):
        candidates["grep -c SIP/2.0, ngrep byline"] = (
            byline,
            lambda: of_process("grep", "-c", "^SIP/2.0 ", str(byline)),
        )
    else:
        print("grep: left out, it is not installed")
    best: dict[str, float] = {}
    for _ in range(asked.rounds):
        for name, (_, measure) in candidates.items():
            best[name] = min(measure(), best.get(name, 1e9))
    print(f"Python {platform.python_version()}, {messages} messages, best of {asked.rounds} interleaved rounds")
    for name, seconds in best.items():
        size = candidates[name][0].stat().st_size / 1e6
        speed = f"{size / seconds:8.1f} MB/s {messages / seconds:9.0f} messages/s"
        print(f"{name:<32} {size:7.1f} MB {seconds:6.3f} CPU s {speed}")


if __name__ == "__main__":
    main()
