import { RE2JS } from 're2js';

/** Of a text that a pattern of the pack is tried on, characters. */
export const MAX_TEXT_LENGTH = 4096;
/** The same, of a pattern that users wrote. */
export const MAX_USER_TEXT_LENGTH = 1024;
/** Of a pattern that users wrote: its characters, and the instructions that it becomes with all its repetitions. */
const MAX_PATTERN_LENGTH = 500;
const MAX_INSTRUCTIONS = 1000;

/** A regular expression that takes a time in proportion to the text, whatever the text is. */
export interface TextPattern {
  /** How many instructions it has: the work for each character of a text at most. */
  readonly size: number;
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
}

/**
 * Compiles a regular expression of JSON Schema for an engine without backtracking. Null where it cannot: what looks around
 * or back (`(?=`, `\1`) has no bound on its time, and what is no regular expression has none either.
 */
export function compilePattern(pattern: string): TextPattern | null {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { size: compiled.programSize(), test: (text) => compiled.test(text) };
  } catch {
    return null;
  }
}

/** Why a pattern cannot be kept in an operation of users; null where it can. */
export function whyNotUsable(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH)
    return `has a pattern of more than ${MAX_PATTERN_LENGTH} characters`;
  const compiled = compilePattern(pattern);
  const shown = JSON.stringify(pattern.slice(0, 100).toWellFormed());
  if (!isExpression(pattern)) return `is no JSON Schema that can be used: ${shown} is no regular expression`;
  if (compiled === null) {
    return `has a pattern that cannot be checked in bounded time: ${shown}. Write a regular expression without look-around and back references`;
  }
  return compiled.size > MAX_INSTRUCTIONS
    ? `has a pattern with too many repetitions: ${shown}. Say lengths with "maxLength"`
    : null;
}

function isExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}
