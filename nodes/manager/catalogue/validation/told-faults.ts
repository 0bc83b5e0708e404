import type { Fault } from '../../shared/fault.js';
import { type Reason, wordsOfOthers } from '../../shared/reason.js';
import { acrossFieldsReason } from './across-fields-reasons.js';
import { faultReason } from './fault-reasons.js';

/** Nobody reads more in one sentence in a language; what is beyond is told in English. */
const MOST_TRANSLATED = 20;

/** The codes of all that the catalogue finds wrong with a value. */
export const FAULT_CODES = Object.keys({ ...faultReason.texts, ...acrossFieldsReason.texts });

/** What is wrong with a value, without the place and the keyword that its text has around it. */
export function withoutPlace({ in: part, path, rule, text, cause }: Fault): Reason {
  const before = `${part}${path} `;
  const behind = ` (${rule})`;
  const bare = text.startsWith(before) ? text.slice(before.length) : text;
  const told = bare.endsWith(behind) ? bare.slice(0, -behind.length) : bare;
  return { text: told, cause: cause ?? null };
}

/** All that is wrong with a request as one reason, so that a refusal can be read in other languages. Its text is that of the faults. */
export function reasonOfFaults(faults: readonly [Fault, ...Fault[]]): Reason {
  const told = faults.slice(0, MOST_TRANSLATED).map(reasonOfFault);
  const beyond = faults.slice(MOST_TRANSLATED);
  if (beyond.length > 0) told.push(wordsOfOthers(beyond.map(({ text }) => text).join('; ')));
  return told.reduceRight((rest, first) => faultReason('faults-several', { first, rest }));
}

/** The same as a sentence. */
export function sentenceOfFaults(faults: readonly [Fault, ...Fault[]]): Reason {
  return faultReason('faults-told', { faults: reasonOfFaults(faults) });
}

function reasonOfFault(fault: Fault): Reason {
  const bare = withoutPlace(fault);
  const place = `${fault.in}${fault.path}`;
  const isWhole = fault.text === `${place} ${bare.text} (${fault.rule})`;
  if (bare.cause === null || !isWhole) return wordsOfOthers(fault.text);
  return faultReason('fault-at', { place, fault: bare, rule: fault.rule });
}
