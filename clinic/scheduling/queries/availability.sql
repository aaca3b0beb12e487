-- When could a visit start, and with whom? The common part; what is asked of it stands in starts.sql and fits.sql.
-- Starts are sought in [since, until). All arithmetic is on instants: wall-clock hours become instants in `opening`.
with

-- One row for each stretch: `role` is taken from minute a to minute b after the start; between its rows lie gaps.
need as (
    select * from unnest(%(roles)s::text[], %(kinds)s::text[], %(device_kinds)s::text[], %(a)s::int[], %(b)s::int[])
        as n (role, kind, device_kind, a, b)
),

-- Who and what could play a role. Rooms and devices have one place; practitioners have hours at several.
candidate as (
    select n.role, r.id, r.fixed_in_id
    from (select distinct role, kind, device_kind from need) as n
    join scheduling_resource as r on r.kind = n.kind and r.device_kind = n.device_kind and r.active
    where (n.kind = 'device'
           or exists (select from scheduling_resource_treatments as t
                      where t.resource_id = r.id and t.treatment_id = %(treatment)s))
      and case when n.kind = 'practitioner'
               then (%(practitioners)s::int[] is null or r.id = any (%(practitioners)s::int[]))
                    and exists (select from scheduling_hours as h
                                where h.resource_id = r.id and h.location_id = %(location)s)
               else r.location_id = %(location)s end
),

-- All time that any of these visits could occupy.
horizon as (
    select tstzrange(%(since)s + make_interval(mins => least(min(a), 0)),
                     %(until)s + make_interval(mins => greatest(max(b), 0))) as span
    from need
),

-- Its local dates, and the one before: where spring skips the hour before midnight, that hour's shifts fall after it.
-- date + int stays a date, whereas generate_series(date, date, interval) would be instants in the session's zone.
day as materialized (
    select (lower(span) at time zone %(zone)s)::date + n as day
    from horizon
    cross join generate_series(
        -1, (upper(span) at time zone %(zone)s)::date - (lower(span) at time zone %(zone)s)::date) as n
),

opening as materialized (
    select h.resource_id as id, range_agg(tstzrange(t.opens, t.closes)) as m
    from scheduling_hours as h
    join day on extract(isodow from day.day) = h.weekday and h.valid @> day.day
    cross join lateral (select (day.day + h.opens) at time zone %(zone)s as opens,
                               (day.day + h.closes) at time zone %(zone)s as closes) as t
    where h.location_id = %(location)s
      and h.resource_id in (select id from candidate)
      and t.opens < t.closes  -- the spring clock can jump past a whole shift, or turn it round
      and not %(ignoring_hours)s
    group by h.resource_id
    union all
    select distinct id, tstzmultirange(span) from candidate cross join horizon where %(ignoring_hours)s
),

taken as materialized (  -- else the planner, who guesses one row, adds the spans up again for each resource
    select x.id, range_agg(x.during) as m
    from (
        select c.resource_id as id, c.during
        from scheduling_claim as c
        where c.resource_id in (select id from candidate)
          and c.during && (select span from horizon)
          and c.appointment_id <> all (%(ignoring)s::uuid[])
          and c.appointment_id not in (select v.id from scheduling_appointment as v
                                       where v.status = 'proposed' and v.expires_at <= %(now)s)
        union all
        select k.id, c.during
        from scheduling_closure as c
        join (select distinct id from candidate) as k on c.resource_id = k.id or c.location_id = %(location)s
        where c.during && (select span from horizon) and not %(ignoring_hours)s
    ) as x
    group by x.id
),

free as materialized (
    select c.role, c.id, c.fixed_in_id, o.m - coalesce(t.m, '{}') as m
    from candidate as c
    join opening as o using (id)
    left join taken as t using (id)
),

-- Eroded: [x, y) holds [s + a, s + b) exactly when s lies in [x - a, y - b], both ends included: the exact fit.
-- Never null: range_intersect_agg skips nulls, and "fits nowhere" would read as "fits everywhere".
fits as (
    select f.role, f.id, f.fixed_in_id, coalesce(e.m, '{}') as m
    from free as f
    join need as n using (role)
    cross join lateral (
        select range_agg(
            tstzrange(lower(w) - make_interval(mins => n.a), upper(w) - make_interval(mins => n.b), '[]')) as m
        from unnest(f.m) as w
        where upper(w) - lower(w) >= make_interval(mins => n.b - n.a)
    ) as e
),

-- The starts of each resource: those at which all stretches of its role fit.
one as materialized (
    select role, id, fixed_in_id, range_intersect_agg(m) as m from fits group by role, id, fixed_in_id
),

-- The starts that are asked for: all in [since, until) that are not barred.
asked as (
    select tstzmultirange(tstzrange(%(since)s, %(until)s)) - coalesce(range_agg(b), '{}') as m
    from unnest(%(barred)s::tstzrange[]) as b
)
