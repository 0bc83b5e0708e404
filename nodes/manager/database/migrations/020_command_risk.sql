-- What a command could do at its gateway, as it was rated when it was recorded.
alter table tpe_command add column risk text, add column classes text[];
