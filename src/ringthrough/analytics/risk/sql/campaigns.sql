-- Campaigns of each number, and the share of answered calls that our side dropped at once, in the worst of them.
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
--   $used   a campaign uses a number from so many calls on    $talk_ms  at once: within so many ms of the answer
--   $least  answered calls from which on a campaign is preferred to those with fewer
with seen as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    coalesce(calls.campaign, '') as campaign,
    -- Without a campaign, the number's own calls stand in for it.
    case when coalesce(calls.campaign, '') = '' then calls.caller else '' end as alone,
    (calls.verdict = 'answered' or calls.final_code between 200 and 299
      or (calls.final_code is null and calls.outcome = 'answered'))
      and calls.talk_ms between 0 and 2678400000 and calls.ended_by in ('caller', 'callee') as told,
    calls.talk_ms as talk_ms,
    calls.ended_by as ended_by
  from $calls calls
  where $own
),
used as (
  select
    number, period, campaign, alone,
    count(*) as calls,
    count(case when told then 1 end) as told,
    count(case when told and ended_by = 'caller' and talk_ms <= $talk_ms then 1 end) as dropped
  from seen
  group by number, period, campaign, alone
),
campaigns as (
  select period, campaign, alone, cast(sum(told) as bigint) as told, cast(sum(dropped) as bigint) as dropped
  from used
  group by period, campaign, alone
),
ranked as (
  select
    used.number,
    used.period,
    used.campaign,
    used.calls,
    campaigns.told,
    campaigns.dropped,
    row_number() over (
      partition by used.number, used.period
      order by case when campaigns.told >= $least then 0 when campaigns.told > 0 then 1 else 2 end,
        cast(campaigns.dropped as double) / case when campaigns.told > 0 then campaigns.told end desc nulls last,
        used.campaign
    ) as place
  from used
  join campaigns on used.period = campaigns.period and used.campaign = campaigns.campaign
    and used.alone = campaigns.alone
)
select
  number,
  period,
  cast(sum(case when campaign <> '' then calls else 0 end) as bigint) as in_campaigns,
  count(case when campaign <> '' and calls >= $used then 1 end) as campaigns,
  max(case when place = 1 then campaign end) as worst_campaign,
  max(case when place = 1 then told end) as told,
  max(case when place = 1 then dropped end) as dropped
from ranked
group by number, period
order by number, period
