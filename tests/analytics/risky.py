"""Calls for risk factors, made by hand: a case for each factor, with numbers of its own in one table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, get_type_hints

from ringthrough.analytics.blocks import BlockCell, Blocks, blocks_of
from ringthrough.analytics.blocks.cells import cells_of
from ringthrough.analytics.risk import RiskFactor, Risks, assess
from tests.analytics.made import Row, answered, blocked, row
from tests.store.made import DAY_US, START_US

LAST = 41
"The day on which the period of seven days ends, a Wednesday (2026-02-11). `START_US` is a Thursday."
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
OLD = "+12155559999"
"A number that called on the first day, so that calls reach back."
NO_BLOCKS = blocks_of(cells_of(()))


def at(day: int = 40, hour: int = 15, minute: float = 0) -> int:
    """A time of UTC; 15 h is 10 h in New York."""
    return START_US + day * DAY_US + hour * HOUR_US + round(minute * MINUTE_US)


def person(n: int) -> str:
    """A callee in New York, none beside the next."""
    return f"+1212{2_000_000 + 17 * n:07}"


def calls(n: int, *, every: float = 5, day: int = 40, callees: int = 1_000, **changes: Any) -> list[Row]:
    """Answered calls, some minutes apart from 15 h UTC on."""
    return [
        answered(**{"callee": person(k % callees), "at_us": at(day, 15, every * k), "verdict": "answered"} | changes)
        for k in range(n)
    ]


def unanswered(n: int, **changes: Any) -> list[Row]:
    return [
        row(**{"callee": person(500 + k), "at_us": at(40, 14, 2 * k % 59), "verdict": "no_answer", "final_code": 480,
               "ring_ms": 20_000} | changes)
        for k in range(n)
    ]  # fmt: skip


def of(number: str, rows: Iterable[Row]) -> list[Row]:
    """The same calls from this number."""
    return [(call._replace(caller=number), verdict) for call, verdict in rows]


def block_cell(**changes: Any) -> BlockCell:
    empty = {str: "", int: 0, float: 0.0}
    return BlockCell(**({name: empty.get(kind) for name, kind in get_type_hints(BlockCell).items()} | changes))


def with_cells(*cells: BlockCell) -> Blocks:
    return Blocks(cells, (), NO_BLOCKS.counted, NO_BLOCKS.learned)


def history() -> list[Row]:
    """A number that was there on the first day and is there on the last."""
    return of(OLD, [*calls(1, day=0), *calls(2, day=LAST)])


def risks_of(rows: Iterable[Row], **options: Any) -> Risks:
    return assess([*rows], **{"blocks": NO_BLOCKS} | options)


def factor_of(risks: Risks, number: str, name: str) -> RiskFactor:
    (found,) = (factor for factor in risks.of(number) if factor.factor == name)
    return found


class Case(NamedTuple):
    """Calls of three numbers: one on which a factor fires, one on which it does not, and one that cannot tell."""

    fires: list[Row]
    sound: list[Row]
    blind: list[Row]
    state: str
    "State of the first."
    value: float
    "Value of the first."
    missing: str
    "What the third lacks."


ONLY_ANSWERED = "refused calls (blind_to refusals)"
_listed = {"blind_to": "refusals"}
_silent = {"file": "silent.csv", "blind_to": "code reason", "final_code": None, "outcome": "answered"}
_bad = {"verdict": "bad_number", "final_code": 404, "ring_ms": None}
_gave_up = {"verdict": "abandoned", "final_code": 487, "cancel_ms": 9_000}
HOME = "+1215556"

CASES: dict[str, Case] = {
    "calls_per_day": Case(calls(120, every=4), calls(20), calls(20, **_listed), "warn", 120, ONLY_ANSWERED),
    "burst": Case(calls(12, every=0.05), calls(5), calls(20, **_listed), "warn", 12, ONLY_ANSWERED),
    "volume_step": Case(
        [*calls(20, day=39), *calls(80, day=40, every=3)], [*calls(60, day=39), *calls(70, day=40)], calls(80),
        "warn", 4, "at (calls on two days within a week)",
    ),
    "short_calls": Case(
        [*calls(24), *calls(6, talk_ms=8_000)], calls(30), calls(30, talk_ms=None), "warn", 0.2, "talk_ms"
    ),
    "call_duration": Case(
        calls(30, talk_ms=20_000), calls(30), unanswered(30), "warn", 20, "answered calls"
    ),
    "answer_rate": Case(
        [*calls(2), *unanswered(38)], calls(40), calls(40, verdict="incomplete"), "high", 0.05, "verdict"
    ),
    "abandoned_before": Case(
        [*calls(30), *unanswered(10, **_gave_up)], calls(30), calls(30, **_listed), "warn", 0.25, ONLY_ANSWERED
    ),
    "abandoned_after": Case(
        [*calls(38, ended_by="callee", campaign="push"),
         *calls(2, ended_by="caller", campaign="push", talk_ms=2_000)],
        calls(40, ended_by="caller", campaign="calm"), calls(40), "warn", 0.05, "ended_by",
    ),
    "ring_time": Case(
        unanswered(12, **_gave_up, ring_ms=10_000), unanswered(12, **_gave_up, ring_ms=20_000),
        unanswered(12, **_gave_up, ring_ms=None), "warn", 10, "ring_ms",
    ),
    "unassigned": Case(
        [*calls(88), *unanswered(12, **_bad)], [*calls(88), *unanswered(4, **_bad)], calls(88, **_listed),
        "warn", 0.12, ONLY_ANSWERED,
    ),
    "repeats": Case(
        calls(3, every=60, callees=1), calls(2, every=60, callees=1), calls(3, callee=""), "warn", 3, "callee"
    ),
    "redial": Case(
        calls(2, every=9, callees=1), calls(2, every=11, callees=1), calls(2, callee="+1212555xxxx"),
        "warn", 2, "callee",
    ),
    "spread": Case(calls(60), calls(60, callees=40), calls(60, callee="+1212555xxxx"), "warn", 1, "callee"),
    "sequential": Case(
        [*calls(3), *(row for n in (3, 1, 6, 4, 2, 5) for row in calls(1, callee=f"+12127000{n:03}"))],
        calls(6), calls(6, callee="1002"), "warn", 6, "callee",
    ),
    "neighbour": Case(
        [*calls(30), *calls(10, callee=f"{HOME}0042")], calls(40), calls(40, callee="+442079460123"),
        "high", 250, "caller, callee (numbers of the North American plan)",
    ),
    "off_hours": Case(
        [*calls(19), *calls(1, at_us=at(40, 3))], calls(20, every=1), calls(20, callee="+18005550100"),
        "high", 0.05, "callee (time zone)",
    ),
    "weekend": Case(
        calls(20, day=37), calls(20), calls(20, callee="+74955550123"), "info", 1, "callee (time zone)"
    ),
    "attestation": Case(
        [*calls(19, attestation="A", file="signed.pcap"), *calls(1, attestation="C", file="signed.pcap")],
        calls(20, attestation="A", file="signed.pcap"), calls(20, file="bare.pcap"), "warn", 0.05, "attestation",
    ),
    "new_number": Case(
        [*calls(1, day=35), *calls(60, day=36)], [*calls(1, day=5), *calls(60, day=36)], [], "warn", 6, "at"
    ),
    "mixed_use": Case(
        [*calls(5, campaign="spring"), *calls(5, campaign="summer")], calls(10, campaign="spring"), calls(10),
        "warn", 2, "campaign",
    ),
    "callback": Case(calls(20), calls(20), calls(20), "high", 0, "inbound calls to this number"),
    "unwanted": Case(
        [*calls(20), *unanswered(2, verdict="unwanted", final_code=607)], calls(20), calls(20, **_silent),
        "high", 2, "final_code, reason",
    ),
    "network_blocks": Case(
        [*calls(20), blocked(at_us=at(), callee=person(9))], calls(20), calls(20, **_silent),
        "warn", 1, "final_code, reason",
    ),
    "hidden_blocks": Case(calls(20), calls(20), calls(20), "high", 0.97, "ring_ms (blind_to ringing)"),
    "unavailable": Case(
        [*calls(91), *unanswered(9)], [*calls(98), *unanswered(2)], calls(98, **_silent), "warn", 0.09, "final_code"
    ),
    "caller_id": Case(calls(2), calls(2), calls(2), "high", 2, "caller (masked)"),
}  # fmt: skip
"Factor -> its case; `rotation`, and `new_number` where it cannot tell, need tables of their own."
_NUMBERS = {("caller_id", 0): "anonymous", ("caller_id", 2): f"{HOME}xxxx"}


def number_of(factor: str, place: int) -> str:
    """The number of the calls at a place of a case: 0 fires, 1 is sound, 2 cannot tell."""
    return _NUMBERS.get((factor, place), f"{HOME}{10 * list(CASES).index(factor) + place:04}")


def table() -> tuple[list[Row], Blocks]:
    """The calls of all cases, and the hidden blocks in them."""
    rows = history()
    for factor, case in CASES.items():
        for place, made in enumerate((case.fires, case.sound, case.blind)):
            rows += of(number_of(factor, place), made)
    for place, verdict in ((0, "no_answer"), (1, "answered")):
        number = number_of("callback", place)
        rows += [
            row(caller=person(k), callee=number, direction="inbound", verdict=verdict, at_us=at()) for k in range(4)
        ]
    cells = [
        block_cell(number=number_of("hidden_blocks", 0), carrier="alpha", day="2026-02-10", verdict="probable",
                   posterior=0.97, attempts=20, refused=15),
        block_cell(number=number_of("hidden_blocks", 1), carrier="alpha", day="2026-02-10", posterior=0.01,
                   attempts=20),
    ]  # fmt: skip
    return rows, with_cells(*cells)
