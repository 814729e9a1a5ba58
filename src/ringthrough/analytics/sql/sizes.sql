-- How many calls there are of each value of a dimension, in order; what parts of a call table are cut by.
select
  $value as value,
  count(*) as calls
from $calls calls
where 1 = 1
  $period
group by 1
order by 1 nulls last
