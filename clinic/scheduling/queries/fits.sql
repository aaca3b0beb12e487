-- After availability.sql: every resource whose stretches all fit when the visit starts at `since`.
select o.role, o.id, o.fixed_in_id
from one as o
cross join asked as q
where o.m @> %(since)s and q.m @> %(since)s
order by o.role, o.id
