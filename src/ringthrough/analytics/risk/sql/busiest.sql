-- Calling numbers of the period, those with most calls first, and how many there are in all.
--   $calls  the call table    $own   condition: own calls of both periods
--   $since  first moment of the period    $most   how many are wanted
with counted as (
  select calls.caller as number, count(*) as calls
  from $calls calls
  where $own and calls.at >= $since
  group by calls.caller
),
ranked as (
  select number, calls, row_number() over (order by calls desc, number) as place, count(*) over () as numbers
  from counted
)
select number, calls, numbers from ranked where place <= $most order by place
