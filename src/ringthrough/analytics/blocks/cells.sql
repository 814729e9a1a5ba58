-- Calls by number, carrier, UTC day and kind of ending, for the model of hidden blocks.
--
-- Runs unchanged on DuckDB and Spark. Filled in by ringthrough.analytics.blocks.cells:
--   $calls    the call table              $period    condition on the time of a call
--   $run      calls in a run of 403 over several carriers from which on the own provider is taken to refuse
with seen as (
  select
    coalesce(calls.caller, '') as number,
    coalesce(calls.carrier, '') as carrier,
    coalesce(calls.callee, '') as callee,
    calls.at as seen_at,
    coalesce(calls.far_code, calls.final_code, 0) as code,
    case when coalesce(calls.far_phrase, '') <> '' then calls.far_phrase else coalesce(calls.final_phrase, '') end
      as phrase,
    coalesce(calls.q850_cause, 0) as cause,
    coalesce(calls.location, '') as location,
    coalesce(calls.server, '') as server,
    case when coalesce(calls.trunk, '') <> '' then calls.trunk else coalesce(calls.answered_by, '') end as route,
    coalesce(calls.early_media, false) as early,
    coalesce(calls.outcome, '') as outcome,
    coalesce(calls.verdict, '') as verdict,
    coalesce(calls.verdict, '') = 'network_blocked' as explicit,
    -- Sixteen steps from one power of ten to the next but one: a machine is narrow, a person is not.
    case when coalesce(calls.final_ms, calls.setup_ms) between 1 and 2678400000
      then cast(floor(ln(cast(coalesce(calls.final_ms, calls.setup_ms) as double)) * cast('5.770780163555854' as double))
        as bigint) else -1 end as step,
    coalesce(calls.ring_ms is not null or calls.ring_frame is not null, false) as has_rung
  from $calls calls
  where coalesce(calls.kind, '') <> 'scanner'
    and calls.at is not null
    and position(' refusals ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0
    and position(' ringing ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0
    $period
),
sorted as (
  select
    *,
    not explicit and (
      has_rung or verdict in ('answered', 'abandoned', 'no_answer') or code between 200 and 299
      or (code = 487 and early)
    ) as reached,
    verdict in ('incomplete', 'stalled', 'unauthorized', 'identity_failed', '') or (code = 487 and not early and not has_rung)
      as lost
  from seen
),
compared as (
  select
    *,
    code = 403 and not explicit and not reached and not lost as forbidden,
    sum(case when code = 403 and not explicit and not reached and not lost then 0 else 1 end)
      over (partition by number order by seen_at, callee rows between unbounded preceding and current row) as island,
    count(case when reached then 1 end)
      over (partition by callee order by seen_at range between interval '48' hour preceding and interval '48' hour following)
      - count(case when reached then 1 end)
      over (partition by callee, number order by seen_at range between interval '48' hour preceding and interval '48' hour following)
      as reached_by_others,
    count(*)
      over (partition by callee order by seen_at range between interval '48' hour preceding and interval '48' hour following)
      - count(*)
      over (partition by callee, number order by seen_at range between interval '48' hour preceding and interval '48' hour following)
      as tried_by_others
  from sorted
),
placed as (
  select
    *,
    forbidden
      and count(case when forbidden then 1 end) over (partition by number, island) >= $run
      and min(case when forbidden then carrier end) over (partition by number, island)
        <> max(case when forbidden then carrier end) over (partition by number, island) as at_own_hop
  from compared
)
select
  number,
  carrier,
  cast(cast(seen_at as date) as string) as day,
  case
    when lost then 'lost'
    when at_own_hop or verdict = 'provider_blocked' then 'own_hop'
    when reached then 'reached'
    when explicit then 'explicit'
    else 'refused'
  end as ending,
  case when reached or lost then 0 else code end as code,
  case when reached or lost or explicit then '' else phrase end as phrase,
  case when reached or lost or explicit then 0 else cause end as cause,
  case when reached or lost or explicit then '' else location end as location,
  case when reached or lost or explicit then '' else server end as server,
  case when reached or lost then false else early end as early,
  case when reached or lost then -1 else step end as step,
  case when reached or lost then 0 when reached_by_others > 0 then 1 when tried_by_others > 0 then 2 else 0 end
    as elsewhere,
  count(*) as calls
from placed
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
