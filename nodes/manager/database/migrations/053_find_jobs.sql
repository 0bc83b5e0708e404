-- A job is found by a part of its name, however long ago it was.
create index tpe_job_by_name on tpe_job using gin (lower(name) gin_trgm_ops) with (fastupdate = off);
