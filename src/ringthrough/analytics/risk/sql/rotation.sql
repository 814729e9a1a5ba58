-- How many numbers came and went from the period before to this one, and how many there are in both: one row.
--   $calls  the call table    $own   condition: own calls of both periods, of all numbers
--   $since  first moment of the period    $least  calls from which on a number counts
with counted as (
  select
    calls.caller as number,
    count(case when calls.at >= $since then 1 end) as later,
    count(case when calls.at < $since then 1 end) as earlier
  from $calls calls
  where $own
  group by calls.caller
)
select
  count(case when later >= $least and earlier = 0 then 1 end) as came,
  count(case when earlier >= $least and later = 0 then 1 end) as went,
  count(case when later >= $least or earlier >= $least then 1 end) as numbers
from counted
