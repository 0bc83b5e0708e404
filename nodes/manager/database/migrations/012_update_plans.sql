-- Gateways of one model and version have the same updates before them: each such plan is kept once. What was found so far
-- is found again by the next scan.
create table tpe_update_plan (
  -- SHA-256 of its path and candidates.
  hash text primary key,
  path jsonb not null,
  candidates jsonb not null
);
truncate tpe_update;
alter table tpe_update drop column path, drop column candidates,
  add column plan text not null references tpe_update_plan;
create index tpe_update_of_plan on tpe_update (plan);
