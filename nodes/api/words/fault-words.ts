import { withoutPlace } from '../../manager/catalogue/validation/told-faults.js';
import type { Fault } from '../../manager/shared/fault.js';
import { translateBy } from './translate-by.js';

/** What faults are said with in a language, where a page has no translations of its own. */
export interface FaultWords {
  /** By what the schemas of the catalogue say. */
  fields: Readonly<Record<string, string>>;
  /** By the codes of the reasons. */
  reasons: Readonly<Record<string, string>>;
}

/** What is wrong, for who shows it beside the value; null where there are no words for it. */
export function sayFault({ fields, reasons }: FaultWords, fault: Fault): string | null {
  const { text, cause } = withoutPlace(fault);
  if (cause === null || !Object.hasOwn(reasons, cause.code)) return null;
  const { what } = cause.params;
  // What a pattern requires is among the words of fields.
  const isNamed = typeof what === 'string' && Object.hasOwn(fields, what);
  const params = isNamed ? { ...cause.params, what: fields[what]! } : cause.params;
  return translateBy(reasons, { text, cause: { code: cause.code, params } });
}
