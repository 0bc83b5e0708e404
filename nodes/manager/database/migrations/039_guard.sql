-- What stands between all that sends and the gateways: stops, and limits on how many gateways may be disturbed at once.

-- A stop holds for all of the fleet (value is null), for a site, a model or a job, until it is lifted.
create table tpe_stop (
  id bigint generated always as identity primary key,
  scope text not null check (scope in ('fleet', 'site', 'model', 'job')),
  value text,
  reason text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  lifted_by text,
  lifted_at timestamptz,
  check ((value is null) = (scope = 'fleet'))
);
create unique index tpe_stop_active on tpe_stop (scope, coalesce(value, '')) where lifted_at is null;

-- Limits that people have set; value '' is the default of the scope. Whoever takes a slot locks the row of the fleet first, since each
-- slot counts there.
create table tpe_guard_scope (
  scope text not null check (scope in ('fleet', 'site', 'model', 'set')),
  value text not null,
  -- Null: the limit that is built in.
  max_disturbed integer check (max_disturbed > 0),
  set_by text,
  set_at timestamptz,
  primary key (scope, value)
);
insert into tpe_guard_scope (scope, value) values ('fleet', '');

-- Who disturbs which gateway now. Site, model and redundancy set are those of the time when the slot was taken.
create table tpe_guard_hold (
  id bigint generated always as identity unique,
  clientid text not null,
  owner_kind text not null check (owner_kind in ('command', 'installation', 'execution', 'flow')),
  owner_id text not null,
  site text not null,
  model text not null,
  redundancy text not null,
  state text not null default 'held' check (state in ('held', 'settling')),
  since timestamptz not null default now(),
  -- What was done has ended then, and the gateway has to be online for so long without a break.
  ended_at timestamptz,
  settle_ms integer,
  -- Since when it has been seen online in one session, and which session that is.
  online_from timestamptz,
  online_mark text,
  stuck_since timestamptz,
  primary key (clientid, owner_kind, owner_id)
);
create index tpe_guard_hold_by_owner on tpe_guard_hold (owner_kind, owner_id);

-- The stops that are active. The lock is taken first, and only then does the second statement see what has been committed: who stops takes
-- it exclusively, so each statement that calls this either commits before the stop does, or finds it.
do $migration$
begin
  execute format($function$
    create function tpe_active_stops() returns setof %1$I.tpe_stop language plpgsql volatile rows 1
      set search_path = pg_catalog, pg_temp as $$
    begin
      perform pg_advisory_xact_lock_shared(7430039);
      return query select stop.* from %1$I.tpe_stop stop where stop.lifted_at is null order by stop.id;
    end
    $$$function$, current_schema());
end
$migration$;
