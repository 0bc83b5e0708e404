alter table clientid_profile add column if not exists redundancy text not null default '';
