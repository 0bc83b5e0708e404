-- Gateways that share a text stand in for each other. A constant default is not written into the rows.
alter table clientid_profile add column redundancy text not null default '';

-- The members of a set, also where the planner takes the empty text for the only one; and the order of the list.
create index clientid_profile_redundancy_set on clientid_profile (redundancy, clientid) where redundancy <> '';
create index clientid_profile_by_redundancy on clientid_profile (redundancy, clientid);

create or replace view tpe_gateway as
select profile.id, profile.clientid, profile.host_name, profile.model_name, profile.serial_number, profile.firmware_version,
  profile.bios_version, profile.tpe_version, profile.new_scaned_package, profile.created_at, profile.profile_updated_at,
  profile.site, profile.note, profile.tags, profile.description, profile.device_type, profile.profile, profile.search_text,
  profile.firmware_version_key, profile.tpe_version_key,
  presence.clientid as presence_clientid, presence.status, presence.since as presence_since, presence.reason as presence_reason, presence.cause as presence_cause,
  presence.source as presence_source, presence.ip_address, presence.previous_ip_address, presence.churn_since,
  presence.churn_connects, presence.churn_takeovers, presence.refused_login,
  profile.redundancy
from clientid_profile profile join tpe_presence presence using (clientid);
