import { TpeError } from './tpe-error.js';

/** INVALID_INPUT for a field that breaks its rule. `rule` is the end of a sentence: `"field" must be ...`. */
export function badField(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" must be ${rule}.`, { field });
}
