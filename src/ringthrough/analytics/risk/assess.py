"""`assess`: the risk factors and the score of every calling number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringthrough.analytics.engine import Engine, engine_of
from ringthrough.analytics.risk.caller import DoNotOriginate
from ringthrough.analytics.risk.finding import RiskFactor, Risks, Score
from ringthrough.analytics.risk.measures import COLUMNS_READ, days_sql, measure
from ringthrough.analytics.risk.period import Period, day_of, period_of
from ringthrough.analytics.risk.readings import READERS, Given, Hidden, Reading
from ringthrough.analytics.risk.thresholds import Definition, Thresholds, shipped

if TYPE_CHECKING:
    from ringthrough.analytics.blocks import BlockCell, Blocks

__all__ = ["assess"]

_RANKS = ("ok", "warn", "high")
_NO_HISTORY = ("new_number", "rotation", "caller_id")
"Factors that look back themselves, or never change: they have no trend."


def assess(
    source: object,
    *,
    thresholds: Thresholds | None = None,
    since_us: int | None = None,
    until_us: int | None = None,
    now_us: int | None = None,
    blocks: Blocks | None = None,
    dno: DoNotOriginate | None = None,
) -> Risks:
    """
    Measure the risk factors of every calling number.

        from ringthrough import diagnosis
        from ringthrough.analytics.risk import assess
        calls = diagnosis.read_calls("month.csv", region="US")
        for score in assess(calls).scores[:10]:
            print(score)

    Calls that the operator made count: those whose direction is not inbound. Internet scanners are left out.

    Args:
        source: a store, what `diagnosis.read_calls` returns, a relation of DuckDB, rows of `Call` and `Verdict`, or an
            `Engine`.
        thresholds: of `parse_thresholds`; those shipped by default.
        since_us: first microsecond of the period, since 1970 UTC; by default `thresholds.days` before its end.
        until_us: the first microsecond that is too late; by default midnight after the last day that has calls.
        now_us: the present; calls on later days are taken for faults of a clock.
        blocks: hidden blocks found in these calls; they are looked for where none are given.
        dno: numbers that may not originate calls.

    Raises:
        LocalError: the source holds no calls, or the period is none (`analytics-risk-period`).
        BackendError: the calls cannot be read.

    Source: docs/concepts/risk.md
    """
    from ringthrough.analytics.blocks import find_blocks
    from ringthrough.analytics.blocks.cells import COLUMNS_READ as OF_BLOCKS

    chosen = thresholds if thresholds is not None else shipped()
    columns = tuple(dict.fromkeys((*COLUMNS_READ, *OF_BLOCKS)))
    with engine_of(source, columns=columns if blocks is None else COLUMNS_READ) as engine:
        days = engine.run(days_sql(engine.calls)).rows
        period = period_of(days, since_us=since_us, until_us=until_us, now_us=now_us, days=chosen.days)
        if period is None:
            undated = sum(int(row[1]) for row in days)
            return Risks((), (), since_us, until_us, None, 0, 0, undated, 0, sum(int(row[2]) for row in days))
        if blocks is None:
            blocks = find_blocks(engine, since_us=period.first_us, until_us=period.until_us)
        return _risks(engine, period, chosen, blocks, dno)


def _risks(engine: Engine, period: Period, thresholds: Thresholds, blocks: Blocks, dno: DoNotOriginate | None) -> Risks:
    counted = measure(engine, period, thresholds)
    now, before, numbers = counted.now, counted.before, counted.numbers
    earlier = period._replace(since_us=period.before_us, until_us=period.since_us)
    hidden = _hidden(blocks, period), _hidden(blocks, earlier)
    rotation = counted.rotation if period.covered else None
    enough = thresholds["rotation"].settings["calls"]
    made: list[tuple[Score, list[RiskFactor]]] = []
    for number, calls in numbers.items():
        given = Given(
            number,
            now.numbers[number],
            now,
            period,
            dno,
            hidden[0].get(number),
            rotation,
            number not in before.numbers and calls >= enough,
        )
        past = None
        if number in before.numbers:
            past = Given(number, before.numbers[number], before, earlier, dno, hidden[1].get(number), None, False)
        factors = [_factor(given, past, definition) for definition in thresholds.factors.values()]
        made.append((_score(number, calls, factors, thresholds), factors))
    made.sort(key=lambda pair: (pair[0].score, -pair[0].calls, pair[0].number))
    placed = sum(int(measured.get("zoned") or 0) for measured in now.numbers.values())
    all_calls = sum(numbers.values())
    return Risks(
        tuple(factor for _score, factors in made for factor in factors), tuple(score for score, _factors in made),
        period.since_us, period.until_us, period.before_us if before.numbers else None,
        all_calls, all_calls - placed, period.undated, counted.left_out, period.unnamed,
    )  # fmt: skip


def _factor(given: Given, past: Given | None, definition: Definition) -> RiskFactor:
    reading = READERS[definition.name](given, definition)
    value, state, missing = reading.value, _state(reading, definition), reading.missing or reading.floor
    if state == "not_measurable":
        value = None
    trend = None
    if past is not None and value is not None and definition.name not in _NO_HISTORY:
        earlier = READERS[definition.name](past, definition)
        trend = None if earlier.value is None or earlier.floor else float(value - earlier.value)
    because = reading.because
    if state == "info" and reading.n < definition.least:
        because += f" Too few to judge: {definition.least} are needed."
    return RiskFactor(
        given.number, definition.name, state, None if value is None else float(value), definition.unit, definition.warn,
        definition.high, reading.n, missing, trend, because, definition.advice if state in ("warn", "high") else "",
        definition.source,
    )  # fmt: skip


def _state(reading: Reading, definition: Definition) -> str:
    if reading.value is None:
        return "not_measurable"
    state = definition.state(reading.value)
    if state == "info":
        return state
    if reading.n < definition.least:
        return "info"
    if reading.spared:
        state = "ok"
    elif reading.at_least:
        state = max(state, reading.at_least, key=_RANKS.index)
    elif reading.at_most:
        state = min(state, reading.at_most, key=_RANKS.index)
    return "not_measurable" if reading.floor and state == "ok" else state


def _score(number: str, calls: int, factors: list[RiskFactor], thresholds: Thresholds) -> Score:
    lost = [(factor.factor, thresholds[factor.factor].points(factor.state)) for factor in factors]
    taken = sorted(((name, points) for name, points in lost if points), key=lambda pair: -pair[1])
    unknown = tuple(factor.factor for factor in factors if factor.state == "not_measurable")
    return Score(number, max(0.0, 100.0 - sum(points for _name, points in taken)), tuple(taken), calls, unknown)


def _hidden(blocks: Blocks, period: Period) -> dict[str, Hidden]:
    """Number -> what is known of its hidden blocks in a period; days are whole."""
    first, last = day_of(period.since_us).isoformat(), day_of(period.until_us - 1).isoformat()
    of: dict[str, list[BlockCell]] = {}
    for cell in blocks.cells:
        if first <= cell.day <= last:
            of.setdefault(cell.number, []).append(cell)
    return {number: _one(cells) for number, cells in of.items()}


def _one(cells: list[BlockCell]) -> Hidden:
    # A cell whose blocks all say so is no matter of hidden ones: network_blocks has it.
    found = [cell for cell in cells if cell.verdict and cell.refused]
    return Hidden(
        sum(cell.attempts for cell in cells),
        max((cell.posterior for cell in (found or [c for c in cells if not c.explicit])), default=0.0),
        any(cell.verdict == "probable" for cell in found),
        tuple(dict.fromkeys(cell.carrier for cell in found)),
    )
