-- Whoever changes the tables, TPEDM's tools and psql among them, need not have their schema in the search_path: the triggers
-- name the tables with it.
do $migration$
begin
  execute format($function$
    create or replace function tpe_note_presence() returns trigger language plpgsql as $$
    begin
      insert into %1$I.tpe_presence_event (clientid, at, online, reason, source)
      values (new.clientid, coalesce(new.presence_since, now()), coalesce(new.connection_status, false),
        new.presence_reason, new.presence_source);
      return null;
    end
    $$$function$, current_schema());
  execute format($function$
    create or replace function tpe_forget_presence() returns trigger language plpgsql as $$
    begin
      delete from %1$I.tpe_presence_event where clientid = old.clientid;
      delete from %1$I.tpe_update where clientid = old.clientid;
      return null;
    end
    $$$function$, current_schema());
end
$migration$;

-- The role by which EMQX reads its view reaches the schema too, where that is not public.
do $$
begin
  if exists (select from pg_roles where rolname = 'tpe_emqx_reader') then
    execute format('grant usage on schema %I to tpe_emqx_reader', current_schema());
  end if;
exception when insufficient_privilege then
  -- The schema is another's: docker/postgres/20-emqx-role.sh, run as a superuser, gives it.
  null;
end
$$;
