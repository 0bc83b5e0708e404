-- People beside the administrator of the data folder.
create table tpe_account (
  name varchar(100) primary key,
  full_name text not null default '',
  role text not null check (role in ('viewer', 'operator', 'administrator')),
  -- scrypt; null: signs in elsewhere.
  password_hash text,
  -- Issuer and subject of OpenID Connect.
  external_id text unique,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null,
  last_login_at timestamptz,
  -- Sessions that began before do not count.
  sessions_from timestamptz not null default now()
);
create unique index tpe_account_by_name on tpe_account (lower(name));

-- Who did what, and who tried.
create table tpe_audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  who text not null,
  role text,
  address text,
  action text not null,
  clientid text,
  detail jsonb not null default '{}',
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  reason text
);
create index tpe_audit_by_time on tpe_audit (at);
create index tpe_audit_of_gateway on tpe_audit (clientid, id) where clientid is not null;
create index tpe_audit_of_person on tpe_audit (who, id);
