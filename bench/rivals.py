"""
The aggregates of bench/analytics.py as an engineer would write them by hand for one engine: DuckDB's SQL, and Polars.

Both are free to use what their engine alone has (FILTER, lists of quantiles, macros, GROUP BY ALL, expressions that are
named once); nothing here is read from the program. The results have to be the program's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["cells_polars", "cells_sql", "metrics_polars", "metrics_sql", "verdicts_sql"]

Z = 1.959963984540054
H = Z * Z / 2
RATES = (
    "asr", "ner", "ner_b", "ser", "ser_b", "seer", "seer_b", "isa", "ring_rate", "reach", "block_explicit",
    "block_probable", "block_suspected", "block_rate", "candidates", "abandon", "retries", "short_6", "short_10",
)  # fmt: skip
COUNTS = (
    "attempts", "incomplete", "answered", "network_blocked", "provider_blocked", "probable_blocks", "suspected_blocks",
)  # fmt: skip
READ = (
    "caller", "callee", "carrier", "kind", "final_code", "q850_cause", "pdd_ms", "ring_ms", "ring_frame", "setup_ms",
    "final_ms", "talk_ms", "outcome", "blind_to", "verdict", "hidden_candidate", "source", "file",
)  # fmt: skip
MONTH_MS = 2_678_400_000


def metrics_sql(files: str) -> list[str]:
    """Statements for DuckDB; the last one gives the rows."""
    return [
        "create temp macro low(k, n) as case when n = 0 then null when k = 0 then 0.0::double else"
        f" (k + {H}::double - {Z}::double * sqrt(k * (n - k) / n + {H / 2}::double)) / (n + {2 * H}::double) end",
        "create temp macro high(k, n) as case when n = 0 then null when k = n then 1.0::double else"
        f" (k + {H}::double + {Z}::double * sqrt(k * (n - k) / n + {H / 2}::double)) / (n + {2 * H}::double) end",
        f"""
