-- Beside a broker of its own, a device manager that begins anew says nothing of the gateways, which stay connected; only those that it plays connect
-- again. Rows from before are of both and count as the broker's for the day that they are kept.
alter table tpe_broker_start add column of_manager boolean not null default false;
