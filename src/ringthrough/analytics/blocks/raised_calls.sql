-- The calls whose verdict was raised, with the verdict that each has alone. Runs unchanged on DuckDB and Spark.
--   $calls  a call table with raised verdicts (raised.sql)    $period  condition on the time of a call
select
  cast(calls.at as string) as at,
  coalesce(calls.caller, '') as number,
  coalesce(calls.callee, '') as callee,
  coalesce(calls.carrier, '') as carrier,
  coalesce(calls.far_code, calls.final_code) as code,
  case when coalesce(calls.far_phrase, '') <> '' then calls.far_phrase else coalesce(calls.final_phrase, '') end
    as phrase,
  coalesce(calls.final_ms, calls.setup_ms) as final_ms,
  calls.verdict,
  coalesce(calls.verdict_alone, '') as alone,
  calls.confidence,
  calls.because,
  coalesce(calls.call_id, '') as call_id
from $calls calls
where calls.verdict in ('probable_block', 'suspected_block')
  and coalesce(calls.verdict_alone, '') <> calls.verdict
  $period
order by calls.at, call_id, number, callee
