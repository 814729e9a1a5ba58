"""`ringthrough report`: what it writes, what a browser makes of it, and that it reads while another process writes."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import stat
import subprocess
import sys
import time
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ringthrough.cli import printing
from ringthrough.cli.group import cli
from ringthrough.cli.pictures import picture
from ringthrough.errors import BackendError, LocalError
from ringthrough.store import open_store
from tests.analytics.test_overview import BEGINS, week
from tests.cli.test_listen import UDP, Listening, calls, listening
from tests.drivers.hep_sender import send_datagrams
from tests.report.test_html import Parsed
from tests.store.made import rows, write

SINCE = ("--since", "2026-01-05", "--until", "2026-01-09")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["report", *map(str, words)], standalone_mode=False)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("report") / "store", week(BEGINS, say=12))


@pytest.fixture(scope="session")
def browser() -> str:
    found = next((path for name in printing.BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium or Chrome is installed: apt-get install chromium")
    return found


@pytest.mark.slow
def test_several_forms_in_one_run(store: Path, tmp_path: Path) -> None:
    page, data, logo = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "logo.png"
    logo.write_bytes(PNG)
    done = run(store, *SINCE, "--html", page, "--json", data, "--value", 12.5, "--currency", "EUR", "--title", "May",
               "--logo", logo)  # fmt: skip
    assert (done.return_value, done.output) == (0, "")
    made = json.loads(data.read_text("utf-8"))
    assert (made["schema"], made["title"], made["calls"], made["calls_before"]) == (
        "ringthrough.report/1",
        "May",
        720,
        720,
    )
    assert made["answers"]["currency"] == "EUR"
    parsed = Parsed(page.read_text("utf-8"))
    assert [attrs["src"] for tag, attrs in parsed.elements if tag == "img"] == [picture(str(logo))]
    assert "<h1>May</h1>" in page.read_text("utf-8")


@pytest.mark.slow
def test_without_a_form_it_prints_a_summary(store: Path) -> None:
    done = run(store, *SINCE, "--mask")
    assert done.return_value == 0
    assert done.output.startswith("Blocked calls: 5 Jan 2026 to 8 Jan 2026, compared with 1 Jan 2026 to 4 Jan 2026\n")
    assert "Appeal to fir.example" in done.output
    assert "+1215555xxxx" in done.output
    assert "5550123" not in done.output


@pytest.mark.slow
def test_on_a_terminal_it_has_colour(store: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "ringthrough", "report", str(store), *SINCE], stdout=theirs, stderr=theirs, cwd=tmp_path
    )
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 65_536):
            said += part
    except OSError:  # the other end of the terminal is closed
        pass
    os.close(ours)
    assert done.wait(60) == 0
    assert b"What to do first" in said
    assert b"\x1b[" in said


@pytest.mark.slow
def test_files_are_read_as_well_and_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.bin"
    good.write_text("time,from,to,code\n2026-01-05T10:00:00Z,+12155550123,+12125550199,200\n", "utf-8")
    bad.write_bytes(b"\0\1\2")
    done = run(good, bad, "--no-progress", "--json", "-")
    assert done.return_value == 1
    made = json.loads(done.stdout)
    assert made["calls"] == 1
    assert [line.partition(":")[0] for line in made["unread"]] == [str(bad)]


@pytest.mark.slow
def test_what_is_wrong_with_a_store_stands_in_its_report(tmp_path: Path) -> None:
    kept = write(tmp_path / "store", rows(0, 5), rows(5, 9, day=1))
    next(path for path in sorted(kept.rglob("*.parquet"))).unlink()
    done = run(kept, "--json", "-")
    assert done.return_value == 1
    made = json.loads(done.stdout)
    assert made["calls"] == 4
    assert len(made["unread"]) == 1
    assert "left out" in made["unread"][0]


def test_nothing_readable_gives_no_report(tmp_path: Path) -> None:
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"\0\1\2")
    assert run(bad, "--no-progress", "--json", tmp_path / "r.json").return_value == 2
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "expected the folder of a store"),
        (("x", "--currency", "EUR"), "give --value too"),
        (("x", "--html", "-", "--json", "-"), "standard output takes one form"),
        (("x", "--previous-since", "2026-01-01"), "give a later --since"),
        (("x", "--since", "2026-01-01", "--previous-since", "2026-01-02"), "give a later --since"),
        (("x", "--since", "soon"), "--since"),
        (("x", "--value", "-1"), "--value"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.exception is not None
    assert said in str(done.exception.format_message() if hasattr(done.exception, "format_message") else done.exception)


@pytest.mark.parametrize("data", [b"GIF89a", b"", b"<html>", b"\x89PNG\r\n\x1a\n" + b"\0" * 1_000_000])
def test_a_logo_is_a_small_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "logo"
    path.write_bytes(data)
    with pytest.raises(LocalError) as fault:
        picture(str(path))
    assert fault.value.problem.code == "cli-picture"
    with pytest.raises(BackendError) as gone:
        picture(str(tmp_path / "none"))
    assert gone.value.problem.code == "cli-picture-read"


@pytest.mark.parametrize(
    "text", ["<svg/>", "<svg xmlns='x'>", '<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg>', "\ufeff <svg>"]
)
def test_a_drawing_is_known_by_its_content(tmp_path: Path, text: str) -> None:
    path = tmp_path / "logo.txt"
    path.write_text(text, "utf-8")
    assert picture(str(path)).startswith("data:image/svg+xml;base64,")


# ------------------------------------------------------------------------------------------------------- in a browser


def chromium(browser: str, folder: Path, *words: object) -> str:
    """Run a browser that can reach nothing."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [browser, "--headless", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=30000",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--no-first-run", *root, *map(str, words)],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.decode()


