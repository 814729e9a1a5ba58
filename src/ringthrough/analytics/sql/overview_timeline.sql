-- Calls over time by verdict. Filled in by ringthrough.analytics.overview.reading:
--   $calls   the call table    $hour, $minute   hour and minute, or 0 where a coarser step is wanted
--   $period  condition on the time of a call
select
  cast(cast(calls.at as date) as string) as day,
  cast($hour as bigint) as hour,
  cast($minute as bigint) as minute,
  coalesce(calls.verdict, '') as verdict,
  count(*) as calls
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and calls.at is not null
  $period
group by 1, 2, 3, 4
order by 1, 2, 3, 4
