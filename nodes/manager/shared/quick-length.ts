import { _, type Ajv, str } from 'ajv';

/**
 * Replaces ajv's `maxLength` by a faster one with the same meaning: ajv counts the characters of every text, which takes 20 ms for 5 MB. A
 * text has at most as many characters as UTF-16 units, and at least half as many.
 */
export function countQuickly(ajv: Ajv): Ajv {
  ajv.removeKeyword('maxLength');
  return ajv.addKeyword({
    keyword: 'maxLength',
    type: 'string',
    schemaType: 'number',
    error: {
      message: ({ schemaCode }) => str`must NOT have more than ${schemaCode} characters`,
      params: ({ schemaCode }) => _`{limit: ${schemaCode}}`,
    },
    validate: (most: number, text: string) =>
      text.length <= most || (text.length <= 2 * most && [...text].length <= most),
  });
}
