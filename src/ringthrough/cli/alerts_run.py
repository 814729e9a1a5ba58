"""
Runs of `ringthrough alerts`: look, keep, tell, and keep that it was told.

Theory of operation
- What is to be told is written into the file of what stands, for every channel by itself, before any channel is told.
  A channel that has been told is taken out at once. So whatever moment a run is killed at, nothing is lost: at worst
  one channel is told the same thing twice, with the same ids.
- The clock and the waiting are arguments (`Clock`).
"""

from __future__ import annotations

import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ringthrough.analytics.alerts import Alert, AlertRules, AlertState, evaluate, last_call_us, time_text
from ringthrough.cli.alerts_state import StateFile
from ringthrough.cli.alerts_text import alerts_table, notice_of
from ringthrough.cli.sources import calls_of, is_store
from ringthrough.cli.targets import octets_to
from ringthrough.errors import BackendError, Error, Problem, RemoteError
from ringthrough.report.words import safe

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ringthrough.analytics.risk import Thresholds
    from ringthrough.drivers.notify import Channel, Notice

__all__ = ["Clock", "Output", "Run", "list_standing", "watch"]

_DAY_US = 86_400_000_000


class Clock(NamedTuple):
    """What time it is, and waiting."""

    now_us: Callable[[], int]
    "Microseconds since 1970 UTC."
    wait: Callable[[float], bool]
    "Waits so many seconds; true when the end was asked for meanwhile."

    @classmethod
    @contextmanager
    def ticking(cls, *, ends: bool) -> Iterator[Clock]:
        """
        The system's clock.

        Args:
            ends: SIGINT and SIGTERM ask for the end while it is in use; else they end the program at once, as ever.
        """
        end = Event()
        before: dict[int, Any] = {}

        def ask_for_the_end(number: int, _frame: object) -> None:
            if end.is_set():  # the second time: at once
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            end.set()

        if ends and current_thread() is main_thread():
            for name in ("SIGINT", "SIGTERM"):
                number = getattr(signal, name)
                before[number] = signal.signal(number, ask_for_the_end)
        try:
            yield cls(lambda: time.time_ns() // 1_000, end.wait)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Output:
    """Standard output (or --output) as a channel."""

    name = "output"

    def __init__(self, form: str, options: dict[str, Any]) -> None:
        self._form, self._options = form, options

    def send(self, notice: Notice) -> tuple[Problem, ...]:
        """Write alerts as paragraphs, or as rows."""
        with octets_to(self._options["output"]) as write:
            write(self._text(notice).encode("utf-8", "backslashreplace"))
        return ()

    def _text(self, notice: Notice) -> str:
        if not self._form:
            return notice.text
        from ringthrough.cli.measures_text import as_lines

        return as_lines(alerts_table(notice.records, self._form), self._form, False, self._options["limit"])


class Run:
    """
    One run: a look, or one after the other.

    Args:
        files: the folder of a store, or files.
        options: of the command.
        form: csv, json, or nothing for people.
        rules: what to alert of.
        thresholds: of risk factors; None for those shipped.
        channels: where to tell people, besides the output.
        at_us: as of when; None for now, or for the last call of files.
        clock: what time it is.
    """

    def __init__(
        self, files: tuple[str, ...], options: dict[str, Any], form: str, rules: AlertRules,
        thresholds: Thresholds | None, channels: Sequence[Channel], at_us: int | None, clock: Clock,
    ) -> None:  # fmt: skip
        self._files, self._options, self._rules, self._thresholds = files, options, rules, thresholds
        self._channels: tuple[Channel, ...] = (Output(form, options), *channels)
        self._at_us, self.clock = at_us, clock
        self._form = form
        self._kept = None if options["state"] is None else StateFile(options["state"])
        self._wall_us = 0
        self._failed: set[str] = set()
        self.told = False
        "Whether anything was told."

    def alone(self) -> AbstractContextManager[None]:
        """Keep other runs with the same file of what stands out."""
        if self._kept is None or self._options["dry_run"]:
            return nullcontext()
        return self._kept.held()

    def round(self) -> int:
        """Look once; return the exit status."""
        self._wall_us = self.clock.now_us()
        before, status = self._before()
        with ExitStack() as stack:
            calls = stack.enter_context(calls_of(self._files, self._options))
            if calls.source is None:
                return calls.status
            now_us = self._now_us(calls.source)
            alerts, after = evaluate(
                calls.source, rules=self._rules, before=before, now_us=now_us, thresholds=self._thresholds
            )  # fmt: skip
        self.told = self.told or bool(alerts)
        status = max(status, calls.status)
        if self._options["dry_run"]:
            self._dry(alerts, after)
            return status
        return max(status, self._tell(alerts, after))

    def _before(self) -> tuple[AlertState, int]:
        """What stood after the last run."""
        if self._kept is None:
            return AlertState(), 0
        status = 0
        try:
            found = self._kept.load()
        except RemoteError as fault:
            status, found = 1, None
            moment = time_text(self._wall_us).replace("-", "").replace(":", "")
            if self._options["dry_run"]:
                _say(f"{fault}; as if there were none")
            else:
                other = self._kept.keep_aside(fault, moment)
                _say(f"{fault}; it is kept as {other}, and what stands is told anew")
        return found or AlertState(series=secrets.token_hex(4)), status

    def _now_us(self, source: object) -> int:
        if self._at_us is not None:
            return self._at_us
        if len(self._files) == 1 and is_store(self._files[0], self._options["engine"] == "spark"):
            return self._wall_us
        last_us = last_call_us(source)
        # One microsecond later: the last call is looked at as well.
        return self._wall_us if last_us is None else min(last_us + 1, self._wall_us)

    def _silent(self) -> bool:
        """Whether nothing is written when there is nothing new: a file is, so that it is not an old one."""
        again = self._form and self._options["every"] is not None
        return bool((self._options["quiet"] or again) and self._options["output"] is None)

    def _dry(self, alerts: Sequence[Alert], after: AlertState) -> None:
        if alerts or not self._silent():
            self._channels[0].send(self._notice(alerts, after))
            if not self._options["quiet"]:
                _say("dry run: nothing was sent, and nothing is kept")

    def _notice(self, alerts: Sequence[Alert], state: AlertState) -> Notice:
        at_us = 0 if state.at_us is None else state.at_us
        notice = notice_of(alerts, at_us=at_us, standing=len(state.standing), masked=self._options["masked"])
        return notice._replace(at_s=self._wall_us / 1_000_000)

    def _tell(self, alerts: Sequence[Alert], after: AlertState) -> int:
        assert self._kept is not None
        state = after.queued(alerts, [channel.name for channel in self._channels])
        state, status = self._pruned(state)
        self._kept.save(state)
        for channel in self._channels:
            waiting = state.waiting.get(channel.name, ())
            if not waiting:
                if channel is self._channels[0] and not self._silent():
                    channel.send(self._notice((), state))
                continue
            self.told = True
            status = max(status, self._told_to(channel, self._notice(waiting, state), len(waiting)))
            if channel.name not in self._failed:
                state = state.delivered(channel.name)
                self._kept.save(state)
        return status

    def _told_to(self, channel: Channel, notice: Notice, count: int) -> int:
        """Tell one channel; return 1 when something went wrong."""
        from ringthrough.drivers.notify import deliver

        self._failed.discard(channel.name)
        try:
            problems = deliver(channel, notice, self.clock.wait) if channel.name != "output" else channel.send(notice)
        except (BackendError, RemoteError) as fault:
            self._failed.add(channel.name)
            _say(f"{fault}; {_alerts(count)} kept for the next run")
            return 1
        for problem in problems:
            _say(str(problem))
        return 1 if problems else 0

    def _pruned(self, state: AlertState) -> tuple[AlertState, int]:
        """Say what waits for channels that were not named, and give up what has waited too long."""
        status, at_us = 0, state.at_us or 0
        named = {channel.name for channel in self._channels}
        for channel, count in state.dropped.items():
            _say(f"{channel}: {_alerts(count)} given up, because too many wait for it")
            status = 1
        state = replace(state, dropped={})
        for channel, waiting in list(state.waiting.items()):
            if channel in named:
                continue
            if at_us - waiting[-1].at_us > self._rules.alerts.forget_d * _DAY_US:
                state = state.delivered(channel)
                _say(f"{channel}: not named for {self._rules.alerts.forget_d:g} days; {_alerts(len(waiting))} given up")
                status = 1
            elif not self._options["quiet"]:
                _say(f"{channel}: {_alerts(len(waiting))} waiting for it, and it is not named")
        return state, status


def _alerts(count: int) -> str:
    return "1 alert is" if count == 1 else f"{count:,} alerts are"


def _say(text: str) -> None:
    sys.stderr.write(f"ringthrough: {safe(text)}\n")


def watch(run: Run, every_s: float, rounds: int | None) -> int:
    """
    Look again and again; return the worst exit status.

    Args:
        run: what to look at.
        every_s: seconds from the beginning of one look to the next.
        rounds: end after so many; None: until the end is asked for.
    """
    worst, done = 0, 0
    while True:
        began_us = run.clock.now_us()
        try:
            worst = max(worst, run.round())
        except Error as fault:  # a disk that is full, a store that is being moved: the next look may find it mended
            _say(str(fault))
            worst = max(worst, 1)
        sys.stdout.flush()
        done += 1
        if done == rounds:
            return worst
        took_s = (run.clock.now_us() - began_us) / 1_000_000
        if run.clock.wait(min(max(every_s - took_s, 0.0), every_s)):
            return worst


def list_standing(path: str, form: str, options: dict[str, Any]) -> int:
    """Write what stands and what waits; return the exit status."""
    state = StateFile(path).load()
    if state is None:
        raise click.BadParameter(f"{path}: there is no such file", param_hint="--state")
    alerts = [one.alert for one in state.standing.values()]
    notice = notice_of(alerts, at_us=state.at_us or 0, standing=len(alerts), masked=options["masked"])
    if not form:
        text = "Nothing stands.\n" if not alerts else notice.text.partition("\n\n")[2]
        for channel, waiting in state.waiting.items():
            text += f"{channel}: {_alerts(len(waiting))} waiting for it\n"
        with octets_to(options["output"]) as write:
            write(text.encode("utf-8", "backslashreplace"))
        return 0
    Output(form, options).send(notice)
    return 0