@pytest.mark.slow
def test_a_browser_without_a_network_draws_all_charts(store: Path, tmp_path: Path, browser: str) -> None:
    page = tmp_path / "r.html"
    run(store, *SINCE, "--html", page)
    drawn = chromium(browser, tmp_path, "--dump-dom", page.as_uri())
    assert 'data-charts="drawn"' in drawn
    assert drawn.count("<svg xmlns") == 6
    assert "This chart could not be drawn" not in drawn.partition("<script")[0]


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_pdf_has_pages_of_that_size(store: Path, tmp_path: Path, browser: str, paper: str) -> None:
    target = tmp_path / "r.pdf"
    assert run(store, *SINCE, "--pdf", target, "--paper", paper, "--browser", browser).return_value == 0
    data = target.read_bytes()
    assert data.startswith(b"%PDF-")
    pages = re.findall(rb"/Type /Page\b(?!s)", data)
    assert 3 <= len(pages) <= 12
    width, height = {"a4": (595, 842), "letter": (612, 792)}[paper]
    (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data))
    assert (round(float(box[0])), round(float(box[1]))) == pytest.approx((width, height), abs=1)
    # Drawn charts are paths and rectangles: without them a page is text alone.
    drawing = b"".join(_unpacked(data))
    assert drawing.count(b" re\n") + drawing.count(b" l\n") > 200
    pdftotext = shutil.which("pdftotext")
    if pdftotext:
        text = subprocess.run([pdftotext, str(target), "-"], capture_output=True, check=True).stdout.decode()
        for heading in ("Blocked calls", "What to do first", "Since when", "How the figures are made"):
            assert heading in text


def _unpacked(pdf: bytes) -> list[bytes]:
    made = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            made.append(zlib.decompress(stream))
        except zlib.error:  # a font or a picture in another coding
            continue
    return made


@pytest.mark.slow
def test_a_page_without_charts_is_printed_as_it_is(browser: str) -> None:
    assert printing.print_page(b"<!DOCTYPE html><title>t</title><p>Nothing", browser).startswith(b"%PDF-")


def test_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("x", "--pdf", tmp_path / "r.pdf")
    assert isinstance(done.exception, LocalError)
    assert done.exception.problem.code == "cli-no-browser"
    assert "apt-get install chromium" in str(done.exception)
    named = run("x", "--pdf", tmp_path / "r.pdf", "--browser", tmp_path / "none")
    assert isinstance(named.exception, LocalError)
    assert named.exception.problem.where == "--browser"


def program(folder: Path, body: str) -> str:
    """A program that stands in for a browser."""
    path = folder / "browser"
    path.write_text(f"#!{sys.executable}\nimport sys\nwords = sys.argv[1:]\n{body}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("body", "page", "said"),
    [
        ("sys.exit('no display')", b"<p>", "exit status 1, no display"),
        ("sys.exit(3)", b"<p>", "exit status 3"),
        ("pass", b"<p>", "it wrote no PDF"),
        ("pass", b"<script>", "it did not draw the charts"),
        ("print('<html data-charts=\"failed\">')", b"<script>", "it did not draw the charts"),
        ("import select\nselect.select([], [], [])", b"<p>", "longer than"),
    ],
)
def test_a_browser_that_fails(tmp_path: Path, body: str, page: bytes, said: str) -> None:
    with pytest.raises(BackendError) as fault:
        printing.print_page(page, program(tmp_path, body), wait_s=0.3 if "select" in body else 60)
    assert fault.value.problem.code == "cli-printing"
    assert said in str(fault.value)


