import type { OperationSet } from '../../catalogue/operation-set.js';
import { highest, type Rating } from '../../catalogue/risk.js';
import { riskOfRequest } from '../../catalogue/risk-of-request.js';
import { BODY_BOUNDS, checkRequest } from '../../catalogue/validation/request-rules.js';
import { type ResolvedRequest, resolveRequest } from '../../catalogue/validation/resolve-request.js';
import { reasonOfFaults } from '../../catalogue/validation/told-faults.js';
import type { Check } from '../../commands/command.js';
import type { Fault } from '../../shared/fault.js';
import { whyTooLarge } from '../../shared/json-bounds.js';
import { TpeError } from '../../shared/tpe-error.js';
import { isPlainObject } from '../../shared/validate.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { checkPlaceholders, checkText, hasBraces, refuseBraces, withStandIns } from './placeholders.js';
import { refusalReason } from './refusal-reasons.js';
import { refuseClearSecrets } from './refuse-clear-secrets.js';
import { checkSecrets, type LookUpSecret } from './secrets.js';
import { atField, wrongJob } from './wrong-job.js';

/** A request of a step, as its definition has it. */
export interface JobRequest {
  operation?: string;
  params?: unknown;
  path?: string;
  method?: string;
  requestBody?: unknown;
  check?: Check;
}

/** What a request of a definition is checked against. */
export interface CheckContext {
  catalogue: OperationSet;
  /** The columns of `perTarget`; null if there is none. */
  columns: ReadonlySet<string> | null;
  lookUp: LookUpSecret;
}

/** The request as the catalogue is asked for it: without an operation it is a GET. */
export function asGiven({ operation, params, path, method = 'GET', requestBody }: JobRequest) {
  return operation === undefined ? { path, method, requestBody } : { operation, params, requestBody };
}

/**
 * Checks a request of a definition by all that is known before its placeholders are filled, and resolves with its rating. Rejects with
 * INVALID_INPUT naming the place below `field`.
 */
export async function checkJobRequest(
  request: JobRequest,
  field: string,
  context: CheckContext,
): Promise<Rating> {
  const { catalogue } = context;
  refuseTwoWays(request, field);
  refuseLarge(request, field);
  const unknown = placesToFill(request, field, context);
  if (request.operation !== undefined && catalogue.get(request.operation) === null)
    throw wrongJob(
      `${field}.operation`,
      'operation-unknown',
      `is "${request.operation}", which the catalogue does not have`,
    );
  // Each of these goes through the whole body, which may be large.
  await yieldToEventLoop();
  const known = withoutPlaceholders(request, unknown);
  const resolved = resolveRequest(catalogue, known, unknown);
  await yieldToEventLoop();
  refuseByRules(resolved, field, catalogue);
  refuseFaults(resolved.faults, request, field);
  await yieldToEventLoop();
  refuseClearSecrets(request, field, resolved);
  await yieldToEventLoop();
  return ratingBeforeFilled(request, catalogue);
}

/** What is larger than a gateway is ever sent is not looked at any further, since that would keep others waiting. */
function refuseLarge({ params, requestBody }: JobRequest, field: string): void {
  for (const [part, value] of Object.entries({ params, requestBody })) {
    const tooLarge = whyTooLarge(value, BODY_BOUNDS);
    if (tooLarge !== null) throw wrongJob(`${field}.${part}`, 'request-rules', tooLarge);
  }
}

function refuseTwoWays({ operation, params, path, method }: JobRequest, field: string): void {
  if (operation === undefined && path === undefined)
    throw wrongJob(field, 'no-request', 'says no request: give "operation", or "path" and "method"');
  if (operation !== undefined && path !== undefined)
    throw wrongJob(field, 'two-requests', 'has "operation" and "path": give one of them');
  if (operation !== undefined && method !== undefined)
    throw wrongJob(`${field}.method`, 'two-requests', 'stands beside "operation", which has its own method');
  if (operation === undefined && params !== undefined)
    throw wrongJob(`${field}.params`, 'params', 'belongs to "operation": write its values into the path');
  if (operation !== undefined) refuseBraces(operation, `${field}.operation`, 'names an operation');
  if (method !== undefined) refuseBraces(method, `${field}.method`, 'names a method');
}

