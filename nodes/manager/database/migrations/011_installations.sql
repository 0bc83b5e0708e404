-- Every installation of software ever asked for, how far it has come, and what became of it.
create table tpe_installation (
  id bigint generated always as identity primary key,
  clientid varchar(100) not null,
  -- The packages in the order in which they are installed.
  packages jsonb not null,
  state text not null check (state in ('QUEUED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'REJECTED',
    'CANCELED', 'ALREADY_INSTALLED')),
  -- For a person: why it ended as it did.
  reason text,
  -- For a program: a TpeErrorCode, where there is one.
  reason_code text,
  -- Where it is: the package by its place, the step, and 0 to 100 of the whole.
  package integer not null default 0,
  step text,
  progress integer not null default 0,
  steps jsonb not null default '[]',
  -- What the manager has to know to go on where it was.
  work jsonb not null default '{}',
  before_tpe_version text,
  before_firmware_version text,
  after_tpe_version text,
  after_firmware_version text,
  -- Null: as the gateway is set.
  snapshot boolean,
  allow_cellular boolean not null,
  -- For each package.
  timeout_ms integer not null,
  requested_by text not null,
  cancel_requested_by text,
  -- The manager that sees it through.
  instance text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  updated_at timestamptz not null default now(),
  ended_at timestamptz
);
-- One at a time on each gateway, whichever manager began it.
create unique index tpe_installation_under_way on tpe_installation (clientid)
  where state in ('QUEUED', 'IN_PROGRESS');
create index tpe_installation_by_clientid on tpe_installation (clientid, id desc);
