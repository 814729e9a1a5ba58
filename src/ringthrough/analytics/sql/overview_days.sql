-- Calls by UTC day, with the first and the last moment of each. $calls is the call table, $period a condition on time.
select
  cast(cast(calls.at as date) as string) as day,
  count(case when coalesce(calls.kind, '') <> 'scanner' then 1 end) as calls,
  count(case when coalesce(calls.kind, '') = 'scanner' then 1 end) as scanners,
  cast(min(calls.at) as string) as first_at,
  cast(max(calls.at) as string) as last_at
from $calls calls
where true
  $period
group by cast(cast(calls.at as date) as string)
order by day nulls last
