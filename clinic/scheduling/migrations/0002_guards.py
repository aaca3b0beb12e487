"""What no path can get around: claims belong to occupying visits, and occupying visits have their claims."""

from django.db import migrations

from treatments import triggers

# The composite key is not deferrable: claims go before the status does, and come after it.
CLAIM_VISIT = """
alter table scheduling_claim add constraint claim_visit
    foreign key (appointment_id, occupies) references scheduling_appointment (id, occupies) on delete cascade;
"""

GUARD = """
create function guard_claims() returns trigger language plpgsql as $$
declare visit scheduling_appointment; wanted uuid;
begin
    if tg_table_name = 'scheduling_claim' and tg_op = 'UPDATE' then  -- a claim that moved: what of the visit it left?
        if exists (select from scheduling_appointment as v where v.id = old.appointment_id and v.occupies
                   and not exists (select from scheduling_claim where appointment_id = v.id)) then
            raise exception using errcode = '23514', constraint = 'occupying_visit_has_claims',
                message = 'a visit that occupies has no claims';
        end if;
    end if;
    -- IF, not CASE: a CASE over NEW of two tables fails to plan ("record new has no field")
    if tg_table_name = 'scheduling_appointment' then wanted := new.id;
    elsif tg_op = 'DELETE' then wanted := old.appointment_id;
    else wanted := new.appointment_id; end if;
    select * into visit from scheduling_appointment where id = wanted;  -- as it is now, not as it was
    if not found or not visit.occupies then return null; end if;
    if not exists (select from scheduling_claim where appointment_id = wanted) then
        raise exception using errcode = '23514', constraint = 'occupying_visit_has_claims',
            message = 'a visit that occupies has no claims';
    end if;
    if exists (select from scheduling_claim where appointment_id = wanted and not visit.occupied @> during) then
        raise exception using errcode = '23514', constraint = 'claims_inside_occupied',
            message = 'a claim lies outside its visit';
    end if;
    return null;
end $$;
create constraint trigger appointment_guard after insert or update on scheduling_appointment
    deferrable initially deferred for each row execute function guard_claims();
create constraint trigger claim_guard after insert or update or delete on scheduling_claim
    deferrable initially deferred for each row execute function guard_claims();
"""

DROP_GUARD = """
drop trigger claim_guard on scheduling_claim;
drop trigger appointment_guard on scheduling_appointment;
drop function guard_claims();
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial"), ("treatments", "0002_published_never_changes")]

    operations = [
        migrations.RunSQL(CLAIM_VISIT, "alter table scheduling_claim drop constraint claim_visit;"),
        migrations.RunSQL(GUARD, DROP_GUARD),
        triggers.only_grows("scheduling_appointmentevent"),
    ]