def test_what_is_no_program_cannot_print(tmp_path: Path) -> None:
    path = tmp_path / "browser"
    path.write_text("no program", "utf-8")
    with pytest.raises(BackendError):
        printing.print_page(b"<p>", str(path))


def test_the_browser_gets_no_network_and_a_profile_of_its_own(tmp_path: Path) -> None:
    body = """
open(sys.argv[0] + ".words", "a").write(repr(words) + "\\n")
if "--dump-dom" in words:
    print('<!DOCTYPE html><html lang="en" data-charts="drawn"><script>x</script>@page { margin: 1mm }</html>')
else:
    shown = next(w for w in words if w.startswith("--print-to-pdf="))
    text = open(words[-1][len("file://"):]).read()
    open(shown.partition("=")[2], "wb").write(b"%PDF-" + text.encode())
"""
    name = program(tmp_path, body)
    made = printing.print_page(b"<script>", name, "letter")
    assert (
        made
        == b'%PDF-<!DOCTYPE html>\n<html lang="en" data-charts="drawn">@page { size: letter; margin: 1mm }</html>\n'
    )
    first, second = Path(f"{name}.words").read_text("utf-8").splitlines()
    for words in (first, second):
        assert "--host-resolver-rules=MAP * ~NOTFOUND" in words
        assert "--no-proxy-server" in words
        assert "--user-data-dir=" in words
        assert ("--no-sandbox" in words) == (os.geteuid() == 0)


# -------------------------------------------------------------------------------------- one writes, another one reads

WRITER = """
import sys
from tests.store.made import rows
from ringthrough.store import Writer
with Writer(sys.argv[1]) as writer:
    batch = 0
    while True:
        writer.append(rows(batch * 50, batch * 50 + 50, day=batch % 3, caller="+12155550123", carrier="alpha"))
        writer.flush()
        batch += 1
        print(batch * 50, flush=True)
        if not sys.stdin.readline():
            break
"""


def reported(store: Path, folder: Path) -> int:
    """Calls that a report of the store counts, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "ringthrough", "report", str(store), "--json", "-"], capture_output=True, timeout=120,
        cwd=folder,
    )  # fmt: skip
    assert (done.returncode, done.stderr.decode()) == (0, "")
    made: dict[str, Any] = json.loads(done.stdout)
    return int(made["calls"])


@pytest.mark.slow
def test_reports_see_every_acknowledged_row_of_a_writer(tmp_path: Path) -> None:
    """The writer acknowledges a batch, a report begins while it writes the next ones, and sees that batch."""
    root = Path(__file__).resolve().parents[2]
    store = tmp_path / "store"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root,
    ) as writer:  # fmt: skip
        assert writer.stdin is not None
        assert writer.stdout is not None
        acknowledged = int(writer.stdout.readline())
        for _ in range(2):
            for _ in range(20):  # asked for without waiting: they are written while the report reads
                writer.stdin.write(b"more\n")
            writer.stdin.flush()
            before = acknowledged
            counted = reported(store, tmp_path)
            for _ in range(20):
                acknowledged = int(writer.stdout.readline())
            assert before <= counted <= acknowledged
            assert counted % 50 == 0
        writer.stdin.close()
        assert writer.wait(60) == 0
    assert reported(store, tmp_path) == acknowledged
    with open_store(store) as reader:
        assert len(reader) == acknowledged


@pytest.mark.slow
def test_listen_and_report_run_together_on_one_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    begun_us = time.time_ns() // 1_000 - 4_000 * 60_000_000
    with listening(tmp_path, *UDP, "--into", store, "--json", "--replay", "-q") as it:
        counts = []
        for sent in (40, 80):
            send_datagrams(calls(sent - 40, sent, begun_us), it.address())
            it.until(partial(_ended, it, sent - 1))  # the last call ends with the next one
            it.until(partial(_stored, store, sent - 41))
            least = _rows(store)
            counts.append(reported(store, tmp_path))
            assert least <= counts[-1] <= sent
        assert it.end() == 0
    assert counts == sorted(counts)
    assert reported(store, tmp_path) == 80
    assert not [line for line in it.told.splitlines() if "ringthrough:" in line]


def _ended(it: Listening, calls: int) -> bool:
    return len(it.lines) >= calls


def _stored(path: Path, calls: int) -> bool:
    return path.is_dir() and _rows(path) >= calls


def _rows(path: Path) -> int:
    with open_store(path) as reader:
        return len(reader)
