-- Several managers on one database: who is alive, and what only one of them does at a time.
create table tpe_instance (
  instance text primary key,
  seen_at timestamptz not null
);

create table tpe_schedule (
  task text primary key,
  instance text not null,
  started_at timestamptz not null
);

-- One request in flight to a gateway, whichever manager sent it. Of several that are there the newest stays.
update tpe_command older
set state = 'TIMED_OUT', reason = 'No answer was waited for any more.', reason_code = 'TIMED_OUT', ended_at = now()
where older.state = 'SENT' and exists (
  select from tpe_command newer
  where newer.clientid = older.clientid and newer.state = 'SENT' and newer.request_id > older.request_id);
create unique index tpe_command_in_flight on tpe_command (clientid) where state = 'SENT';
