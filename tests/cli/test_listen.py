"""`ringthrough listen` as a process: agents on real sockets, a store, signals, and being killed."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from click.testing import Result
from cryptography import x509

from ringthrough.cli.group import cli
from ringthrough.store import Privacy, Writer, open_store
from tests.drivers.conftest import WebAuthority
from tests.drivers.hep_sender import call_messages, packet, send_datagrams

HERE = "127.0.0.1"
WAIT_S = 60
OLD_US = 1_700_000_000_000_000
STEP_US = 60_000_000
"In a replay a call is over when the next one comes so much later."


def calls(first: int, last: int, at_us: int = OLD_US) -> list[bytes]:
    """Packets of calls, each begun a minute after the one before it."""
    return [
        packet(message, password=b"secret")
        for number in range(first, last)
        for message in call_messages(f"c{number}", at_us + number * STEP_US)
    ]


class Listening:
    """A process that listens."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self._errors = errors
        self.lines: list[dict[str, object]] = []
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.out = b""
        for line in self.process.stdout:
            self.out += line
            if line.startswith(b"{") and line.endswith(b"\n"):  # a kill may tear the last one
                self.lines.append(json.loads(line))

    @property
    def told(self) -> str:
        return self._errors.read_text("utf-8", "replace")

    def until(self, done: Callable[[], object]) -> object:
        """Wait for something; how long does not matter, as long as it comes."""
        deadline = time.monotonic() + WAIT_S
        while not (found := done()):
            assert self.process.poll() is None or done(), self.told
            assert time.monotonic() < deadline, self.told
            os.sched_yield()
        return found

    def address(self, kind: str = "udp") -> tuple[str, int]:
        pattern = re.compile(rf"listening: {kind}:127\.0\.0\.1:(\d+)\n")
        found = self.until(lambda: pattern.search(self.told))
        assert isinstance(found, re.Match)
        return HERE, int(found[1])

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        return status


@contextmanager
def listening(folder: Path, *arguments: object, stderr: int | None = None) -> Iterator[Listening]:
    errors = folder / "errors.txt"
    with errors.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ringthrough", "listen", *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=output if stderr is None else stderr, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    running = Listening(process, errors)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        running.ended()
        assert process.stdout is not None
        process.stdout.close()


def stored(path: Path) -> list[str]:
    with open_store(path) as reader:
        return [row[0].call_id for rows in reader.rows() for row in rows]


UDP = ("--udp", f"{HERE}:0")


