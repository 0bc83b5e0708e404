import { checkRequest } from '../catalogue/request-rules.js';
import { checkClientId } from '../registry/client-id.js';
import { TpeError } from '../tpe-error.js';
import type { CommandRequest } from './command.js';
import type { NewCommand } from './command-store.js';
import { redact } from './redact.js';

const TIMEOUT_BOUNDS_MS = { least: 1000, most: 3_600_000 };
const QUEUE_BOUNDS_MS = { least: 1000, most: 604_800_000 };

/** A request as it will be recorded; one that breaks a rule carries its refusal, so that it is recorded too. */
export function prepareCommand(
  request: CommandRequest,
  defaults: { timeoutMs: number; queueForMs: number },
): Omit<NewCommand, 'requestId' | 'mayGo'> {
  const base = {
    requestedBy: recordable(request.requestedBy ?? 'unknown', 200),
    whenOffline: request.whenOffline === 'queue' ? ('queue' as const) : ('fail' as const),
    timeoutMs: defaults.timeoutMs,
    expiresAt: Date.now() + defaults.queueForMs,
  };
  try {
    checkClientId(request.clientid);
    const timeoutMs = within(request.timeoutMs ?? defaults.timeoutMs, 'timeoutMs', TIMEOUT_BOUNDS_MS);
    const queueForMs = within(request.queueForMs ?? defaults.queueForMs, 'queueForMs', QUEUE_BOUNDS_MS);
    const checked = checkRequest(request);
    const { method, path } = checked;
    return {
      ...base,
      clientid: request.clientid,
      method,
      path,
      requestBody: redact(checked.requestBody),
      pending: { path, method, requestBody: checked.requestBody },
      timeoutMs,
      expiresAt: Date.now() + queueForMs,
      refusal: null,
    };
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    return {
      ...base,
      clientid: recordable(request.clientid, 100),
      method: recordable(request.method, 10),
      path: recordable(request.path, 2048),
      requestBody: null,
      pending: null,
      refusal: { code: error.code, reason: error.message },
    };
  }
}

function within(value: number, field: string, bounds: { least: number; most: number }): number {
  if (Number.isInteger(value) && value >= bounds.least && value <= bounds.most) return value;
  throw badField(field, `a whole number of ms from ${bounds.least} to ${bounds.most}`);
}

function recordable(value: unknown, length: number): string {
  return String(value).replaceAll('\u0000', '\ufffd').toWellFormed().slice(0, length).toWellFormed();
}

/** The error for a field that breaks its rule. */
export function badField(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" must be ${rule}.`, { field });
}
