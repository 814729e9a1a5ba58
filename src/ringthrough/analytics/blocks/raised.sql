-- The call table with the verdicts of single calls raised where they belong to a hidden block.
--
-- Runs unchanged on DuckDB and Spark. Filled in by ringthrough.analytics.blocks.raised_calls:
--   $calls    the call table         $columns  columns of the result
--   $held     what is raised to what (raising.Raise), one row per cell, kind of ending and step of time
--   $never    verdicts that are never raised
select
  $columns
from (
  select
    calls.*,
    -- Null joins with nothing: only refusals without ringing are looked up.
    case
      when calls.ring_ms is null and calls.ring_frame is null
        and coalesce(calls.kind, '') <> 'scanner'
        and position(' refusals ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0
        and position(' ringing ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0
        and coalesce(calls.verdict, '') not in ($never)
        and (calls.verdict <> 'no_answer' or calls.hidden_candidate)
        and coalesce(calls.far_code, calls.final_code, 0) not between 200 and 299
        and coalesce(calls.far_code, calls.final_code, 0) <> 487
      then coalesce(calls.caller, '')
    end as like_number,
    coalesce(calls.carrier, '') as like_carrier,
    cast(cast(calls.at as date) as string) as like_day,
    coalesce(calls.far_code, calls.final_code, 0) as like_code,
    case when coalesce(calls.far_phrase, '') <> '' then calls.far_phrase else coalesce(calls.final_phrase, '') end
      as like_phrase,
    coalesce(calls.q850_cause, 0) as like_cause,
    coalesce(calls.location, '') as like_location,
    coalesce(calls.server, '') as like_server,
    coalesce(calls.early_media, false) as like_early,
    case when coalesce(calls.final_ms, calls.setup_ms) between 1 and 2678400000
      then least(cast(floor(ln(cast(coalesce(calls.final_ms, calls.setup_ms) as double))
        * cast('5.770780163555854' as double) + cast('0.000000001' as double)) as bigint), $last) else $unknown end
      as like_step
  from $calls calls
) calls
left join $held exact
  on exact.number = like_number and exact.carrier = like_carrier and exact.day = like_day and exact.step = like_step
  and exact.code = like_code and exact.phrase = like_phrase and exact.cause = like_cause
  and exact.location = like_location and exact.server = like_server and exact.early = like_early
-- Rare kinds were counted without their words.
left join $held bare
  on bare.number = like_number and bare.carrier = like_carrier and bare.day = like_day and bare.step = like_step
  and bare.code = like_code and bare.phrase = '' and bare.cause = 0 and bare.location = '' and bare.server = ''
  and bare.early = like_early
