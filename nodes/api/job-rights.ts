import type { OperationSet } from '../manager/catalogue/operation-set.js';
import { highest, type Rating } from '../manager/catalogue/risk.js';
import { roleFor } from '../manager/commands/preview.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { disturbs } from '../manager/guard/disturbs.js';
import { type JobRequest, ratingBeforeFilled } from '../manager/jobs/definition/check-job-request.js';
import { MAX_STEPS } from '../manager/jobs/definition/definition.js';
import type { Job } from '../manager/jobs/job.js';
import { higherRole, mayAct, type Role } from '../manager/shared/role.js';
import { isPlainObject } from '../manager/shared/validate.js';
import type { Caller } from './caller.js';
import { refusalFor } from './run-procedure.js';

// A job takes the role that its commands take. What only holds it back, such as a pause, takes an operator, whatever the job does.

/**
 * The role for a definition, which may still be anything: what cannot be read in it is refused later. Once it is recorded, `roleOfJob`
 * decides.
 */
export function roleOfDefinition(catalogue: OperationSet, definition: unknown): Role {
  const rating = highest(requestsIn(definition).map((request) => ratingOf(request, catalogue)));
  // Plants have windows for what disturbs them.
  const isOutside = objectOr(objectOr(definition).rollout).outsideWindows === true;
  return isOutside && (installs(definition) || disturbs(rating)) ? 'administrator' : roleFor(rating);
}

/**
 * The role for what lets a job go on, by the risk that it was recorded with and by what the catalogue says now; that of an operator if there
 * is no such job.
 */
export async function roleOfJob(
  { jobs, catalogue }: Pick<DeviceManager, 'jobs' | 'catalogue'>,
  id: string,
): Promise<Role> {
  const job = await jobs.brief(id);
  return job === null ? 'operator' : higherRole(roleFor(job), roleOfDefinition(catalogue, job.definition));
}

/** The role for a change of a job: neither what it did before nor what it does then may be beyond the caller. */
export async function roleOfChange(manager: DeviceManager, id: string, change: unknown): Promise<Role> {
  return higherRole(await roleOfJob(manager, id), roleOfDefinition(manager.catalogue, change));
}

/** Throws FORBIDDEN if the caller may not let this job send. */
export function refuseJob(caller: Caller, job: Pick<Job, 'risk' | 'classes'>): void {
  const role = roleFor(job);
  if (!mayAct(caller.role, role)) throw refusalFor(caller, role);
}

function requestsIn(definition: unknown): unknown[] {
  const { do: work, verify } = objectOr(definition);
  const { command, steps } = objectOr(work);
  const listed = Array.isArray(steps) ? steps.slice(0, MAX_STEPS) : [];
  const parts = [{ command, verify }, ...listed.map(objectOr)];
  return parts.flatMap(({ command: one, verify: check, readUntil }: Record<string, unknown>) => [
    one,
    check,
    readUntil,
  ]);
}

/** Whether a definition installs software, which no request in it says. */
function installs(definition: unknown): boolean {
  const { install, steps } = objectOr(objectOr(definition).do);
  const listed = Array.isArray(steps) ? steps.slice(0, MAX_STEPS) : [];
  return [install, ...listed.map((step) => objectOr(step).install)].some((one) => one !== undefined);
}

const UNKNOWN: Rating = { risk: 'read', classes: [] };

function ratingOf(request: unknown, catalogue: OperationSet): Rating {
  if (!isPlainObject(request)) return UNKNOWN;
  try {
    return ratingBeforeFilled(request as JobRequest, catalogue);
  } catch {
    // It is no request, so no job is made of it.
    return UNKNOWN;
  }
}

function objectOr(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}
