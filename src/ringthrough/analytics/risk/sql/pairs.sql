-- Called numbers of each number, and most calls to one of them on one UTC day.
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
--   $warn   from so many calls on a called number is counted in `repeated`
-- Grouped step by step: a count of distinct callees would have to hold all of them at once.
with days as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    calls.callee as callee,
    cast(calls.at as date) as day,
    count(*) as calls
  from $calls calls
  where $own and coalesce(calls.callee, '') <> '' and position('xxxx' in calls.callee) = 0
  group by 1, 2, 3, 4
),
callees as (
  select number, period, callee, max(calls) as calls from days group by number, period, callee
)
select
  number,
  period,
  count(*) as callees,
  max(calls) as to_one,
  count(case when calls >= $warn then 1 end) as repeated
from callees
group by number, period
order by number, period
