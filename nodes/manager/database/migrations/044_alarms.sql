-- What is wrong with gateways, jobs and the system, by rules that people set.

create table tpe_alarm_rule (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  kind text not null,
  name text not null default '',
  enabled boolean not null default true,
  severity text not null check (severity in ('critical', 'warning', 'info')),
  delay_s integer not null check (delay_s >= 0),
  threshold integer,
  clear_threshold integer,
  clear_s integer not null check (clear_s >= 0),
  repeat_s integer,
  filter jsonb,
  is_built_in boolean not null default false,
  set_by text,
  set_at timestamptz
);

-- `rule` is the id of the rule, or `own` for alarms of flows. One is open for a rule, a gateway and a key at a time.
create table tpe_alarm (
  id bigint generated always as identity primary key,
  rule text not null,
  kind text not null,
  severity text not null check (severity in ('critical', 'warning', 'info')),
  clientid text,
  key text not null default '',
  site text,
  reason text not null,
  cause jsonb,
  advice text not null default '',
  advice_cause jsonb,
  gateways integer not null default 1,
  since timestamptz not null,
  raised_at timestamptz not null default now(),
  -- Since when it has been good without a break, while it is open.
  good_since timestamptz,
  cleared_at timestamptz,
  cleared_by text,
  acknowledged_by text,
  acknowledged_at timestamptz,
  assigned_to text,
  shelved_by text,
  shelved_until timestamptz,
  note text not null default '',
  -- When it was last told of.
  reminded_at timestamptz,
  updated_at timestamptz not null default now()
);
create unique index tpe_alarm_open on tpe_alarm (rule, coalesce(clientid, ''), key) where cleared_at is null;
create index tpe_alarm_open_by_rule on tpe_alarm (rule, id) where cleared_at is null;
create index tpe_alarm_of_gateway on tpe_alarm (clientid, id) where clientid is not null;
create index tpe_alarm_cleared on tpe_alarm (cleared_at) where cleared_at is not null;

-- What is told to people, in order; see `told_no` below. Numbers are given under a lock, so none is committed behind a higher one.
create table tpe_alarm_news (
  no bigint generated always as identity primary key,
  alarm bigint not null,
  what text not null check (what in ('raised', 'cleared', 'reminder')),
  at timestamptz not null default now()
);
create index tpe_alarm_news_by_time on tpe_alarm_news (at);

-- The one row of what all managers know together: when somebody last looked, since when presence has been known without a gap, and how
-- far the news of alarms are told; null: nobody has told any yet.
create table tpe_alarm_watch (
  is_only boolean primary key default true check (is_only),
  looked_at timestamptz,
  presence_since timestamptz,
  told_no bigint
);
insert into tpe_alarm_watch default values;

-- What gateways answered when they were asked for values that rules need.
create table tpe_reading (
  clientid text not null,
  what text not null check (what in ('clock', 'disk', 'certificate')),
  -- Null: it could not be read; `reason` says why.
  value double precision,
  reason text,
  cause jsonb,
  read_at timestamptz not null default now(),
  primary key (clientid, what)
);
create index tpe_reading_by_time on tpe_reading (what, read_at);

-- What a gateway answered goes with it, like all else that is known of it.
do $migration$
begin
  execute format($function$
    create or replace function tpe_forget_presence() returns trigger language plpgsql
      security definer set search_path = pg_catalog, pg_temp as $$
    begin
      if tg_op = 'TRUNCATE' then
        delete from %1$I.tpe_presence;
        delete from %1$I.tpe_reading;
        return null;
      end if;
      delete from %1$I.tpe_presence presence using gone where presence.clientid = gone.clientid;
      delete from %1$I.tpe_presence_event event using gone where event.clientid = gone.clientid;
      delete from %1$I.tpe_update found using gone where found.clientid = gone.clientid;
      delete from %1$I.tpe_reading reading using gone where reading.clientid = gone.clientid;
      return null;
    end
    $$$function$, current_schema());
end
$migration$;

-- What the looks for alarms find by: each costs what it finds, and not what the fleet has.
create index tpe_alarm_by_key on tpe_alarm (key, rule) where clientid is null;
create index tpe_presence_refused on tpe_presence (((refused_login->>'at')::bigint)) where refused_login is not null;
create index tpe_reading_by_value on tpe_reading (what, (abs(value)));
create index tpe_installation_failed on tpe_installation (ended_at) where state in ('FAILED', 'TIMED_OUT');
create index tpe_job_completed on tpe_job (ended_at) where state = 'COMPLETED';
create index mqtt_user_by_credential on mqtt_user (credential_changed_at) where credential_changed_at is not null;

-- Since when there has been newer software for it without a break; of what was found before, since the last scan.
alter table tpe_update add column update_since timestamptz;
update tpe_update set update_since = scanned_at where has_update;
create index tpe_update_since on tpe_update (update_since) where has_update;
