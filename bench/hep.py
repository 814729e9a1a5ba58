"""
`ringthrough listen --into` under load: SIP messages per CPU second from the socket to acknowledged rows of a store.

    python bench/hep.py [--calls 30000] [--rounds 3] [--rate 20000]

Calls are made by `ringthrough simulate --mix bench` and sent as HEP version 3 over UDP and over TCP by this process;
`listen` is a process of its own. CPU seconds are user plus system of that process less what it takes to start, store
one call and end. The sender keeps to a rate, so that what is measured is work and not waiting; the best round
counts. With --tcp the connection slows the sender down, so --rate may be as high as one likes.

The nearest peers, heplify-server and sngrep, store messages or show them, and make no rows; they are not run.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from struct import pack

WORK = Path(__file__).resolve().parent / "made"


def made(calls: int) -> Path:
    """Capture of that many calls; made once."""
    WORK.mkdir(exist_ok=True)
    path = WORK / f"bench-{calls}-1.pcap"
    if not path.exists():
        part = path.with_suffix(".part")
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
        subprocess.run([*command, "--seed", "1", "-o", str(part)], check=True)
        part.rename(path)
    return path


def packets_of(path: Path, *, now_us: int | None = None) -> list[bytes]:
    """HEP packets of a capture, in the layout of Kamailio; with `now_us` all of them from about now."""
    from ringthrough.captures import Dissector, open_capture

    with path.open("rb") as handle:
        container = open_capture(handle, name=path.name)
        dissector = Dissector(file=0, tally=container.tally)
        found = [sighting for rows in container.blocks() for sighting in dissector.feed_rows(rows)]
    return [_packet(s.src, s.sport, s.dst, s.dport, now_us or s.at_us, s.data) for s in found]


def _chunk(kind: int, value: bytes) -> bytes:
    return pack("!HHH", 0, kind, 6 + len(value)) + value


def _packet(src: bytes, sport: int, dst: bytes, dport: int, at_us: int, data: bytes) -> bytes:
    body = _chunk(1, b"\x02") + _chunk(2, b"\x11") + _chunk(3, src) + _chunk(4, dst)
    body += _chunk(7, pack("!H", sport)) + _chunk(8, pack("!H", dport))
    body += _chunk(9, pack("!I", at_us // 1_000_000)) + _chunk(10, pack("!I", at_us % 1_000_000))
    body += _chunk(11, b"\x01") + _chunk(12, pack("!I", 2001)) + _chunk(15, data)
    return b"HEP3" + pack("!H", 6 + len(body)) + body


def send(packets: Sequence[bytes], port: int, rate: int, *, stream: bool) -> float:
    """Send at no more than a rate; return the seconds it took."""
    kind = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
    began = time.perf_counter()
    with socket.socket(socket.AF_INET, kind) as one:
        one.connect(("127.0.0.1", port))
        for at in range(0, len(packets), 200):
            if stream:
                one.sendall(b"".join(packets[at : at + 200]))
            else:
                for data in packets[at : at + 200]:
                    one.send(data)
            ahead = (at + 200) / rate - (time.perf_counter() - began)
            if ahead > 0:
                time.sleep(ahead)
    return time.perf_counter() - began


def listened(packets: Sequence[bytes], rate: int, *, stream: bool, compiled: bool) -> tuple[float, float, str]:
    """CPU seconds of `listen`, seconds of sending, and what it said at its end."""
    environment = os.environ | {"RINGTHROUGH_NATIVE": "1" if compiled else "0"}
    with tempfile.TemporaryDirectory(prefix="ringthrough-") as folder:
        where = "--tcp" if stream else "--udp"
        command = [sys.executable, "-m", "ringthrough", "listen", where, "127.0.0.1:0", "--into", f"{folder}/store"]
        command += ["--replay", "--count", str(len(packets))]
        before = os.times()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert process.stderr is not None
        found = re.search(r":(\d+)$", process.stderr.readline())
        assert found is not None
        took = send(packets, int(found[1]), rate, stream=stream)
        try:
            out, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:  # some were lost on the way, so it waits for more
            process.terminate()
            out, errors = process.communicate()
        after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    rows = re.search(r"([\d,]+) calls", out)
    said = f"{rows[1] if rows else 0} rows"
    lost = re.search(r"(\d+) datagrams were lost", errors)
    return cpu, took, said + (f", {lost[1]} datagrams lost" if lost else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=20_000)
    asked = parser.parse_args()

    packets = packets_of(made(asked.calls))
    octets = sum(map(len, packets))
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs; {len(packets)} packets of {asked.calls} calls,")
    print(f"{octets / len(packets):.0f} octets each, sent at {asked.rate} a second; best of {asked.rounds} rounds")
    from ringthrough.native import twin

    kinds = [("UDP", False, False), ("TCP", True, False)]
    if twin("_native") is not None:
        kinds += [("UDP, compiled", False, True), ("TCP, compiled", True, True)]
    idle = min(listened(packets[:1], asked.rate, stream=False, compiled=False)[0] for _ in range(asked.rounds))
    for name, stream, compiled in kinds:
        best, said = 0.0, ""
        for _ in range(asked.rounds):
            cpu, _took, what = listened(packets, asked.rate, stream=stream, compiled=compiled)
            if not best or cpu < best:
                best, said = cpu, what
        work = best - idle
        print(f"{name:<15} {best:6.2f} CPU s, {idle:.2f} of them to start: {len(packets) / work:9,.0f} messages/CPU s, "
              f"{work / len(packets) * 1e6:.1f} us each; {said}")  # fmt: skip
    for peer in ("heplify-server", "sngrep"):
        there = shutil.which(peer) is not None
        print(f"{peer}: skipped, it {'wants a database or a terminal of its own' if there else 'is not installed'}")


if __name__ == "__main__":
    main()
