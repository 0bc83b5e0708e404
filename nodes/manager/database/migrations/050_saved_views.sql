-- What people look at again and again: a page with its filter, under a name of their own.
create table tpe_saved_view (
  id bigint generated always as identity primary key,
  -- Null: the administrator of the data folder.
  account_id text references tpe_account (id) on delete cascade,
  -- The type of the widget whose page it is, since people may name pages as they like.
  page text not null,
  name text not null,
  -- The query of the page's address.
  query text not null,
  is_pinned boolean not null default true,
  created_at timestamptz not null default now()
);
create unique index tpe_saved_view_of_account on tpe_saved_view (coalesce(account_id, ''), page, name);
