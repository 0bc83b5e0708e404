-- Scans of the gateways for newer software; one runs at a time.
create table tpe_update_scan (
  id bigint generated always as identity primary key,
  state text not null default 'RUNNING' check (state in ('RUNNING', 'DONE', 'STOPPED', 'FAILED')),
  instance text not null,
  filter jsonb not null,
  requested_by text not null,
  total integer not null default 0,
  done integer not null default 0,
  found integer not null default 0,
  failed integer not null default 0,
  -- What kept models from being scanned: {model: reason}.
  faults jsonb not null default '{}',
  -- Why it ended early.
  reason text,
  stop_requested_by text,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index tpe_update_scan_running on tpe_update_scan ((true)) where state = 'RUNNING';

-- What the last scan found for each gateway.
create table tpe_update (
  clientid varchar(100) primary key,
  scanned_at timestamptz not null,
  model_name text,
  firmware_version text,
  tpe_version text,
  path jsonb not null,
  candidates jsonb not null,
  has_update boolean not null
);
create index tpe_update_available on tpe_update (clientid) where has_update;
