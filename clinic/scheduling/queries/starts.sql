-- After availability.sql: one row for each start on the grid and each practitioner who could take it.
,
-- One room throughout. A treatment without a room is everywhere at once: a place without a name, open at any time.
place as (
    select id, m from one where role = 'room'
    union all
    select null, '{(,)}' where not exists (select from need where role = 'room')
),
-- Any device of the kind that can be used in that place will do, but each kind must have one: start from need, not from
-- what was found.
equipped as (
    select p.id, k.role, coalesce(range_agg(o.m), '{}') as m
    from place as p
    cross join (select distinct role from need where kind = 'device') as k
    left join one as o on o.role = k.role and (o.fixed_in_id is null or p.id is null or o.fixed_in_id = p.id)
    group by p.id, k.role
),
-- Null here means that no device is needed, which is no bar.
ready as (
    select p.m * coalesce((select range_intersect_agg(e.m) from equipped as e where e.id is not distinct from p.id),
                          '{(,)}') as m
    from place as p
),
somewhere as materialized (
    select coalesce(range_agg(m), '{}') as m from ready
)
-- The grid is read off the wall clock, instant by instant: so both passes of a doubled hour are offered, and the grid
-- reads right after any change of the clock. Offsets from UTC are multiples of a quarter of an hour, hence the step.
select g, o.id
from one as o
cross join somewhere as s
cross join asked as q
cross join lateral unnest(o.m * s.m * q.m) as w
cross join lateral generate_series(
    date_bin(make_interval(mins => %(step)s), lower(w) - interval '1 microsecond', timestamptz '2000-01-01 00:00Z')
        + make_interval(mins => %(step)s),
    upper(w),
    make_interval(mins => %(step)s)) as g
cross join lateral (select g at time zone %(zone)s as wall) as local
where o.role = 'practitioner'
  and w @> g
  and date_bin(make_interval(mins => %(grid)s), wall, timestamp '2000-01-01') = wall
order by g, o.id
