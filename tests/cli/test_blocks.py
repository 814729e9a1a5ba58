"""`ringthrough blocks`: spells, cells, evidence and raised calls, of stores and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.analytics.made import answered
from tests.analytics.test_blocks import STANDING, A, B, C, week
from tests.store.made import write

from .conftest import Ran
from .test_group import modules

Run = Callable[..., Result]
Process = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "s", week(STANDING))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def squeezed(line: str) -> str:
    return " ".join(line.split())


def test_the_table_says_who_is_blocked_where_and_since_when(run: Run, folder: Path) -> None:
    done = run("blocks", folder)
    lines = done.stdout.splitlines()
    assert (done.return_value, done.stderr) == (0, "")
    assert squeezed(lines[0]) == "number carrier verdict since until calls explicit hidden likelihood lift q"
    shown = squeezed(lines[1]).split(" ")
    assert shown[:8] == [A, "alpha", "probable", "2026-01-04", "2026-01-07", "90", "0", "75"]
    assert shown[8:11] == [">", "99.9", "%"]
    assert float(shown[12]) > 3
    assert float(shown[13]) < 0.01
    assert len(lines) == 5
    assert lines[2].startswith("explicit: blocks that say so; hidden: refusals expected to be blocks")
    assert "--evidence shows why" in lines[4]


def test_a_block_that_stands_has_no_end(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "s", week({(A, day): 25 for day in range(8)}))
    assert "probable before 2026-01-01 still" in squeezed(run("blocks", folder).stdout.splitlines()[1])
    late = run("blocks", folder, "--since", "2026-01-03", "--until", "2026-01-05", "--cells", "--csv")
    assert {row["day"] for row in table(late.stdout)} == {"2026-01-03", "2026-01-04"}


def test_every_day_of_every_number(run: Run, folder: Path) -> None:
    rows = table(run("blocks", folder, "--cells", "--csv").stdout)
    assert len(rows) == 3 * 2 * 8
    assert [row["day"] for row in rows if row["verdict"]] == ["2026-01-04", "2026-01-05", "2026-01-06"]
    assert set(rows[0]) >= {"posterior", "lift", "q", "onset", "end", "because", "usual", "common"}
    lines = run("blocks", folder, "--cells", "--limit", "5").stdout.splitlines()
    assert squeezed(lines[0]).startswith("number carrier day verdict likelihood share calls reached explicit refused")
    shown = squeezed(lines[4])
    assert shown.startswith(f"{A} alpha 2026-01-04 probable > 99.9 %")
    assert shown.endswith("2026-01-04 2026-01-07")
    assert squeezed(lines[1]).startswith(f"{A} alpha 2026-01-01 - < 0.1 % - 30 27 0 3 0")
    assert lines[6] == "43 more rows; --limit shows more, --csv and --json have all"


def test_the_evidence(run: Run, folder: Path) -> None:
    lines = run("blocks", folder, "--evidence", "--limit", "1").stdout.splitlines()
    assert squeezed(lines[0]) == f"{A} alpha 2026-01-04 probable, > 99.9 %"
    assert lines[1].startswith("28 of 30 calls to alpha ended without ringing")
    assert squeezed(lines[2]) == "ending code phrase calls reached by others median expected ratio weight"
    assert squeezed(lines[3]).startswith("refused 603 Decline 25 25 304 ms")
    assert "2 more rows" in lines[-2]
    assert lines[-1].startswith("weight: how much these calls speak for a block")
    rows = [json.loads(line) for line in run("blocks", folder, "--evidence", "--json").stdout.splitlines()]
    assert {(row["number"], row["carrier"], row["day"]) for row in rows} == {
        (A, "alpha", f"2026-01-0{day}") for day in (4, 5, 6)
    }
    assert {row["ending"] for row in rows} == {"reached", "refused"}


def test_the_calls_with_the_verdict_they_had(run: Run, folder: Path) -> None:
    lines = run("blocks", folder, "--calls", "--limit", "2").stdout.splitlines()
    assert squeezed(lines[0]) == "at (UTC) number called carrier answer verdict alone after likelihood"
    assert squeezed(lines[1]).startswith(
        "2026-01-04 00:03:00 +12155550123 +12125550303 alpha 603 Decline probable_block"
    )
    assert "unknown_rejection 310 ms" in squeezed(lines[1])
    assert lines[3].startswith("73 more rows")
    assert lines[4].startswith("alone: the verdict that the call has by itself")
    rows = table(run("blocks", folder, "--calls", "--csv").stdout)
    assert len(rows) == 75
    assert {(row["verdict"], row["alone"]) for row in rows} == {("probable_block", "unknown_rejection")}
    assert all("alone it would be unknown_rejection: Refused at once." in row["because"] for row in rows)


@pytest.mark.parametrize(
    ("options", "says"),
    [([], "No number is blocked at any carrier, as far as these calls can tell."),
     (["--evidence"], "No number is blocked at any carrier, as far as these calls can tell."),
     (["--calls"], "No call is raised: none looks like a block of a carrier that blocks its number."),
     (["--csv"], "number,carrier,verdict,onset,end,first,last,attempts,explicit,refused,hidden,posterior,lift,q")],
)  # fmt: skip
@pytest.mark.parametrize("rows", [[], [answered()]], ids=["no calls", "one call"])
def test_nothing_is_blocked(run: Run, tmp_path: Path, rows: list[Any], options: list[str], says: str) -> None:
    done = run("blocks", write(tmp_path / "s", rows), *options)
    assert (done.return_value, done.stdout) == (0, f"{says}\n")


def test_what_is_left_out_and_what_fails_for_all_is_told(run: Run, tmp_path: Path) -> None:
    rows = week({(number, 6): 20 for number in (A, B, C)}, final_code=503)
    rows += week({(A, 0): 9}, carriers=("gamma",), verdict="provider_blocked", hidden_candidate=False)
    text = run("blocks", write(tmp_path / "s", rows)).stdout
    assert "Left out: 9 calls that the own provider refused, 0 whose end tells nothing." in text
    assert "Not taken for blocks: 60 refusals that came up for several numbers at once, as in an outage." in text


def test_masked(run: Run, folder: Path) -> None:
    for options in ([], ["--cells"], ["--evidence"], ["--calls"], ["--calls", "--csv"], ["--evidence", "--json"]):
        text = run("blocks", folder, "--mask", *options).stdout
        assert "5550123" not in text
        assert "+1212555030" not in text
        assert "+1215555xxxx" in text


def test_odd_names_stay_on_their_line(run: Run, tmp_path: Path) -> None:
    rows = week(STANDING, carriers=("al\x1b[2Jpha", "beta"), final_phrase="De\ncline", server="x" * 20)
    for options in ([], ["--cells"], ["--evidence"], ["--calls"]):
        text = run("blocks", write(tmp_path / f"s{len(options)}{''.join(options)}", rows), *options).stdout
        assert "\x1b" not in text
        assert "al\\x1b[2Jpha" in text


def test_a_carrier_and_a_number_that_nobody_knows(run: Run, tmp_path: Path) -> None:
    rows = [(c._replace(caller="" if c.caller == A else c.caller), v) for c, v in week(STANDING, carriers=("",))]
    folder = write(tmp_path / "s", rows)
    assert squeezed(run("blocks", folder).stdout.splitlines()[1]).startswith("(unknown) - ")
    assert "ended without ringing" in run("blocks", folder, "--evidence").stdout


def test_into_a_file_and_of_a_capture(process: Process, capture: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    ran = process("blocks", capture, "--region", "US", "--csv", "-o", target)
    assert (ran.status, ran.out, ran.err) == (0, b"", "")
    (row,) = table(target.read_text())
    assert (row["number"], row["explicit"], row["verdict"]) == ("+12155550123", "2", "probable")
    assert "No call is raised" in process("blocks", capture, "--region", "US", "--calls").out.decode()


def test_what_cannot_be_read(run: Run, folder: Path, tmp_path: Path) -> None:
    done = run("blocks", tmp_path / "gone.pcap")
    assert (done.return_value, done.stdout) == (2, "")
    assert "found no file of this name" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [(["S", "--cells", "--calls"], "--cells, --evidence and --calls exclude each other"),
     (["S", "--csv", "--json"], "--csv and --json exclude each other"), (["S", "--since", "soon"], "expected a time"),
     ([], "expected the folder of a store")],
)  # fmt: skip
def test_wrong_usage(process: Process, folder: Path, options: list[Any], says: str) -> None:
    done = process("blocks", *(folder if option == "S" else option for option in options))
    assert (done.status, done.out) == (2, b"")
    assert says in " ".join(done.err.split())


def test_help_loads_no_engine() -> None:
    assert not modules("blocks", "--help") & {"duckdb", "numpy", "ringthrough.analytics", "rich"}
