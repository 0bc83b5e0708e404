-- What `reason` says, without words: a code and values. Null where there is none: in records from before, and for the words of a gateway.
alter table tpe_command add column cause jsonb;
