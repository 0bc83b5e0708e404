-- When the broker, or this device manager, began anew in the last day, in ms since the epoch: then every gateway connects
-- again, which says nothing about its link.
create table tpe_broker_start (at bigint primary key);
