-- What is known of a site: its time zone, when jobs may begin something there, and whom to ask. The empty name is the default of all.
create table tpe_site (
  name text primary key,
  zone text,
  windows jsonb not null default '[]',
  freezes jsonb not null default '[]',
  contact text not null default '',
  -- Grows with each change, so that what was worked out from the windows is known to be old.
  version bigint not null default 1,
  set_by text not null,
  set_at timestamptz not null default now()
);

-- Those that were looked at and could not begin, now also what waits for a window.
drop index tpe_job_execution_held;
create index tpe_job_execution_held_back on tpe_job_execution (job, next_at, ordinal)
  where state = 'QUEUED' and next_at is not null and waiting_for in ('guard', 'busy', 'stop', 'window');

-- Jobs from before heed the windows that people set from now on.
update tpe_job set pace = pace || '{"outsideWindows": false}',
  submitted_pace = case when jsonb_typeof(submitted_pace) = 'object' then submitted_pace || '{"outsideWindows": false}' else submitted_pace end
  where not pace ? 'outsideWindows';
