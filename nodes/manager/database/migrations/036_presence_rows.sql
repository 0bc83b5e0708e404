-- What changes with each connect and disconnect has narrow rows of its own, with only the indexes that pages of presence need: in
-- clientid_profile each change wrote into 14 indexes. There, connection_status and connection_status_updated_at go on for TPEDM's tools;
-- the manager copies them some seconds later, many gateways in one statement.
lock table clientid_profile in access exclusive mode;

create table tpe_presence (
  clientid text primary key,
  status text not null default 'never_seen' check (status in ('online', 'offline', 'never_seen')),
  since timestamptz,
  reason text,
  cause jsonb,
  source varchar(40),
  -- The newest known session, by the broker's own connected_at in ms, and where it is or was.
  session_connected_at bigint,
  session_node text,
  ip_address text,
  protocol_version integer,
  keepalive integer,
  clean_start boolean,
  -- A disconnect that does not say which session it ended: ms since the epoch, with its reason, until the broker was queried.
  suspect_at bigint,
  suspect_reason text,
  suspect_cause jsonb,
  -- How often it connected since a time in ms, and how often that took over an open session; see churn.ts.
  churn_since bigint,
  churn_connects integer not null default 0,
  churn_takeovers integer not null default 0,
  previous_ip_address text,
  -- The last refused logins of a client under this client id; see refused-login.ts.
  refused_login jsonb
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

insert into tpe_presence (clientid, status, since, reason, cause, source, session_connected_at, session_node, ip_address,
  protocol_version, keepalive, clean_start, suspect_at, suspect_reason, suspect_cause, churn_since, churn_connects,
  churn_takeovers, previous_ip_address, refused_login)
select clientid, status, presence_since, presence_reason, presence_cause, presence_source, session_connected_at, session_node,
  ip_address, protocol_version, keepalive, clean_start, suspect_at, suspect_reason, suspect_cause, churn_since, churn_connects,
  churn_takeovers, previous_ip_address, refused_login
from clientid_profile order by clientid;

-- The reasons from before, which hold for as long as nothing changes, get their causes as far as they have no values but an address.
update tpe_presence set cause = jsonb_build_object('code', known.code, 'params', '{}'::jsonb)
from (values ('connected', 'connected'), ('disconnected by itself', 'disconnected-by-itself'),
    ('disconnected by itself, leaving its will', 'disconnected-leaving-its-will'),
    ('disconnected by the device manager', 'disconnected-by-the-manager'), ('keepalive timeout', 'keepalive-timeout'),
    ('connection lost', 'connection-lost'), ('connection lost (TLS)', 'connection-lost-tls'), ('the broker was stopped', 'broker-stopped'),
    ('heard from it', 'heard-from-it'), ('no answer to a probe', 'probe-unanswered'),
    ('the broker lists it as connected', 'broker-lists-it'), ('the broker has no such client', 'broker-lacks-it')) as known (text, code)
where cause is null and reason = known.text;
update tpe_presence set cause = jsonb_build_object('code', 'connected-from', 'params',
    jsonb_build_object('address', substr(reason, length('connected from ') + 1)))
where cause is null and reason like 'connected from %';

create index tpe_presence_by_status on tpe_presence (status, clientid);
create index tpe_presence_by_since on tpe_presence (coalesce(since, '-infinity'::timestamptz), clientid);

-- Whoever changes presence, the change is in the history, which is written once for all gateways of a statement. The plan is kept for a
-- session, so it must not be one for the single row that may have come first.
drop trigger if exists tpe_note_presence on clientid_profile;
drop trigger if exists tpe_forget_presence on clientid_profile;

do $migration$
begin
  execute format($function$
    create or replace function tpe_note_presence() returns trigger language plpgsql
      security definer set search_path = pg_catalog, pg_temp set enable_nestloop = off as $$
    begin
      insert into %1$I.tpe_presence_event (clientid, at, online, reason, cause, source)
      select after.clientid, coalesce(after.since, now()), after.status = 'online', after.reason, after.cause, after.source
      from after join before using (clientid)
      where (after.status = 'online') <> (before.status = 'online');
      return null;
    end
    $$$function$, current_schema());

  -- Others may register gateways too, and say at once whether they are online.
  execute format($function$
    create function tpe_add_presence() returns trigger language plpgsql
      security definer set search_path = pg_catalog, pg_temp as $$
    begin
      insert into %1$I.tpe_presence (clientid, status, since)
      select clientid, case when connection_status then 'online' when coalesce(connection_status_updated_at, 0) = 0 then 'never_seen'
          else 'offline' end,
        case when connection_status_updated_at between 1 and 4102444800 then to_timestamp(connection_status_updated_at) end
      from added where clientid is not null
      on conflict (clientid) do nothing;
      return null;
    end
    $$$function$, current_schema());

  -- A tool of TPEDM that changes the status is believed, and a gateway that gets another client id keeps its presence. What the
  -- manager copies is equal already and changes nothing here.
  execute format($function$
    create function tpe_follow_status() returns trigger language plpgsql
      security definer set search_path = pg_catalog, pg_temp as $$
    begin
      if new.clientid <> old.clientid then
        delete from %1$I.tpe_presence where clientid = new.clientid;
        update %1$I.tpe_presence set clientid = new.clientid where clientid = old.clientid;
      end if;
      update %1$I.tpe_presence set status = case when new.connection_status then 'online' else 'offline' end,
        since = now(), reason = 'set by another program', source = 'tpedm',
        cause = '{"code": "status-set-by-others", "params": {}}'
      where clientid = new.clientid and (status = 'online') <> coalesce(new.connection_status, false)
        and coalesce(new.connection_status, false) <> coalesce(old.connection_status, false);
      return null;
    end
    $$$function$, current_schema());

  execute format($function$
    create or replace function tpe_forget_presence() returns trigger language plpgsql
      security definer set search_path = pg_catalog, pg_temp as $$
    begin
      if tg_op = 'TRUNCATE' then
        delete from %1$I.tpe_presence;
        return null;
      end if;
      delete from %1$I.tpe_presence presence using gone where presence.clientid = gone.clientid;
      delete from %1$I.tpe_presence_event event using gone where event.clientid = gone.clientid;
      delete from %1$I.tpe_update found using gone where found.clientid = gone.clientid;
      return null;
    end
    $$$function$, current_schema());
end
$migration$;
revoke execute on function tpe_add_presence(), tpe_follow_status() from public;

create trigger tpe_note_presence after update on tpe_presence
  referencing old table as before new table as after for each statement execute function tpe_note_presence();
create trigger tpe_add_presence after insert on clientid_profile
  referencing new table as added for each statement execute function tpe_add_presence();
create trigger tpe_follow_status after update of clientid, connection_status on clientid_profile for each row
  when (old.clientid <> new.clientid or old.connection_status is distinct from new.connection_status)
  execute function tpe_follow_status();
create trigger tpe_forget_presence after delete on clientid_profile
  referencing old table as gone for each statement execute function tpe_forget_presence();
create trigger tpe_forget_all_presence after truncate on clientid_profile
  for each statement execute function tpe_forget_presence();

-- All that is known of a gateway, for pages and reports, under the names that the columns had. A page in the order of presence has its
-- index only if it goes by the client id of the same table, too.
create view tpe_gateway as
select profile.id, profile.clientid, profile.host_name, profile.model_name, profile.serial_number, profile.firmware_version,
  profile.bios_version, profile.tpe_version, profile.new_scaned_package, profile.created_at, profile.profile_updated_at,
  profile.site, profile.note, profile.tags, profile.description, profile.device_type, profile.profile, profile.search_text,
  profile.firmware_version_key, profile.tpe_version_key,
  presence.clientid as presence_clientid, presence.status, presence.since as presence_since, presence.reason as presence_reason, presence.cause as presence_cause,
  presence.source as presence_source, presence.ip_address, presence.previous_ip_address, presence.churn_since,
  presence.churn_connects, presence.churn_takeovers, presence.refused_login
from clientid_profile profile join tpe_presence presence using (clientid);

-- Who may read the gateways may read the view, which has the columns that are gone.
do $$
declare
  reader record;
begin
  for reader in select distinct grantee from information_schema.role_table_grants
    where table_schema = current_schema() and table_name = 'clientid_profile' and privilege_type = 'SELECT' and grantee <> current_user
  loop
    if reader.grantee = 'PUBLIC' then
      grant select on tpe_gateway to public;
    else
      execute format('grant select on tpe_gateway to %I', reader.grantee);
    end if;
  end loop;
end
$$;
