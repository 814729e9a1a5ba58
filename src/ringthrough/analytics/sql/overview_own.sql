-- What the own provider refuses: its own blocks, identities that failed, credentials.
-- $calls is the call table, $period a condition on time, $most the longest list.
select
  coalesce(calls.trunk, '') as trunk,
  calls.verdict as verdict,
  coalesce(calls.final_code, calls.signal_code, 0) as code,
  coalesce(calls.final_phrase, '') as phrase,
  coalesce(calls.provider_code, '') as provider_code,
  count(*) as n,
  count(distinct calls.caller) as numbers
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and calls.verdict in ('provider_blocked', 'identity_failed', 'unauthorized')
  $period
group by 1, 2, 3, 4, 5
order by n desc, 1, 2, 3, 4, 5
limit $most
