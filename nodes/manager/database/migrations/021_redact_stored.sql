-- What was recorded while fewer secrets were hidden: looked at again in the background, newest first, some at a time.
create table tpe_redaction (
  -- tpe_command or tpe_audit.
  of_table text primary key,
  -- Ids below this one are still to be looked at.
  below bigint not null
);
insert into tpe_redaction select 'tpe_command', max(request_id) + 1 from tpe_command having max(request_id) is not null;
insert into tpe_redaction select 'tpe_audit', max(id) + 1 from tpe_audit having max(id) is not null;
