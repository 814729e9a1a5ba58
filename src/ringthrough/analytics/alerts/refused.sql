-- Refusals of some kind, by number and carrier: how many lately, and how many calls went without one since the last.
--
-- Runs unchanged on DuckDB and Spark. Filled in by ringthrough.analytics.alerts.queries:
--   $calls    the call table                  $period   condition on the time of a call
--   $verdicts verdicts that count             $carrier  carrier of a call, or '' for all carriers together
--   $recent   since when it counts as recent  $lately   since when there must be none for an all-clear
with seen as (
  select
    coalesce(calls.caller, '') as number,
    $carrier as carrier,
    calls.at as seen_at,
    coalesce(calls.verdict, '') in ($verdicts) as refused,
    -- One text, so that what is quoted of the last refusal is of one call.
    coalesce(calls.call_id, '') || chr(31) || coalesce(calls.callee, '') || chr(31)
      || coalesce(cast(calls.final_code as string), '') || chr(31) || coalesce(calls.blocker, '') || chr(31)
      || coalesce(calls.redress_url, '') || chr(31) || coalesce(calls.redress_tel, '') || chr(31)
      || coalesce(calls.redress_email, '') || chr(31) || coalesce(calls.redress_id, '') as quoted
  from $calls calls
  where coalesce(calls.kind, '') <> 'scanner'
    and coalesce(calls.verdict, '') not in ('', 'incomplete')
    and coalesce(calls.caller, '') <> ''
    $period
),
lasts as (
  select number, carrier, min(seen_at) as begun_at, max(seen_at) as last_at
  from seen
  where refused
  group by number, carrier
)
select
  seen.number,
  seen.carrier,
  count(case when seen.refused and seen.seen_at >= $recent then 1 end) as recent,
  count(case when seen.refused and seen.seen_at >= $lately then 1 end) as lately,
  count(case when seen.seen_at >= $recent then 1 end) as calls,
  count(case when seen.refused then 1 end) as refused,
  count(case when seen.seen_at between lasts.begun_at and lasts.last_at then 1 end) as calls_between,
  count(case when seen.seen_at > lasts.last_at then 1 end) as calls_after,
  cast(min(case when seen.refused and seen.seen_at >= $recent then seen.seen_at end) as string) as first_at,
  cast(max(lasts.last_at) as string) as last_at,
  max(case when seen.refused and seen.seen_at = lasts.last_at then seen.quoted end) as quoted
from seen
join lasts on seen.number = lasts.number and seen.carrier = lasts.carrier
group by seen.number, seen.carrier
order by seen.number, seen.carrier
