-- What is published of healing intervals from and to a treatment (all of them where it is null), and of what must come
-- before it: one row with both as JSON, of the version in force. No row where none is published.
with live as (
    select id from treatments_intervalsversion
    where published_at is not null and effective_from <= %(now)s
    order by effective_from desc, number desc
    limit 1
),
-- A skin type is confirmed at a consultation; a clinic without one confirms it otherwise, and nothing is booked.
talk as (
    select id from treatments_treatment where kind = 'consultation' and retired_at is null order by position, id limit 1
),
need as (
    select p.position, p.kind, p.phototypes, p.lead_days, p.valid_days, p.reason, t.id as comes, t.code, t.kind as what,
           (select v.name from treatments_treatmentversion as v
            where v.treatment_id = t.id and v.published_at is not null and v.effective_from <= %(now)s
            order by v.effective_from desc, v.number desc limit 1) as name
    from treatments_prerequisite as p
    join live on p.version_id = live.id
    left join treatments_treatment as t on t.id = coalesce(p.first_id, (select id from talk))
    where p.treatment_id = %(treatment)s
)
select
    (select coalesce(json_agg(json_build_array(i.before_id, i.after_id, i.days, i.reason)), '[]')
     from treatments_interval as i
     where i.version_id = live.id
       and (%(treatment)s::int is null or %(treatment)s in (i.before_id, i.after_id))) as spans,
    (select coalesce(json_agg(need order by need.position), '[]') from need) as needs
from live
