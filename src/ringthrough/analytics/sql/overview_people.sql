-- Called numbers among blocked calls. Masked numbers look alike and are left out.
-- $calls is the call table, $period a condition on time.
select count(distinct calls.callee) as people
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and calls.verdict in ('network_blocked', 'provider_blocked', 'probable_block')
  and coalesce(calls.callee, '') <> ''
  and position('xxxx' in calls.callee) = 0
  $period
