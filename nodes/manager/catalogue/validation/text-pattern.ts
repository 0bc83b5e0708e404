import { RE2JS } from 're2js';

/** The most characters of a text on which a pattern of the pack is run. */
export const MAX_TEXT_LENGTH = 4096;
/** The same for a pattern that users wrote. */
export const MAX_USER_TEXT_LENGTH = 1024;
/** The most characters of a pattern that users wrote, and the most instructions that it has once its repetitions are expanded. */
const MAX_PATTERN_LENGTH = 500;
const MAX_INSTRUCTIONS = 1000;

/** A regular expression whose time grows only in proportion to the length of the text. */
export interface TextPattern {
  /** How many instructions it has, which is the most work for each character of a text. */
  readonly size: number;
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/**
 * Compiles a regular expression of JSON Schema for an engine without backtracking. Null where that is impossible: for look-around
 * and back references (`(?=`, `\1`), whose time has no bound, and for a text that is no regular expression.
 */
export function compilePattern(pattern: string): TextPattern | null {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { size: compiled.programSize(), test: (text) => compiled.test(text) };
  } catch {
    return null;
  }
}

/**
 * Why a pattern cannot be used in a custom operation; null if it can. The text continues a sentence that begins with the name of
 * the schema.
 */
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
