-- The nodes of the broker's cluster as all managers see them: in a split each side holds the other for stopped, and a manager
-- that asks one side learns here that another one still sees the node running.
create table tpe_broker_node (
  node text primary key,
  running_at timestamptz not null,
  -- When it was first missed since then.
  missed_at timestamptz
);

-- A manager that lives but cannot reach the broker: the others take over what waits with it.
alter table tpe_instance add column reaches_broker boolean not null default true;
