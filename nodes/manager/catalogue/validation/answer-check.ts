import type { Fault } from '../../shared/fault.js';
import { MAX_DEPTH, whyTooLarge } from '../../shared/json-bounds.js';
import type { Operation } from '../operation.js';
import { checkBySchema } from './schema-check.js';

/** A larger payload is not checked, since nobody reads the faults in one. */
const BOUNDS = { depth: MAX_DEPTH, values: 200_000, characters: 256 * 1024 };
const MAX_FAULTS = 5;

/**
 * Compares the payload of an answer with the schema of its operation. The faults inform a person; they are never a reason to
 * refuse the answer. `asText` has pointers to numbers that were replaced by texts, which count as no fault. Empty for an answer
 * that is no success, or that nothing describes.
 */
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
