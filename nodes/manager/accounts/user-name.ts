import { foldedName } from '../shared/folded-name.js';
import type { Reason } from '../shared/reason.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';

/** Name of the administrator of the data folder. */
export const RESERVED_NAME = 'admin';

const MAX_NAME_LENGTH = 100;
const FORM = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u;
const IGNORED = /\p{Default_Ignorable_Code_Point}/u;
/** Scripts in everyday use (Unicode Standard Annex 31, table 5). */
const SCRIPTS = (
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew ' +
  'Hiragana Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ');
/** Scripts that Japanese, Chinese and Korean use together. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];
/**
 * Patterns of which a name must match one (Unicode Technical Standard 39, "highly restrictive"). A Latin name with one Cyrillic letter does
 * not.
 */
const ONE_SCRIPT = [...SCRIPTS.map((script) => [script]), ...TOGETHER].map((scripts) => {
  const letters = [...scripts, 'Common', 'Inherited'].map((script) => `\\p{Script_Extensions=${script}}`);
  return new RegExp(`^[${letters.join('')}]*$`, 'u');
});

/**
 * The name of a new account in the form in which it is stored. Throws INVALID_INPUT for other characters or mixed scripts, and CONFLICT for
 * the name of the data folder's administrator.
 */
export function newUserName(given: string): string {
  const name = given.normalize('NFKC');
  if (name.length > MAX_NAME_LENGTH || !FORM.test(name) || IGNORED.test(name)) {
    throw refused(accountReason('user-name-letters', { most: MAX_NAME_LENGTH }));
  }
  if (!ONE_SCRIPT.some((pattern) => pattern.test(name))) {
    throw refused(accountReason('user-name-scripts', { user: name }));
  }
  if (foldedName(name) !== RESERVED_NAME) return name;
  throw new TpeError('CONFLICT', accountReason('user-name-reserved', { user: RESERVED_NAME }));
}

function refused(reason: Reason): TpeError {
  return new TpeError('INVALID_INPUT', reason, { field: 'name' });
}
