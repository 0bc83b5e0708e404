-- What was found for a gateway goes with it, as its history does; what others left behind goes now.
create or replace function tpe_forget_presence() returns trigger language plpgsql as $$
begin
  delete from tpe_presence_event where clientid = old.clientid;
  delete from tpe_update where clientid = old.clientid;
  return null;
end
$$;
delete from tpe_update where not exists (
  select from clientid_profile profile where profile.clientid = tpe_update.clientid);

-- One task has taken the place of these.
delete from tpe_schedule where task in ('audit', 'presence history', 'commands');
