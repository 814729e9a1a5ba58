-- Where the calls come from and what their sources cannot know. $calls is the call table, $period a condition on time.
select
  coalesce(calls.source, '') as source,
  coalesce(calls.blind_to, '') as blind_to,
  count(*) as n,
  count(distinct calls.file) as files,
  count(case when calls.verdict = 'incomplete' then 1 end) as incomplete,
  count(case when calls.at is null then 1 end) as undated,
  count(case when coalesce(calls.caller, '') = '' then 1 end) as no_number,
  count(case when coalesce(calls.carrier, '') = '' then 1 end) as no_carrier
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  $period
group by 1, 2
order by n desc, 1, 2
