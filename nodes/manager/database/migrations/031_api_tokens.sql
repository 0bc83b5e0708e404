-- Personal tokens for REST: who has one acts for its owner, with a role that is not above the owner's.
create table tpe_api_token (
  id bigint generated always as identity primary key,
  -- SHA-256, hex: who reads it here cannot use it.
  hash text not null unique,
  -- Null: the administrator of the data folder.
  account_id text references tpe_account (id) on delete cascade,
  name text not null,
  -- The token that it was made with, if any: it goes with that, so that who got hold of one cannot make itself last.
  made_with bigint references tpe_api_token (id) on delete cascade,
  role text not null check (role in ('viewer', 'operator', 'administrator')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- At most a minute older than the last use.
  last_used_at timestamptz
);
create unique index tpe_api_token_of_account on tpe_api_token (coalesce(account_id, ''), name);
create index tpe_api_token_made_with on tpe_api_token (made_with) where made_with is not null;
create index tpe_api_token_by_end on tpe_api_token (expires_at);
