-- Which part of a job a command or an installation is, as `job/attempt/step/part`; null for one that belongs to none. A part is there once:
-- who is started again, or believed to be dead, cannot send it a second time.
alter table tpe_command add column execution text;
create unique index tpe_command_of_execution on tpe_command (clientid, execution) where execution is not null;
alter table tpe_installation add column execution text;
create unique index tpe_installation_of_execution on tpe_installation (clientid, execution) where execution is not null;
