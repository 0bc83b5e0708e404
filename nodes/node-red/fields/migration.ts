import type { FieldValues } from './field.js';

/** The step from one version of a node's stored fields to the next. */
export interface Migration {
  /** Fields that the next version does not have. The editor keeps those of an old node until this step has read them. */
  gone: readonly string[];
  /** Returns the fields of the next version and does not change `stored`. Any text may be a `${VARIABLE}`. */
  next(stored: FieldValues): FieldValues;
}
