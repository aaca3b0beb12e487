-- What is asked, by which rules, and what the patient has said: a row for each question that was ever answered, with the
-- newest answer; one row without an answer where there is none. Versions as `VersionQuerySet.live` finds them.
select asked.id, judged.id, confirmed.type, sun.last, sun.at, answer.id, answer.at, answer.version_id, answer.question, answer.value
from (values (1)) as one
left join lateral (
    select id from treatments_questionnaireversion
    where published_at is not null and effective_from <= %(now)s
    order by effective_from desc, number desc limit 1
) as asked on true
left join lateral (
    select id from treatments_rulesversion
    where published_at is not null and effective_from <= %(now)s
    order by effective_from desc, number desc limit 1
) as judged on true
left join lateral (
    select type from patients_phototype
    where patient_id = %(patient)s and provenance = 'clinician_confirmed'
    order by at desc, id desc limit 1
) as confirmed on true
left join lateral (
    select last, at from patients_sunexposure where patient_id = %(patient)s order by at desc, id desc limit 1
) as sun on true
left join lateral (
    select distinct on (question) id, at, version_id, question, value from patients_answer
    where patient_id = %(patient)s
    order by question, at desc, id desc
) as answer on true
