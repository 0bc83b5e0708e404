-- What the manager needs beyond TPEDM's columns. Times that people read are timestamptz; a session is named by
-- the broker's own connected_at in ms, because the two events of one session must compare equal.
-- A column that somebody added under one of these names would not be ours: then this fails, and nothing is changed.
alter table mqtt_user
  add column enabled boolean not null default true,
  add column credential_changed_at timestamptz;

alter table clientid_profile
  add column site varchar(100) not null default '',
  add column note text not null default '',
  add column tags text[] not null default '{}',
  add column description text,
  add column device_type varchar(100),
  add column profile jsonb,
  add column presence_since timestamptz,
  add column presence_reason text,
  add column presence_source varchar(40),
  add column session_connected_at bigint,
  add column session_node text,
  add column ip_address text,
  add column protocol_version integer,
  add column keepalive integer,
  add column clean_start boolean;

-- TPEDM has one row for each client id, kept so by a unique index. Where that is missing the newest row stays.
delete from clientid_profile where clientid is null;
delete from clientid_profile older using clientid_profile newer
  where older.clientid = newer.clientid and older.id < newer.id;
delete from mqtt_user older using mqtt_user newer
  where older.clientid = newer.clientid and older.id < newer.id;
alter table clientid_profile alter column clientid set not null;

do $$
declare
  name text;
begin
  foreach name in array array['mqtt_user', 'clientid_profile'] loop
    if not exists (
      select from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
      where indrelid = name::regclass and attname = 'clientid' and indnkeyatts = 1
        and indisunique and indisvalid and indimmediate and indpred is null
    ) then
      execute format('create unique index %I on %I (clientid)', name || '_one_per_clientid', name);
    end if;
  end loop;
end
$$;

-- TPEDM knew when it last heard of a connection: that is since when the state holds.
update clientid_profile
set presence_since = to_timestamp(connection_status_updated_at),
    presence_reason = 'taken over from TPEDM',
    presence_source = 'tpedm'
where connection_status_updated_at between 1 and 4102444800;

-- A version as numbers, so that 2.10 sorts behind 2.9; what is no number only separates.
create function tpe_version_key(version text) returns bigint[]
  language sql immutable parallel safe as $$
  select coalesce(
    string_to_array(
      nullif(btrim(regexp_replace(
        regexp_replace(left(version, 100), '(\d{15})\d+', '\1', 'g'), '\D+', ',', 'g'), ','), ''),
      ',')::bigint[],
    '{}')
$$;

alter table clientid_profile
  add column status text generated always as (
    case
      when connection_status then 'online'
      when presence_since is null and coalesce(connection_status_updated_at, 0) = 0 then 'never_seen'
      else 'offline'
    end) stored,
  add column search_text text generated always as (
    lower(clientid || ' ' || coalesce(host_name, '') || ' ' || coalesce(model_name, '') || ' '
      || coalesce(serial_number, '') || ' ' || site || ' ' || note)) stored,
  -- Columns, because an index on the function would call it anew with each change of presence.
  add column firmware_version_key bigint[] generated always as (tpe_version_key(firmware_version)) stored,
  add column tpe_version_key bigint[] generated always as (tpe_version_key(tpe_version)) stored;

-- One index for each order that a list can have, ended by clientid for keyset paging. Models sort by their bytes,
-- so that the same index finds the beginning of a model name.
create index clientid_profile_by_status on clientid_profile (status, clientid);
create index clientid_profile_by_host on clientid_profile (coalesce(host_name, ''), clientid);
create index clientid_profile_by_model on clientid_profile ((coalesce(model_name, '') collate "C"), clientid);
create index clientid_profile_by_serial on clientid_profile (coalesce(serial_number, ''), clientid);
create index clientid_profile_by_site on clientid_profile (site, clientid);
create index clientid_profile_by_firmware on clientid_profile (firmware_version_key, clientid);
create index clientid_profile_by_tpe on clientid_profile (tpe_version_key, clientid);
create index clientid_profile_by_since
  on clientid_profile (coalesce(presence_since, '-infinity'::timestamptz), clientid);
create index clientid_profile_by_created on clientid_profile (coalesce(created_at, 0), clientid);
create index clientid_profile_by_tag on clientid_profile using gin (tags);
create index clientid_profile_by_search on clientid_profile using gin (search_text gin_trgm_ops);
create index mqtt_user_disabled on mqtt_user (clientid) where not enabled;
create index if not exists dm_operation_by_category on dm_operation (categoryid);