@pytest.mark.slow
def test_calls_go_to_the_store_and_a_summary_is_told(tmp_path: Path) -> None:
    with listening(tmp_path, *UDP, "--into", tmp_path / "store", "--count", 20, "--region", "US") as it:
        send_datagrams([*calls(0, 5, time.time_ns() // 1_000 - 4 * STEP_US), b"hello"], it.address())
        assert it.ended() == 0

    text = it.out.decode()
    assert "5 calls" in text
    assert "network_blocked" in text
    assert re.search(r"udp:127\.0\.0\.1:\d+ +\d+ +20 ", text)
    assert stored(tmp_path / "store") == [f"c{number}" for number in range(5)]
    assert f"storing: {tmp_path / 'store'}\n" in it.told


@pytest.mark.slow
def test_json_lines_without_a_store(tmp_path: Path) -> None:
    with listening(tmp_path, *UDP, "--json", "--mask", "--replay", "-q") as it:
        send_datagrams(calls(0, 3), it.address())
        it.until(lambda: len(it.lines) == 2)  # the third one ends with listening
        assert it.end() == 0

    assert [line["call_id"] for line in it.lines] == ["c0", "c1", "c2"]
    assert {line["verdict"] for line in it.lines} == {"network_blocked"}
    assert {line["caller"] for line in it.lines} == {"+1215555xxxx"}
    assert {line["source"] for line in it.lines} == {"hep"}
    assert it.told == f"listening: udp:{HERE}:{it.address()[1]}\n"


@pytest.mark.slow
def test_figures_where_there_is_no_terminal(tmp_path: Path) -> None:
    with listening(tmp_path, *UDP, "--json", "--replay", "--interval", 0.1) as it:
        send_datagrams(calls(0, 3), it.address())
        it.until(lambda: re.search(r"UTC  12 messages \(\d+/s\), 1 calls open, 2 ended .*, 2 blocked\n", it.told))
        it.end(signal.SIGTERM)
    assert "network_blocked" in it.told  # rows are on standard output, so the summary is here


@pytest.mark.slow
def test_a_clock_that_is_wrong_is_told_at_once_and_is_no_failure(tmp_path: Path) -> None:
    with listening(tmp_path, *UDP) as it:
        send_datagrams(calls(0, 1), it.address())
        it.until(lambda: "UTC  agent 127.0.0.1 (capture id 2001): expected a clock within 5 minutes" in it.told)
        assert it.end() == 0
    assert it.told.count("expected a clock") == 2  # and once more at the end


@pytest.mark.slow
def test_several_ways_in_at_once(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    web = WebAuthority(tmp_path / "web")
    web.server(x509.DNSName("localhost"))
    (pem,) = (tmp_path / "web").iterdir()
    secret = tmp_path / "secret"
    secret.write_text("secret\n")

    with listening(
        tmp_path, *UDP, "--tcp", f"{HERE}:0", "--tls", f"{HERE}:0", "--tls-cert", pem, "--tls-key", pem,
        "--password", secret, "--count", 12, "--json", "-q",
    ) as it:  # fmt: skip
        now_us = time.time_ns() // 1_000
        with socket.create_connection(it.address("tcp"), WAIT_S) as plain:
            plain.sendall(b"".join(calls(0, 1, now_us)))
            with web.client.wrap_socket(
                socket.create_connection(it.address("tls"), WAIT_S), server_hostname="localhost"
            ) as secure:
                secure.sendall(b"".join(calls(1, 2, now_us - STEP_US)))
                stranger = [packet(message) for message in call_messages("stranger", now_us)]
                send_datagrams([*stranger, *calls(2, 3, now_us - 2 * STEP_US)], it.address())
                assert it.ended() == 0
    assert sorted(str(line["call_id"]) for line in it.lines) == ["c0", "c1", "c2"]
    assert {str(line["file"]).partition(":")[0] for line in it.lines} == {"udp", "tcp", "tls"}


# ------------------------------------------------------------------ signals and death


@pytest.mark.slow
def test_a_hang_up_changes_nothing(tmp_path: Path) -> None:
    with listening(tmp_path, *UDP, "--into", tmp_path / "store", "--replay") as it:
        send_datagrams(calls(0, 2), it.address())
        it.until(lambda: stored(tmp_path / "store"))
        for _ in range(3):
            it.process.send_signal(signal.SIGHUP)
        send_datagrams(calls(2, 4), it.address())
        it.until(lambda: len(stored(tmp_path / "store")) == 3)
        assert it.end(signal.SIGTERM) == 0
    assert stored(tmp_path / "store") == ["c0", "c1", "c2", "c3"]


@pytest.mark.slow
def test_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Killed in the middle of a stream of calls, again and again: whatever was told is in the store."""
    path = tmp_path / "store"
    told: set[object] = set()
    for round_ in range(3):
        with listening(tmp_path, *UDP, "--into", path, "--json", "--replay", "-q") as it:
            address = it.address()
            first = round_ * 100_000
            sent = 0
            while len(it.lines) < 40:
                send_datagrams(calls(first + sent, first + sent + 10), address)
                sent += 10
                assert it.process.poll() is None
            it.process.kill()
            it.ended()
        told |= {line["call_id"] for line in it.lines}
        kept = stored(path)
        assert len(kept) == len(set(kept))
        assert told <= set(kept)
    assert len(told) >= 120


@pytest.mark.slow
def test_readers_while_it_writes(tmp_path: Path) -> None:
    """`export` and a query run as often as they can while calls come: each sees a whole number of stored calls."""
    path = tmp_path / "store"
    with listening(tmp_path, *UDP, "--into", path, "--replay", "-q") as it:
        address, sent, seen = it.address(), 0, [0]
        while seen[-1] < 300:
            send_datagrams(calls(sent, sent + 5), address)
            sent += 5
            if (path / "manifest.json").exists() or seen[-1]:
                with open_store(path) as reader:
                    (row,) = reader.sql("SELECT count(*), count(DISTINCT call_id) FROM calls").fetchall()
                    assert row[0] == row[1] == len(reader)
                    seen.append(row[0])
            else:
                seen.append(len(stored_if_any(path)))
        told = subprocess.run(
            [sys.executable, "-m", "ringthrough", "export", str(path), "--json"], capture_output=True, timeout=WAIT_S
        )
        assert told.returncode == 0
        assert len(told.stdout.splitlines()) >= seen[-1]
        assert it.end() == 0
    assert seen == sorted(seen)


def stored_if_any(path: Path) -> list[str]:
    return stored(path) if path.exists() and any(path.iterdir()) else []


@pytest.mark.slow
def test_a_store_with_a_key(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    with Writer(tmp_path / "store", privacy=Privacy("keyed"), key=key.read_bytes()):
        pass
    with listening(tmp_path, *UDP, "--into", tmp_path / "store", "--key", key, "--count", 4) as it:
        send_datagrams(calls(0, 1), it.address())
        assert it.ended() == 0
    with open_store(tmp_path / "store") as reader:
        ((row,),) = reader.rows()
    assert "2155550123" not in row[0].caller


# ------------------------------------------------------------------ a terminal


@pytest.mark.slow
def test_a_terminal_shows_figures_and_the_newest_blocks(tmp_path: Path) -> None:
    theirs, ours = pty.openpty()
    shown: list[bytes] = []

    def watch() -> None:
        try:
            while data := os.read(theirs, 65_536):
                shown.append(data)
        except OSError:  # the other end has gone
            pass

    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "180", "LINES": "50"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ringthrough", "listen", *UDP, "--tcp", f"{HERE}:0", "--replay", "--mask"],
        stdout=subprocess.PIPE, stderr=ours, stdin=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(ours)
    it = Listening(process, tmp_path / "none")
    watcher = Thread(target=watch)
    watcher.start()
    try:
        pattern = re.compile(rb"listening: udp:127\.0\.0\.1:(\d+)")
        found = it.until(lambda: pattern.search(b"".join(shown)))
        assert isinstance(found, re.Match)
        send_datagrams([*calls(0, 3), b"hello"], (HERE, int(found[1])))
        wanted = (b"12 messages", b"Blocked by the network 2", b"newest blocks", b"+1215555xxxx", b"603", b"not SIP")
        it.until(lambda: all(text in b"".join(shown) for text in wanted))
        assert it.end() == 0
    finally:
        if process.poll() is None:
            process.kill()
        it.ended()
        assert process.stdout is not None
        process.stdout.close()
        watcher.join(WAIT_S)
        os.close(theirs)
    assert b"3 calls" in it.out


# ------------------------------------------------------------------ wrong use

WRONG = [
    ((), "say where to listen"),
    (("--tls", ":0"), "--tls needs --tls-cert"),
    (("--udp", "localhost"), "expected ADDRESS:PORT"),
    (("--udp", "::1"), "expected ADDRESS:PORT"),
    (("--udp", "127.0.0.1:99999"), "expected ADDRESS:PORT"),
    (("--udp", ":0", "--own", "192.0.2.0/99"), "192.0.2.0/99"),
    (("--udp", ":0", "--password", "no-such-file"), "no-such-file"),
    (("--udp", ":0", "--password", os.devnull), "expected a password, found nothing"),
    (("--udp", ":0", "--interval", "0"), "not in the range"),
    (("--udp", "192.0.2.77:9060"), "expected an address that can be listened on"),
    (("--tls", ":0", "--tls-cert", "no-such.pem", "--tls-key", "no-such.pem"), "expected a certificate"),
    (("--interface", "no-such-0"), "interface no-such-0"),
    (("--udp", "127.0.0.1:0", "--into", __file__), "expected"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(w[0][:3]) or "nothing" for w in WRONG])
def test_wrong_use(arguments: tuple[str, ...], said: str, run: Callable[..., Result]) -> None:
    result = run("listen", *arguments, "--for", 0)
    assert result.exception is not None
    message = getattr(result.exception, "message", None) or str(result.exception)
    assert said in message


def test_help_names_the_options(run: Callable[..., Result]) -> None:
    text = run("listen", "--help").output
    assert cli.get_command(None, "listen") is not None  # type: ignore[arg-type]
    for option in ("--udp", "--tcp", "--tls", "--interface", "--into", "--password", "--replay", "--for", "--count"):
        assert option in text
