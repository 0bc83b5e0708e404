-- What the timeline of a gateway is read by, newest first. It leaves out what would hide the rest: the requests that an installation
-- makes, and what is only read for the manager itself or by a job.
create index tpe_command_of_timeline on tpe_command (clientid, created_at, request_id)
  where not starts_with(requested_by, 'tpedm: ') and (execution is null or risk is distinct from 'read');

-- What may have restarted a gateway, by when it was sent.
create index tpe_command_disturbing on tpe_command (clientid, sent_at)
  where sent_at is not null and risk in ('disruptive', 'destructive');

-- What people changed of a gateway, alone or together with others.
create index tpe_audit_of_timeline on tpe_audit (clientid, at, id)
  where clientid is not null and outcome = 'done' and (starts_with(action, 'gateway.') and action <> 'gateway.refresh' or action = 'guard.release');
create index tpe_audit_of_many on tpe_audit using gin ((detail -> 'clientids')) with (fastupdate = off)
  where clientid is null and outcome = 'done' and starts_with(action, 'gateway.') and detail ? 'clientids';

create index tpe_job_execution_of_timeline on tpe_job_execution (clientid, (coalesce(started_at, ended_at)), job)
  where coalesce(started_at, ended_at) is not null;
