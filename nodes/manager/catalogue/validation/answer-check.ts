import type { Fault } from '../../shared/fault.js';
import { MAX_DEPTH, whyTooLarge } from '../../shared/json-bounds.js';
import type { Operation } from '../operation.js';
import { checkBySchema } from './schema-check.js';

/** Nobody reads what is wrong within more. */
const BOUNDS = { depth: MAX_DEPTH, values: 200_000, characters: 256 * 1024 };
const MAX_FAULTS = 5;

/** Where the payload of an answer is not as its operation describes it: for a person to know, never a reason to refuse it.
 * `asText`: pointers of numbers that are given as texts. */
export function checkAnswer(
  operation: Operation | null,
  answer: { status: number; payload: unknown },
  asText: readonly string[] = [],
): Fault[] {
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  if (!isSuccess || operation === null || operation.answerSchema === null) return [];
  if (whyTooLarge(answer.payload, BOUNDS) !== null) return [];
  return checkBySchema('answer', operation.answerSchema, answer.payload, { skip: asText }).slice(
    0,
    MAX_FAULTS,
  );
}
