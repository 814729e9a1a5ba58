"""
Kamailio's siptrace sends HEP to `ringthrough listen` while SIPp makes calls; the rows in the store are held against
those that the same calls give as a capture.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pytest

from ringthrough.calls import Call, Verdict
from ringthrough.diagnosis import Source, diagnose
from ringthrough.store import open_store
from tests.interop import servers
from tests.interop.relay import HERE, Passed, Relay, by_call, free_port, write_capture
from tests.interop.servers import Answer, call, kamailio_running, phone_running

START_US = 1_780_272_000_000_000
WAIT_S = 60
NOTICE = 'SIP;cause=603;text="v=analytics1;url=https://fir.example/appeal;tel=+18005550100;id=77";location=RLN'
ANSWERS = {
    "blocked-603plus": Answer(603, "Network Blocked", [f"Reason: {NOTICE}"]),
    "blocked-608": Answer(608, "Rejected", ["Call-Info: <https://card.example/fir.jws>;purpose=jwscard"]),
    "plain-603": Answer(603, "Decline"),
    "busy-486": Answer(486, "Busy Here"),
    "unknown-404": Answer(404, "Not Found"),
}
RUNG = ("rings-603-at-once", "rings-607")
SAME = (
    "caller_raw", "callee_raw", "method", "final_code", "final_phrase", "server", "user_agent", "signal", "reason",
    "redress_url", "redress_tel", "redress_id", "card_uri", "early_media", "attempts", "challenges", "forks", "cut",
)  # fmt: skip
"Columns that do not depend on where and when the messages were seen."

TRACE = """
loadmodule "siptrace.so"
modparam("siptrace", "duplicate_uri", "sip:%(here)s:%(port)d")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", %(version)d)
modparam("siptrace", "hep_capture_id", 2001)
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_mode", 1)
"""


class Told(NamedTuple):
    rows: dict[str, tuple[Call, Verdict]]
    "Rows of the store, by dialled user."
    expected: dict[str, tuple[Call, Verdict]]
    "Rows of a capture of the same calls."
    summary: str


@contextmanager
def listening(folder: Path) -> Iterator[tuple[int, Callable[[], str]]]:
    """`ringthrough listen` as a process; gives its port, and a function that ends it and returns its summary."""
    errors = folder / "listen.err"
    with errors.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ringthrough", "listen", "--udp", f"{HERE}:0", "--into", str(folder / "store")],
            stdout=subprocess.PIPE, stderr=output,
        )  # fmt: skip

    def told() -> str:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0, errors.read_text()
        return out.decode()

    try:
        yield port_of(process, errors), told
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def port_of(process: subprocess.Popen[bytes], errors: Path) -> int:
    """The port that the system chose, as soon as it is told."""
    deadline = time.monotonic() + WAIT_S
    while (found := re.search(r"listening: udp:[^ ]*:(\d+)\n", errors.read_text())) is None:
        assert process.poll() is None, errors.read_text()
        assert time.monotonic() < deadline
        os.sched_yield()
    return int(found[1])


def traced(version: int, port: int) -> str:
    trace = TRACE % {"here": HERE, "port": port, "version": version}
    return servers._SCRIPT.replace("\nrequest_route {", trace.replace("%", "%%") + "\nrequest_route {", 1)


@pytest.fixture(scope="module", params=[3, 2, 1], ids=["hep3", "hep2", "hep1"])
def told(request: pytest.FixtureRequest, kamailio: str, sipp: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("listen")
    port, phone_port = free_port(), free_port()
    patch = pytest.MonkeyPatch()
    with listening(folder) as (hep_port, end):
        patch.setattr(servers, "_SCRIPT", traced(request.param, hep_port))
        try:
            with (
                phone_running(sipp, folder, phone_port),
                kamailio_running(kamailio, folder, port, phone_port, ANSWERS),
                Relay(port) as relay,
            ):
                users = [*ANSWERS, *RUNG]
                call(sipp, folder, "refused", users, [404, 486, 603, 607, 608], (relay.front_port, relay.back_port))
        finally:
            patch.undo()
        summary = end()
    with open_store(folder / "store") as reader:
        rows = {row[0].callee_raw: row for rows in reader.rows() for row in rows}
    return Told(rows, captured(by_call(relay.passed), folder / "calls.pcap"), summary)


def captured(calls: list[list[Passed]], path: Path) -> dict[str, tuple[Call, Verdict]]:
    write_capture(path, calls, {}, START_US)
    run = diagnose([Source(path.name, partial(opened, path), path.stat().st_size)])
    return {row[0].callee_raw: row for rows in run for row in rows}


def opened(path: Path) -> BinaryIO:
    return path.open("rb")


@pytest.mark.slow
def test_every_call_is_one_row(told: Told) -> None:
    assert told.rows.keys() == told.expected.keys() == {*ANSWERS, *RUNG}
    assert f"{len(told.rows)} calls" in told.summary


@pytest.mark.slow
@pytest.mark.parametrize("user", [*ANSWERS, *RUNG])
def test_rows_say_what_a_capture_says(user: str, told: Told) -> None:
    (row, verdict), (expected, its) = told.rows[user], told.expected[user]

    assert {name: getattr(row, name) for name in SAME} == {name: getattr(expected, name) for name in SAME}
    assert (verdict.verdict, verdict.rule) == (its.verdict, its.rule)
    assert (row.source, row.file.rpartition(":")[0]) == ("hep", f"udp:{HERE}")


@pytest.mark.slow
def test_times_are_those_of_kamailio(told: Told) -> None:
    for user in told.rows:
        row, expected = told.rows[user][0], told.expected[user][0]
        assert row.setup_ms is not None
        assert expected.setup_ms is not None
        assert abs(row.setup_ms - expected.setup_ms) < 2_000  # HEP version 1 has no times: those of the arrival
        assert abs(row.at_us - time.time_ns() // 1_000) < 600_000_000
