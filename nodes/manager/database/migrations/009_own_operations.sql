-- Operations that users added to the catalogue; each has a row in dm_operation too, for TPEDM's tools.
create table tpe_operation (
  id varchar(100) primary key,
  definition jsonb not null,
  dm_operation_id integer not null unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
