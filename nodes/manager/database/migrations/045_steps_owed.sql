-- An execution that was decided while its attempt was under way keeps its `instance` until the steps are done that are done in any case: who
-- starts again, or takes over from a dead device manager, goes on with these.
create index tpe_job_execution_owed on tpe_job_execution (instance)
  where instance is not null and state not in ('QUEUED', 'IN_PROGRESS');
