-- What the manager needs beyond TPEDM's columns. Times that people read are timestamptz; a session is named by
-- the broker's own connected_at in ms, because the two events of one session must compare equal.
create extension if not exists pg_trgm;

alter table mqtt_user add column if not exists enabled boolean not null default true;
alter table mqtt_user add column if not exists credential_changed_at timestamptz;

alter table clientid_profile
  add column if not exists site varchar(100) not null default '',
  add column if not exists note text not null default '',
  add column if not exists tags text[] not null default '{}',
  add column if not exists description text,
  add column if not exists device_type varchar(100),
  add column if not exists profile jsonb,
  add column if not exists presence_since timestamptz,
  add column if not exists presence_reason text,
  add column if not exists presence_source varchar(40),
  add column if not exists session_connected_at bigint,
  add column if not exists session_node text,
  add column if not exists ip_address text,
  add column if not exists protocol_version integer,
  add column if not exists keepalive integer,
  add column if not exists clean_start boolean;

-- Profiles are facts that a gateway reports about itself: bounded at the door, but longer than TPEDM's columns.
alter table clientid_profile
  alter column host_name type text,
  alter column model_name type text,
  alter column serial_number type text,
  alter column firmware_version type text,
  alter column bios_version type text,
  alter column tpe_version type text;

-- TPEDM keeps one row per client id by a unique index; where an index is missing, keep the newest row.
delete from clientid_profile older using clientid_profile newer
  where older.clientid = newer.clientid and older.id < newer.id;
delete from clientid_profile where clientid is null;
alter table clientid_profile alter column clientid set not null;
create unique index if not exists clientid_profile_one_per_clientid on clientid_profile (clientid);

-- A version as numbers, so that 2.10 sorts behind 2.9.
create or replace function tpe_version_key(version text) returns bigint[]
  language sql immutable parallel safe as $$
  select coalesce(array_agg(part[1]::bigint order by place), '{}')
  from regexp_matches(left(coalesce(version, ''), 100), '\d{1,15}', 'g') with ordinality as numbers (part, place)
$$;

alter table clientid_profile
  add column if not exists status text generated always as (
    case
      when connection_status then 'online'
      when presence_since is null and coalesce(connection_status_updated_at, 0) = 0 then 'never_seen'
      else 'offline'
    end) stored,
  add column if not exists search_text text generated always as (
    lower(clientid || ' ' || coalesce(host_name, '') || ' ' || coalesce(model_name, '') || ' '
      || coalesce(serial_number, '') || ' ' || site || ' ' || note)) stored;

-- One index for each order that a list can have, ended by clientid for keyset paging.
create index if not exists clientid_profile_by_status on clientid_profile (status, clientid);
create index if not exists clientid_profile_by_host on clientid_profile (coalesce(host_name, ''), clientid);
create index if not exists clientid_profile_by_model on clientid_profile (coalesce(model_name, ''), clientid);
create index if not exists clientid_profile_by_serial on clientid_profile (coalesce(serial_number, ''), clientid);
create index if not exists clientid_profile_by_site on clientid_profile (site, clientid);
create index if not exists clientid_profile_by_firmware on clientid_profile (tpe_version_key(firmware_version), clientid);
create index if not exists clientid_profile_by_tpe on clientid_profile (tpe_version_key(tpe_version), clientid);
create index if not exists clientid_profile_by_since
  on clientid_profile (coalesce(presence_since, '-infinity'::timestamptz), clientid);
create index if not exists clientid_profile_by_created on clientid_profile (coalesce(created_at, 0), clientid);
create index if not exists clientid_profile_by_tag on clientid_profile using gin (tags);
create index if not exists clientid_profile_by_search on clientid_profile using gin (search_text gin_trgm_ops);
create index if not exists dm_operation_by_category on dm_operation (categoryid);
