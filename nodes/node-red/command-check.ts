import type { Topics } from '../manager/broker/topics.js';
import type { Operation, Risk } from '../manager/catalogue/catalogue.js';
import type { Fault } from '../manager/catalogue/fault.js';
import type { OperationSet } from '../manager/catalogue/operation-set.js';
import { checkRequest } from '../manager/catalogue/request-rules.js';
import { type GivenOperation, resolveRequest } from '../manager/catalogue/resolve-request.js';
import { wireRequest } from '../manager/commands/wire-request.js';
import { messageOf, TpeError } from '../manager/tpe-error.js';

/** Shown in the preview in place of the ones to come. */
const EXAMPLE_REQUEST_ID = '1';
const DEFAULT_TIMEOUT_MS = 60_000;
const NO_GATEWAY = '{clientid}';

/** What a person is told of a command while it is filled in. */
export interface CommandCheck {
  faults: Fault[];
  risk: Risk;
  /** What would be published; null where that cannot be made yet. */
  message: { topic: string; payload: unknown } | null;
}

/** `skip` are pointers to values that are not known yet. Never throws. */
export function checkCommand(
  catalogue: OperationSet,
  topics: Pick<Topics, 'inputTopic'>,
  given: GivenOperation & { clientid?: string },
  skip: readonly string[] = [],
): CommandCheck {
  const resolved = resolveRequest(catalogue, given, skip);
  const faults = [...resolved.faults];
  const checked = attempt(() => checkRequest(resolved, catalogue), faults);
  return {
    faults,
    risk: riskOf(resolved.operation, String(resolved.method ?? 'GET')),
    message: checked && {
      topic: topics.inputTopic(given.clientid || NO_GATEWAY),
      payload: JSON.parse(wireRequest(checked, EXAMPLE_REQUEST_ID, Date.now(), DEFAULT_TIMEOUT_MS)),
    },
  };
}

/** The risk of a command by its operation, or by its path and method. */
export function commandRisk(catalogue: Pick<OperationSet, 'get' | 'findAll'>, given: GivenOperation): Risk {
  const { operation, method } = resolveRequest(catalogue, given);
  return riskOf(operation, String(method ?? 'GET'));
}

/** What a command asks for, in short: its operation, or its path and method. */
export function askedFor({ operation, method, path }: GivenOperation): Record<string, unknown> {
  return operation === undefined ? { method, path } : { operation };
}

/** Who would lose something has to write whose, or how many gateways. CONFLICT. */
export function refuseUnconfirmed(confirm: string | undefined, risk: Risk, expected: string): void {
  if (risk !== 'disruptive' && risk !== 'destructive') return;
  if (confirm === expected) return;
  throw new TpeError('CONFLICT', `This command is ${risk}: confirm it with ${JSON.stringify(expected)}.`, {
    risk,
  });
}

/** What the catalogue does not know may do anything, unless it only reads. */
function riskOf(operation: Operation | null, method: string): Risk {
  return operation?.risk ?? (method.trim().toUpperCase() === 'GET' ? 'read' : 'write');
}

function attempt<Result>(work: () => Result, faults: Fault[]): Result | null {
  try {
    return work();
  } catch (error) {
    // A path that cannot be made has been told already.
    if (faults.length === 0) faults.push({ in: 'path', path: '', rule: 'rules', text: messageOf(error) });
    return null;
  }
}