with blind as (
  select source, file, bool_or(contains(blind_to, 'code')) as no_code,
    bool_or(contains(blind_to, 'reason')) as no_reason
  from read_parquet({files}) where blind_to <> '' group by all
),
facts as (
  select
    caller as number, carrier, "at"::date as day, callee, verdict,
    coalesce(final_code, 0) as code, coalesce(q850_cause, 0) as cause,
    ring_ms is not null or ring_frame is not null as rung,
    case when talk_ms between 0 and {MONTH_MS} then talk_ms end as talk,
    case when coalesce(pdd_ms, setup_ms) between 0 and {MONTH_MS} then coalesce(pdd_ms, setup_ms) end as delay,
    case when coalesce(final_ms, setup_ms) between 0 and {MONTH_MS} then coalesce(final_ms, setup_ms) end as last,
    no_code is not true as knows_code,
    no_reason is not true as knows_reason,
    not contains(blind_to, 'ringing') as knows_ringing,
    not contains(blind_to, 'times') as knows_times,
    not contains(blind_to, 'refusals') as knows_refusals,
    hidden_candidate,
    verdict = 'answered' or code between 200 and 299 or (code = 0 and outcome = 'answered') as answer,
    verdict in ('network_blocked', 'provider_blocked') as explicit,
    verdict in ('network_blocked', 'provider_blocked', 'probable_block') as blocked,
    verdict not in ('', 'incomplete') and knows_refusals as settled,
    settled and (knows_code or knows_reason) as screened,
    settled and knows_code and code not between 300 and 399 as seized,
    answer and talk is not null as talked,
    answer or code in (480, 486, 600, 603) as effective,
    verdict in ('busy', 'no_answer', 'declined', 'unwanted') or (verdict = 'abandoned' and rung) as person,
    case when knows_times and knows_ringing then delay end as pdd,
    case when knows_times and (code >= 200 or answer) then last end as final,
    case when knows_times and knows_ringing and not rung and not answer and code >= 300 then last end as refusal,
    knows_refusals and caller <> '' and callee <> '' and not contains(caller, 'xxxx') and not contains(callee, 'xxxx')
      as paired
  from read_parquet({files}) left join blind using (source, file)
  where kind <> 'scanner'
),
counted as (
  select
    number, carrier, strftime(day, '%Y-%m-%d') as day,
    count(*) as attempts,
    count(*) filter (verdict = 'incomplete') as incomplete,
    count(*) filter (answer) as answered,
    count(*) filter (verdict = 'network_blocked') as network_blocked,
    count(*) filter (verdict = 'provider_blocked') as provider_blocked,
    count(*) filter (verdict = 'probable_block') as probable_blocks,
    count(*) filter (verdict = 'suspected_block') as suspected_blocks,
    count(*) filter (settled) as settled_n,
    count(*) filter (screened) as screened_n,
    count(*) filter (seized) as seized_n,
    count(*) filter (talked) as talked_n,
    count(*) filter (settled and answer) as asr_k,
    count(*) filter (settled and (answer or person or code in (480, 486, 600, 603, 607) or cause between 17 and 21))
      as ner_k,
    count(*) filter (screened and ((answer and not blocked) or person)) as ner_b_k,
    count(*) filter (seized and answer) as ser_k,
    count(*) filter (seized and answer and not blocked) as ser_b_k,
    count(*) filter (seized and effective) as seer_k,
    count(*) filter (seized and effective and not blocked) as seer_b_k,
    count(*) filter (settled and knows_code and code in (408, 500, 503, 504)) as isa_k,
    count(*) filter (settled and knows_code) as isa_n,
    count(*) filter (settled and knows_ringing and rung) as ring_rate_k,
    count(*) filter (settled and knows_ringing) as ring_rate_n,
    count(*) filter (screened and not blocked and answer) as reach_k,
    count(*) filter (screened and not blocked) as reach_n,
    count(*) filter (screened and explicit) as block_explicit_k,
    count(*) filter (screened and blocked) as block_rate_k,
    count(*) filter (settled and knows_ringing and knows_times and hidden_candidate) as candidates_k,
    count(*) filter (settled and knows_ringing and knows_times) as candidates_n,
    count(*) filter (settled and verdict = 'abandoned') as abandon_k,
    count(*) filter (paired) - count(distinct callee) filter (paired) as retries_k,
    count(*) filter (paired) as retries_n,
    count(*) filter (talked and talk <= 6000) as short_6_k,
    count(*) filter (talked and talk < 10000) as short_10_k,
    sum(talk) filter (talked) as talk_sum,
    count(pdd) as pdd_n, quantile_cont(pdd, [0.5, 0.95]) as pdd_q,
    count(final) as final_n, quantile_cont(final, [0.5, 0.95]) as final_q,
    count(refusal) as refusal_n, quantile_cont(refusal, [0.5, 0.95]) as refusal_q
  from facts
  group by number, carrier, facts.day
),
named as (
  select *, 0 as block_probable_k, 0 as block_probable_n, 0 as block_suspected_k, 0 as block_suspected_n,
    settled_n as asr_n, settled_n as ner_n, settled_n as abandon_n, screened_n as ner_b_n, seized_n as ser_n,
    seized_n as ser_b_n, seized_n as seer_n, seized_n as seer_b_n, screened_n as block_explicit_n,
    screened_n as block_rate_n, talked_n as short_6_n, talked_n as short_10_n
  from counted
)
select number, carrier, day, {", ".join(COUNTS)},
  {", ".join(map(_rate, RATES))},
  talked_n as acd_n, talk_sum / talked_n as acd_ms,
  pdd_n, pdd_q[1] as pdd_p50_ms, pdd_q[2] as pdd_p95_ms,
  final_n, final_q[1] as final_p50_ms, final_q[2] as final_p95_ms,
  refusal_n, refusal_q[1] as refusal_p50_ms, refusal_q[2] as refusal_p95_ms
