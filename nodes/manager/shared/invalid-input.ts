import { TpeError } from './tpe-error.js';

/** The error for a field that breaks its rule. */
export function badField(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" must be ${rule}.`, { field });
}
