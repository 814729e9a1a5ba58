-- Called numbers that do not exist, by campaign and calling number.
-- $calls is the call table, $period a condition on time.
select
  coalesce(calls.campaign, '') as campaign,
  coalesce(calls.caller, '') as number,
  count(*) as calls,
  count(case when calls.verdict = 'bad_number' then 1 end) as bad
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and coalesce(calls.verdict, '') not in ('', 'incomplete')
  $period
group by 1, 2
order by 1, 2
