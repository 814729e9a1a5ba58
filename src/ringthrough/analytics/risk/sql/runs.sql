-- Longest run of consecutive called numbers of each number on one UTC day, in any order.
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
with called as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    cast(calls.at as date) as day,
    try_cast(substring(calls.callee, 2) as bigint) as digits
  from $calls calls
  where $own and substring(calls.callee, 1, 1) = '+' and length(calls.callee) between 8 and 16
    and translate(substring(calls.callee, 2), '0123456789', '') = ''
  group by 1, 2, 3, 4
),
placed as (
  select number, period, day, digits - row_number() over (partition by number, period, day order by digits) as island
  from called
),
runs as (
  select number, period, count(*) as length from placed group by number, period, day, island
)
select number, period, max(length) as run, cast(sum(length) as bigint) as in_runs
from runs
group by number, period
order by number, period
