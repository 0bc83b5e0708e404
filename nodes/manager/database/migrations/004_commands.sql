-- Every command ever asked for, and what became of it.
create sequence tpe_request_id as bigint;

create table tpe_command (
  request_id bigint primary key,
  clientid varchar(100) not null,
  method varchar(10) not null,
  path text not null,
  -- As shown: secrets are redacted.
  request_body jsonb,
  -- As it will be sent; emptied as soon as it is, or when it ends unsent.
  pending_request text,
  state text not null check (state in
    ('QUEUED', 'SENT', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'REJECTED', 'EXPIRED', 'CANCELED')),
  -- For a person: why it ended as it did.
  reason text,
  -- For a program: a TpeErrorCode, where the manager ended it.
  reason_code text,
  when_offline text not null check (when_offline in ('fail', 'queue')),
  timeout_ms integer not null,
  expires_at timestamptz not null,
  requested_by text not null,
  -- The manager that waits for the answer.
  instance text not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  answer_status integer,
  -- The payload of the answer, redacted; null payloads are json null.
  answer_payload jsonb
);
create index tpe_command_by_clientid on tpe_command (clientid, request_id desc);
create index tpe_command_open on tpe_command (instance, request_id) where state in ('QUEUED', 'SENT');
