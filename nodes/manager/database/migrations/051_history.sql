-- What the history of commands is found by, newest first. What the device manager asks for by itself is told apart in all of them, since
-- there is so much of it that it would hide the rest.
drop index if exists tpe_command_by_clientid;
create index tpe_command_of_gateway on tpe_command (clientid, created_at desc, request_id desc);
create index tpe_command_by_time on tpe_command ((starts_with(requested_by, 'tpedm: ')), created_at desc, request_id desc);
create index tpe_command_of_operation
  on tpe_command ((starts_with(requested_by, 'tpedm: ')), operation, created_at desc, request_id desc);
create index tpe_command_ended_badly on tpe_command ((starts_with(requested_by, 'tpedm: ')), state, created_at desc, request_id desc)
  where state in ('FAILED', 'TIMED_OUT', 'REJECTED', 'EXPIRED', 'CANCELED');
create index tpe_command_of_asker on tpe_command (requested_by collate "C", created_at desc, request_id desc)
  where not starts_with(requested_by, 'tpedm: ');
create index tpe_command_of_jobs on tpe_command (created_at desc, request_id desc)
  where execution is not null and not starts_with(requested_by, 'tpedm: ');

-- The audit is found the same way: by time within each condition. An act on many gateways is found by all of them, and by its door.
alter table tpe_audit add column door text, add column clientids text[];
update tpe_audit set clientids = array(select jsonb_array_elements_text(detail -> 'clientids'))
  where clientid is null and jsonb_typeof(detail -> 'clientids') = 'array' and detail -> 'clientids' <> '[]'::jsonb;
update tpe_audit set door = case
    when action in ('login', 'logout') or starts_with(action, 'dashboard.') then 'dashboard'
    when starts_with(action, 'editor.') then 'editor'
    when starts_with(action, 'wall.') then 'wall' else 'rest' end
  where action in ('login', 'logout') or action ~ '^(dashboard|editor|wall|rest)\.' or detail ? 'call';
drop index if exists tpe_audit_by_time, tpe_audit_of_gateway, tpe_audit_of_person, tpe_audit_of_job, tpe_audit_of_many;
create index tpe_audit_newest on tpe_audit (at desc, id desc);
create index tpe_audit_at_gateway on tpe_audit (clientid, at desc, id desc) where clientid is not null;
create index tpe_audit_of_name on tpe_audit (who collate "C", at desc, id desc);
create index tpe_audit_within_job on tpe_audit (job, at desc, id desc) where job is not null;
create index tpe_audit_of_action on tpe_audit (action collate "C", at desc, id desc);
create index tpe_audit_of_outcome on tpe_audit (outcome, at desc, id desc);
create index tpe_audit_of_door on tpe_audit (door, at desc, id desc) where door is not null;
create index tpe_audit_of_gateways on tpe_audit using gin (clientids) with (fastupdate = off) where clientids is not null;
