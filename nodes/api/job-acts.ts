import type { DeviceManager } from '../manager/device-manager.js';
import type { Job, JobAct } from '../manager/jobs/job.js';
import type { Caller } from './caller.js';
import { refuseJob } from './job-rights.js';

/** JSON Schema of the key by which a draft that was asked for twice is made once. */
export const IDEMPOTENCY_KEY = { type: 'string', minLength: 1, maxLength: 100 } as const;

/** What callers may give with a submit. */
export interface GivenSubmit {
  version?: number;
  confirm?: string;
  previewHash?: string;
}

/** Who acts on a job, and on which version of it. */
export function actOf({ requestedBy }: Caller, version: number | undefined): JobAct {
  return { by: requestedBy, ...(version !== undefined && { version }) };
}

/** Records a draft. Keys of different people never meet: nobody is given what somebody else has made. */
export async function createJob(
  { jobs }: DeviceManager,
  definition: unknown,
  caller: Caller,
  key: string | undefined,
): Promise<Job> {
  const act = actOf(caller, undefined);
  if (key === undefined) return await jobs.create(definition, act);
  return await jobs.create(definition, { ...act, idempotencyKey: `${caller.id ?? ''} ${key}` });
}

/** Begins a draft in the version whose risk the caller's role was checked against. */
export async function submitJob(
  { jobs }: DeviceManager,
  id: string,
  { version, ...given }: GivenSubmit,
  caller: Caller,
): Promise<Job> {
  const job = await jobs.brief(id);
  if (job !== null) refuseJob(caller, job);
  return await jobs.submit(id, { ...given, ...actOf(caller, version ?? job?.version) });
}

/** Records a draft and begins it. If it cannot begin, the draft is removed. */
export async function startJob(
  manager: DeviceManager,
  definition: unknown,
  given: GivenSubmit,
  caller: Caller,
): Promise<Job> {
  const job = await createJob(manager, definition, caller, undefined);
  try {
    return await submitJob(manager, job.id, { ...given, version: job.version }, caller);
  } catch (error) {
    // One that has begun after all is no draft any more, and stays.
    await manager.jobs.remove(job.id, actOf(caller, job.version)).catch(() => undefined);
    throw error;
  }
}
