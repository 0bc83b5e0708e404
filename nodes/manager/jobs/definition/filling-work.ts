import type { Reason } from '../../shared/reason.js';
import { TpeError } from '../../shared/tpe-error.js';
import { hasAnyPlaceholder } from './check-job-request.js';
import { type JobStep, MAX_TARGETS } from './definition.js';
import { requestsOf } from './rate-steps.js';
import { refusalReason } from './refusal-reasons.js';

// A request with placeholders is filled and checked for each gateway: by the preview, when the executions are recorded, and when it is sent.

/** So many characters cost as much as a value. */
const CHARACTERS_A_VALUE = 400;
/** The most values that are filled and checked for all gateways together. They take about a minute of one core, in pieces. */
const MOST_VALUES = 20_000_000;
/** The most characters of requests that a preview shows. */
const MOST_SHOWN = 200_000;

/** The most gateways that a job with these steps can be for: where all are sent the same, it is checked once. */
export function mostGateways(steps: readonly JobStep[]): number {
  const { values, characters } = sizeOf(steps.flatMap(requestsOf).filter(hasAnyPlaceholder));
  const each = values + characters / CHARACTERS_A_VALUE;
  return Math.max(1, Math.min(MAX_TARGETS, Math.floor(MOST_VALUES / each)));
}

/** Of how many gateways, `most` at most, a preview shows what they would be sent. */
export function mostShown(steps: readonly JobStep[], most: number): number {
  const { characters } = sizeOf(steps.flatMap(requestsOf));
  return Math.max(1, Math.min(most, Math.floor(MOST_SHOWN / Math.max(1, characters))));
}

/** Why a job cannot be for more gateways than `most`. */
export function whyTooMany(most: number): Reason {
  return refusalReason(most < MAX_TARGETS ? 'job-fills-too-much' : 'job-for-too-many', { most });
}

/** The refusal of a definition that is for more gateways than it can be. */
export function tooManyGateways(most: number): TpeError {
  return new TpeError('INVALID_INPUT', whyTooMany(most), { field: 'targets', rule: 'size' });
}

/** The values of all kinds within a value, and the characters of its texts. */
function sizeOf(whole: unknown): { values: number; characters: number } {
  let values = 0;
  let characters = 0;
  const open = [whole];
  while (open.length > 0) {
    const one = open.pop();
    values += 1;
    if (typeof one === 'string') characters += one.length;
    if (typeof one !== 'object' || one === null) continue;
    // One by one, since a call takes only so many at once.
    for (const inner of Object.values(one)) open.push(inner);
  }
  return { values, characters };
}
