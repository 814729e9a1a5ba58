from __future__ import annotations

import gzip
import lzma
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ringthrough.cli import simulate as module
from ringthrough.cli.simulate import simulate
from ringthrough.simulate import FORMATS, MIXES, SHAPES

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(simulate, [str(argument) for argument in arguments])


def test_it_says_where_the_files_are_and_what_is_in_them(tmp_path: Path) -> None:
    capture, truth = tmp_path / "day.pcap", tmp_path / "day.truth.jsonl"
    result = run("--calls", "20", "-o", capture, "--truth", truth)
    assert result.exit_code == 0, result.output
    first, second = result.output.splitlines()
    assert first.startswith(f"{capture}: 20 calls, ")
    assert first.endswith(" packets")
    assert second == f"{truth}: the truth about each call"
    assert capture.read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
    assert truth.read_text().startswith('{"type":"header","seed":1,"mix":"demo"')


def test_the_truth_is_optional(tmp_path: Path) -> None:
    result = run(
        "--calls", "3", "-o", tmp_path / "a", "--mix", "bench", "--format", "pcapng", "--hours", "1", "--no-truth"
    )
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    ("kind", "unpack"), [("gz", gzip.decompress), ("xz", lzma.decompress), ("zst", zstd.decompress)]
)
def test_compressed_files_hold_the_same_and_are_the_same_again(kind: str, unpack: object, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("plain", "one", "two")]
    for path in paths:
        more = () if path.name == "plain" else ("--compress", kind)
        assert run("--calls", "5", "-o", path, *more).exit_code == 0
    plain, one, two = (path.read_bytes() for path in paths)
    assert unpack(one) == plain  # type: ignore[operator]
    assert one == two


def test_shapes_are_listed() -> None:
    result = run("--list-shapes")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(SHAPES)


@pytest.mark.parametrize(
    ("label", "arguments", "says"),
    [
        ("no output", [], "Missing option '-o'"),
        ("no such shape", ["--shape", "pigeon", "-o", "x"], "expected one of ethernet, vlan"),
        ("no such mix", ["--mix", "tea", "-o", "x"], "'tea' is not one of"),
        ("no time", ["--start", "yesterday", "-o", "x"], "expected a time such as"),
        ("a time that no capture holds", ["--start", "1912-04-15", "-o", "x"], "between 1970-01-02 and 2103"),
        ("a time after the format ends", ["--start", "2400-04-15", "-o", "x"], "between 1970-01-02 and 2103"),
        ("no calls", ["--calls", "0", "-o", "x"], "is not in the range"),
        ("no hours", ["--hours", "0", "-o", "x"], "is not in the range"),
        ("one file for both", ["-o", "x", "--truth", "x"], "need two files"),
        ("a folder that is not there", ["-o", "/nowhere/at/all"], "cannot write /nowhere/at/all: No such file"),
    ],
)
def test_mistakes_are_named(
    label: str, arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code != 0
    assert says in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())


def test_a_time_without_a_zone_is_utc(tmp_path: Path) -> None:
    run("--calls", "3", "--start", "2026-06-01T08:00:00", "-o", tmp_path / "a")
    run("--calls", "3", "--start", "2026-06-01T10:00:00+02:00", "-o", tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_mistake_that_only_the_room_finds_is_named_too(tmp_path: Path) -> None:
    # The options allow nothing that the room refuses, so the function behind the command is asked.
    command = simulate.callback
    assert command is not None
    with pytest.raises(module.click.UsageError, match="duration_s"):
        command(5, 1, "demo", "ethernet", "pcap", 1, 0.001, tmp_path / "x", None, None)


def test_the_names_of_the_command_are_those_of_the_room() -> None:
    assert tuple(MIXES) == module._MIX_NAMES
    assert tuple(FORMATS) == module._FORMAT_NAMES
