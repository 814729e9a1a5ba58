-- Most network blocks within some hours, and most calls refused as unwanted within some days.
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
--   $hours, $days   within so many
with refused as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    calls.verdict as verdict,
    count(case when calls.verdict = 'network_blocked' then 1 end) over (
      partition by calls.caller order by calls.at
      range between interval '$hours' hour preceding and current row
    ) as blocks,
    count(case when calls.verdict = 'unwanted' then 1 end) over (
      partition by calls.caller order by calls.at
      range between interval '$days' day preceding and current row
    ) as unwanted
  from $calls calls
  where $own and calls.verdict in ('network_blocked', 'unwanted')
)
select
  number,
  period,
  coalesce(max(case when verdict = 'network_blocked' then blocks end), 0) as most_blocked,
  coalesce(max(case when verdict = 'unwanted' then unwanted end), 0) as most_unwanted
from refused
group by number, period
order by number, period