/** The JSON Pointers of values that are not known yet, since a placeholder or a secret stands there. */
function placesToFill(request: JobRequest, field: string, { columns, lookUp }: CheckContext): string[] {
  const { path, params, requestBody } = request;
  if (path !== undefined) checkText(path, `${field}.path`, columns, false);
  const parts = [
    ['params', params],
    ['requestBody', requestBody],
  ] as const;
  const places = parts.flatMap(([part, value]) => [
    ...checkPlaceholders(value, `${field}.${part}`, columns, `/${part}`),
    ...checkSecrets(value, `${field}.${part}`, lookUp, `/${part}`),
  ]);
  // A parameter is known as a whole or not at all.
  return places.map((place) =>
    place.startsWith('/params/') ? place.split('/').slice(0, 3).join('/') : place,
  );
}

/** The request with what stands for its placeholders in the path, and without a body that is a placeholder as a whole. */
function withoutPlaceholders(request: JobRequest, unknown: readonly string[]) {
  const { path, requestBody, ...rest } = request;
  const isWhole = unknown.includes('/requestBody') && typeof requestBody === 'string';
  return asGiven({
    ...rest,
    ...(path !== undefined && { path: withStandIns(path) }),
    ...(requestBody !== undefined && { requestBody: isWhole ? {} : requestBody }),
  });
}

function refuseByRules(resolved: ResolvedRequest, field: string, catalogue: OperationSet): void {
  try {
    checkRequest(resolved, catalogue);
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    // A path that could not be made has faults of its own, which say more.
    const at = typeof error.details.field === 'string' ? error.details.field.replaceAll('/', '.') : 'path';
    const isUnmade = resolved.faults.some((fault) => fault.in === 'params');
    if (at === 'path' && error.code !== 'FORBIDDEN' && isUnmade) return;
    throw atField(error, `${field}.${at}`, error.code === 'FORBIDDEN' ? 'forbidden' : 'request-rules');
  }
}

function refuseFaults(faults: readonly Fault[], { path, check }: JobRequest, field: string): void {
  const isOpen = path !== undefined && hasBraces(path);
  const counted = faults.filter((fault) => {
    if (fault.in === 'params' && isOpen) return false;
    const isAlways = fault.in === 'operation' || (fault.in === 'params' && path === undefined);
    return isAlways || check !== 'warn';
  });
  const [first, ...others] = counted;
  if (first === undefined) return;
  const part =
    first.in === 'params' && path !== undefined ? 'path' : `${first.in}${first.path.replaceAll('/', '.')}`;
  const told = refusalReason('job-unfit', { field, faults: reasonOfFaults([first, ...others]) });
  throw new TpeError('INVALID_INPUT', told, {
    field: `${field}.${part}`,
    rule: first.rule,
    faults: counted,
  });
}

/**
 * The rating of a request before its placeholders are filled, each of which may become anything that stays within one level of the path. A
 * parameter that raises the risk counts as given.
 */
export function ratingBeforeFilled(request: JobRequest, catalogue: OperationSet): Rating {
  const { path, requestBody } = request;
  const body = typeof requestBody === 'string' ? {} : requestBody;
  const standing = { ...request, requestBody: body, ...(path !== undefined && { path: withStandIns(path) }) };
  const resolved = resolveRequest(catalogue, asGiven(standing));
  const own = riskOfRequest(catalogue, resolved);
  if (path === undefined || !hasBraces(path)) return own;
  const levels = levelsOf(path);
  const method = String(resolved.method).trim().toUpperCase();
  const possible = catalogue
    .operations()
    .filter((one) => one.method === method && mayBeAt(levels, levelsOf(one.path)))
    .flatMap((one) => (one.raisedBy === undefined ? [one] : [one, one.raisedBy]));
  return highest([own, ...possible]);
}

function levelsOf(path: string): string[] {
  const place = path.replace(/^\/api\/v1(?=\/)/i, '').split('?')[0] ?? '';
  return place.split('/').filter((level) => level !== '');
}

function mayBeAt(given: readonly string[], levels: readonly string[]): boolean {
  return (
    given.length === levels.length &&
    given.every((level, index) => {
      const other = levels[index]!;
      return hasBraces(level) || other.includes('{') || level.toLowerCase() === other.toLowerCase();
    })
  );
}

/** Whether a request brings values that differ from gateway to gateway. */
export function isFilled({ path, params, requestBody }: JobRequest): boolean {
  return [path, params, requestBody].some(hasAnyPlaceholder);
}

/** Whether any text within a value has a placeholder. */
export function hasAnyPlaceholder(value: unknown): boolean {
  if (typeof value === 'string') return hasBraces(value);
  if (Array.isArray(value)) return value.some(hasAnyPlaceholder);
  return isPlainObject(value) && Object.values(value).some(hasAnyPlaceholder);
}
