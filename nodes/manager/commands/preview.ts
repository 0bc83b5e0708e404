import { secretLevels } from '../catalogue/marked-secrets.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import { needsConfirmation, type Rating } from '../catalogue/risk.js';
import { riskOfRequest } from '../catalogue/risk-of-request.js';
import { checkRequest } from '../catalogue/validation/request-rules.js';
import { type GivenOperation, resolveRequest } from '../catalogue/validation/resolve-request.js';
import { wireRequest } from '../protocol/request.js';
import type { Topics } from '../protocol/topics.js';
import { exactJson, parseExactJson } from '../shared/exact-json.js';
import type { Fault } from '../shared/fault.js';
import { redactPath } from '../shared/redact-path.js';
import type { Role } from '../shared/role.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { readRequestHeaders } from './request-headers.js';
import { markedNames } from './secret-marks.js';

/** Shown in the preview, since the real request id is given when the command is sent. */
const EXAMPLE_REQUEST_ID = '1';
const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_PATH_LENGTH = 2048;
const NO_GATEWAY = '{clientid}';

/** The preview of a command while it is filled in. */
export interface CommandCheck extends Rating {
  faults: Fault[];
  /** What would be published: the payload is indented JSON that keeps all digits of numbers. Null if it cannot be made yet. */
  message: { topic: string; payload: string } | null;
}

/** Checks a command while it is filled in. `skip` are JSON pointers to values that are not known yet. Never throws. */
export function checkCommand(
  catalogue: OperationSet,
  topics: Pick<Topics, 'inputTopic'>,
  given: GivenOperation & { clientid?: string; headers?: unknown },
  skip: readonly string[] = [],
): CommandCheck {
  const resolved = resolveRequest(catalogue, given, skip);
  const faults = [...resolved.faults];
  const checked = attempt(() => checkRequest(resolved, catalogue), faults);
  const headers = attempt(() => readRequestHeaders(given.headers), faults);
  return {
    faults,
    ...riskOfRequest(catalogue, resolved),
    message: checked && {
      topic: topics.inputTopic(given.clientid || NO_GATEWAY),
      payload: inLines(
        wireRequest(
          { ...checked, expiresAt: headers?.expiresAt ?? undefined },
          EXAMPLE_REQUEST_ID,
          Date.now(),
          DEFAULT_TIMEOUT_MS,
        ),
      ),
    },
  };
}

/** Indents JSON for a person to read. */
function inLines(text: string): string {
  return exactJson(parseExactJson(text), 2);
}

/** Returns the risk and the classes of a command, by its operation or by its path and method. */
export function commandRisk(catalogue: OperationSet, given: GivenOperation): Rating {
  return riskOfRequest(catalogue, resolveRequest(catalogue, given));
}

/** Returns the role that may send a command: only administrators may run code on a gateway. */
export function roleFor({ classes }: Rating): Role {
  return classes.includes('runs-code') ? 'administrator' : 'operator';
}

/**
 * Returns in short what a command asks for, for the audit: its operation, or its path and method, with its risk. Secrets in the path are
 * hidden.
 */
export function askedFor(
  catalogue: OperationSet,
  given: GivenOperation,
  { risk, classes }: Rating,
): Record<string, unknown> {
  const { operation, method, path } = given;
  if (operation !== undefined) return { operation, risk, classes };
  if (typeof path !== 'string') return { method, path, risk, classes };
  const short = path.slice(0, MAX_PATH_LENGTH);
  const known = resolveRequest(catalogue, given).operation;
  return { method, path: redactPath(short, markedNames(short, known), secretLevels(known)), risk, classes };
}

/** Throws CONFLICT if a dangerous command is not confirmed by the expected text: the client id, or the number of gateways. */
export function refuseUnconfirmed(confirm: string | undefined, rating: Rating, expected: string): void {
  if (!needsConfirmation(rating) || confirm === expected) return;
  const { risk, classes } = rating;
  const what = [risk, ...classes].join(', ');
  throw new TpeError('CONFLICT', `This command is ${what}: confirm it with ${JSON.stringify(expected)}.`, {
    risk,
    classes,
  });
}

function attempt<Result>(work: () => Result, faults: Fault[]): Result | null {
  try {
    return work();
  } catch (error) {
    // An invalid path has usually been reported already.
    if (faults.length === 0) faults.push({ in: 'path', path: '', rule: 'rules', text: messageOf(error) });
    return null;
  }
}
