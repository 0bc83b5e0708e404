import type { AuditAction } from '../manager/audit/audited.js';
import type { DeviceManager } from '../manager/device-manager.js';
import type { Job, JobBrief } from '../manager/jobs/job.js';
import { parseFilter } from '../manager/registry/parse-filter.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { isPlainObject } from '../manager/shared/validate.js';
import { yieldToEventLoop } from '../manager/shared/yield-to-event-loop.js';

/** What an audit entry says of the job that it is about. */
export type JobSubject = Pick<AuditAction, 'job' | 'detail'>;

const MAX_NAME_LENGTH = 200;
const MAX_ID_LENGTH = 20;

/** The subject of an act on a job: its id, name and number of gateways. The entry is found by each of these gateways. */
export async function jobSubject(
  manager: Pick<DeviceManager, 'jobs' | 'registry'>,
  id: string,
  detail: Record<string, unknown> = {},
): Promise<JobSubject> {
  const job = await manager.jobs.brief(id);
  if (job === null) return { detail: { ...detail, job: id.slice(0, MAX_ID_LENGTH) } };
  const { name, risk, classes } = job;
  const gateways = await gatewaysOf(manager, job);
  return { job: job.id, detail: { ...detail, job: job.id, name, risk, classes, gateways } };
}

/** The subject of a definition that is about to become a job. It may still be anything. */
export async function definitionSubject(
  { registry }: Pick<DeviceManager, 'registry'>,
  definition: unknown,
): Promise<JobSubject> {
  const { name, targets } = isPlainObject(definition) ? definition : {};
  const gateways = await numberOf(registry, isPlainObject(targets) ? targets : {});
  return {
    detail: {
      ...(typeof name === 'string' && { name: name.slice(0, MAX_NAME_LENGTH) }),
      ...(gateways !== null && { gateways }),
    },
  };
}

/** What is known of a job only once it was made. */
export function madeJob({ id, risk, classes }: Job): JobSubject {
  return { job: id, detail: { job: id, risk, classes } };
}

async function gatewaysOf(
  { registry }: Pick<DeviceManager, 'registry'>,
  { state, total, named, definition }: JobBrief,
): Promise<number | null> {
  if (state !== 'DRAFT' && state !== 'CREATING') return total;
  return named === null ? await numberOf(registry, definition.targets) : named.count;
}

/** How many gateways targets are for now; null where they say nothing that can be understood. */
async function numberOf(
  registry: DeviceManager['registry'],
  { ids, filter, all }: { ids?: unknown; filter?: unknown; all?: unknown },
): Promise<number | null> {
  if (Array.isArray(ids)) {
    await yieldToEventLoop();
    return new Set(ids).size;
  }
  if (filter === undefined && all !== true) return null;
  try {
    return (await registry.counts(filter === undefined ? {} : parseFilter(filter))).total;
  } catch (error) {
    if (error instanceof TpeError && error.code === 'INVALID_INPUT') return null;
    throw error;
  }
}
