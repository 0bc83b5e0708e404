-- Operations that the users of this database added to the catalogue.
create table tpe_operation (
  id text primary key,
  -- Not jsonb, which forgets the order of fields: it is the order of a form.
  definition json not null,
  -- Its copy for TPEDM's tools: the row of dm_operation, and the text as it was written there.
  dm_operation_id bigint,
  dm_command text,
  -- The order in which they were added.
  place bigserial not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Rows of dm_category that were made for such copies.
create table tpe_own_category (
  dm_category_id bigint primary key
);
