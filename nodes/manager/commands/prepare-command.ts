import type { Fault } from '../catalogue/fault.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import { checkRequest } from '../catalogue/request-rules.js';
import { type ResolvedRequest, resolveRequest } from '../catalogue/resolve-request.js';
import type { SoftwareSources } from '../catalogue/software-sources.js';
import { checkClientId } from '../registry/client-id.js';
import { TpeError } from '../tpe-error.js';
import { CHECKS, type CommandRequest } from './command.js';
import type { NewCommand } from './command-store.js';
import { redact } from './redact.js';
import type { CheckedRequest } from './wire-request.js';

const TIMEOUT_BOUNDS_MS = { least: 1000, most: 3_600_000 };
const QUEUE_BOUNDS_MS = { least: 1000, most: 604_800_000 };

export interface CommandDefaults {
  timeoutMs: number;
  queueForMs: number;
  catalogue: OperationSet;
  /** From where gateways may be told to load software. */
  sources: Pick<SoftwareSources, 'check'>;
}

/** A request as it will be recorded; one that breaks a rule carries its refusal, so that it is recorded too. */
export function prepareCommand(
  request: CommandRequest,
  defaults: CommandDefaults,
): Omit<NewCommand, 'requestId' | 'mayGo'> {
  const resolved = resolveRequest(defaults.catalogue, request);
  const base = {
    requestedBy: recordable(request.requestedBy ?? 'unknown', 200),
    whenOffline: request.whenOffline === 'queue' ? ('queue' as const) : ('fail' as const),
    timeoutMs: defaults.timeoutMs,
    expiresAt: Date.now() + defaults.queueForMs,
    operation: resolved.operation?.id ?? null,
    faults: resolved.faults.map(storable),
  };
  try {
    checkClientId(request.clientid);
    const timeoutMs = within(request.timeoutMs ?? defaults.timeoutMs, 'timeoutMs', TIMEOUT_BOUNDS_MS);
    const queueForMs = within(request.queueForMs ?? defaults.queueForMs, 'queueForMs', QUEUE_BOUNDS_MS);
    const { method, path, requestBody } = check(request, resolved, defaults);
    return {
      ...base,
      clientid: request.clientid,
      method,
      path,
      requestBody: redact(requestBody),
      pending: { path, method, requestBody },
      timeoutMs,
      expiresAt: Date.now() + queueForMs,
      refusal: null,
    };
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    return {
      ...base,
      clientid: recordable(request.clientid, 100),
      method: recordable(resolved.method ?? '', 10),
      path: recordable(resolved.path ?? '', 2048),
      requestBody: null,
      pending: null,
      refusal: { code: error.code, reason: harmless(error.message) },
    };
  }
}

/** What the catalogue says of it counts after what is refused always. */
function check(
  request: CommandRequest,
  resolved: ResolvedRequest,
  { catalogue, sources }: CommandDefaults,
): CheckedRequest {
  const named = resolved.faults.filter((fault) => fault.in === 'operation' || fault.in === 'params');
  refuse(named);
  const checked = checkRequest(resolved, catalogue);
  const requestBody = sources.check(checked, resolved.operation);
  if (request.check !== undefined && !CHECKS.includes(request.check)) {
    throw badField('check', `one of ${CHECKS.join(', ')}`);
  }
  if (request.check !== 'warn') refuse(resolved.faults);
  return { ...checked, requestBody };
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  throw new TpeError('INVALID_INPUT', `${faults.map(({ text }) => text).join('; ')}.`, { faults });
}

/** PostgreSQL's jsonb cannot hold all that a text can. */
function storable(fault: Fault): Fault {
  return { ...fault, value: redact(fault.value), path: harmless(fault.path), text: harmless(fault.text) };
}

function within(value: number, field: string, bounds: { least: number; most: number }): number {
  if (Number.isInteger(value) && value >= bounds.least && value <= bounds.most) return value;
  throw badField(field, `a whole number of ms from ${bounds.least} to ${bounds.most}`);
}

function recordable(value: unknown, length: number): string {
  return harmless(String(value)).slice(0, length).toWellFormed();
}

function harmless(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}

/** The error for a field that breaks its rule. */
export function badField(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" must be ${rule}.`, { field });
}
