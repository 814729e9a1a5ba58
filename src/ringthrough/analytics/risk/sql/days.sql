-- Own calls by UTC day: where the period is, and which clocks are absurd.
--
-- Every file of this folder runs unchanged on DuckDB and Spark. Filled in by ringthrough.analytics.risk.measures:
--   $calls    the call table
--   $ours     condition: calls that the operator made, as far as that is known; the caller may be unknown
select
  cast(cast(calls.at as date) as string) as day,
  count(*) as calls,
  count(case when coalesce(calls.caller, '') = '' then 1 end) as unnamed
from $calls calls
where $ours
group by 1
order by 1 nulls last
