-- Calls and answers by number, campaign and hour (UTC).
--
-- Runs unchanged on DuckDB and Spark. What is answered and what is settled is as in metrics.sql. Filled in by
-- ringthrough.analytics.alerts.queries:
--   $calls    the call table                  $period   condition on the time of a call
with seen as (
  select
    coalesce(calls.caller, '') as number,
    coalesce(calls.campaign, '') as campaign,
    cast(date_trunc('hour', calls.at) as string) as hour,
    coalesce(calls.verdict, '') = 'answered' or coalesce(calls.final_code, 0) between 200 and 299
      or (coalesce(calls.final_code, 0) = 0 and coalesce(calls.outcome, '') = 'answered') as answered
  from $calls calls
  where coalesce(calls.kind, '') <> 'scanner'
    and coalesce(calls.verdict, '') not in ('', 'incomplete')
    and position(' refusals ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0
    and coalesce(calls.caller, '') <> ''
    $period
)
select number, campaign, hour, count(*) as calls, count(case when answered then 1 end) as answered
from seen
group by number, campaign, hour
order by number, campaign, hour
