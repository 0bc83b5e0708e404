import { isBlank } from './blank.js';
import { checkTyped, jsonThat, oneOf } from './checks.js';
import { YES_OR_NO } from './choices.js';
import { type FieldCheck, type FieldFault, type FieldValues, fault } from './field.js';

const PARAM_TYPES = { str: null, num: null, bool: oneOf(YES_OR_NO), json: jsonThat() };

/** Checks the values of an operation's parameters. Each value is a typed input. */
export function paramsFault(node: FieldValues, around: Parameters<FieldCheck>[2]): FieldFault | null {
  const { params } = node;
  if (params === undefined || params === '') return null;
  if (!Array.isArray(params)) return fault('reason', { reason: 'is no list' });
  for (const each of params as unknown[]) {
    const { name, type, value } = (each ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof type !== 'string' || typeof value !== 'string')
      return fault('reason', { reason: 'has an entry without name, type or value' });
    if (isBlank(value)) continue;
    const found = checkTyped(value, type, PARAM_TYPES, node, around);
    if (found !== null) return found;
  }
  return null;
}