from named
order by all
""",
    ]


def _rate(name: str) -> str:
    k, n = f"{name}_k", f"{name}_n"
    return f"{k}, {n}, {k} / nullif({n}, 0) as {name}, low({k}, {n}) as {name}_low, high({k}, {n}) as {name}_high"


def metrics_polars(files: list[Path]) -> Any:
    """A lazy frame of Polars."""
    import polars as pl

    c = pl.col
    calls = pl.scan_parquet(files).filter(c("kind") != "scanner")
    blind = (
        pl.scan_parquet(files)
        .filter(c("blind_to") != "")
        .group_by("source", "file")
        .agg(
            c("blind_to").str.contains(r"\bcode\b").any().alias("no_code"),
            c("blind_to").str.contains(r"\breason\b").any().alias("no_reason"),
        )
    )
    delay = pl.coalesce("pdd_ms", "setup_ms")
    last = pl.coalesce("final_ms", "setup_ms")
    facts = (
        calls.join(blind, on=["source", "file"], how="left")
        .with_columns(
            c("at").dt.date().alias("day"),
            c("final_code").fill_null(0).alias("code"),
            c("q850_cause").fill_null(0).alias("cause"),
            (c("ring_ms").is_not_null() | c("ring_frame").is_not_null()).alias("rung"),
            pl.when(c("talk_ms").is_between(0, MONTH_MS)).then("talk_ms").alias("talk"),
            pl.when(delay.is_between(0, MONTH_MS)).then(delay).alias("delay"),
            pl.when(last.is_between(0, MONTH_MS)).then(last).alias("last"),
            (~c("no_code").fill_null(False)).alias("knows_code"),
            (~c("no_reason").fill_null(False)).alias("knows_reason"),
            (~c("blind_to").str.contains("ringing", literal=True)).alias("knows_ringing"),
            (~c("blind_to").str.contains("times", literal=True)).alias("knows_times"),
            (~c("blind_to").str.contains("refusals", literal=True)).alias("knows_refusals"),
            c("verdict").is_in(["network_blocked", "provider_blocked"]).alias("explicit"),
            c("verdict").is_in(["network_blocked", "provider_blocked", "probable_block"]).alias("blocked"),
        )
        .with_columns(
            (
                (c("verdict") == "answered")
                | c("code").is_between(200, 299)
                | ((c("code") == 0) & (c("outcome") == "answered"))
            ).alias("answer"),
            (~c("verdict").is_in(["", "incomplete"]) & c("knows_refusals")).alias("settled"),
            (
                c("verdict").is_in(["busy", "no_answer", "declined", "unwanted"])
                | ((c("verdict") == "abandoned") & c("rung"))
            ).alias("person"),
        )
        .with_columns(
            (c("settled") & (c("knows_code") | c("knows_reason"))).alias("screened"),
            (c("settled") & c("knows_code") & ~c("code").is_between(300, 399)).alias("seized"),
            (c("answer") & c("talk").is_not_null()).alias("talked"),
            (c("answer") | c("code").is_in([480, 486, 600, 603])).alias("effective"),
            pl.when(c("knows_times") & c("knows_ringing")).then("delay").alias("pdd"),
            pl.when(c("knows_times") & ((c("code") >= 200) | c("answer"))).then("last").alias("final"),
            pl.when(c("knows_times") & c("knows_ringing") & ~c("rung") & ~c("answer") & (c("code") >= 300))
            .then("last")
            .alias("refusal"),
            pl.when(
                c("knows_refusals")
                & (c("caller") != "")
                & (c("callee") != "")
                & ~c("caller").str.contains("xxxx", literal=True)
                & ~c("callee").str.contains("xxxx", literal=True)
            )
            .then("callee")
            .alias("pair"),
        )
    )

    def many(flag: pl.Expr, name: str) -> pl.Expr:
        return flag.sum().cast(pl.Int64).alias(name)

    def quantiles(name: str) -> list[pl.Expr]:
        return [
            c(name).count().cast(pl.Int64).alias(f"{name}_n"),
            c(name).quantile(0.5, "linear").alias(f"{name}_p50_ms"),
            c(name).quantile(0.95, "linear").alias(f"{name}_p95_ms"),
        ]

    settled, screened, seized, blocked, answer = (c(n) for n in ("settled", "screened", "seized", "blocked", "answer"))
    timed = settled & c("knows_ringing") & c("knows_times")
    counted = facts.group_by(c("caller").alias("number"), "carrier", "day").agg(
        pl.len().cast(pl.Int64).alias("attempts"),
        many(c("verdict") == "incomplete", "incomplete"),
        many(answer, "answered"),
        many(c("verdict") == "network_blocked", "network_blocked"),
        many(c("verdict") == "provider_blocked", "provider_blocked"),
        many(c("verdict") == "probable_block", "probable_blocks"),
        many(c("verdict") == "suspected_block", "suspected_blocks"),
        many(settled, "settled_n"),
        many(screened, "screened_n"),
        many(seized, "seized_n"),
        many(c("talked"), "talked_n"),
        many(settled & answer, "asr_k"),
        many(
            settled
            & (answer | c("person") | c("code").is_in([480, 486, 600, 603, 607]) | c("cause").is_between(17, 21)),
            "ner_k",
        ),
        many(screened & ((answer & ~blocked) | c("person")), "ner_b_k"),
        many(seized & answer, "ser_k"),
        many(seized & answer & ~blocked, "ser_b_k"),
        many(seized & c("effective"), "seer_k"),
        many(seized & c("effective") & ~blocked, "seer_b_k"),
        many(settled & c("knows_code") & c("code").is_in([408, 500, 503, 504]), "isa_k"),
        many(settled & c("knows_code"), "isa_n"),
        many(settled & c("knows_ringing") & c("rung"), "ring_rate_k"),
        many(settled & c("knows_ringing"), "ring_rate_n"),
        many(screened & ~blocked & answer, "reach_k"),
        many(screened & ~blocked, "reach_n"),
        many(screened & c("explicit"), "block_explicit_k"),
        many(screened & blocked, "block_rate_k"),
        many(timed & c("hidden_candidate"), "candidates_k"),
        many(timed, "candidates_n"),
        many(settled & (c("verdict") == "abandoned"), "abandon_k"),
        (c("pair").count().cast(pl.Int64) - c("pair").drop_nulls().n_unique().cast(pl.Int64)).alias("retries_k"),
        c("pair").count().cast(pl.Int64).alias("retries_n"),
        many(c("talked") & (c("talk") <= 6000), "short_6_k"),
        many(c("talked") & (c("talk") < 10000), "short_10_k"),
        c("talk").filter(c("talked")).sum().alias("talk_sum"),
        *(expression for name in ("pdd", "final", "refusal") for expression in quantiles(name)),
    )
    zero = pl.lit(0, dtype=pl.Int64)
    same = {
        "asr": "settled", "ner": "settled", "abandon": "settled", "ner_b": "screened", "block_explicit": "screened",
        "block_rate": "screened", "ser": "seized", "ser_b": "seized", "seer": "seized", "seer_b": "seized",
        "short_6": "talked", "short_10": "talked",
    }  # fmt: skip
    named = counted.with_columns(
        c("day").dt.to_string("%Y-%m-%d").alias("day"),
        *(zero.alias(f"block_{what}_{part}") for what in ("probable", "suspected") for part in "kn"),
        *(c(f"{whole}_n").alias(f"{name}_n") for name, whole in same.items()),
        c("talked_n").alias("acd_n"),
    )

    def shown(name: str) -> list[pl.Expr]:
        k, n = c(f"{name}_k").cast(pl.Float64), c(f"{name}_n").cast(pl.Float64)
        spread = Z * (k * (n - k) / n + Z * Z / 4).sqrt()
        low, high = ((k + Z * Z / 2 + sign * spread) / (n + Z * Z) for sign in (-1, 1))
        return [
            c(f"{name}_k"),
            c(f"{name}_n"),
            pl.when(n > 0).then(k / n).alias(name),
            pl.when(n > 0).then(pl.when(k == 0).then(0.0).otherwise(low)).alias(f"{name}_low"),
            pl.when(n > 0).then(pl.when(k == n).then(1.0).otherwise(high)).alias(f"{name}_high"),
        ]

    return named.select(
        "number", "carrier", "day", *COUNTS, *(expression for name in RATES for expression in shown(name)), "acd_n",
        pl.when(c("acd_n") > 0).then(c("talk_sum") / c("acd_n")).alias("acd_ms"),
        *(f"{name}_{part}" for name in ("pdd", "final", "refusal") for part in ("n", "p50_ms", "p95_ms")),
    ).sort("number", "carrier", "day")  # fmt: skip


def cells_sql(files: str) -> list[str]:
    """Statements for DuckDB; the last one gives the counts that the model of hidden blocks needs."""
    return [
        f"""
