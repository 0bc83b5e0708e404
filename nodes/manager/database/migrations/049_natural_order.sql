-- Lists in the order that people read names in: "Plant 2" before "Plant 10", without regard to case and accents. Each number is written
-- with at least 15 digits. The keys compare by their bytes, so PGlite and every PostgreSQL, whatever its locale and ICU, have one order.
-- Most names have one number, at their end, or none; for them no regular expression is needed, which takes ten times as long.
create function tpe_natural_key(name text) returns text
  language plpgsql immutable parallel safe as $$
declare
  folded text := lower(translate(left(name, 200), 'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüý',
    'AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuy'));
  head text := rtrim(folded, '0123456789');
  digits integer := length(folded) - length(head);
begin
  if digits <= 15 and translate(head, '0123456789', '') = head then
    return case when digits = 0 then head else head || lpad(right(folded, digits), 15, '0') end;
  end if;
  return regexp_replace(regexp_replace(folded, '([0-9]+)', '00000000000000\1', 'g'), '0{0,14}([0-9]{15,})', '\1', 'g');
end
$$;

-- For PostgreSQL this depends on settings, because an array may be of times; of texts it does not.
create function tpe_tags_text(tags text[]) returns text
  language sql immutable parallel safe as $$ select array_to_string(tags, ' ') $$;

-- Columns, because an index on the function would call it anew with each change of a row.
alter table clientid_profile
  add column name_key text collate "C" generated always as (tpe_natural_key(clientid)) stored,
  add column host_key text collate "C" generated always as (tpe_natural_key(coalesce(host_name, ''))) stored,
  add column site_key text collate "C" generated always as (tpe_natural_key(site)) stored,
  add column redundancy_key text collate "C" generated always as (tpe_natural_key(redundancy)) stored,
  -- What search_text had, and the tags.
  add column find_text text generated always as (
    lower(clientid || ' ' || coalesce(host_name, '') || ' ' || coalesce(model_name, '') || ' '
      || coalesce(serial_number, '') || ' ' || site || ' ' || note || ' ' || tpe_tags_text(tags))) stored;

-- What asks for a person comes first: who went away, then who never came, then who is there.
alter table tpe_presence
  add column name_key text collate "C" generated always as (tpe_natural_key(clientid)) stored,
  add column attention smallint generated always as (case status when 'offline' then 0 when 'never_seen' then 1 else 2 end) stored;

-- Each index costs every connect; this one finds those of a status, too.
drop index if exists tpe_presence_by_status;
create index tpe_presence_by_attention on tpe_presence (attention, name_key, clientid);
create index tpe_presence_by_address on tpe_presence ((ip_address collate "C")) where ip_address is not null;
create index clientid_profile_by_name on clientid_profile (name_key, clientid);
create index clientid_profile_by_site_key on clientid_profile (site_key, name_key, clientid);
drop index if exists clientid_profile_by_host;
create index clientid_profile_by_host_key on clientid_profile (host_key, clientid);
drop index if exists clientid_profile_by_redundancy;
create index clientid_profile_by_redundancy_key on clientid_profile (redundancy_key, clientid);

create or replace view tpe_gateway as
select profile.id, profile.clientid, profile.host_name, profile.model_name, profile.serial_number, profile.firmware_version,
  profile.bios_version, profile.tpe_version, profile.new_scaned_package, profile.created_at, profile.profile_updated_at,
  profile.site, profile.note, profile.tags, profile.description, profile.device_type, profile.profile,
  profile.find_text as search_text,
  profile.firmware_version_key, profile.tpe_version_key,
  presence.clientid as presence_clientid, presence.status, presence.since as presence_since, presence.reason as presence_reason, presence.cause as presence_cause,
  presence.source as presence_source, presence.ip_address, presence.previous_ip_address, presence.churn_since,
  presence.churn_connects, presence.churn_takeovers, presence.refused_login,
  profile.redundancy,
  profile.name_key, profile.host_key, profile.site_key, profile.redundancy_key,
  presence.name_key as presence_name_key, presence.attention, profile.find_text
from clientid_profile profile join tpe_presence presence using (clientid);

drop index if exists clientid_profile_by_search;
create index clientid_profile_by_text on clientid_profile using gin (find_text gin_trgm_ops) with (gin_pending_list_limit = 256);
do $$
begin
  alter table clientid_profile drop column search_text;
exception when dependent_objects_still_exist then
  -- A view of the site uses it, and goes on.
end
$$;
