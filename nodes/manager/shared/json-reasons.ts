import { defineReasons } from './reason.js';

/** Why a text is not taken as JSON. None quotes the text, which may have passwords. */
export const jsonReason = defineReasons({
  'json-at': 'line {line}, column {column}: {fault}',
  'json-none': 'there is no JSON in it',
  'json-single-quotes': 'texts stand in double quotes, not in single ones',
  'json-typographic-quote': 'a typographic quote stands where a plain " has to',
  'json-comment': 'JSON has no comments',
  'json-behind-end': 'something stands behind the end',
  'json-comma-missing': 'a comma is missing',
  'json-colon-missing': 'a colon is missing',
  'json-name-missing': 'a name in double quotes has to stand here',
  'json-nothing-before-comma': 'nothing stands before this comma',
  'json-value-missing': 'there is no value: texts stand in double quotes',
  'json-closes-nothing': '"{sign}" closes what is not open',
  'json-comma-before-end': 'a comma stands before "{sign}"',
  'json-not-closed': 'it ends too early, "{sign}" is not closed',
  'json-ends-early': 'it ends too early',
  'json-text-not-closed': 'a text is not closed that begins here',
  'json-text-control-character': 'a text that begins here has a line break or another control character',
  'json-text-backslash': 'a text that begins here has a backslash that stands for nothing: write two',
  'json-too-deep': 'it is nested deeper than {most} levels',
  'json-too-many-elements': 'it has more than {most} elements in a list',
  'json-too-many-fields': 'it has more than {most} fields in an object',
  'json-too-many-values': 'it has more than {most} values',
  'json-number-not-carried':
    'it has a number that cannot be carried: {number} at {place} has more digits, or is larger, than can be carried unchanged: give it with fewer digits, or as a text where the gateway takes one',
  'json-too-many-long-numbers': 'it has more than {most} numbers that no JavaScript number holds',
});
