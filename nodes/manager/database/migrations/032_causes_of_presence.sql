-- Beside each reason its cause, a code and values, from which others make words in their own language; null for the words of a
-- broker, and for what was stored before.
alter table clientid_profile
  add column presence_cause jsonb,
  add column suspect_cause jsonb;
alter table tpe_presence_event add column cause jsonb;

-- A new body takes from a function what is not written anew: see 022 and 030. Its owner and who may call it stay.
do $migration$
begin
  execute format($function$
    create or replace function tpe_note_presence() returns trigger language plpgsql
      security definer set search_path = pg_catalog, pg_temp as $$
    begin
      insert into %1$I.tpe_presence_event (clientid, at, online, reason, cause, source)
      values (new.clientid, coalesce(new.presence_since, now()), coalesce(new.connection_status, false),
        new.presence_reason, new.presence_cause, new.presence_source);
      return null;
    end
    $$$function$, current_schema());
end
$migration$;
