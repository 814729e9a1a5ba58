-- The first day on which each number called, in all calls there are.
--   $calls  the call table    $ever   condition: own calls, from the first day that is not absurd to the period's end
select calls.caller as number, cast(min(cast(calls.at as date)) as string) as first_day
from $calls calls
where $ever
group by calls.caller
order by calls.caller
