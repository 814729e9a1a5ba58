from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import Result

from ringthrough.calls import INFERRED, VERDICTS
from ringthrough.diagnosis import shards
from ringthrough.report.rows import OUTPUT

from .conftest import SCENES, Ran, Scene, messages, write_capture

Process = Callable[..., Ran]


def table(octets: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(octets.decode(), newline="")))


def test_the_summary(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture)
    text = ran.out.decode()
    assert (ran.status, ran.err) == (0, "")
    assert "4 calls in 1 file, 2026-01-01 00:00:00 to 2026-01-01 00:03:00 UTC" in text
    assert "https://fir.example, +18005550100" in text
    assert "\x1b" not in text
    assert process("diagnose", capture).out == ran.out


def test_csv_rows_alone_on_standard_output(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--csv")
    rows = table(ran.out)
    assert ran.status == 0
    assert tuple(rows[0]) == OUTPUT
    assert sorted(row["call_id"] for row in rows) == sorted(s.call_id for s in SCENES)
    blocked = next(row for row in rows if row["call_id"] == "blocked-1@192.0.2.10")
    assert (blocked["verdict"], blocked["final_code"], blocked["setup_ms"]) == ("network_blocked", "603", "412")
    assert (blocked["caller"], blocked["redress_url"], blocked["redress_tel"], blocked["redress_id"]) == (
        "+12155550123", "https://fir.example", "+18005550100", "77",
    )  # fmt: skip
    assert (blocked["at"], blocked["frame"], blocked["file"]) == ("2026-01-01T00:00:00.000000Z", "1", str(capture))
    assert "4 calls in 1 file" in ran.err


def test_json_and_csv_say_the_same(process: Process, capture: Path) -> None:
    lines = [json.loads(line) for line in process("diagnose", capture, "--json", "-q").out.splitlines()]
    rows = table(process("diagnose", capture, "--csv", "-q").out)
    for line, row in zip(lines, rows, strict=True):
        for name in OUTPUT:
            value = line[name]
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            assert row[name] == text, name


def test_parquet_and_csv_say_the_same(process: Process, capture: Path, tmp_path: Path) -> None:
    target = tmp_path / "calls.parquet"
    ran = process("diagnose", capture, "--parquet", "-o", target)
    assert ran.status == 0
    assert b"4 calls in 1 file" in ran.out
    with duckdb.connect() as engine:
        found = engine.execute("SELECT * FROM read_parquet(?)", [str(target)])
        assert tuple(column[0] for column in found.description) == OUTPUT
        ids = [row[0] for row in found.fetchall()]
    assert ids == [row["call_id"] for row in table(process("diagnose", capture, "--csv").out)]


def test_rows_to_a_file_and_summary_to_standard_output(process: Process, capture: Path, tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    ran = process("diagnose", capture, "--csv", "-o", target)
    assert (ran.status, ran.err) == (0, "")
    assert b"Verdicts" in ran.out
    assert len(table(target.read_bytes())) == 4
    assert target.stat().st_mode & 0o044
    assert sorted(p.name for p in tmp_path.iterdir()) == ["calls.csv", "calls.pcap"]


def test_summary_to_a_file(process: Process, capture: Path, tmp_path: Path) -> None:
    ran = process("diagnose", capture, "-o", tmp_path / "summary.txt")
    assert (ran.status, ran.out) == (0, b"")
    assert "Verdicts" in (tmp_path / "summary.txt").read_text()


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ([], {"blocked-1", "busy-2", "gone-3", "blocked-4"}),
        (["--verdict", "network_blocked"], {"blocked-1", "blocked-4"}),
        (["--verdict", "busy", "--verdict", "bad_number"], {"busy-2", "gone-3"}),
        (["--code", "486"], {"busy-2"}),
        (["--code", "4xx"], {"busy-2", "gone-3"}),
        (["--code", "none"], set()),
        (["--number", "+12155550124"], {"busy-2"}),
        (["--number", "(212) 555-0177"], {"gone-3"}),
        (["--number", "212 555 0177", "--region", "US"], {"gone-3"}),
        (["--number", "0177"], {"gone-3"}),
        (["--number", "alice"], set()),
        (["--since", "2026-01-01T00:01:00Z"], {"busy-2", "gone-3", "blocked-4"}),
        (["--since", "2026-01-01T01:01:00+01:00", "--until", "2026-01-01 00:02:00"], {"busy-2"}),
        (["--until", "2026-01-01"], set()),
        (["--verdict", "network_blocked", "--since", "2026-01-01T00:02"], {"blocked-4"}),
    ],
)
def test_filters(run: Callable, capture: Path, options: list[str], wanted: set[str]) -> None:
    result = run("diagnose", capture, "--csv", *options)
    assert {row["call_id"].split("@")[0] for row in table(result.stdout_bytes)} == wanted
    listed = run("diagnose", capture, "--calls", *options).stdout.splitlines()
    assert {line.split()[-1].split("@")[0] for line in listed[1:]} == wanted
    if options:
        assert f"{len(wanted)} of 4" in run("diagnose", capture, *options).stdout


