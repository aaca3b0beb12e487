-- How the consent of each of some visits stands, where a text is in force for its treatment (as `VersionQuerySet.live` finds
-- it): read beforehand, signed by both and not withdrawn, signed by the patient alone.
select v.id, asked.is_read, coalesce(bool_or(c.is_confirmed), false), coalesce(bool_or(not c.is_confirmed), false)
from scheduling_appointment as v
join lateral (
    select id from treatments_consentversion
    where treatment_id = v.treatment_id and published_at is not null and effective_from <= %(now)s
    order by effective_from desc, number desc limit 1
) as text on true
cross join lateral (
    select exists (select from patients_consentreading
                   where patient_id = v.patient_id and version_id = text.id) as is_read
) as asked
left join lateral (
    select exists (select from patients_consentconfirmation where consent_id = s.id) as is_confirmed
    from patients_consent as s
    where s.patient_id = v.patient_id and s.version_id = text.id
      and not exists (select from patients_consentwithdrawal where consent_id = s.id)
) as c on true
where v.id = any(%(visits)s)
group by v.id, asked.is_read
