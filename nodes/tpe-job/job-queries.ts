import { EXECUTION_QUERY } from '../manager/jobs/execution-schemas.js';
import type { ExecutionQuery, JobQuery } from '../manager/jobs/job.js';
import { JOB_QUERY } from '../manager/jobs/job-schemas.js';
import { parser } from '../manager/shared/validate.js';

/** Reads which jobs are listed. Throws INVALID_INPUT. */
export const parseJobQuery = parser<JobQuery>(JOB_QUERY, 'payload');

/** Reads which gateways of a job are listed. Throws INVALID_INPUT. */
export const parseExecutionQuery = parser<ExecutionQuery>(EXECUTION_QUERY, 'payload');
