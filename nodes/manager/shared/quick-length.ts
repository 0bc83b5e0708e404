import { _, type Ajv, str } from 'ajv';

/**
 * Puts a `maxLength` in place of ajv's own that means the same: ajv counts the characters of a text whatever its length is,
 * and those of 5 MB take 20 ms. No text has more characters than halves of them, and none fewer than half as many.
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
