import { secretLevels } from '../catalogue/marked-secrets.js';
import type { Operation } from '../catalogue/operation.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import { exceeds } from '../catalogue/risk.js';
import { riskOfRequest } from '../catalogue/risk-of-request.js';
import type { SoftwareSources } from '../catalogue/software-sources.js';
import { checkRequest } from '../catalogue/validation/request-rules.js';
import { type ResolvedRequest, resolveRequest } from '../catalogue/validation/resolve-request.js';
import { sentenceOfFaults } from '../catalogue/validation/told-faults.js';
import { checkClientId } from '../protocol/client-id.js';
import { type CheckedRequest, expiryText } from '../protocol/request.js';
import type { Fault } from '../shared/fault.js';
import { badField } from '../shared/invalid-input.js';
import type { Reason } from '../shared/reason.js';
import { type Redaction, redact, secretValues } from '../shared/redact.js';
import { queryOf, redactPath } from '../shared/redact-path.js';
import { redactReason } from '../shared/redact-reason.js';
import { TpeError } from '../shared/tpe-error.js';
import { shownAsTexts } from './body-text.js';
import { CHECKS, type CommandRequest } from './command.js';
import { commandReason } from './command-reasons.js';
import type { NewCommand } from './command-store.js';
import { hideIn, hideWhole, withSecrets } from './given-secrets.js';
import { readRequestHeaders } from './request-headers.js';
import { markedNames } from './secret-marks.js';
import { QUEUE_BOUNDS_MS, TIMEOUT_BOUNDS_MS } from './time-bounds.js';

const MAX_PATH_LENGTH = 2048;

export interface CommandDefaults {
  timeoutMs: number;
  queueForMs: number;
  catalogue: OperationSet;
  /** The allowed sources of software packages. */
  sources: Pick<SoftwareSources, 'check'>;
}

/** A request as it will be recorded, and its known secrets, to redact its answer. */
export interface PreparedCommand extends Omit<NewCommand, 'requestId' | 'mayGo'> {
  redaction: Redaction;
}

/** Checks a request and returns it as it will be recorded. If it breaks a rule it carries its refusal, so that it is recorded too. */
export function prepareCommand(request: CommandRequest, defaults: CommandDefaults): PreparedCommand {
  const resolved = resolveRequest(defaults.catalogue, request);
  const rating = riskOfRequest(defaults.catalogue, resolved);
  const base = {
    requestedBy: recordable(request.requestedBy ?? 'unknown', 200),
    whenOffline: request.whenOffline === 'queue' ? ('queue' as const) : ('fail' as const),
    whenGuarded: request.whenGuarded === 'queue' ? ('queue' as const) : ('fail' as const),
    timeoutMs: defaults.timeoutMs,
    expiresAt: Date.now() + defaults.queueForMs,
    operation: resolved.operation?.id ?? null,
    execution: request.execution ?? null,
    ...rating,
  };
  // A body that breaks the rules is neither stored nor searched for secrets, since its size may have no bounds.
  const checked = attempt(() => checkRequest(resolved, defaults.catalogue));
  const body = checked instanceof TpeError ? null : checked.requestBody;
  const secrets = request.secrets ?? [];
  const marked = redactionOf(resolved.path, resolved.operation, [body, plainValues(request.params)]);
  const redaction = withSecrets(marked, secrets);
  const faults = resolved.faults.map((fault) => storable(fault, redaction));
  try {
    checkClientId(request.clientid);
    if (request.rated !== undefined && exceeds(rating, request.rated)) throw notAsConfirmed();
    const timeoutMs = within(request.timeoutMs ?? defaults.timeoutMs, 'timeout', TIMEOUT_BOUNDS_MS);
    const queueForMs = within(request.queueForMs ?? defaults.queueForMs, 'queueFor', QUEUE_BOUNDS_MS);
    const headers = readRequestHeaders(request.headers);
    const { method, path, requestBody } = check(request, resolved, checked, defaults);
    const isOver = headers.expiresAt !== null && headers.expiresAt <= Date.now();
    return {
      ...base,
      clientid: request.clientid,
      method,
      path: hideIn(redactPath(path, redaction.names, secretLevels(resolved.operation)), secrets),
      requestBody: redact(hideWhole(requestBody, secrets), redaction),
      pending: isOver
        ? null
        : { path, method, requestBody, ...(headers.expiresAt !== null && { expiresAt: headers.expiresAt }) },
      timeoutMs,
      expiresAt: deadlineOf(request, headers.expiresAt, queueForMs),
      refusal: isOver ? { ...expired(headers.expiresAt!), state: 'EXPIRED' } : null,
      faults: [...faults, ...headers.faults, ...shownAsTexts(requestBody)],
      redaction,
    };
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    return {
      ...base,
      clientid: recordable(request.clientid, 100),
      method: recordable(resolved.method ?? '', 10),
      path: hideIn(shownPath(resolved, redaction), secrets),
      requestBody: null,
      pending: null,
      refusal: { code: error.code, reason: redactReason(error.reason, redaction), state: 'REJECTED' },
      faults,
      redaction,
    };
  }
}

