import { secretLevels } from '../../catalogue/marked-secrets.js';
import type { OperationSet } from '../../catalogue/operation-set.js';
import { exceeds, type Rating } from '../../catalogue/risk.js';
import { riskOfRequest } from '../../catalogue/risk-of-request.js';
import { checkRequest } from '../../catalogue/validation/request-rules.js';
import { resolveRequest } from '../../catalogue/validation/resolve-request.js';
import { reasonOfFaults } from '../../catalogue/validation/told-faults.js';
import { redactionOf } from '../../commands/prepare-command.js';
import type { Device } from '../../registry/device.js';
import type { Reason } from '../../shared/reason.js';
import { redact } from '../../shared/redact.js';
import { redactPath } from '../../shared/redact-path.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { JobPreview } from '../job.js';
import { asGiven, isFilled, type JobRequest, ratingBeforeFilled } from './check-job-request.js';
import type { JobStep } from './definition.js';
import { fillIn, fillRequest, type Sources } from './placeholders.js';
import { requestsOf } from './rate-steps.js';
import { refusalReason } from './refusal-reasons.js';
import { SECRET_KEY, secretPlaces } from './secrets.js';

/** The job as placeholders name it. */
export type NamedJob = Sources['job'];

/** Says why a job would do nothing on a gateway; null: it would do something. `device` is null for a client id that is not registered. */
export type WhyNot = (
  device: Device | null,
  values: Readonly<Record<string, unknown>> | null,
  job?: NamedJob,
) => Reason | null;

/** A request that a preview shows. */
type ShownRequest = JobPreview['bodies'][number]['requests'][number];

const NO_VALUES = {};
/** A job that is not recorded yet has no id. */
const UNNAMED: NamedJob = { id: '0', name: 'job' };

/**
 * Prepares to say of many gateways why a job would do nothing on them: what is the same for all is looked at once. What it says holds for
 * the catalogue as it is now, so that it should not be kept.
 */
export function createWhyNot(steps: readonly JobStep[], catalogue: OperationSet): WhyNot {
  const requests = steps.flatMap(requestsOf);
  const same = requests.filter((request) => !isFilled(request));
  const filled = requests
    .filter(isFilled)
    .map((request) => ({ request, rating: ratingBeforeFilled(request, catalogue) }));
  const conditions = steps.flatMap(valuesToCompare);
  const forAll = firstReason(same, (request) => whyUnfit(request, null, catalogue));

  return (device, values, job = UNNAMED) => {
    if (device === null) return refusalReason('unfit-unregistered');
    if (!device.enabled) return refusalReason('unfit-disabled');
    if (forAll !== null) return forAll;
    const sources = { gateway: device, values: values ?? NO_VALUES, job };
    try {
      for (const one of conditions) fillIn(one, sources);
      return firstReason(filled, ({ request, rating }) =>
        whyUnfit(fillRequest(request, sources), rating, catalogue),
      );
    } catch (error) {
      if (error instanceof TpeError) return error.reason;
      throw error;
    }
  };
}

/** Says of one gateway why a job would do nothing on it; null: it would do something. For many gateways take createWhyNot. */
export function whyNot(
  device: Device | null,
  steps: readonly JobStep[],
  values: Readonly<Record<string, unknown>> | null,
  catalogue: OperationSet,
): Reason | null {
  return createWhyNot(steps, catalogue)(device, values);
}

/** What the commands of a job would send to a gateway, secrets hidden. Throws INVALID_INPUT for one that whyNot refuses. */
export function requestsFor(
  steps: readonly JobStep[],
  sources: Sources,
  catalogue: OperationSet,
): ShownRequest[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'command') return [];
    const request = fillRequest(step.command, sources);
    const resolved = resolveRequest(catalogue, asGiven(request), secretPlacesOf(request));
    const { method, path, requestBody } = checkRequest(resolved, catalogue);
    const redaction = redactionOf(path, resolved.operation, [requestBody, request.params]);
    return [
      {
        method,
        path: redactPath(path, redaction.names, secretLevels(resolved.operation)),
        requestBody: withSecretNames(requestBody, redact(requestBody, redaction)),
      },
    ];
  });
}

/** Puts the names of secrets back into what was redacted: a name is none, and tells what is sent there. */
function withSecretNames(given: unknown, redacted: unknown): unknown {
  if (typeof given !== 'object' || given === null) return redacted;
  if (Object.hasOwn(given, SECRET_KEY)) return given;
  if (typeof redacted !== 'object' || redacted === null) return redacted;
  if (Array.isArray(given) && Array.isArray(redacted))
    return redacted.map((one, index) => withSecretNames(given[index], one));
  const entries = Object.entries(redacted).map(([name, one]) => [
    name,
    withSecretNames((given as Record<string, unknown>)[name], one),
  ]);
  return Object.fromEntries(entries);
}

function valuesToCompare(step: JobStep): unknown[] {
  if (step.kind === 'readUntil') return [step.condition.equals];
  return step.kind === 'command' && step.verify !== null ? [step.verify.equals] : [];
}

/** Why a request is not sent; null if it is. `rated`: what it was rated before it was filled; null if nothing was filled. */
function whyUnfit(request: JobRequest, rated: Rating | null, catalogue: OperationSet): Reason | null {
  const { operation, check } = request;
  if (operation !== undefined && catalogue.get(operation) === null)
    return refusalReason('unfit-operation-gone', { operation });
  const resolved = resolveRequest(catalogue, asGiven(request), secretPlacesOf(request));
  const fault = resolved.faults.find(
    (one) => check !== 'warn' || one.in === 'operation' || one.in === 'params',
  );
  if (fault !== undefined) return refusalReason('unfit-request', { fault: reasonOfFaults([fault]) });
  try {
    checkRequest(resolved, catalogue);
  } catch (error) {
    if (error instanceof TpeError) return refusalReason('unfit-request', { fault: error.reason });
    throw error;
  }
  const isHigher = rated !== null && exceeds(riskOfRequest(catalogue, resolved), rated);
  return isHigher ? refusalReason('unfit-risk-higher') : null;
}

function secretPlacesOf({ params, requestBody }: JobRequest): string[] {
  const inParams = secretPlaces(params, '/params').map((place) => place.split('/').slice(0, 3).join('/'));
  return [...inParams, ...secretPlaces(requestBody, '/requestBody')];
}

function firstReason<Item>(items: readonly Item[], whyNotThis: (item: Item) => Reason | null): Reason | null {
  for (const item of items) {
    const reason = whyNotThis(item);
    if (reason !== null) return reason;
  }
  return null;
}
