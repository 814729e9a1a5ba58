"""
`ringthrough diagnose` beside `tshark -T fields` on one capture: packets per CPU second, memory, and what workers bring.

    python bench/diagnose.py [--calls 200000] [--rounds 3] [--without-tshark]

The capture is made by `ringthrough simulate --mix bench` and kept in bench/made. Each round runs the candidates one
after the other, so that a slow minute favours nobody; the best round counts. CPU seconds are user plus system of the
whole process with its children, start-up included. Memory is the peak of RssAnon, sampled every 20 ms.

tshark is asked for the fields that a call row rests on; ringthrough writes complete rows as CSV. Both to /dev/null.
ringthrough runs with its compiled twins (`make native`) where they are installed, and without them.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ringthrough.native import twin

WORK = Path(__file__).resolve().parent / "made"
FIELDS = (
    "frame.number", "frame.time_epoch", "ip.src", "ip.dst", "udp.srcport", "udp.dstport", "ip.id", "sip.Method",
    "sip.Status-Code", "sip.Status-Line", "sip.r-uri.user", "sip.Call-ID", "sip.CSeq.seq", "sip.CSeq.method",
    "sip.from.user", "sip.from.tag", "sip.to.user", "sip.to.tag", "sip.Via", "sip.Via.branch", "sip.Reason",
    "sip.Warning", "sip.Call-Info", "sip.Server", "sip.User-Agent", "sip.P-Asserted-Identity", "sip.Content-Type",
)  # fmt: skip

COMPILED, PURE = "compiled", "pure Python"


def measured(command: list[str], *, compiled: bool = True) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak anonymous MB of a command."""
    environment = os.environ | {"RINGTHROUGH_NATIVE": "1" if compiled else "0"}
    before = os.times()
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    peak = 0
    while process.poll() is None:
        peak = max(peak, anonymous_kb(process.pid))
        time.sleep(0.02)
    wall = time.perf_counter() - began
    after = os.times()
    if process.returncode not in (0, 1):
        sys.exit(f"{command[0]} ended with {process.returncode}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, wall, peak / 1000


def anonymous_kb(pid: int) -> int:
    """Anonymous memory of a process and its children, kB."""
    total = 0
    try:
        total += int(re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])  # type: ignore[index]
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += anonymous_kb(int(child))
    except (OSError, TypeError):
        pass
    return total


def made(calls: int, seed: int) -> Path:
    """Capture of that many calls; made once."""
    WORK.mkdir(exist_ok=True)
    path = WORK / f"bench-{calls}-{seed}.pcap"
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
        subprocess.run([*command, "--seed", str(seed), "-o", str(part)], check=True)
        part.rename(path)
    return path


def packets_of(path: Path) -> int:
    from ringthrough.captures import open_capture

    with path.open("rb") as handle:
        container = open_capture(handle, name=path.name)
        return sum(len(rows) for rows in container.blocks())


def ours(files: list[Path], *, workers: int) -> list[str]:
    command = [sys.executable, "-m", "ringthrough", "diagnose", *map(str, files), "--csv", "-o", "/dev/null"]
    return [*command, "--region", "US", "--quiet", "--workers", str(workers)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-tshark", action="store_true")
    asked = parser.parse_args()

    whole = made(asked.calls, 1)
    halves = [made(asked.calls // 2, 2), made(asked.calls // 2, 3)]
    packets = packets_of(whole)
    kinds = [PURE]
    if twin("_native") is None:
        print("compiled twins: skipped, ringthrough-native is not installed (make native)")
    else:
        kinds.insert(0, COMPILED)
    candidates = {f"{kind}, {n} worker{'s' * (n > 1)}": ours([whole], workers=n) for kind in kinds for n in (1, 2)}
    if asked.without_tshark or shutil.which("tshark") is None:
        print("tshark: skipped, it is not installed or not wanted")
    else:
        asks = [part for field in FIELDS for part in ("-e", field)]
        candidates["tshark -T fields"] = ["tshark", "-n", "-r", str(whole), "-Y", "sip", "-T", "fields", *asks]
    best: dict[str, tuple[float, float, float]] = {}
    for _ in range(asked.rounds):
        for name, command in candidates.items():
            found = measured(command, compiled=not name.startswith(PURE))
            so_far = best.get(name, found)
            best[name] = (min(found[0], so_far[0]), min(found[1], so_far[1]), max(found[2], so_far[2]))
    print(f"Python {platform.python_version()} ({platform.python_compiler()}, {sys.executable} of {sys.base_prefix}),")
    print(f"{os.cpu_count()} CPUs; {whole.name}: {packets} packets,")
    print(f"{whole.stat().st_size / 1e6:.0f} MB, {asked.calls} calls; best of {asked.rounds} interleaved rounds")
    for name, (cpu, wall, peak) in best.items():
        print(f"{name:<23} {cpu:7.2f} CPU s {wall:7.2f} wall s {packets / cpu:10.0f} packets/CPU s {peak:7.0f} MB")
    for kind in kinds:
        one = best[f"{kind}, 1 worker"]
        if "tshark -T fields" in best:
            print(f"{kind} / tshark, packets per CPU second: {best['tshark -T fields'][0] / one[0]:.1f}")
        print(
            f"{kind}, 2 workers / 1 on one plain UDP capture, wall time: {one[1] / best[f'{kind}, 2 workers'][1]:.2f}"
        )
        rotated = {1: 9e9, 2: 9e9}
        for _ in range(asked.rounds):
            for n in rotated:
                wall = measured(ours(shifted(halves), workers=n), compiled=kind == COMPILED)[1]
                rotated[n] = min(rotated[n], wall)
        print(f"{kind}, 2 workers / 1 on two files, wall time: {rotated[1] / rotated[2]:.2f}")


def shifted(halves: list[Path]) -> list[Path]:
    """Two captures of the same day made into two days, as a rotation would leave them."""
    later = halves[1].with_name("later-" + halves[1].name)
    if not later.exists():
        from ringthrough.captures import PcapWriter, open_capture

        part = later.with_suffix(".part")
        with halves[1].open("rb") as source, part.open("wb") as target:
            writer = PcapWriter(target)
            for rows in open_capture(source, name=halves[1].name).blocks():
                for at_us, _frame, _link, data, _cut in rows:
                    writer.write(at_us + 86_400_000_000 + 600_000_000, data)
        part.rename(later)
    return [halves[0], later]


if __name__ == "__main__":
    main()