/** Returns the deadline for sending the command, ms since the epoch: the earlier one if the caller gave two. */
function deadlineOf({ queueForMs: given }: CommandRequest, asked: number | null, queueForMs: number): number {
  const own = Date.now() + queueForMs;
  if (asked === null) return own;
  return Math.min(asked, given === undefined ? Date.now() + QUEUE_BOUNDS_MS.most : own);
}

/** Returns why a command is not sent whose deadline `at`, ms since the epoch, has passed. */
export function expired(at: number): { reason: Reason; code: 'TIMED_OUT' } {
  return { reason: commandReason('request-expired', { time: expiryText(at) }), code: 'TIMED_OUT' };
}

/** Throws first for faults that are always refused, and only then for those of the catalogue, which `warn` accepts. */
function check(
  request: CommandRequest,
  resolved: ResolvedRequest,
  checked: CheckedRequest | TpeError,
  { sources }: CommandDefaults,
): CheckedRequest {
  const named = resolved.faults.filter((fault) => fault.in === 'operation' || fault.in === 'params');
  refuse(named);
  if (checked instanceof TpeError) throw checked;
  const requestBody = sources.check(checked, resolved.operation);
  if (request.check !== undefined && !CHECKS.includes(request.check)) {
    throw badField('check', `one of ${CHECKS.join(', ')}`);
  }
  if (request.check !== 'warn') refuse(resolved.faults);
  return { ...checked, requestBody };
}

function refuse(faults: readonly Fault[]): void {
  const [first, ...others] = faults;
  if (first === undefined) return;
  throw new TpeError('INVALID_INPUT', sentenceOfFaults([first, ...others]), { faults });
}

/**
 * Returns what is known of the secrets in a request and its answer: the names of the marked fields, and their values. `path` is the
 * concrete path with its query; `values` are the body and everything else that the caller gave.
 */
export function redactionOf(path: unknown, operation: Operation | null, values: unknown): Redaction {
  const text = String(path ?? '').slice(0, MAX_PATH_LENGTH);
  const names = markedNames(text, operation);
  return { names, values: secretValues([values, queryOf(text)], names) };
}

function notAsConfirmed(): TpeError {
  return new TpeError('CONFLICT', commandReason('operation-changed'), { field: 'operation' });
}

/** Keeps the parameters that are one value or a list of values, the only valid shapes. */
function plainValues(params: unknown): unknown {
  if (typeof params !== 'object' || params === null) return null;
  const plain = Object.entries(params).filter(
    ([, value]) => typeof value !== 'object' || Array.isArray(value),
  );
  return Object.fromEntries(plain.map(([name, value]) => [name, [value].flat().slice(0, 100).map(String)]));
}

function shownPath({ path, operation }: ResolvedRequest, { names }: Redaction): string {
  return recordable(
    redactPath(String(path ?? '').slice(0, MAX_PATH_LENGTH), names, secretLevels(operation)),
    MAX_PATH_LENGTH,
  );
}

function attempt(work: () => CheckedRequest): CheckedRequest | TpeError {
  try {
    return work();
  } catch (error) {
    if (error instanceof TpeError) return error;
    throw error;
  }
}

/** `redact` also replaces what PostgreSQL's jsonb cannot hold. */
function storable(fault: Fault, redaction: Redaction): Fault {
  return redact(fault, redaction) as Fault;
}

function within(value: number, field: string, bounds: { least: number; most: number }): number {
  if (Number.isInteger(value) && value >= bounds.least && value <= bounds.most) return value;
  // Seconds are the unit in which people give times.
  throw badField(field, `${bounds.least / 1000} to ${bounds.most / 1000} seconds, not ${value / 1000}`);
}

function recordable(value: unknown, length: number): string {
  return harmless(String(value)).slice(0, length).toWellFormed();
}

function harmless(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}
