-- Calls by number, carrier, UTC day and kind of ending, for the model of hidden blocks.
--
-- Runs unchanged on DuckDB and Spark. Filled in by ringthrough.analytics.blocks.cells:
--   $calls    the call table              $period    condition on the time of a call
--   $run      calls in a run of 403 over several carriers from which on the own provider is taken to refuse
--
-- All calls are sorted twice, once by callee and once by number, and nothing else is: what a sort carries along is
-- kept small (a number is an integer, the words of an ending are one text), and runs are judged in the groups.
with named as (
  select number, row_number() over (order by number) as id
  from (select distinct coalesce(calls.caller, '') as number from $calls calls) every
),
seen as (
  select
    named.id as id,
    coalesce(calls.carrier, '') as carrier,
    coalesce(calls.callee, '') as callee,
    calls.at as seen_at,
    coalesce(calls.far_code, calls.final_code, 0) as code,
    case when coalesce(calls.far_phrase, '') <> '' then calls.far_phrase else coalesce(calls.final_phrase, '') end
      as phrase,
    coalesce(calls.q850_cause, 0) as cause,
    coalesce(calls.location, '') as location,
    coalesce(calls.server, '') as server,
    coalesce(calls.early_media, false) as early,
    coalesce(calls.verdict, '') as verdict,
    coalesce(calls.verdict, '') = 'network_blocked' as explicit,
    coalesce(calls.hidden_candidate, false) as hidden,
    -- Four steps to each doubling (4 / ln 2): a machine fills one or two of them, people spread over many.
    -- The billionth keeps powers of two on one side of the edge, whatever logarithm an engine has.
    case when coalesce(calls.final_ms, calls.setup_ms) between 1 and 2678400000
      then cast(floor(ln(cast(coalesce(calls.final_ms, calls.setup_ms) as double)) * cast('5.770780163555854' as double)
        + cast('0.000000001' as double)) as bigint) else -1 end as step,
    coalesce(calls.ring_ms is not null or calls.ring_frame is not null, false) as has_rung
  from $calls calls
  join named on coalesce(calls.caller, '') = named.number
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
      has_rung or verdict in ('answered', 'abandoned') or (verdict = 'no_answer' and not hidden) or code between 200 and 299
      or (code = 487 and early)
    ) as reached,
    verdict in ('incomplete', 'stalled', 'unauthorized', 'identity_failed', '') or (code = 487 and not early and not has_rung)
      as lost
  from seen
),
ended as (
  select
    id, carrier, callee, seen_at,
    case when reached then id end as reached_by,
    code = 403 and not explicit and not reached and not lost as forbidden,
    case
      when lost then 'lost'
      when verdict = 'provider_blocked' then 'own_hop'
      when reached then 'reached'
      when explicit then 'explicit'
      else 'refused'
    end as ending,
    -- What cells._kind reads: the lengths of phrase and location say where they end.
    case
      when lost or reached or verdict = 'provider_blocked' then ''
      when explicit then cast(code as string) || case when early then ' 0 1 0 0 ' else ' 0 0 0 0 ' end
      else cast(code as string) || ' ' || cast(cause as string) || case when early then ' 1 ' else ' 0 ' end
        || cast(length(phrase) as string) || ' ' || cast(length(location) as string) || ' ' || phrase || location || server
    end as words,
    case when lost or reached then -1 else step end as step
  from sorted
),
compared as (
  select
    id, carrier, seen_at, forbidden, ending, words, step,
    -- Of several numbers the smallest and the largest differ.
    case
      when ending in ('lost', 'reached') then 0
      when min(reached_by) over near <> id or max(reached_by) over near <> id then 1
      when min(id) over near <> max(id) over near then 2
      else 0
    end as elsewhere
  from ended
  window near as (
    partition by callee order by seen_at range between interval '48' hour preceding and interval '48' hour following
  )
),
numbered as (
  select
    id, carrier, cast(seen_at as date) as day, forbidden, ending, words, step, elsewhere,
    case when forbidden then count(case when forbidden then null else 1 end)
      over (partition by id order by seen_at range between unbounded preceding and current row) else -1 end as island
  from compared
),
grouped as (
  select id, carrier, day, forbidden, ending, words, step, elsewhere, island, count(*) as calls
  from numbered
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),
placed as (
  select
    *,
    forbidden
      and sum(calls) over (partition by id, island) >= $run
      and min(carrier) over (partition by id, island) <> max(carrier) over (partition by id, island)
      or ending = 'own_hop' as at_own_hop
  from grouped
),
counted as (
  select
    id, carrier, day,
    case when at_own_hop then 'own_hop' else ending end as ending,
    case when at_own_hop then '' else words end as words,
    case when at_own_hop then -1 else step end as step,
    case when at_own_hop then 0 else elsewhere end as elsewhere,
    cast(sum(calls) as bigint) as calls
  from placed
  group by 1, 2, 3, 4, 5, 6, 7
)
select number, carrier, cast(day as string) as day, ending, words, step, elsewhere, calls
from counted join named on counted.id = named.id
order by counted.id, carrier, day, ending, words, step, elsewhere
