-- Counts, rates with Wilson intervals, means and quantiles per group of calls.
--
-- Runs unchanged on DuckDB and Spark: counts are integers, divisions are of doubles, quantiles are exact, the order is
-- total. Filled in by ringthrough.analytics.statements:
--   $calls       the call table           $inferred    true when hidden blocks were looked for, else false
--   $dimensions  what is grouped by       $period      condition on the time of a call
--   $grouping    GROUP BY, or nothing     $ordering    ORDER BY, or nothing
--   $keys        names of the dimensions  $counts, $shown    columns made of definitions.METRICS
--   $pair        what tells a caller and callee apart        $constants  of the Wilson interval
with blind as (
  -- Some records hold a status or a reason by exception, mostly of refused calls: what is known must not hang on how a
  -- call ended, so a file that is blind to it in one call counts as blind in all.
  select
    coalesce(calls.source, '') as source,
    coalesce(calls.file, '') as file,
    max(case when position(' code ' in ' ' || calls.blind_to || ' ') > 0 then 1 else 0 end) as to_code,
    max(case when position(' reason ' in ' ' || calls.blind_to || ' ') > 0 then 1 else 0 end) as to_reason
  from $calls calls
  where calls.blind_to <> ''
  group by coalesce(calls.source, ''), coalesce(calls.file, '')
),
seen as (
  select
    $dimensions
    coalesce(calls.verdict, '') as verdict,
    coalesce(calls.caller, '') as caller,
    coalesce(calls.callee, '') as callee,
    coalesce(calls.final_code, 0) as code,
    coalesce(calls.q850_cause, 0) as cause,
    coalesce(calls.outcome, '') as outcome,
    coalesce(calls.hidden_candidate, false) as is_candidate,
    calls.ring_ms is not null or calls.ring_frame is not null as has_rung,
    -- A duration below zero or of more than 31 days is the fault of a clock.
    case when calls.talk_ms between 0 and 2678400000 then calls.talk_ms end as talk_ms,
    case when coalesce(calls.pdd_ms, calls.setup_ms) between 0 and 2678400000
      then coalesce(calls.pdd_ms, calls.setup_ms) end as delay_ms,
    case when coalesce(calls.final_ms, calls.setup_ms) between 0 and 2678400000
      then coalesce(calls.final_ms, calls.setup_ms) end as last_ms,
    -- What the source of a call can know at all: calls.BLIND_SPOTS.
    coalesce(blind.to_code, 0) = 0 as knows_code,
    coalesce(blind.to_reason, 0) = 0 as knows_reason,
    position(' ringing ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0 as knows_ringing,
    position(' times ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0 as knows_times,
    position(' refusals ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0 as knows_refusals
  from $calls calls
  left join blind on coalesce(calls.source, '') = blind.source and coalesce(calls.file, '') = blind.file
  where coalesce(calls.kind, '') <> 'scanner'
    $period
),
ended as (
  select
    *,
    verdict = 'answered' or code between 200 and 299 or (code = 0 and outcome = 'answered') as answered,
    verdict in ('network_blocked', 'provider_blocked') as explicit,
    verdict in ('network_blocked', 'provider_blocked', 'probable_block') as blocked,
    -- A call whose end was not seen has no place in a rate, nor has one from a source that lists answered calls only.
    verdict not in ('', 'incomplete') and knows_refusals as settled
  from seen
),
flagged as (
  select
    *,
    settled and knows_code as coded,
    settled and knows_code and code not between 300 and 399 as seized,
    settled and knows_ringing as heard,
    settled and (knows_code or knows_reason) as screened,
    settled and (knows_code or knows_reason) and not blocked as let_through,
    settled and knows_ringing and (knows_code or knows_reason) and $inferred as inferred,
    settled and knows_ringing and knows_times as comparable,
    answered and talk_ms is not null as talked,
    answered and not blocked as reached,
    answered or code in (480, 486, 600, 603) as effective,
    (answered or code in (480, 486, 600, 603)) and not blocked as effective_b,
    answered or verdict in ('busy', 'no_answer', 'declined', 'unwanted') or (verdict = 'abandoned' and has_rung)
      or code in (480, 486, 600, 603, 607) or cause in (17, 18, 19, 20, 21) as delivered,
    (answered and not blocked) or verdict in ('busy', 'no_answer', 'declined', 'unwanted')
      or (verdict = 'abandoned' and has_rung) as delivered_b,
    code in (408, 500, 503, 504) as ineffective,
    verdict = 'probable_block' as probable,
    verdict = 'suspected_block' as suspected,
    verdict = 'abandoned' as abandoned,
    talk_ms <= 6000 as short_6,
    talk_ms < 10000 as short_10,
    case when knows_times and knows_ringing then delay_ms end as post_dial,
    case when knows_times and (code >= 200 or answered) then last_ms end as until_final,
    case when knows_times and knows_ringing and not has_rung and not answered and code >= 300
      then last_ms end as until_refusal,
    -- Masked numbers look alike: ten thousand callees would count as one.
    case when knows_refusals and caller <> '' and callee <> '' and position('xxxx' in caller || callee) = 0
      then $pair end as pair
  from ended
),
counted as (
  select
    $keys
    $constants,
    $counts
  from flagged
  $grouping
)
select
  $keys
  $shown
from counted
$ordering
