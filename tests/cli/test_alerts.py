"""`ringthrough alerts`: what is told where, what is kept, and what happens when something breaks."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result
from cryptography import x509

from ringthrough.analytics.alerts import AlertState, default_rules
from ringthrough.cli.alerts import channels_of
from ringthrough.cli.alerts_run import Clock, Run, watch
from ringthrough.cli.alerts_state import StateFile
from ringthrough.errors import BackendError, LocalError, RemoteError, RuleError
from ringthrough.store import Writer
from tests.analytics.made import Row, answered, blocked
from tests.drivers.conftest import WebAuthority, web
from tests.drivers.receivers import mail_box, web_hook
from tests.store.made import START_US, write

from .conftest import Ran
from .test_group import modules

Invoke = Callable[..., Result]
Process = Callable[..., Ran]
__all__ = ["web"]  # the fixture
A = "+12155550123"
HOUR_US = 3_600_000_000
RULES = "".join(f"[{kind}]\non = false\n" for kind in ("block_hidden", "risk", "silence", "answer_drop"))
NOON = "2026-01-01T12:00:00Z"


def at(hour: float) -> int:
    return round(START_US + hour * HOUR_US)


def calls(*hours: float) -> list[Row]:
    """A number that a carrier lets through once, and blocks at these hours."""
    some = [blocked(caller=A, carrier="alpha", at_us=at(hour), call_id=f"b{hour}") for hour in hours]
    return [answered(caller=A, carrier="alpha", at_us=at(0)), *some]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a store, and rules that look at what is refused and nothing else."""
    write(tmp_path / "store", calls(9, 10, 11))
    (tmp_path / "rules.toml").write_text(RULES)
    return tmp_path


@pytest.fixture
def look(run: Invoke, place: Path) -> Callable[..., Result]:
    def looked(*more: object, when: str = NOON, **kept: Any) -> Result:
        return run("alerts", place / "store", "--state", place / "state.json", "--rules", place / "rules.toml",
                   "--at", when, *more)  # fmt: skip

    return looked


def state_of(place: Path) -> AlertState:
    return AlertState.from_json((place / "state.json").read_text())


@contextmanager
def clock(*times_us: int, waits: list[float] | None = None, end_after: int = 10**9) -> Iterator[Clock]:
    """A clock that shows these times one after the other, then the last one; waiting takes no time."""
    left, waited = list(times_us), [] if waits is None else waits

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) >= end_after

    yield Clock(lambda: left.pop(0) if len(left) > 1 else left[0], wait)


# --------------------------------------------------------------------------------------------------------- what is said


