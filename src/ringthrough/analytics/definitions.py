"""
Every metric, defined once: its name, its formula in words, the flags that are counted, and where it comes from.

Facts
- A flag is a column of `flagged` in sql/metrics.sql that is true or false for a call, never null.
- A metric is measured over the calls whose source can know what it needs, and has its own `n`. A metric with n = 0 is
  not measurable: null, never 0.
- The SQL, the documentation and the columns of the result are made from `COUNTS` and `METRICS`.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["COUNTS", "METRICS", "Count", "Mean", "Metric", "Quantiles", "Rate", "Repeats", "columns_of"]


class Count(NamedTuple):
    """A plain count of calls, scanners left out; it is always known."""

    name: str
    "Name of its column."
    sql: str
    "Condition on a call, of the columns of `flagged`."
    formula: str
    "What is counted, in words."


class Rate(NamedTuple):
    """A share of calls, with its Wilson interval. Columns: name_k, name_n, name, name_low, name_high."""

    name: str
    "Name of its column, and the beginning of the others."
    title: str
    "Its name for people."
    part: str
    "Flag of the calls in the numerator."
    whole: str
    "Flag of the calls in the denominator."
    numerator: str
    "The numerator in words."
    denominator: str
    "The denominator in words."
    source: str
    "Standard and section, or who defined it."


class Repeats(NamedTuple):
    """A share like `Rate`, of calls that repeat another one of the same group."""

    name: str
    title: str
    numerator: str
    denominator: str
    source: str


class Mean(NamedTuple):
    """A mean duration. Columns: name_n, name_ms."""

    name: str
    title: str
    value: str
    "Column of `flagged`, ms."
    whole: str
    "Flag of the calls it is the mean of."
    numerator: str
    denominator: str
    source: str


class Quantiles(NamedTuple):
    """Exact quantiles of a duration, interpolated. Columns: name_n, name_p50_ms, name_p95_ms."""

    name: str
    title: str
    value: str
    "Column of `flagged`, ms; null for calls that are left out."
    numerator: str
    denominator: str
    source: str


Metric = Rate | Repeats | Mean | Quantiles

PERCENTILES = (50, 95)
"Percentiles that are computed of durations."

COUNTS: tuple[Count, ...] = (
    Count("attempts", "true", "calls; internet scanners are left out"),
    Count("incomplete", "verdict = 'incomplete'", "calls whose end was not seen: in `attempts` and in no rate"),
    Count("answered", "answered", "calls with a 2xx, or that the record says were answered"),
    Count("network_blocked", "verdict = 'network_blocked'", "calls that say a network blocked them"),
    Count(
        "provider_blocked", "verdict = 'provider_blocked'", "calls that a provider says it blocked on its own account"
    ),
    Count("probable_blocks", "probable", "calls that statistics found probably blocked"),
    Count("suspected_blocks", "suspected", "calls that statistics suspect to be blocked"),
)
"The counts, in the order of the columns."

_SETTLED = "calls whose end is known, from sources that also list refused calls"
_SCREENED = f"{_SETTLED} and hold the status or the reason"
_SEIZED = f"{_SETTLED} and hold the status, less those that ended with 3xx"
_INFERRED = f"{_SCREENED}, and tell whether it rang, where hidden blocks were looked for"
_TALKED = "answered calls whose time of talk is known"
_OURS = "ringthrough"

METRICS: dict[str, Metric] = {
    made.name: made
    for made in (
        Rate("asr", "Answer-seizure ratio", "answered", "settled", "answered calls", _SETTLED, "ITU-T E.411, E.425"),
        Rate(
            "ner", "Network effectiveness ratio", "delivered", "settled",
            "answered, busy, no answer, declined, unwanted, given up while it rang; and every 480, 486, 600, 603, 607 "
            "or Q.850 cause 17 to 21, as a switch counts them: whoever refused",
            _SETTLED, "ITU-T E.425 (answered, user busy, ring no answer, terminal rejection)",
        ),
        Rate(
            "ner_b", "Network effectiveness ratio, block-aware", "delivered_b", "screened",
            "answered and not blocked, busy, no answer, declined, unwanted, given up while it rang: a person or their "
            "phone had the call", _SCREENED, f"ITU-T E.425; blocks taken out by {_OURS}",
        ),
        Rate(
            "ser", "Session establishment ratio", "answered", "seized", "answered calls", _SEIZED, "RFC 6076 §4.6",
        ),
        Rate(
            "ser_b", "Session establishment ratio, block-aware", "reached", "seized",
            "answered calls that were not blocked by an announcement", _SEIZED,
            f"RFC 6076 §4.6; blocks taken out of the numerator by {_OURS}",
        ),
        Rate(
            "seer", "Session establishment effectiveness ratio", "effective", "seized",
            "answered calls and calls that ended with 480, 486, 600 or 603", _SEIZED, "RFC 6076 §4.7",
        ),
        Rate(
            "seer_b", "Session establishment effectiveness ratio, block-aware", "effective_b", "seized",
            "as seer, less explicit and probable blocks", _SEIZED,
            f"RFC 6076 §4.7; blocks taken out of the numerator by {_OURS}",
        ),
        Rate(
            "isa", "Ineffective session attempts", "ineffective", "coded", "calls that ended with 408, 500, 503 or 504",
            f"{_SETTLED} and hold the status", "RFC 6076 §4.8",
        ),
        Rate(
            "ring_rate", "Ring rate", "has_rung", "heard", "calls with 180 Ringing",
            f"{_SETTLED} and tell whether it rang", _OURS,
        ),
        Rate(
            "reach", "Reach", "reached", "let_through", "answered calls that were not blocked",
            f"{_SCREENED}, less explicit and probable blocks", _OURS,
        ),
        Rate(
            "block_explicit", "Explicit blocks", "explicit", "screened",
            "calls with verdict network_blocked or provider_blocked", _SCREENED, _OURS,
        ),
        Rate(
            "block_probable", "Probable blocks", "probable", "inferred", "calls with verdict probable_block", _INFERRED,
            _OURS,
        ),
        Rate(
            "block_suspected", "Suspected blocks", "suspected", "inferred", "calls with verdict suspected_block",
            _INFERRED, _OURS,
        ),
        Rate(
            "block_rate", "Block rate", "blocked", "screened",
            "explicit and probable blocks; explicit ones alone where hidden blocks were not looked for", _SCREENED,
            _OURS,
        ),
        Rate(
            "candidates", "Hidden candidates", "is_candidate", "comparable",
            "calls refused without ringing by an answer that may hide a block",
            f"{_SETTLED} and tell ringing and times", _OURS,
        ),
        Rate(
            "abandon", "Abandoned", "abandoned", "settled",
            "calls that the caller gave up before an answer, and before 15 s of ringing", _SETTLED, _OURS,
        ),
        Repeats(
            "retries", "Retries", "calls from a number to a callee beyond the first, within the group",
            "calls whose caller and callee are known and not masked, from sources that also list refused calls", _OURS,
        ),
        Rate(
            "short_6", "Short calls, 6 s", "short_6", "talked", "answered calls that lasted 6 s or less", _TALKED,
            "Telnyx: surcharge for short duration calls",
        ),
        Rate(
            "short_10", "Short calls, 10 s", "short_10", "talked", "answered calls that lasted less than 10 s", _TALKED,
            "Twilio: short duration calls",
        ),
        Mean(
            "acd", "Average call duration", "talk_ms", "talked", "time of talk, added up", _TALKED,
            "common usage (ALOC)",
        ),
        Quantiles(
            "pdd", "Post-dial delay", "post_dial", "first INVITE to the first 18x, else to the final response",
            "calls from sources that tell ringing and times", "ITU-T E.721 (post-selection delay); RFC 6076 §4.3",
        ),
        Quantiles(
            "final", "Time to final", "until_final",
            "INVITE of the last attempt (else the first) to the final response",
            "calls with a final response, from sources that tell times", _OURS,
        ),
        Quantiles(
            "refusal", "Time to refusal", "until_refusal", "as final",
            "calls that ended with 300 or more without ringing, from sources that tell ringing and times", _OURS,
        ),
    )
}  # fmt: skip
"Name -> metric, in the order of the columns."


def columns_of(metric: Metric) -> dict[str, str]:
    """Columns that a metric has in a result: name -> meaning."""
    name = metric.name
    if isinstance(metric, (Rate, Repeats)):
        return {
            f"{name}_k": f"numerator of {name}: {metric.numerator}",
            f"{name}_n": f"denominator of {name}: {metric.denominator}",
            name: f"{metric.title}, 0..1; null when {name}_n is 0",
            f"{name}_low": "lower end of its 95 % Wilson interval",
            f"{name}_high": "upper end of its 95 % Wilson interval",
        }
    count = {f"{name}_n": f"how many {metric.denominator}"}
    if isinstance(metric, Mean):
        return count | {f"{name}_ms": f"{metric.title}, ms; null when {name}_n is 0"}
    return count | {f"{name}_p{at}_ms": f"{at}th percentile of {metric.title.lower()}, ms" for at in PERCENTILES}
