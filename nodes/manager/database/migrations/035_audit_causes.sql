-- The code and the values of a reason, from which others translate it. Null for reasons from before, and for words of others.
alter table tpe_audit add column cause jsonb;
