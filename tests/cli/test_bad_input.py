"""Whatever is wrong with a file: one clear line, and the rest of the files is still read."""

from __future__ import annotations

import gzip
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ran

Process = Callable[..., Ran]


def not_a_capture(path: Path, good: bytes) -> None:
    path.write_text("This is a letter.")


def empty(path: Path, good: bytes) -> None:
    path.write_bytes(b"")


def cut_header(path: Path, good: bytes) -> None:
    path.write_bytes(good[:20])


def directory(path: Path, good: bytes) -> None:
    path.mkdir()


def bomb(path: Path, good: bytes) -> None:
    """1.2 GB of empty packets in a few kilobytes, as frames of zstd, which pack tighter than gzip can."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    record = struct.pack("<IIII", 0, 0, 1 << 17, 1 << 17) + b"\0" * (1 << 17)
    path.write_bytes(zstd.compress(good[:24]) + zstd.compress(record * 96) * 96)
    assert path.stat().st_size * 1_000 < 96 * 96 * len(record)


def missing(path: Path, good: bytes) -> None:
    pass


def damaged_gzip(path: Path, good: bytes) -> None:
    path.write_bytes(gzip.compress(good)[:60])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (not_a_capture, "expected a capture, a text trace or call records"),
        (empty, "expected"),
        (cut_header, "expected"),
        (directory, "expected a file, found a directory"),
        (missing, "expected a file, found no file of this name"),
        (damaged_gzip, "offset"),
        pytest.param(bomb, "expected at most 1073741824 octets out of", marks=pytest.mark.slow),
    ],
)
def test_one_line_each_and_the_rest_is_read(
    process: Process, capture: Path, tmp_path: Path, make: Callable[[Path, bytes], None], expected: str
) -> None:
    bad = tmp_path / "bad"
    make(bad, capture.read_bytes())
    ran = process("diagnose", bad, capture, "--csv", "-q")
    assert ran.status == 1
    assert ran.out.count(b"\r\n") == 5
    [line] = [line for line in ran.err.splitlines() if str(bad) in line]
    assert line.startswith(f"ringthrough: {bad}: ")
    assert expected in line
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("make", [not_a_capture, empty, directory, missing])
def test_nothing_usable_is_status_2(process: Process, capture: Path, tmp_path: Path, make: Callable) -> None:
    make(tmp_path / "bad", capture.read_bytes())
    ran = process("diagnose", tmp_path / "bad")
    assert ran.status == 2
    assert b"no calls in 1 file" in ran.out
    assert ran.err.count("\n") == 1


def test_cut_in_mid_record(process: Process, capture: Path, tmp_path: Path) -> None:
    bad = tmp_path / "cut.pcap"
    bad.write_bytes(capture.read_bytes()[:-100])
    ran = process("diagnose", bad, "--csv", "-q")
    assert ran.status == 1
    assert ran.out.count(b"\r\n") == 5
    assert "offset" in ran.err
    assert ran.err.count("\n") == 1


def test_a_snap_length_of_zero_is_read_and_said(process: Process, capture: Path, tmp_path: Path) -> None:
    octets = bytearray(capture.read_bytes())
    octets[16:20] = struct.pack("<I", 0)
    (tmp_path / "zero.pcap").write_bytes(octets)
    ran = process("diagnose", tmp_path / "zero.pcap")
    assert ran.status == 0
    assert b"4 calls" in ran.out
    assert ran.out.count(b"snap length of 0") == 1


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_no_permission(process: Process, capture: Path, tmp_path: Path) -> None:
    bad = tmp_path / "secret.pcap"
    bad.write_bytes(capture.read_bytes())
    bad.chmod(0)
    if os.geteuid() == 0:
        pytest.skip("the superuser may read everything; see the test without privileges")
    ran = process("diagnose", bad, capture, "--csv", "-q")
    assert ran.status == 1
    assert "the system says: Permission denied" in ran.err


def test_permission_denied_is_told_without_privileges(tmp_path: Path, capture: Path, monkeypatch) -> None:
    from contextlib import ExitStack

    from ringthrough.cli import files

    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "open", refuse, raising=False)
    with ExitStack() as stack:
        made = files.inputs([str(capture)], again=False, stack=stack)
    [report] = made.refused
    assert str(report.problems[0]) == f"{capture}: expected a file that can be read, the system says: Permission denied"
    assert report.problems[0].code == "cli-not-readable"


def test_a_name_no_system_takes(process: Process, run: Callable) -> None:
    result = run("diagnose", "a\0b")
    assert result.return_value == 2
    assert "null" in result.stderr


def test_a_capture_without_calls_is_read_fully(process: Process, capture: Path, tmp_path: Path) -> None:
    (tmp_path / "quiet.pcap").write_bytes(capture.read_bytes()[:24])
    ran = process("diagnose", tmp_path / "quiet.pcap")
    assert (ran.status, ran.out) == (0, b"Calls\n  no calls in 1 file\n")
