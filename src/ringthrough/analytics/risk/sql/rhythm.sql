-- Most calls of each number within a minute, an hour and a day, and the largest jump from one day to the next.
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
--   $least  a day is looked at for a jump from more than so many calls on
with minutes as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    date_trunc('minute', calls.at) as minute,
    count(*) as calls
  from $calls calls
  where $own
  group by 1, 2, 3
),
hours as (
  select number, period, date_trunc('hour', minute) as hour, max(calls) as minute_calls, sum(calls) as calls
  from minutes
  group by 1, 2, 3
),
days as (
  select
    number,
    period,
    date_trunc('day', hour) as day,
    max(minute_calls) as minute_calls,
    max(calls) as hour_calls,
    sum(calls) as calls
  from hours
  group by 1, 2, 3
),
steps as (
  select
    *,
    case when lag(day) over (partition by number order by day, period) >= day - interval '7' day
      then lag(calls) over (partition by number order by day, period) end as earlier
  from days
)
select
  number,
  period,
  count(distinct day) as days,
  cast(max(minute_calls) as bigint) as in_minute,
  cast(max(hour_calls) as bigint) as in_hour,
  cast(max(calls) as bigint) as in_day,
  count(earlier) as steps,
  max(cast(calls as double) / cast(earlier as double)) as any_step,
  max(case when calls > $least then cast(calls as double) / cast(earlier as double) end) as step
from steps
group by number, period
order by number, period
