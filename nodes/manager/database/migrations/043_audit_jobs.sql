-- An act on a job concerns all its gateways, which may be 100,000: the entry names the job, and is found by its gateways.
alter table tpe_audit add column job text;
create index tpe_audit_of_job on tpe_audit (job, id) where job is not null;
