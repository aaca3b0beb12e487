-- After starts.sql as `start`: those of the first local week (from Monday on) that has one at or after `after`.
, first as materialized (  -- else it is looked for again for each start
    select min(g) as g from start where g >= %(after)s
)
select start.g, start.id
from start
cross join first
where date_trunc('week', start.g at time zone %(zone)s) = date_trunc('week', first.g at time zone %(zone)s)
order by start.g, start.id