def test_what_is_new_is_told_once_and_its_end_once(look: Callable[..., Result], place: Path) -> None:
    done = look()
    assert (done.return_value, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == ["1 raised. 1 stands as of 2026-01-01T12:00:00Z.", "",
                         f"RAISED  critical  alpha blocks {A}: 3 calls in 24 h"]  # fmt: skip
    assert lines[3] == "        3 of 4 calls were refused with 608 or 603+, the last at 2026-01-01T11:00:00Z."
    assert lines[4].startswith("        blocks 3; calls 4; window_h 24; first_at 2026-01-01T09:00:00Z; ")
    assert lines[5].startswith("        since 2026-01-01T09:00:00Z; One carrier blocks one number again and again")
    assert look(when="2026-01-01T13:00:00Z").stdout == "Nothing new. 1 stands as of 2026-01-01T13:00:00Z.\n"
    with Writer(place / "store") as writer:
        writer.append([answered(caller=A, carrier="alpha", at_us=at(20) + n) for n in range(5)])
    done = look(when="2026-01-02T12:00:00Z")
    assert "OVER    critical  No more 603+ or 608 from alpha for +12155550123\n" in done.stdout
    assert done.stdout.startswith("1 over. 0 stand as of 2026-01-02T12:00:00Z.\n")


def test_quiet_says_nothing_when_there_is_nothing_new(look: Callable[..., Result]) -> None:
    assert "RAISED" in look("-q").stdout
    done = look("-q")
    assert (done.stdout, done.stderr, done.return_value) == ("", "", 0)


def test_the_exit_code_says_whether_something_was_told(look: Callable[..., Result]) -> None:
    assert [look("--exit-code").return_value for _ in range(2)] == [3, 0]


def test_rows_as_json_and_csv(look: Callable[..., Result], place: Path) -> None:
    (record,) = map(json.loads, look("--json", "--dry-run").stdout.splitlines())
    assert (record["kind"], record["state"], record["number"]) == ("block_recurring", "raised", A)
    assert record["evidence"]["blocks"] == 3
    (row,) = csv.DictReader(io.StringIO(look("--csv", "--dry-run").stdout))
    assert json.loads(row["evidence"]) == record["evidence"]
    out = place / "out.json"
    assert look("--json", "-o", out).stdout == ""
    assert json.loads(out.read_text())["since"] == "2026-01-01T09:00:00Z"
    look("--json", "-q", "-o", out)
    assert out.read_text() == ""  # nothing new, and no old news
    assert look("--json").stdout == ""


def test_masked_numbers_are_masked_everywhere(look: Callable[..., Result], place: Path) -> None:
    with mail_box() as box, web_hook() as hook:
        done = look("--mask", "--append", place / "a.jsonl", "--webhook", hook.url(), "--webhook-private", "--mail-to",
                    "ops@example.com", "--smtp", f"127.0.0.1:{box.port}", "--smtp-tls", "none")  # fmt: skip
    mail = box.mails[0]
    everything = [done.stdout, (place / "a.jsonl").read_text(), hook.posts[0][2].decode(), mail.as_string()]
    for text in everything:
        assert "+1215555xxxx" in text
        assert A not in text
        assert "2155550123" not in text
    assert A in (place / "state.json").read_text()  # it stays on this host, for this user alone
    assert stat.S_IMODE((place / "state.json").stat().st_mode) == 0o600


def test_a_dry_run_sends_and_keeps_nothing(look: Callable[..., Result], place: Path, run: Invoke) -> None:
    done = look("--dry-run", "--append", place / "a.jsonl")
    assert "RAISED" in done.stdout
    assert done.stderr == "ringthrough: dry run: nothing was sent, and nothing is kept\n"
    assert not (place / "state.json").exists()
    assert not (place / "a.jsonl").exists()
    done = run("alerts", place / "store", "--dry-run", "--at", "2025-01-01", "-q", "--rules", place / "rules.toml")
    assert (done.stdout, done.stderr) == ("", "")


def test_the_list_of_what_stands_reads_no_calls(look: Callable[..., Result], place: Path, run: Invoke) -> None:
    look("--append", place / "no" / "a.jsonl")
    done = run("alerts", "--list", "--state", place / "state.json", "--mask")
    assert done.stdout.startswith("RAISED  critical  alpha blocks +1215555xxxx: 3 calls in 24 h\n")
    assert done.stdout.endswith(f"file {place}/no/a.jsonl: 1 alert is waiting for it\n")
    (record,) = map(json.loads, run("alerts", "--list", "--state", place / "state.json", "--json").stdout.splitlines())
    assert record["number"] == A
    StateFile(str(place / "empty.json")).save(AlertState())
    assert run("alerts", "--list", "--state", place / "empty.json").stdout == "Nothing stands.\n"


def test_files_are_looked_at_as_of_their_last_call(run: Invoke, capture: Path, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[block_recurring]\nblocks = 2\n" + RULES)
    done = run("alerts", capture, "--state", tmp_path / "s.json", "--rules", tmp_path / "rules.toml", "--no-progress")
    assert done.return_value == 0
    assert done.stdout.startswith("1 raised. 1 stands as of 2026-01-01T00:03:00Z.\n")
    assert "It names https://fir.example or +18005550100 for an appeal, reference 77." in done.stdout


def test_a_store_is_looked_at_as_of_now(run: Invoke, place: Path) -> None:
    done = run("alerts", place / "store", "--state", place / "s.json")
    assert "RAISED  critical  No calls" in done.stdout


def test_what_cannot_be_read_leaves_the_state_alone(run: Invoke, tmp_path: Path) -> None:
    (tmp_path / "x.pcap").write_bytes(b"nothing of the kind")
    done = run("alerts", tmp_path / "x.pcap", "--state", tmp_path / "s.json", "--no-progress")
    assert done.return_value == 2
    assert not (tmp_path / "s.json").exists()


def test_the_shipped_rules_are_shown(run: Invoke, tmp_path: Path) -> None:
    text = run("alerts", "--show-rules").stdout
    (tmp_path / "r.toml").write_text(text)
    assert text.startswith("# When to alert.")
    assert run("alerts", "--dry-run", "-q", write(tmp_path / "s", calls()), "--rules", tmp_path / "r.toml",
               "--at", "2026-01-01T01:00:00Z").return_value == 0  # fmt: skip


def test_thresholds_of_risk_factors(run: Invoke, place: Path) -> None:
    (place / "t.toml").write_text("[calls_per_day]\nwarn = 2\nhigh = 3\n")
    rules = place / "risk.toml"
    rules.write_text('[block_hidden]\non = false\n[silence]\non = false\n[risk]\nfactors = ["calls_per_day"]\n')
    arguments = ("alerts", place / "store", "--dry-run", "-q", "--rules", rules, "--at", NOON)
    assert "at high risk" not in run(*arguments).stdout
    assert f"{A} at high risk: calls a day" in run(*arguments, "--thresholds", place / "t.toml").stdout


# ---------------------------------------------------------------------------------------------------------- channels


def test_every_channel_gets_all_of_it_in_one_delivery(
    look: Callable[..., Result], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Writer(place / "store") as writer:
        writer.append([blocked(caller=A, carrier="beta", at_us=at(11.5))])
    monkeypatch.setenv("RINGTHROUGH_WEBHOOK_SECRET", "shared")
    with mail_box() as box, web_hook() as hook:
        look("--append", place / "a.jsonl", "--webhook", hook.url("/hidden"), "--webhook-private", "--mail-to",
             "ops@example.com", "--mail-from", "x@example.com", "--smtp", f"127.0.0.1:{box.port}", "--smtp-tls",
             "none")  # fmt: skip
    records = [json.loads(line) for line in (place / "a.jsonl").read_text().splitlines()]
    assert [record["kind"] for record in records] == ["block_recurring", "block_spreading"]
    ((path, headers, body),) = hook.posts
    document = json.loads(body)
    assert (path, document["alerts"], document["standing"]) == ("/hidden", records, 2)
    assert document["at"] == NOON
    assert headers["x-ringthrough-signature"].startswith("sha256=")
    (mail,) = box.mails
    assert (mail["Subject"], mail["From"]) == ("[ringthrough] 2 raised (2 critical)", "x@example.com")
    assert "RAISED  critical  2 carriers block +12155550123" in mail.get_content()
    assert state_of(place).waiting == {}
    assert "hidden" not in (place / "state.json").read_text()  # the path of a webhook is a secret


def test_what_a_channel_did_not_get_is_kept_for_it_and_for_no_other(look: Callable[..., Result], place: Path) -> None:
    with web_hook(400, 200) as hook:
        channels = ("--append", place / "a.jsonl", "--webhook", hook.url(), "--webhook-private")
        done = look(*channels)
        assert done.return_value == 1
        assert done.stderr == (
            f"ringthrough: webhook http://127.0.0.1:{hook.port}: expected 2xx, found 400 Bad Request; 1 alert is kept"
            " for the next run\n"
        )
        assert [len(alerts) for alerts in state_of(place).waiting.values()] == [1]
        done = look("-q", *channels, when="2026-01-01T13:00:00Z")
        assert (done.return_value, done.stdout, done.stderr) == (0, "", "")
        look("-q", *channels, when="2026-01-01T14:00:00Z")
    assert len(hook.posts) == 2
    assert [json.loads(body)["alerts"][0]["id"] for _, _, body in hook.posts] == [
        json.loads((place / "a.jsonl").read_text())["id"]
    ] * 2
    assert len((place / "a.jsonl").read_text().splitlines()) == 1


def test_a_channel_that_is_not_named_any_more_is_remembered_and_given_up_after_a_week(
    look: Callable[..., Result], place: Path
) -> None:
    look("--append", place / "no" / "a.jsonl")
    named = f"file {place}/no/a.jsonl"
    assert (
        look(when="2026-01-01T13:00:00Z").stderr
        == f"ringthrough: {named}: 1 alert is waiting for it, and it is not named\n"
    )
    assert look("-q", when="2026-01-01T14:00:00Z").stderr == ""
    done = look("-q", when="2026-01-08T13:00:00Z")
    assert done.return_value == 1
    assert f"ringthrough: {named}: not named for 7 days; 1 alert is given up\n" in done.stderr
    assert state_of(place).waiting == {}


def test_a_recipient_that_is_refused_is_told_and_nothing_is_sent_twice(look: Callable[..., Result]) -> None:
    with mail_box(replies={"rcpt TO:<b": "550 who"}) as box:
        mail = ("--mail-to", "a@example.com", "--mail-to", "b@example.com", "--smtp", f"127.0.0.1:{box.port}",
                "--smtp-tls", "none")  # fmt: skip
        done = look(*mail)
        assert done.return_value == 1
        assert done.stderr == "ringthrough: b@example.com: expected to be taken, found 550 who\n"
        assert look(*mail).return_value == 0
    assert len(box.mails) == 1


def test_mail_with_a_password_and_authorities_of_ones_own(
    look: Callable[..., Result], place: Path, web: WebAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipaddress import ip_address

    from cryptography.hazmat.primitives.serialization import Encoding

    (place / "ca.pem").write_bytes(web.certificate.public_bytes(Encoding.PEM))
    (place / "word").write_text("word\n")
    with mail_box(starttls=web.server(x509.IPAddress(ip_address("127.0.0.1"))), user=("me", "word")) as box:
        mail = ("--mail-to", "a@example.com", "--smtp", f"127.0.0.1:{box.port}", "--ca", place / "ca.pem",
                "--smtp-user", "me")  # fmt: skip
        assert look(*mail, "--smtp-password", place / "word").return_value == 0
        monkeypatch.setenv("RINGTHROUGH_SMTP_PASSWORD", "wrong")
        (place / "rules.toml").write_text("[alerts]\nremind_h = 1\n" + RULES)
        assert look(*mail, when="2026-01-01T13:00:00Z").return_value == 1
    assert len(box.mails) == 1
    monkeypatch.delenv("RINGTHROUGH_SMTP_PASSWORD")
    done = look(*mail)
    assert isinstance(done.exception, click.UsageError)
    assert "--smtp-user needs a password" in done.exception.format_message()


# --------------------------------------------------------------------------------------------------- what may go wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--state", "s"), "expected the folder of a store, or at least one FILE"),
        (("x",), "expected --state FILE"),
        (("x", "--state", "s", "--list"), "--list reads the file of --state and no calls."),
        (("--state", "s", "--list"), "s: there is no such file"),
        (("x", "--state", "s", "--rounds", "3"), "--rounds says how often to look with --every."),
        (("x", "--state", "s", "--every", "3"), "--every looks at a store that grows"),
        (("x", "--state", "s", "--every", "3", "--at", "2026-01-01"), "--every looks as of now"),
        (("x", "--dry-run", "--at", "noon"), "expected a time such as"),
        (("x", "--dry-run", "--json", "--csv"), "exclude each other"),
        (("x", "--dry-run", "--rules", "none.toml"), "none.toml: expected a file that can be read: No such file"),
        (("x", "--dry-run", "--ca", "none.pem"), "none.pem: expected certificates, PEM: No such file"),
        (("x", "--dry-run", "--mail-to", "a@b.example", "--smtp", "a b"), "expected HOST or HOST:PORT, found 'a b'"),
        (("x", "--dry-run", "--mail-to", "a@b.example", "--smtp", "a:0"), "expected HOST or HOST:PORT, found 'a:0'"),
        (("x", "--dry-run", "--webhook", "https://h.example/", "--webhook-secret", "empty"), "expected a secret"),
    ],
)  # fmt: skip
def test_wrong_usage(
    run: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").write_text("\n")
    done = run("alerts", *arguments)
    assert isinstance(done.exception, click.UsageError)
    assert said in done.exception.format_message()


def test_files_of_settings_that_are_wrong(run: Invoke, place: Path) -> None:
    (place / "rules.toml").write_text("[silence]\nhours = 3\n")
    done = run("alerts", place / "store", "--dry-run", "--rules", place / "rules.toml")
    assert isinstance(done.exception, RuleError)
    (place / "octets").write_bytes(b"\xff")
    done = run("alerts", place / "store", "--dry-run", "--rules", place / "octets")
    assert isinstance(done.exception, click.BadParameter)
    assert "it is not UTF-8" in str(done.exception)
    done = run("alerts", place / "store", "--dry-run", "--webhook", "http://h.example/x")
    assert isinstance(done.exception, LocalError)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("h.example", ("h.example", 0)),
        ("h.example:25", ("h.example", 25)),
        ("[::1]:25", ("::1", 25)),
        ("[::1]", ("::1", 0)),
    ],
)
def test_places_of_mail_servers(text: str, found: tuple[str, int]) -> None:
    options = {"appended": (), "webhooks": (), "mail_to": ("a@b.example",), "mail_from": None, "smtp": text,
               "smtp_tls": None, "smtp_user": "", "smtp_password": None, "ca": None}  # fmt: skip
    (channel,) = channels_of(options)
    assert (channel.server.host, channel.server.port, channel.server.security) == (*found, "starttls")  # type: ignore[attr-defined]
    (channel,) = channels_of(options | {"smtp": None})
    assert (channel.server.host, channel.server.security) == ("127.0.0.1", "none")  # type: ignore[attr-defined]


def test_a_broken_state_is_kept_aside_and_what_stands_is_told_anew(look: Callable[..., Result], place: Path) -> None:
    look()
    torn = (place / "state.json").read_text()[:50]
    (place / "state.json").write_text(torn)
    done = look("--dry-run")
    assert "as if there were none" in done.stderr
    assert (place / "state.json").read_text() == torn
    done = look()
    assert (done.return_value, "RAISED" in done.stdout) == (1, True)
    (aside,) = place.glob("state.json.broken-*")
    assert aside.read_text() == torn
    assert f"it is kept as {aside}, and what stands is told anew" in done.stderr
    assert look().return_value == 0


def test_a_state_of_a_later_version_is_left_alone(look: Callable[..., Result], place: Path) -> None:
    look()
    text = (place / "state.json").read_text().replace('"version": 1', '"version": 2')
    (place / "state.json").write_text(text)
    done = look()
    assert isinstance(done.exception, RemoteError)
    assert done.exception.problem.code == "analytics-alerts-newer"
    assert (place / "state.json").read_text() == text


def test_two_runs_at_once(look: Callable[..., Result], place: Path) -> None:
    with StateFile(str(place / "state.json")).held():
        done = look()
    assert done.return_value == 1
    assert done.stderr == f"ringthrough: {place}/state.json: expected to be the only run, but another one is at it\n"
    assert "RAISED" in look().stdout


def test_a_state_that_cannot_be_kept(run: Invoke, place: Path) -> None:
    done = run("alerts", place / "store", "--state", place / "no" / "state.json", "--at", NOON)
    assert isinstance(done.exception, BackendError)
    assert done.exception.problem.code == "cli-alerts-state"
    (place / "folder").mkdir()
    done = run("alerts", "--list", "--state", place / "folder")
    assert isinstance(done.exception, BackendError)
    file = StateFile(str(place / "folder"))
    with pytest.raises(BackendError):
        file.save(AlertState())
    assert list(place.glob(".folder-*")) == []
    with pytest.raises(BackendError):
        StateFile(str(place / "gone")).keep_aside(_broken(), "now")


def _broken() -> RemoteError:
    try:
        AlertState.from_json("")
    except RemoteError as fault:
        return fault
    raise AssertionError("it was read")


def test_a_run_that_is_killed_between_sending_and_keeping_sends_again(place: Path, process: Process) -> None:
    """At least once: the same ids come twice, and nothing is lost."""
    pid: list[int] = []
    arguments = ("--state", place / "state.json", "--rules", place / "rules.toml", "--at", NOON, "--webhook-private")
    with web_hook(before=lambda: os.kill(pid.pop(), signal.SIGKILL) if pid else None) as hook:
        words = [sys.executable, "-m", "ringthrough", "alerts", place / "store", *arguments, "--webhook", hook.url()]
        first = subprocess.Popen(list(map(str, words)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        pid.append(first.pid)
        first.communicate(timeout=60)
        assert first.returncode == -signal.SIGKILL
        assert list(state_of(place).waiting) == [f"webhook http://127.0.0.1:{hook.port} " + _digest(hook.url())]
        again = process("alerts", place / "store", *arguments, "--webhook", hook.url(), "-q")
    assert (again.status, again.out) == (0, b"")
    one, two = (json.loads(body) for _, _, body in hook.posts)
    assert one["alerts"] == two["alerts"]
    assert state_of(place).waiting == {}


def _digest(url: str) -> str:
    import hashlib

    return hashlib.sha256(url.encode()).hexdigest()[:8]


def test_output_that_ends_early_is_told_again(place: Path) -> None:
    words = [sys.executable, "-m", "ringthrough", "alerts", place / "store", "--state", place / "state.json", "--rules",
             place / "rules.toml", "--at", NOON]  # fmt: skip
    read, write_end = os.pipe()
    os.close(read)
    done = subprocess.run(list(map(str, words)), stdout=write_end, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    os.close(write_end)
    assert done.returncode == 141
    assert list(state_of(place).waiting) == ["output"]


# ------------------------------------------------------------------------------------------------------ again and again


OPTIONS: dict[str, Any] = {
    "output": None, "limit": None, "masked": False, "dry_run": False, "quiet": True, "every": None, "engine": "duckdb",
    "master": None, "region": None, "own": (), "carriers_file": None, "profile": None, "maps": (), "tz": None,
    "day": None, "number_table": None,
}  # fmt: skip


def run_of(place: Path, ticking: Clock) -> Run:
    from ringthrough.analytics.alerts import read_rules

    options = OPTIONS | {"state": str(place / "state.json")}
    return Run((str(place / "store"),), options, "", read_rules(RULES), None, (), None, ticking)


def test_it_looks_again_and_again_until_it_is_asked_to_end(place: Path, capfdbinary: Any) -> None:
    waits: list[float] = []
    # Two times for each look (when it begins, as of when) and one for its end.
    times = [t for n in range(3) for t in (at(12 + n), at(12 + n), at(12 + n) + 7_000_000)]
    with clock(*times, waits=waits, end_after=3) as ticking:
        assert watch(run_of(place, ticking), 60, None) == 0
    assert waits == [53.0, 53.0, 53.0]
    assert capfdbinary.readouterr().out.count(b"RAISED") == 1
    assert state_of(place).at_us == at(14)


def test_a_look_that_takes_longer_than_its_time_is_followed_by_the_next(place: Path, capfdbinary: Any) -> None:
    waits: list[float] = []
    with clock(at(12), at(12), at(13), at(13), at(13), at(12.5), waits=waits) as ticking:
        watch(run_of(place, ticking), 60, 2)
    assert waits == [0.0]


def test_a_look_that_fails_is_followed_by_the_next(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with clock(at(12), at(10), at(10)) as ticking:
        run = run_of(place, ticking)
        StateFile(str(place / "state.json")).save(AlertState(at_us=at(11)))
        assert watch(run, 60, 2) == 1
    assert capsys.readouterr().err.count("expected a time from 2026-01-01T11:00:00Z on") == 2


def test_a_store_is_watched_while_another_process_writes_it(place: Path) -> None:
    """A writer in a process of its own; a watcher beside it sees what it has flushed."""
    code = (
        "import sys\n"
        "from ringthrough.store import Writer\n"
        "from tests.analytics.made import blocked\n"
        "writer = Writer(sys.argv[1])\n"
        "for line in sys.stdin:\n"
        "    number, hour = line.split()\n"
        f"    at_us = {START_US} + int(float(hour) * {HOUR_US})\n"
        "    writer.append([blocked(caller=number, carrier='alpha', at_us=at_us)])\n"
        "    writer.flush()\n"
        "    print('ok', flush=True)\n"
    )
    writing = subprocess.Popen([sys.executable, "-c", code, str(place / "live")], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert writing.stdin is not None
    assert writing.stdout is not None

    def write_calls(number: str) -> None:
        for hour in (12.1, 12.2, 12.3):
            writing.stdin.write(f"{number} {hour}\n")  # type: ignore[union-attr]
            writing.stdin.flush()  # type: ignore[union-attr]
            assert writing.stdout.readline() == "ok\n"  # type: ignore[union-attr]

    written = iter([A, "+12155550124"])
    rounds: list[int] = []

    def wait(_seconds: float) -> bool:
        number = next(written, None)
        if number is not None:
            write_calls(number)
        rounds.append(1)
        return len(rounds) == 4

    writing.stdin.write("+12155550199 1\n")  # the store is made with its first row
    writing.stdin.flush()
    assert writing.stdout.readline() == "ok\n"
    from ringthrough.analytics.alerts import read_rules
    from ringthrough.drivers.notify_file import AppendedFile

    options = OPTIONS | {"state": str(place / "state.json")}
    run = Run((str(place / "live"),), options, "", read_rules(RULES), None, (AppendedFile(str(place / "a.jsonl")),),
              None, Clock(lambda: at(13), wait))  # fmt: skip
    try:
        assert watch(run, 1, None) == 0
    finally:
        writing.stdin.close()
        writing.wait(60)
        writing.stdout.close()
    told = [json.loads(line) for line in (place / "a.jsonl").read_text().splitlines()]
    assert [(one["state"], one["number"]) for one in told] == [("raised", A), ("raised", "+12155550124")]


def test_every_by_the_command_line_and_sigterm(place: Path) -> None:
    words = [sys.executable, "-m", "ringthrough", "alerts", place / "store", "--state", place / "state.json", "--rules",
             place / "rules.toml"]  # fmt: skip
    done = subprocess.run(list(map(str, [*words, "--every", "1", "--rounds", "1"])), capture_output=True, text=True)
    assert (done.returncode, done.stdout.startswith("Nothing new.")) == (0, True)
    looking = subprocess.Popen(list(map(str, [*words, "--every", "3600"])), stdout=subprocess.PIPE, text=True)
    assert looking.stdout is not None
    assert looking.stdout.readline().startswith("Nothing new.")
    looking.send_signal(signal.SIGTERM)
    looking.communicate(timeout=60)
    assert looking.returncode == 0


def test_help_loads_no_engine_and_says_where_the_docs_are(process: Process) -> None:
    assert not modules("alerts", "--help") & {"duckdb", "numpy", "asyncio", "smtplib", "ringthrough.analytics"}
    assert b"docs/guides/alerts.md" in process("alerts", "--help").out
    assert b"--since" not in process("alerts", "--help").out


def test_default_rules_are_those_that_are_shown() -> None:
    assert default_rules().is_on("silence")