with facts as (
  select
    caller, carrier, callee, "at", coalesce(far_code, final_code, 0) as code,
    case when far_phrase <> '' then far_phrase else final_phrase end as phrase, coalesce(q850_cause, 0) as cause,
    location, server, early_media as early,
    case when coalesce(final_ms, setup_ms) between 1 and {MONTH_MS}
      then floor(4 * log2(coalesce(final_ms, setup_ms)) + 1e-9)::bigint else -1 end as step,
    ring_ms is not null or ring_frame is not null as rung,
    verdict = 'network_blocked' as explicit,
    not explicit and (rung or verdict in ('answered', 'abandoned') or (verdict = 'no_answer' and not hidden_candidate)
      or code between 200 and 299 or (code = 487 and early)) as reached,
    verdict in ('incomplete', 'stalled', 'unauthorized', 'identity_failed', '')
      or (code = 487 and not early and not rung) as lost,
    code = 403 and not explicit and not reached and not lost as forbidden,
    verdict
  from read_parquet({files})
  where kind <> 'scanner' and "at" is not null
    and not contains(blind_to, 'refusals') and not contains(blind_to, 'ringing')
),
met as (
  select *,
    case
      when reached or lost then 0
      when min(caller) filter (reached) over near <> caller or max(caller) filter (reached) over near <> caller then 1
      when min(caller) over near <> max(caller) over near then 2
      else 0
    end as elsewhere,
    case when forbidden then count(*) filter (not forbidden) over (partition by caller order by "at") end as island
  from facts
  window near as (
    partition by callee order by "at" range between interval 48 hours preceding and interval 48 hours following
  )
),
runs as (
  select caller, island from met where forbidden
  group by all having count(*) >= 15 and min(carrier) <> max(carrier)
),
named as (
  select caller as number, carrier, "at"::date as day, code, phrase, cause, location, server, early, step, elsewhere,
    case when lost then 'lost' when verdict = 'provider_blocked' or runs.island is not null then 'own_hop'
      when reached then 'reached' when explicit then 'explicit' else 'refused' end as ending,
  from met left join runs using (caller, island)
)
select number, carrier, strftime(day, '%Y-%m-%d') as day, ending,
  if(ending in ('explicit', 'refused'), code, 0) as code, if(ending = 'refused', phrase, '') as phrase,
  if(ending = 'refused', cause, 0) as cause, if(ending = 'refused', location, '') as location,
  if(ending = 'refused', server, '') as server, if(ending in ('explicit', 'refused'), early, false) as early,
  if(ending in ('explicit', 'refused'), step, -1) as step,
  if(ending in ('explicit', 'refused'), elsewhere, 0) as elsewhere,
  count(*) as calls
