"""The SQL behind `versions.py`, and behind every table that only grows. Used by migrations."""

from django.db import migrations

FUNCTIONS = """
create function refuse_published_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' then
        raise exception using errcode = '23514', constraint = 'published_never_changes',
            message = format('%I holds published versions and is never emptied', tg_table_name);
    end if;
    if old.published_at is not null then
        raise exception using errcode = '23514', constraint = 'published_never_changes',
            message = format('%I %s is published and never changes', tg_table_name, old.id);
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;

-- For a child row (a step, a question, a rule): tg_argv[0] is the table of its version.
create function refuse_published_child_change() returns trigger language plpgsql as $$
declare published boolean; parent bigint;
begin
    if tg_op = 'TRUNCATE' then
        raise exception using errcode = '23514', constraint = 'published_never_changes',
            message = format('%I belongs to published versions and is never emptied', tg_table_name);
    end if;
    foreach parent in array case tg_op when 'INSERT' then array[new.version_id] when 'DELETE' then array[old.version_id]
                            else array[old.version_id, new.version_id] end loop
        -- for share: a child cannot slip in while its version is being published
        execute format('select published_at is not null from %I where id = $1 for share', tg_argv[0])
            into published using parent;
        if published then
            raise exception using errcode = '23514', constraint = 'published_never_changes',
                message = format('%I of a published version never changes', tg_table_name);
        end if;
    end loop;
    return case tg_op when 'DELETE' then old else new end;
end $$;

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = 'only_grows',
        message = format('%I only grows: its rows are never changed or removed', tg_table_name);
end $$;
"""

REFUSE_REWRITING = """
create or replace function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = 'only_grows',
        message = format('%I only grows: its rows are never changed or removed', tg_table_name);
end $$;
"""

# The one way to change a row that only grows: `manage.py reencrypt`, as the tables' owner, names in `clinic.reencrypting`
# the one bytea column that it seals anew. Nothing else of the row may differ, nor may the length of what is sealed.
REFUSE_ALL_BUT_RESEALING = """
create or replace function refuse_rewriting() returns trigger language plpgsql as $$
declare sealed text := nullif(current_setting('clinic.reencrypting', true), ''); was bytea; becomes bytea;
begin
    if tg_op = 'UPDATE' and sealed is not null and exists (
        select from pg_class join pg_attribute on attrelid = pg_class.oid
        where pg_class.oid = tg_relid and pg_get_userbyid(relowner) = current_user
          and attname = sealed and atttypid = 'bytea'::regtype
    ) then
        execute format('select $1.%1$I, $2.%1$I', sealed) into was, becomes using old, new;
        if to_jsonb(old) - sealed = to_jsonb(new) - sealed
           and length(was) - position('.'::bytea in was) = length(becomes) - position('.'::bytea in becomes) then
            return new;
        end if;
    end if;
    raise exception using errcode = '23514', constraint = 'only_grows',
        message = format('%I only grows: its rows are never changed or removed', tg_table_name);
end $$;
"""

DROP_FUNCTIONS = """
drop function refuse_rewriting();
drop function refuse_published_child_change();
drop function refuse_published_change();
"""

_VERSION = """
create trigger published_never_changes before update or delete on {table}
    for each row execute function refuse_published_change();
create trigger published_never_truncated before truncate on {table}
    for each statement execute function refuse_published_change();
"""
_CHILD = """
create trigger published_never_changes before insert or update or delete on {table}
    for each row execute function refuse_published_child_change('{parent}');
create trigger published_never_truncated before truncate on {table}
    for each statement execute function refuse_published_child_change('{parent}');
"""
_GROWS = """
create trigger only_grows before update or delete on {table} for each row execute function refuse_rewriting();
create trigger never_truncated before truncate on {table} for each statement execute function refuse_rewriting();
"""


def never_changes(table: str, *children: str) -> migrations.RunSQL:
    """Published rows of the version table and their child rows are frozen."""
    forward = _VERSION.format(table=table) + "".join(_CHILD.format(table=c, parent=table) for c in children)
    names = ("published_never_changes", "published_never_truncated")
    backward = "".join(f"drop trigger {n} on {t};" for t in (table, *children) for n in names)
    return migrations.RunSQL(forward, backward)


def only_grows(table: str) -> migrations.RunSQL:
    """Rows of `table` are written once: no UPDATE, DELETE or TRUNCATE."""
    return migrations.RunSQL(
        _GROWS.format(table=table), f"drop trigger only_grows on {table}; drop trigger never_truncated on {table};"
    )
