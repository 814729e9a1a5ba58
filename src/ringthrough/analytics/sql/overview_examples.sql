-- Blocked calls to quote: of each number at each carrier those that say whom to ask, and the newest, come first.
-- $calls is the call table, $period a condition on time, $each how many of each number and carrier.
with blocked as (
  select
    coalesce(calls.caller, '') as number,
    coalesce(calls.carrier, '') as carrier,
    case when calls.verdict = 'network_blocked' then 0 when calls.verdict = 'probable_block' then 1
      when calls.verdict = 'suspected_block' then 2 else 3 end as rank_of_verdict,
    case when coalesce(calls.redress_url, '') || coalesce(calls.redress_tel, '') || coalesce(calls.redress_email, '')
      || coalesce(calls.card_uri, '') <> '' then 0 else 1 end as mute,
    calls.at as seen_at,
    cast(calls.at as string) as seen,
    coalesce(calls.callee, '') as callee,
    coalesce(calls.far_code, calls.final_code) as code,
    case when coalesce(calls.far_phrase, '') <> '' then calls.far_phrase else coalesce(calls.final_phrase, '') end
      as phrase,
    coalesce(calls.blocker, '') as blocker,
    coalesce(calls.redress_url, '') as redress_url,
    coalesce(calls.redress_tel, '') as redress_tel,
    coalesce(calls.redress_email, '') as redress_email,
    coalesce(calls.redress_id, '') as redress_id,
    coalesce(calls.card_uri, '') as card_uri,
    coalesce(calls.card, '') as card,
    coalesce(calls.call_id, '') as call_id
  from $calls calls
  where coalesce(calls.kind, '') <> 'scanner'
    and calls.verdict in ('network_blocked', 'provider_blocked', 'probable_block', 'suspected_block')
    $period
),
ranked as (
  select
    *,
    row_number() over (
      partition by number, carrier order by mute, rank_of_verdict, seen_at desc nulls last, call_id, callee, code nulls last, phrase,
        blocker, redress_url, redress_tel, redress_email, redress_id, card_uri, card
    ) as place
  from blocked
)
select
  number, carrier, seen, callee, code, phrase, blocker, redress_url, redress_tel, redress_email, redress_id, card_uri,
  card, call_id
from ranked
where place <= $each
order by number, carrier, place
