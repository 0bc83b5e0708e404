-- Whether a command waits while it may not disturb its gateway; null is a command from before, which is refused then.
alter table tpe_command add column if not exists when_guarded text;
