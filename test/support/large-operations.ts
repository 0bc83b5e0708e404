/** Our own file, with as many operations as take long to read, and a pattern that takes long to match. */
export const LARGE_OPERATIONS = JSON.stringify({
  ...{ format: 'tpe-operations', version: 1 },
  operations: Array.from({ length: 1500 }, (_, index) => ({
    ...{ category: 'Own', name: `operation ${index}`, method: 'PUT', path: `/own/${index}` },
    bodySchema: { type: 'object', properties: { a: { type: 'string', pattern: '^(?:ab|ba|aba|bab)+$' } } },
  })),
});

/** An OpenAPI document with `notes` things to tell of each of its operations. */
export function notedOperations(notes: number): string {
  const parameters = Array.from({ length: notes }, (_, n) => ({
    name: `X-${n}-${'x'.repeat(150)}`,
    in: 'header',
  }));
  const paths = Object.fromEntries(
    Array.from({ length: 1500 }, (_, index) => [`/noted/${index}`, { get: { parameters } }]),
  );
  return JSON.stringify({ openapi: '3.0.0', paths });
}
