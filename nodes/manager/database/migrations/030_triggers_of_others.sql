-- Whoever may change a gateway's row, a report's role or a script of the site, need not be given rights on the manager's own
-- tables for it: the triggers write there with the rights of their owner. Nobody else can hang them on a table of their own.
do $migration$
declare
  name text;
begin
  foreach name in array array['tpe_note_presence', 'tpe_forget_presence'] loop
    execute format('alter function %I() security definer set search_path = pg_catalog, pg_temp', name);
    execute format('revoke execute on function %I() from public', name);
  end loop;
end
$migration$;
