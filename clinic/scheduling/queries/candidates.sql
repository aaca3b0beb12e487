-- After availability.sql: everyone and everything that could play a role.
select distinct id from candidate order by id
