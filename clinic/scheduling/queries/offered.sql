-- Where a treatment is offered now, at open places or at one that is named: the newest begun offer of each place, with the
-- place, the treatment, the rows of limits that apply, and the id of its version in force.
select distinct on (o.location_id) {offer}, {location}, {treatment},
    (select coalesce(json_agg(p), '[]') from scheduling_bookingpolicy as p
     where (p.location_id = o.location_id or p.location_id is null)
       and (p.treatment_id = o.treatment_id or p.treatment_id is null)) as limits,
    (select v.id from treatments_treatmentversion as v
     where v.treatment_id = o.treatment_id and v.published_at is not null and v.effective_from <= %(now)s
     order by v.effective_from desc, v.number desc limit 1) as version_in_force
from scheduling_offer as o
join scheduling_location as l on l.id = o.location_id
join treatments_treatment as t on t.id = o.treatment_id
where o.treatment_id = %(treatment)s and o.valid_from <= %(now)s
  and (o.location_id = %(location)s or %(location)s is null and l.active and not coalesce(t.retired_at <= %(now)s, false))
order by o.location_id, o.valid_from desc
