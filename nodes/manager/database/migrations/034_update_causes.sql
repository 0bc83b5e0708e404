-- What the reasons of scans and installations say apart from their words, so that others can be told it in their language.
alter table tpe_update_scan
  add column cause jsonb,
  -- The causes of `faults`, by model.
  add column fault_causes jsonb not null default '{}';
alter table tpe_installation add column cause jsonb;
