-- Blocked calls by number, carrier, day and verdict. $calls is the call table, $period a condition on time.
-- `sure` is the sum of how likely each is a block, in ten-thousandths: a sum of integers is the same in any order.
select
  coalesce(calls.caller, '') as number,
  coalesce(calls.carrier, '') as carrier,
  coalesce(cast(cast(calls.at as date) as string), '') as day,
  calls.verdict as verdict,
  count(*) as calls,
  cast(sum(cast(round(coalesce(calls.confidence, 0) * 10000) as bigint)) as bigint) as sure
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and calls.verdict in ('network_blocked', 'provider_blocked', 'probable_block', 'suspected_block')
  $period
group by 1, 2, 3, 4
order by 1, 2, 3, 4