from named
group by all
order by all
"""
    ]


def cells_polars(files: list[Path]) -> Any:
    """A lazy frame of Polars with the same counts."""
    import polars as pl

    c = pl.col
    taken = pl.coalesce("final_ms", "setup_ms")
    facts = (
        pl.scan_parquet(files)
        .filter(
            (c("kind") != "scanner")
            & c("at").is_not_null()
            & ~c("blind_to").str.contains("refusals", literal=True)
            & ~c("blind_to").str.contains("ringing", literal=True)
        )
        .select(
            c("caller").alias("number"), "carrier", "callee", "at", "location", "server", "verdict", "hidden_candidate",
            pl.coalesce("far_code", "final_code", 0).alias("code"),
            pl.when(c("far_phrase") != "").then("far_phrase").otherwise("final_phrase").alias("phrase"),
            c("q850_cause").fill_null(0).alias("cause"),
            c("early_media").alias("early"),
            pl.when(taken.is_between(1, MONTH_MS)).then((4 * taken.log(2) + 1e-9).floor().cast(pl.Int64))
            .otherwise(-1).alias("step"),
            (c("ring_ms").is_not_null() | c("ring_frame").is_not_null()).alias("rung"),
            (c("verdict") == "network_blocked").alias("explicit"),
        )
        .with_columns(
            (
                ~c("explicit")
                & (
                    c("rung") | c("verdict").is_in(["answered", "abandoned"])
                    | ((c("verdict") == "no_answer") & ~c("hidden_candidate"))
                    | c("code").is_between(200, 299) | ((c("code") == 487) & c("early"))
                )
            ).alias("reached"),
            (
                c("verdict").is_in(["incomplete", "stalled", "unauthorized", "identity_failed", ""])
                | ((c("code") == 487) & ~c("early") & ~c("rung"))
            ).alias("lost"),
            c("number").cast(pl.Categorical).to_physical().alias("id"),
        )
        .with_columns(
            ((c("code") == 403) & ~c("explicit") & ~c("reached") & ~c("lost")).alias("forbidden"),
            pl.when("reached").then("id").alias("by"),
        )
        .sort("callee", "at")
    )  # fmt: skip
    near = facts.rolling("at", period="96h", offset="-48h", closed="both", group_by="callee").agg(
        c("id").min().alias("lo"), c("id").max().alias("hi"),
        c("by").min().alias("by_lo"), c("by").max().alias("by_hi"),
    )  # fmt: skip
    met = pl.concat([facts, near.select("lo", "hi", "by_lo", "by_hi")], how="horizontal").with_columns(
        pl.when(c("reached") | c("lost")).then(0)
        .when((c("by_lo") != c("id")) | (c("by_hi") != c("id"))).then(1)
        .when(c("lo") != c("hi")).then(2)
        .otherwise(0).alias("elsewhere"),
        pl.when("forbidden").then((~c("forbidden")).cum_sum().over("number", order_by="at")).alias("island"),
    )  # fmt: skip
    runs = (
        met.filter("forbidden").group_by("number", "island")
        .agg(pl.len().alias("run"), c("carrier").min().alias("one"), c("carrier").max().alias("other"))
        .filter((c("run") >= 15) & (c("one") != c("other"))).select("number", "island", pl.lit(True).alias("in_run"))
    )  # fmt: skip
    said = c("ending").is_in(["explicit", "refused"])
    refused = c("ending") == "refused"
    keys = ("number", "carrier", "day", "ending", "code", "phrase", "cause", "location", "server", "early", "step",
            "elsewhere")  # fmt: skip
    return (
        met.join(runs, on=["number", "island"], how="left")
        .with_columns(
            c("at").dt.to_string("%Y-%m-%d").alias("day"),
            pl.when("lost").then(pl.lit("lost"))
            .when((c("verdict") == "provider_blocked") | c("in_run").is_not_null()).then(pl.lit("own_hop"))
            .when("reached").then(pl.lit("reached"))
            .when("explicit").then(pl.lit("explicit"))
            .otherwise(pl.lit("refused")).alias("ending"),
        )
        .with_columns(
            pl.when(said).then("code").otherwise(0).alias("code"),
            pl.when(refused).then("phrase").otherwise(pl.lit("")).alias("phrase"),
            pl.when(refused).then("cause").otherwise(0).alias("cause"),
            pl.when(refused).then("location").otherwise(pl.lit("")).alias("location"),
            pl.when(refused).then("server").otherwise(pl.lit("")).alias("server"),
            pl.when(said).then("early").otherwise(False).alias("early"),
            pl.when(said).then("step").otherwise(-1).alias("step"),
            pl.when(said).then("elsewhere").otherwise(0).alias("elsewhere"),
        )
        .group_by(keys).agg(pl.len().cast(pl.Int64).alias("calls")).sort(keys)
    )  # fmt: skip


def verdicts_sql(files: str) -> list[str]:
    """The verdicts that the rows hold already, summed up: what reading and adding alone cost."""
    return [
        f"""
select verdict, rule, count(*) as calls, sum(confidence) as confidence, sum(length(because)) as because,
  sum(length(settle)) as settle, count(*) filter (hidden_candidate) as hidden
from read_parquet({files}) group by all order by all
"""
    ]