def test_limit(run: Callable, capture: Path) -> None:
    assert len(run("diagnose", capture, "--calls", "--limit", 2).stdout.splitlines()) == 3
    assert run("diagnose", capture, "--json", "--limit", 0).stdout == ""


def test_the_list_is_followed_by_a_short_word_on_standard_error(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--calls")
    assert ran.out.count(b"\n") == 5
    assert "4 calls in 1 file" in ran.err
    assert "Verdicts" not in ran.err
    assert process("diagnose", capture, "--calls", "-q").err == ""


def test_mask_leaves_no_number(process: Process, capture: Path, tmp_path: Path) -> None:
    for options in (["--csv"], ["--json"], ["--calls"], ["--html", str(tmp_path / "x.html")],
                    ["--call", "blocked-1", "--pcap", str(tmp_path / "x.pcap")],
                    ["--number", "+12155550123"]):  # fmt: skip
        ran = process("diagnose", capture, "--mask", *options)
        assert ran.status == 0
        assert b"5550123" not in ran.out
        assert "5550123" not in ran.err
        assert b"5550199" not in ran.out
    for made in ("x.html", "x.pcap"):
        octets = (tmp_path / made).read_bytes()
        assert b"5550123" not in octets
        assert b"5550199" not in octets
    again = json.loads(process("diagnose", tmp_path / "x.pcap", "--json", "-q").out)
    assert (again["verdict"], again["caller"]) == ("network_blocked", "+1215555xxxx")


def test_html(process: Process, capture: Path, tmp_path: Path) -> None:
    ran = process("diagnose", capture, "--html", tmp_path / "report.html")
    assert ran.status == 0
    assert b"Verdicts" in ran.out
    assert "fir.example" in (tmp_path / "report.html").read_text()


def test_several_files_are_one_data_set(process: Process, tmp_path: Path) -> None:
    one = write_capture(tmp_path / "1.pcap", SCENES[:2])
    two = write_capture(tmp_path / "2.pcap", SCENES[2:])
    ran = process("diagnose", two, one, "--csv")
    assert ran.status == 0
    assert [row["file"] for row in table(ran.out)] == [str(one)] * 2 + [str(two)] * 2
    assert "4 calls in 2 files" in ran.err


def test_a_file_given_twice_is_read_once(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, capture.parent / "." / capture.name, "-", "-", stdin=capture.read_bytes()[:24])
    assert b"4 calls in 2 files" in ran.out
    assert ran.out.count(b"given more than once and is read once") == 2


@pytest.mark.parametrize("form", ["--csv", "--json", "--calls", "--parquet"])
@pytest.mark.parametrize("limit", [(), ("--limit", 0), ("--limit", 7), ("--limit", 140), ("--code", "486")], ids=str)
def test_workers_with_every_form_and_limit(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, limit: tuple[object, ...]
) -> None:
    # A number that only saves time in daily use: with its real value this capture would be too small to share.
    monkeypatch.setattr(shards, "SMALLEST_SHARE", 20_000)
    status = ("486 Busy Here", "603 Network Blocked")
    scenes = [Scene(f"call-{n}@192.0.2.10", second=n / 2, status=status[n % 2], extra="") for n in range(200)]
    path = write_capture(tmp_path / "calls.pcap", scenes)
    written = []
    for workers in (1, 2, 3):
        out = tmp_path / f"{workers}.out"
        ran = run("diagnose", path, form, *limit, "-q", "-o", out, "--workers", workers)
        assert (ran.return_value, ran.stderr) == (0, "")
        written.append(out.read_bytes())
    assert written[0] == written[1] == written[2]
    if form == "--csv":
        expected = 100 if "--code" in limit else limit[-1] if limit else 200
        assert len(table(written[0])) == expected


@pytest.mark.slow
def test_workers_give_the_same_rows(process: Process, tmp_path: Path) -> None:
    scenes = [Scene(f"call-{n}@192.0.2.10", second=n / 3, caller=f"+1215555{n % 90:04d}") for n in range(6_000)]
    path = write_capture(tmp_path / "long.pcap", scenes)
    assert path.stat().st_size > 2 * 4_000_000
    one = process("diagnose", path, "--csv")
    two = process("diagnose", path, "--csv", "--workers", 2)
    assert two.out == one.out
    assert one.out.count(b"\n") == 6_001
    assert two.err == one.err
    ladder = process("diagnose", path, "--call", "call-5999@192.0.2.10", "--workers", 2)
    assert b"+0.412 s" in ladder.out


def test_carriers_region_and_own(process: Process, capture: Path, tmp_path: Path) -> None:
    (tmp_path / "carriers.toml").write_text('[[carrier]]\nname = "Fir Telecom"\nnetworks = ["198.51.100.0/24"]\n')
    ran = process("diagnose", capture, "--csv", "-q", "--carriers", tmp_path / "carriers.toml", "--own", "192.0.2.0/24",
                  "--own", "2001:db8::/32", "--region", "us")  # fmt: skip
    assert {(row["carrier"], row["direction"]) for row in table(ran.out)} == {("Fir Telecom", "outbound")}


def test_standard_input(process: Process, capture: Path) -> None:
    octets = capture.read_bytes()
    assert len(table(process("diagnose", "-", "--csv", stdin=octets).out)) == 4
    assert b"+0.412 s" in process("diagnose", "-", "--call", "blocked-1", stdin=octets).out
    assert len(table(process("diagnose", "-", "--csv", "--workers", 2, stdin=octets).out)) == 4
    assert process("diagnose", "-", stdin=b"").status == 2


def test_a_pipe_by_name(process: Process, capture: Path, tmp_path: Path) -> None:
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=lambda: pipe.write_bytes(capture.read_bytes()))
    feeder.start()
    assert len(table(process("diagnose", pipe, "--csv").out)) == 4
    feeder.join()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "expected at least one FILE"),
        (["x", "--json", "--csv"], "--csv and --json exclude each other"),
        (["x", "--parquet"], "--parquet needs -o FILE"),
        (["x", "--parquet", "-o", "-"], "--parquet needs -o FILE"),
        (["x", "--pcap", "y"], "--pcap needs --call ID"),
        (["x", "--call", "i", "--pcap", "y", "--csv"], "goes with the ladder"),
        (["x", "--call", ""], "--call needs a Call-ID"),
        (["x", "--call", "i", "--html", "y"], "--call shows one call"),
        (["x", "--call", "i", "--calls"], "--call shows one call"),
        (["x", "--limit", "3"], "--limit needs"),
        (["x", "--limit", "-1", "--csv"], "--limit"),
        (["x", "--html", "y", "-o", "y"], "name the same file"),
        (["x", "--verdict", "blocked"], "--verdict"),
        (["x", "--code", "60"], "expected a code such as 603, a class such as 6xx, or none, found '60'"),
        (["x", "--since", "yesterday"], "expected a time such as 2026-03-25T14:05:00Z or a date, found 'yesterday'"),
        (["x", "--number", "12"], "expected at least 4 digits, found '12'"),
        (["x", "--number", ""], "expected a number, found nothing"),
        (["x", "--region", "XX"], "expected two letters of ISO 3166, found 'XX'"),
        (["x", "--own", "here"], "expected an address range such as 198.51.100.0/24, found 'here'"),
        (["x", "--workers", "0"], "--workers"),
        (["x", "--nope"], "--nope"),
        (["x", "--carriers", "/nowhere.toml"], "/nowhere.toml: expected a file that can be read"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_was_expected(process: Process, options: list[str], said: str) -> None:
    ran = process("diagnose", *options)
    assert (ran.status, ran.out) == (2, b"")
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "options", [["--csv", "-o"], ["--html"], ["--parquet", "-o"], ["-o"], ["--call", "blocked-1", "--pcap"]]
)
@pytest.mark.parametrize("target", ["missing/x", "."])
def test_output_that_cannot_be_written(process: Process, capture: Path, options: list[str], target: str) -> None:
    ran = process("diagnose", capture, *options, capture.parent / target)
    assert ran.status == 2
    assert ran.err.splitlines()[-1].startswith("ringthrough: ")
    assert "the system says" in ran.err
    assert "Traceback" not in ran.err
    assert [p.name for p in capture.parent.iterdir()] == ["calls.pcap"]


