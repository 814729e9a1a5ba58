"""A kill at any moment loses nothing that was acknowledged, doubles nothing, and leaves a store that opens."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ringthrough.errors import LocalError
from ringthrough.store import Writer, open_store
from tests.conftest import FULL

from .crashing import IMPORT, OTHER
from .made import DAY_US, NOW_US, START_US, all_rows, files, ids, rows

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.skipif(os.name != "posix", reason="POSIX signals"), pytest.mark.slow]


def told(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def promised(lines: list[str]) -> set[str]:
    """Ids of the calls that were acknowledged."""
    ranges = [line.split()[1:] for line in lines if line.startswith("rows ")]
    return {f"c{n}" for first, last in ranges for n in range(int(first), int(last))}


def test_killed_before_any_step_on_the_disk(tmp_path: Path) -> None:
    every = 1 if FULL else 3
    ran = subprocess.run(
        [sys.executable, "-m", "tests.store.crashing", str(tmp_path), str(every)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    last = int(ran.stdout)
    assert last > 100
    seen: set[str] = set()
    for number in range(1, last + 1, every):
        lines = told(tmp_path / f"{number}.told")
        seen.add(lines[-1] if lines else "nothing")
        check(tmp_path / str(number), lines)
    assert len(seen) >= 11


def check(path: Path, lines: list[str]) -> None:
    known = promised(lines)
    old = {f"c{n}" for n in range(40, 50)}  # they may have been expired without being told
    try:
        with open_store(path) as reader:
            found = Counter(call.call_id for call, _verdict in all_rows(reader))
            assert reader.problems == []
            assert reader.verify() == []
    except LocalError as fault:
        assert (fault.problem.code, lines) == ("store-not-a-store", [])
        found = Counter()
    assert known - old <= set(found)
    assert set(found.values()) <= {1}
    if "expired" in lines:
        assert not old & set(found)
    # The next writer goes on: it finds all of it, cleans up, and imports again without doubling a row.
    with Writer(path) as writer:
        assert writer.problems == []
        with writer.importing(IMPORT, label="one.csv") as job:
            job.append([*rows(100, 120, day=1), *rows(120, 140, day=2)])
            assert (job.known is not None) >= ("rows 100 140" in lines)
        with writer.importing(OTHER, label="two.csv") as job:
            job.append(rows(200, 210, day=2))
        writer.append(rows(900, 901))
        writer.flush()
        writer.compact(NOW_US, grace_s=0)
        writer.expire(START_US - 5 * DAY_US, NOW_US, grace_s=0)
        assert [each.label for each in writer.imported()] == ["one.csv", "two.csv"]
    after = Counter(ids(path))
    wanted = (set(found) | known | {f"c{n}" for n in (*range(100, 140), *range(200, 210), 900)}) - old
    assert after == Counter(wanted)
    with open_store(path) as reader:
        assert reader.problems == []
        assert files(path) == {segment.file for segment in reader.segments}
    assert list((path / "tmp").iterdir()) == []


WRITES = """
import sys
from ringthrough.store import Writer
from tests.store.made import rows
n = 0
with Writer(sys.argv[1]) as writer:
    while n < 60_000:
        size = 1 + (n * 7) % 9_000
        writer.append(rows(n, n + size, day=n % 2))
        writer.flush()
        n += size
        print(n, flush=True)
        writer.tend(10**18, grace_s=0)
"""


@pytest.mark.parametrize("seed", range(12 if FULL else 4))
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """The kill comes while the next segments are being made, by the engine too."""
    stop = random.Random(seed).randint(1, 12)
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, str(tmp_path / "s")], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as run:
        assert run.stdout is not None
        for _ in range(stop):
            last = int(run.stdout.readline())
        run.send_signal(signal.SIGKILL)
        rest = run.stdout.read().split()
    last = int(rest[-1]) if rest else last
    found = ids(tmp_path / "s", columns=["call_id"])
    assert len(found) == len(set(found))
    assert {f"c{n}" for n in range(last)} <= set(found)
    with Writer(tmp_path / "s") as writer:
        assert writer.problems == []
        assert writer._ground.manifest.generation > 0


def test_readers_read_while_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, str(path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as run:
        assert run.stdout is not None
        seen: list[int] = []
        for line in run.stdout:
            # `tend` without grace removes files under our hands: what was opened is the worst a reader can meet.
            with open_store(path) as reader:
                assert reader.problems == []
                assert len(reader) >= int(line)
                seen.append(len(reader))
    assert run.returncode == 0
    assert seen == sorted(seen)
    found = ids(path, columns=["call_id"])
    assert len(found) == len(set(found)) == seen[-1]
