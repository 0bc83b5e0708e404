-- New entries of a GIN index first wait in a list, through which each search reads: up to 4 MB, or ten times what the search itself reads.
-- A sixteenth of that costs who writes some percent more. What waits now is put in place at once.
alter index if exists clientid_profile_by_search set (gin_pending_list_limit = 256);
alter index if exists clientid_profile_by_tag set (gin_pending_list_limit = 256);
select gin_clean_pending_list(name::regclass) from (values ('clientid_profile_by_search'), ('clientid_profile_by_tag')) as list (name)
where to_regclass(name) is not null;
