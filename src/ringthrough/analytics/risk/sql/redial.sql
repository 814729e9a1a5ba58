-- Most calls of each number to one called number within a few minutes.
--   $calls  the call table    $own      condition: own calls of both periods    $since  first moment of the period
--   $minutes  within so many minutes
with again as (
  -- Only callees that were called twice can be dialled twice: the others need not be sorted.
  select calls.caller as number, calls.callee as callee
  from $calls calls
  where $own and coalesce(calls.callee, '') <> '' and position('xxxx' in calls.callee) = 0
  group by 1, 2
  having count(*) > 1
),
dialled as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    calls.callee as callee,
    count(*) over (
      partition by calls.caller, calls.callee order by calls.at
      range between interval '$minutes' minute preceding and current row
    ) as in_row
  from $calls calls
  join again on calls.caller = again.number and calls.callee = again.callee
  where $own
)
select
  number,
  period,
  max(in_row) as in_row,
  count(distinct case when in_row > 1 then callee end) as redialled
from dialled
group by number, period
order by number, period
