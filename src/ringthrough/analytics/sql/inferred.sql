-- Whether hidden blocks were looked for in these calls: how many verdicts say so. $calls is the call table.
select count(case when calls.verdict in ('probable_block', 'suspected_block') then 1 end) as inferred
from $calls calls
