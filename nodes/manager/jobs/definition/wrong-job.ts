import { TpeError } from '../../shared/tpe-error.js';

/**
 * INVALID_INPUT for a definition that breaks a rule. `field` is the place, such as `do.steps.2.verify`; `rule` names the rule for programs;
 * `what` is the end of a sentence: `"field" must be ...`.
 */
export function wrongJob(field: string, rule: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" ${what}.`, { field, rule });
}

/** The same fault as INVALID_INPUT of a field of the definition. */
export function atField(error: TpeError, field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', error.reason, { ...error.details, field, rule }, error);
}
