-- Calls of each number into its own area code and exchange, beside those of all other numbers into it.
--   $calls  the call table    $own     condition: own calls of both periods    $since  first moment of the period
with placed as (
  -- The exchange of a masked number can be seen: a mask hides the last four digits.
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    substring(calls.callee, 1, 8) as exchange,
    count(*) as calls
  from $calls calls
  where $own and substring(calls.caller, 1, 2) = '+1' and length(calls.caller) = 12
    and substring(calls.callee, 1, 2) = '+1' and length(calls.callee) = 12
  group by 1, 2, 3
),
own as (
  select
    number,
    period,
    substring(number, 1, 8) as home,
    sum(calls) as calls,
    sum(case when substring(number, 1, 8) = exchange then calls else 0 end) as near
  from placed
  group by number, period
),
exchanges as (
  select period, exchange, sum(calls) as calls from placed group by period, exchange
),
totals as (
  select period, sum(calls) as calls from placed group by period
)
select
  own.number,
  own.period,
  cast(own.calls as bigint) as placeable,
  cast(own.near as bigint) as near,
  cast(totals.calls - own.calls as bigint) as others,
  cast(coalesce(exchanges.calls, 0) - own.near as bigint) as others_near
from own
join totals on own.period = totals.period
left join exchanges on own.period = exchanges.period and own.home = exchanges.exchange
order by own.number, own.period
