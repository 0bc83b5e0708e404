import type { Operation } from './catalogue.js';
import type { Fault } from './fault.js';
import { checkBySchema } from './schema-check.js';

/** Checking is linear, but nobody reads what is wrong within more. */
const MOST_BYTES = 256 * 1024;
const MOST_FAULTS = 5;

/** Where the payload of an answer is not as its operation describes it: for a person to know, never a reason to refuse it. */
export function checkAnswer(
  operation: Operation | null,
  answer: { status: number; payload: unknown },
): Fault[] {
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  if (!isSuccess || operation === null || operation.answerSchema === null) return [];
  if ((JSON.stringify(answer.payload) ?? '').length > MOST_BYTES) return [];
  return checkBySchema('answer', operation.answerSchema, answer.payload).slice(0, MOST_FAULTS);
}
