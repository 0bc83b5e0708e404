-- What a token opens: REST, or the wall page alone, which then needs no more than a viewer.
alter table tpe_api_token
  add column scope text not null default 'rest' check (scope in ('rest', 'wall')),
  add constraint tpe_api_token_of_wall check (scope <> 'wall' or role = 'viewer');
