"""`overview`: everything an operations lead has to know of a period, from the calls of it and of the one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ringthrough.analytics.blocks import Blocks, find_blocks, raised_source
from ringthrough.analytics.engine import Engine, engine_of
from ringthrough.analytics.intervals import wilson
from ringthrough.analytics.overview import reading
from ringthrough.analytics.overview.actions import actions_of
from ringthrough.analytics.overview.changes import change_of
from ringthrough.analytics.overview.losses import (
    AnswerRates,
    Worth,
    answers_of,
    figures_of,
    loss_of,
    lost_by_pair,
)
from ringthrough.analytics.overview.periods import before, covered, step_of
from ringthrough.analytics.overview.quality import cells_within, quality_of
from ringthrough.analytics.overview.reading import COLUMNS_READ, NO_CALLS, Hit, Pair, SignLine, Span, day_us, total_of
from ringthrough.analytics.overview.shapes import (
    GROUPS,
    Block,
    Bucket,
    CarrierSigns,
    Matrix,
    MatrixCell,
    Overview,
    Period,
    RiskPart,
    RiskRow,
    Sign,
)
from ringthrough.analytics.overview.spells import blocks_of
from ringthrough.calls import COLUMNS

if TYPE_CHECKING:
    from ringthrough.analytics.risk import Risks

__all__ = ["overview"]

Key = tuple[str, str]
_ALL_COLUMNS = tuple("at" if column.name == "at_us" else column.name for column in COLUMNS)
_MATRIX_NUMBERS, _MATRIX_CARRIERS, _MOST_BUCKETS = 30, 12, 2_000
_LONGEST_RISK_US = 3_650 * 86_400_000_000


def overview(
    source: object,
    *,
    since_us: int | None = None,
    until_us: int | None = None,
    previous_since_us: int | None = None,
    blocks: Blocks | None = None,
    risks: Risks | None = None,
    worth: Worth | None = None,
) -> Overview:
    """
    Sum a period up: what is blocked, by whom, since when, what it costs, what changed, what to do first.

        from ringthrough import store
        from ringthrough.analytics.overview import overview
        with store.open_store("calls") as calls:
            found = overview(calls, since_us=..., until_us=...)
        print(found.loss.lost, found.actions[0].title)

    Args:
        source: a store, what `diagnosis.read_calls` returns, a relation of DuckDB, rows of `Call` and `Verdict`, or an
            `Engine`. Verdicts are raised here; those of the source may be as they were judged call by call.
        since_us: first microsecond of the period, since 1970 UTC; None: from the first call.
        until_us: the first microsecond that is too late; None: to the last call.
        previous_since_us: where the period before begins; None: it is as long as this one. Without `since_us` there is
            none.
        blocks: found in these calls, the period before included; None: they are looked for.
        risks: health of the numbers; None: they are assessed.
        worth: what an answered call is worth, and the currency; None: nobody said.

    Raises:
        LocalError: the source holds no calls.
        BackendError: the calls cannot be read.

    Source: docs/guides/report.md
    """
    span: Span = (since_us, until_us)
    earliest = previous_since_us
    if earliest is None and since_us is not None and until_us is not None:
        earliest = 2 * since_us - until_us
    opened_from = earliest if since_us is not None else None
    with engine_of(source, since_us=opened_from, until_us=until_us, columns=_ALL_COLUMNS, least=COLUMNS_READ) as engine:
        days = reading.read_days(engine, span)
        period = covered(days, span)
        previous = before(period, previous_since_us) if period and since_us is not None else None
        if previous and (
            previous.until_us <= previous.since_us or not _calls_in(engine, (previous.since_us, previous.until_us))
        ):
            previous = None
        whole: Span = (previous.since_us if previous else since_us, until_us)
        found = find_blocks(engine, since_us=whole[0], until_us=whole[1]) if blocks is None else blocks
        assessed = _assess(engine, found, period) if risks is None else risks
        with raised_source(engine, found) as raised:
            return _made(raised, found, assessed, span, period, previous, days, worth)


def _calls_in(engine: Engine, span: Span) -> int:
    return sum(day.calls for day in reading.read_days(engine, span))


def _assess(engine: Engine, found: Blocks, period: Period | None) -> Risks | None:
    """Health of the numbers in the period; of its last years where it is longer than risk is assessed for."""
    from ringthrough.analytics.risk import assess

    if period is None:
        return None
    since_us = max(period.since_us, period.until_us - _LONGEST_RISK_US)
    return assess(engine, since_us=since_us, until_us=period.until_us, now_us=period.until_us, blocks=found)


def _made(
    engine: Engine, found: Blocks, risks: Risks | None, span: Span, period: Period | None, previous: Period | None,
    days: Sequence[reading.Day], worth: Worth | None,
) -> Overview:  # fmt: skip
    earlier: Span | None = (previous.since_us, previous.until_us) if previous else None
    pairs = reading.read_pairs(engine, span)
    old_pairs = reading.read_pairs(engine, earlier) if earlier else None
    hits = reading.read_hits(engine, span)
    old_hits = reading.read_hits(engine, earlier) if earlier else None
    said_before = (
        None if old_hits is None else {(h.number, h.carrier) for h in old_hits if h.verdict == "network_blocked"}
    )
    rates = AnswerRates(pairs)
    lost = lost_by_pair(hits)
    by_carriers = [hit for hit in hits if hit.verdict != "provider_blocked"]
    blocked = blocks_of(found, hits, pairs, period, said_before, rates, reading.read_examples(engine, span))
    cells = cells_within(found.cells, period)
    quality = quality_of(reading.read_sources(engine, span), days, pairs, cells)
    own_hop: dict[str, int] = defaultdict(int)
    for cell in cells:
        own_hop[cell.number] += cell.own_hop
    risk = _risk(risks) if risks else ()
    total = total_of(pairs.values())
    total_before = total_of(old_pairs.values()) if old_pairs is not None else None
    step_s, timeline = _timeline(engine, period, blocked)
    return Overview(
        period=period,
        previous=previous,
        calls=total.calls,
        calls_before=total_before.calls if total_before else None,
        numbers=len({number for number, _ in pairs if number}),
        figures=figures_of(total, total_before),
        loss=loss_of(hits, pairs, old_hits, reading.read_people(engine, span)),
        answers=answers_of(lost, rates, worth),
        step_s=step_s,
        timeline=timeline,
        blocks=blocked,
        matrix=_matrix(pairs, lost_by_pair(by_carriers)),
        carriers=_carriers(pairs, by_carriers, reading.read_signs(engine, span)),
        times=tuple(reading.read_times(engine, span)),
        change=change_of(blocked, pairs, old_pairs),
        risk=risk,
        risk_known=risks is not None,
        actions=actions_of(
            blocked, pairs, rates, reading.read_own(engine, span), own_hop, reading.read_lists(engine, span), risk,
            quality,
        ),
        quality=quality,
    )  # fmt: skip


def _timeline(engine: Engine, period: Period | None, blocks: Iterable[Block]) -> tuple[int, tuple[Bucket, ...]]:
    """Buckets from the first with a call to the last, gaps included."""
    if period is None:
        return 86_400, ()
    step_s = step_of(period)
    counts = reading.read_timeline(engine, period, step_s)
    if not counts:
        return step_s, ()
    first, last = min(counts), max(counts)
    starts = range(first, last + 1, step_s)
    if len(starts) > _MOST_BUCKETS:  # only a period of centuries does this
        starts = range(first, first + _MOST_BUCKETS * step_s, step_s)
    began: dict[int, int] = defaultdict(int)
    ended: dict[int, int] = defaultdict(int)
    for block in blocks:
        for day, table in ((block.since, began), (block.until, ended)):
            second = (day_us(day) or 0) // 1_000_000
            # A day is the finest that is known of a block: in the first bucket of that day, if the day is shown at all.
            if second + 86_400 > first and second <= last:
                table[first + max(second - first, 0) // step_s * step_s] += 1
    none = (0,) * len(GROUPS)
    return step_s, tuple(
        Bucket(
            start * 1_000_000, (start + step_s) * 1_000_000, tuple(counts.get(start, none)), began[start], ended[start]
        )
        for start in starts
    )


def _matrix(pairs: Mapping[Key, Pair], lost: Mapping[Key, float]) -> Matrix:
    by_number: dict[str, float] = defaultdict(float)
    by_carrier: dict[str, float] = defaultdict(float)
    calls: dict[str, int] = defaultdict(int)
    towards: dict[str, int] = defaultdict(int)
    for (number, carrier), pair in pairs.items():
        missed = lost.get((number, carrier), 0.0)
        by_number[number] += missed
        by_carrier[carrier] += missed
        calls[number] += pair.calls
        towards[carrier] += pair.calls
    touched = [number for number, missed in by_number.items() if missed]
    numbers = sorted(touched, key=lambda number: (-by_number[number], -calls[number], number))
    carriers = sorted(by_carrier, key=lambda carrier: (-by_carrier[carrier], -towards[carrier], carrier))
    cells = []
    shown_numbers, shown_carriers = numbers[:_MATRIX_NUMBERS], carriers[:_MATRIX_CARRIERS]
    for number in shown_numbers:
        for carrier in shown_carriers:
            found = pairs.get((number, carrier))
            if found is not None:
                n, settled = _screened(found), found.whole("asr")
                cells.append(MatrixCell(
                    number, carrier, found.calls, n, lost.get((number, carrier), 0.0), *_rate(found),
                    found.part("asr") / settled if settled else None,
                ))  # fmt: skip
    return Matrix(tuple(shown_numbers), tuple(shown_carriers), tuple(cells), len(numbers), len(carriers))


def _screened(pair: Pair) -> int:
    """Calls of which it is known whether a carrier blocked them."""
    return max(pair.whole("block_rate"), pair.explicit + pair.probable)


def _rate(pair: Pair) -> tuple[float | None, float | None, float | None]:
    """Share that carriers blocked, and the ends of its interval; what the own provider blocks is not theirs."""
    k, n = pair.explicit + pair.probable, _screened(pair)
    ends = wilson(k, n)
    return (k / n, *ends) if ends else (None, None, None)


def _carriers(pairs: Mapping[Key, Pair], hits: Sequence[Hit], lines: Sequence[SignLine]) -> tuple[CarrierSigns, ...]:
    totals: dict[str, Pair] = {}
    for (_, carrier), pair in pairs.items():
        totals[carrier] = totals.get(carrier, NO_CALLS).plus(pair)
    lost: dict[str, float] = defaultdict(float)
    numbers: dict[str, set[str]] = defaultdict(set)
    for hit in hits:
        lost[hit.carrier] += hit.sure
        numbers[hit.carrier].add(hit.number)
    looks: dict[str, list[SignLine]] = defaultdict(list)
    for line in lines:
        looks[line.carrier].append(line)
    made = []
    for carrier, total in totals.items():
        settled = total.whole("asr")
        made.append(CarrierSigns(
            carrier, total.calls, total.part("asr") / settled if settled else None, *_rate(total), lost[carrier],
            len(numbers[carrier]), _signs(looks.get(carrier, ())),
        ))  # fmt: skip
    return tuple(sorted(made, key=lambda found: (-found.lost, -found.calls, found.carrier)))


def _signs(lines: Iterable[SignLine]) -> tuple[Sign, ...]:
    """Blocks by how they look: what announces itself by its kind, the others by their status."""
    calls: dict[tuple[str, bool], int] = defaultdict(int)
    phrases: dict[tuple[str, bool], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        explicit = line.verdict == "network_blocked"
        key = (_label(line, explicit), explicit)
        calls[key] += line.calls
        phrases[key][line.phrase] += line.calls
    return tuple(
        Sign(label, explicit, max(sorted(phrases[label, explicit]), key=phrases[label, explicit].__getitem__), count)
        for (label, explicit), count in sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    )


def _label(line: SignLine, explicit: bool) -> str:
    if explicit and line.signal:
        return _SIGNALS.get(line.signal, line.signal.replace("_", " "))
    return str(line.code) if line.code else "none"


_SIGNALS = {
    "603plus": "603+", "603plus_defective": "603+ with defects", "603plus_rewritten": "603+ rewritten on the way",
    "network_cause": "network cause",
}  # fmt: skip
"Kinds of refusals (signals.KINDS) that are not written as people say them."


def _risk(risks: Risks) -> tuple[RiskRow, ...]:
    from ringthrough.analytics.risk import shipped

    titles = shipped()
    worst = risks.scores
    factors = {(factor.number, factor.factor): factor for factor in risks.factors if factor.state in ("warn", "high")}
    made = []
    for score in worst:
        parts = []
        for name, points in score.lost:
            factor = factors.get((score.number, name))
            parts.append(RiskPart(
                name, titles[name].title, points, factor.because if factor else "", factor.advice if factor else ""
            ))  # fmt: skip
        made.append(RiskRow(score.number, score.score, score.calls, tuple(parts)))
    return tuple(made)
