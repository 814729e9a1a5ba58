-- How many calls there are, the first and the last of them, and how many in each of some windows of time.
--
-- Runs unchanged on DuckDB and Spark. Filled in by ringthrough.analytics.alerts.queries:
--   $calls    the call table                  $period   condition on the time of a call
--   $windows  one count per window
select
  count(*) as calls,
  cast(min(calls.at) as string) as first_at,
  cast(max(calls.at) as string) as last_at$windows
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and calls.at is not null
  $period
