import type { FieldValues } from './field.js';

/** A step from one stored form of a node to the next one. */
export interface Migration {
  /** Fields that the next form does not have. The editor keeps them of an old node until this step has read them. */
  gone: readonly string[];
  /** Makes the next form. Pure: what it is given stays as it is, and any text may be a `${VARIABLE}`. */
  next(stored: FieldValues): FieldValues;
}
