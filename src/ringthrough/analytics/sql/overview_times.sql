-- Calls by verdict and time to the final answer, eight bins to each power of ten (8 / ln 10).
-- $calls is the call table, $period a condition on time.
select
  coalesce(calls.verdict, '') as verdict,
  cast(floor(ln(cast(coalesce(calls.final_ms, calls.setup_ms) as double)) * cast('3.4743558552260147' as double)
    + cast('0.000000001' as double)) as bigint) as bin,
  count(*) as calls
from $calls calls
where coalesce(calls.kind, '') <> 'scanner'
  and coalesce(calls.final_ms, calls.setup_ms) between 1 and 2678400000
  and position(' times ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0
  $period
group by 1, 2
order by 1, 2
