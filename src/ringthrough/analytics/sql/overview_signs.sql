-- How blocks of carriers look. $calls is the call table, $period a condition on time, $most the longest list.
select
  coalesce(calls.carrier, '') as carrier,
  calls.verdict as verdict,
  coalesce(calls.signal, '') as signal,
  coalesce(calls.far_code, calls.final_code, calls.signal_code, 0) as code,
  case when coalesce(calls.far_phrase, '') <> '' then calls.far_phrase else coalesce(calls.final_phrase, '') end
    as phrase,
  count(*) as n
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and calls.verdict in ('network_blocked', 'probable_block', 'suspected_block')
  $period
group by 1, 2, 3, 4, 5
order by n desc, 1, 2, 3, 4, 5
limit $most
