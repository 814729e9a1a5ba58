from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ringthrough import __version__
from ringthrough.cli import PROBLEMS
from ringthrough.cli.group import COMMANDS, cli
from tests.conftest import without_coverage

from .conftest import Ran, Scene, write_capture

Process = Callable[..., Ran]


def modules(*arguments: object) -> set[str]:
    """Modules that a run of the command has imported."""
    code = (
        "import sys, json, io\nfrom ringthrough.cli import main\n"
        f"sys.argv = ['ringthrough', *{list(map(str, arguments))!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.stdout = sys.__stdout__\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
        env=without_coverage(),
    )
    return set(json.loads(told.stdout.splitlines()[-1]))


def test_version(process: Process) -> None:
    ran = process("--version")
    assert (ran.status, ran.out.decode().strip()) == (0, f"ringthrough {__version__}")


def test_help_lists_every_command_and_loads_none(process: Process) -> None:
    ran = process("--help")
    assert ran.status == 0
    for name in COMMANDS:
        assert f"  {name} " in ran.out.decode()
    loaded = modules("--help")
    assert not {m for m in loaded if m.startswith("ringthrough.")} - {
        "ringthrough.cli", "ringthrough.cli.group", "ringthrough.cli.problems", "ringthrough.errors",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(process: Process, name: str) -> None:
    ran = process(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert b"Usage: ringthrough " + name.encode() in ran.out


def test_unknown_command(process: Process) -> None:
    ran = process("dianose")
    assert (ran.status, ran.out) == (2, b"")
    assert "No such command" in ran.err
    assert process().status == 2


@pytest.mark.parametrize(
    "options", [[], ["--csv"], ["--json"], ["--calls"], ["--call", "blocked-1"], ["--workers", "2"]], ids=str
)
def test_diagnose_loads_no_engine(capture: Path, options: list[str]) -> None:
    loaded = modules("diagnose", capture, *options)
    assert "ringthrough.diagnosis" in loaded
    assert not loaded & {"duckdb", "numpy", "pandas", "pyarrow", "jinja2", "rich", "asyncio", "socket"} - {"socket"}


def test_a_reader_that_leaves_early_is_no_fault(capture: Path, tmp_path: Path) -> None:
    path = write_capture(tmp_path / "many.pcap", [Scene(f"c{n}@x", second=n) for n in range(400)])
    run = subprocess.Popen(
        [sys.executable, "-m", "ringthrough", "diagnose", str(path), "--csv", "-q"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait(30) == 141
    run.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_interrupt_is_quiet(tmp_path: Path, workers: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    run = subprocess.Popen(
        [sys.executable, "-m", "ringthrough", "diagnose", str(pipe), "--csv", "--workers", workers,
         "-o", str(tmp_path / "out")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with pipe.open("wb"):  # returns when the command has opened its end: it is reading
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
    assert (run.returncode, out, err.strip()) == (130, b"", b"")
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_in_a_terminal_there_is_colour_and_no_pipe_sees_it(capture: Path) -> None:
    text = in_terminal("diagnose", capture)
    assert "\x1b[" in text
    assert "network_blocked" in text
    assert "\x1b[1;31m" in in_terminal("diagnose", capture, "--calls")
    assert "\x1b[" not in in_terminal("diagnose", capture, NO_COLOR="1")


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
@pytest.mark.slow
def test_a_long_reading_shows_how_far_it_is(capture: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    octets = capture.read_bytes()
    feed = (
        f"import time\nwith open({str(pipe)!r}, 'wb', buffering=0) as f:\n data = open({str(capture)!r}, 'rb').read()\n"
        " f.write(data[:2000])\n time.sleep(1.3)\n f.write(data[2000:2500])\n time.sleep(0.3)\n f.write(data[2500:])\n"
    )
    assert len(octets) > 2_500
    with subprocess.Popen([sys.executable, "-c", feed]):
        assert "reading" in in_terminal("diagnose", pipe)
    with subprocess.Popen([sys.executable, "-c", feed]):
        assert "reading" not in in_terminal("diagnose", pipe, "--no-progress")


def in_terminal(*arguments: object, **environment: str) -> str:
    """What the command prints when all its streams are a terminal."""
    import pty

    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm", "COLUMNS": "160"} | environment
    run = subprocess.Popen(
        [sys.executable, "-m", "ringthrough", *map(str, arguments)], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    found = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # Linux: the other end is closed
            break
        if not piece:
            break
        found += piece
    run.wait(30)
    os.close(ours)
    return found.decode()


def test_the_group_is_a_click_group() -> None:
    assert cli.list_commands(None) == sorted(COMMANDS)  # type: ignore[arg-type]
    assert cli.get_command(None, "nope") is None  # type: ignore[arg-type]
    assert all(slug.startswith("cli-") and text.endswith(".") for slug, text in PROBLEMS.items())
