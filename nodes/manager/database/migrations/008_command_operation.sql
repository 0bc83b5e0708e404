-- Which operation of the catalogue a command was, and what did not fit it.
alter table tpe_command add column operation text, add column faults jsonb;