def test_help_names_every_option_and_verdict(run: Callable) -> None:
    text = run("diagnose", "--help").output
    for word in ("--calls", "--verdict", "--number", "--code", "--since", "--until", "--limit", "--call", "--pcap",
                 "--json",
                 "--csv", "--parquet", "--html", "--output", "--mask", "--region", "--own", "--carriers", "--workers",
                 "--quiet", "--no-progress", "Exit status"):  # fmt: skip
        assert word in text
    squeezed = "".join(text.split())
    assert all((verdict in squeezed) == (verdict not in INFERRED) for verdict in VERDICTS)


def test_formulas_in_csv_are_disarmed(process: Process, tmp_path: Path) -> None:
    path = write_capture(tmp_path / "x.pcap", [Scene("=1+1@x", status="603 =cmd|'/c calc'!A0", extra="")])
    [row] = table(process("diagnose", path, "--csv").out)
    assert row["final_phrase"].startswith("'=cmd")
    assert row["call_id"] == "'=1+1@x"
    assert row["caller"] == "+12155550123"


def test_messages_of_the_scene_are_what_we_think() -> None:
    assert [m.data.split(b" ")[0] for m in messages(SCENES[0])] == [b"INVITE", b"SIP/2.0", b"SIP/2.0", b"ACK"]


def test_a_device_is_written_in_place(process: Process, capture: Path) -> None:
    assert process("diagnose", capture, "--csv", "-o", "/dev/null").status == 0
    assert Path("/dev/null").is_char_device()
    ran = process("diagnose", capture, "--csv", "-q", "-o", "/dev/full")
    assert ran.status == 2
    assert "the system says: No space left on device" in ran.err
    assert process("diagnose", capture, "--csv", "-q", "-o", "-").out == process("diagnose", capture, "--csv", "-q").out
