-- When a node of the broker's cluster was last seen running, by any manager: in a split each side holds the other for stopped,
-- and a manager that asks one side learns here that another one still sees the node.
create table tpe_broker_node (
  node text primary key,
  running_at timestamptz not null
);

-- A manager that lives but cannot reach the broker: the others take over what waits with it.
alter table tpe_instance add column reaches_broker boolean not null default true;
