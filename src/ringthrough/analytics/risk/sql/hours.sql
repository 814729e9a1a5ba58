-- Calls of each number by the clock of the callee: outside the hours, and on days of rest.
--   $calls   the call table    $own      condition: own calls of both periods    $since  first moment of the period
--   $prefix  area code of the callee, or its country code           $prefixes  table: prefix, zone, in_us
--   $offsets table: zone, from_at, until_at, minutes east of UTC    $first, $last  hours of the day
--   $weekends, $holidays  dates
with prefixes as (
  select prefix, zone, in_us from $prefixes
),
offsets as (
  select zone, cast(from_at as timestamp) as from_at, cast(until_at as timestamp) as until_at, minutes from $offsets
),
called as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    calls.at as seen_at,
    substring($prefix, 1, 5) as prefix
  from $calls calls
  where $own
),
placed as (
  select
    called.number,
    called.period,
    prefixes.in_us,
    called.seen_at + offsets.minutes * interval '1' minute as local_at
  from called
  left join prefixes on called.prefix = prefixes.prefix
  left join offsets on prefixes.zone = offsets.zone and called.seen_at >= offsets.from_at
    and called.seen_at < offsets.until_at
)
select
  number,
  period,
  count(local_at) as zoned,
  count(case when hour(local_at) < $first or hour(local_at) >= $last then 1 end) as off_hours,
  count(case when cast(local_at as date) in ($weekends)
    or (in_us = 1 and cast(local_at as date) in ($holidays)) then 1 end) as at_rest
from placed
group by number, period
order by number, period
