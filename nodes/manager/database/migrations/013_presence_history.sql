-- When gateways came and went. Written by a trigger, so that whoever changes the state cannot forget it.
create table tpe_presence_event (
  id bigint generated always as identity primary key,
  clientid varchar(100) not null,
  at timestamptz not null,
  online boolean not null,
  reason text,
  source varchar(40)
);
create index tpe_presence_event_of_gateway on tpe_presence_event (clientid, at, id);
create index tpe_presence_event_by_time on tpe_presence_event (at);

-- History begins with how each gateway stands.
insert into tpe_presence_event (clientid, at, online, reason, source)
select clientid, presence_since, status = 'online', presence_reason, presence_source
from clientid_profile where presence_since is not null;

create function tpe_note_presence() returns trigger language plpgsql as $$
begin
  insert into tpe_presence_event (clientid, at, online, reason, source)
  values (new.clientid, coalesce(new.presence_since, now()), coalesce(new.connection_status, false),
    new.presence_reason, new.presence_source);
  return null;
end
$$;
create trigger tpe_note_presence after update of connection_status on clientid_profile
  for each row when (coalesce(old.connection_status, false) is distinct from coalesce(new.connection_status, false))
  execute function tpe_note_presence();

-- What is gone has no history: no foreign key, since TPEDM's own programs may empty its tables.
create function tpe_forget_presence() returns trigger language plpgsql as $$
begin
  delete from tpe_presence_event where clientid = old.clientid;
  return null;
end
$$;
create trigger tpe_forget_presence after delete on clientid_profile
  for each row execute function tpe_forget_presence();

create index clientid_profile_by_bios on clientid_profile (coalesce(bios_version, ''), clientid);
