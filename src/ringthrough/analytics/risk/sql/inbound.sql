-- Calls to the numbers that call: whether they are answered when somebody calls back.
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
--   $period condition: the time of a call lies in one of both periods
with ours as (
  select calls.caller as number from $calls calls where $own group by calls.caller
)
select
  calls.callee as number,
  case when calls.at >= $since then 1 else 0 end as period,
  count(case when coalesce(calls.verdict, '') not in ('', 'incomplete') then 1 end) as inbound,
  count(case when calls.verdict = 'answered' or calls.final_code between 200 and 299
    or (calls.final_code is null and calls.outcome = 'answered') then 1 end) as inbound_answered
from $calls calls
join ours on calls.callee = ours.number
where coalesce(calls.kind, '') <> 'scanner' and coalesce(calls.direction, '') <> 'outbound' and $period
group by 1, 2
order by 1, 2
