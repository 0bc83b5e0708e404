import { expect } from 'chai';
import { stringify } from 'yaml';
import { readOwnOperation } from '../../../nodes/manager/catalogue/custom-operation.js';
import type { ImportNote } from '../../../nodes/manager/catalogue/import/import-note.js';
import { readOperationsFile } from '../../../nodes/manager/catalogue/import/operations-file.js';
import type { JsonSchema, Operation } from '../../../nodes/manager/catalogue/operation.js';
import { checkBySchema } from '../../../nodes/manager/catalogue/validation/schema-check.js';
import { exactJson, hasBigInt } from '../../../nodes/manager/shared/exact-json.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { tpedmRequest } from '../../support/operation-files.js';

const LONG = 18446744073709551615n;
/** What a double makes of it. */
const ROUNDED = '18446744073709552000';

const inBody = (schema: object, more: object = {}) => ({
  openapi: '3.1.0',
  paths: {
    '/own': { put: { requestBody: { content: { 'application/json': { schema, ...more } } } } },
  },
});
const field = (rule: object) => inBody({ type: 'object', properties: { a: { type: 'integer', ...rule } } });
const get = (operation: object) => ({ openapi: '3.0.3', paths: { '/own': { get: operation } } });
const answer = (content: object) =>
  get({ responses: { 200: { content: { 'application/json': { schema: {}, ...content } } } } });
const ours = (more: object) => ({
  format: 'tpe-operations',
  version: 1,
  operations: [{ category: 'C', name: 'N', method: 'PUT', path: '/own', ...more }],
});

/** A file with the number in one place, and what is told of it. */
const FILES: Record<string, [file: object, code: string]> = {
  'the bound of a field': [field({ maximum: LONG }), 'number-near'],
  'a bound that is excluded': [field({ exclusiveMaximum: LONG }), 'number-near'],
  'the choices of a field': [field({ enum: [1, LONG] }), 'number'],
  'its only value': [field({ const: LONG }), 'number'],
  'its default': [field({ default: LONG }), 'number'],
  'where a schema should be': [inBody({ type: 'object', properties: { a: LONG } }), 'no-schema'],
  'an example of a body': [inBody({ type: 'object' }, { example: { a: [LONG] } }), 'number'],
  'a named example': [inBody({ type: 'object' }, { examples: { x: { value: { a: LONG } } } }), 'number'],
  'an example of its schema': [inBody({ type: 'object', example: { a: LONG } }), 'number'],
  'an example of an answer': [answer({ example: { a: LONG } }), 'number'],
  'the schema of a parameter': [
    get({ parameters: [{ name: 'a', in: 'query', schema: { type: 'integer', maximum: LONG } }] }),
    'number-near',
  ],
  'the example of an own operation': [ours({ bodyExample: { a: [LONG] } }), 'number-text'],
  'the answer of an own operation': [ours({ answerExample: { a: LONG } }), 'number-text'],
  'a bound of an own operation': [ours({ bodySchema: { type: 'integer', maximum: LONG } }), 'number-rounded'],
  "a body of TPEDM's": [
    {
      category: [
        { name: 'C', operation: [{ name: 'N', command: tpedmRequest('PUT', '/own', { a: LONG }) }] },
      ],
    },
    'number-text',
  ],
  "a command of TPEDM's that is a text": [
    {
      category: [
        {
          name: 'C',
          operation: [{ name: 'N', command: exactJson(tpedmRequest('PUT', '/own', { a: LONG })) }],
        },
      ],
    },
    'number-text',
  ],
};

const WRITTEN: Record<string, (file: object) => string> = {
  JSON: (file) => exactJson(file),
  YAML: (file) => stringify(file),
};

function readFile(text: string) {
  const { entries, notes } = readOperationsFile(text);
  const read = entries.flatMap((entry): [Operation, ImportNote[]][] =>
    'operation' in entry ? [[entry.operation, entry.notes]] : [],
  );
  expect(entries).to.have.length(1);
  expect(read, JSON.stringify(entries)).to.have.length(1);
  return { operation: read[0]![0], notes: [...notes, ...read[0]![1]] };
}

describe('a file of operations with a number that JavaScript does not hold', () => {
  for (const [place, [file, code]] of Object.entries(FILES)) {
    for (const [format, written] of Object.entries(WRITTEN)) {
      it(`says what becomes of it: ${place}, as ${format}`, () => {
        const { operation, notes } = readFile(written(file));
        expect(hasBigInt(operation)).to.equal(false);
        const told = notes.find((note) => note.code === code);
        expect(told?.text, JSON.stringify(notes)).to.contain(String(LONG));
        // Only bounds may be near it.
        if (!['number-near', 'number-rounded'].includes(code))
          expect(JSON.stringify(operation)).not.to.contain(ROUNDED);
      });
    }
  }

  it('says so of fractions, which are taken as they are nearly', () => {
    for (const written of [
      '{"openapi":"3.0.3","paths":{"/own":{"put":{"requestBody":{"content":{"application/json":{"example":{"a":0.12345678901234567891}}}}}}}}',
      'openapi: 3.0.3\npaths: {/own: {put: {requestBody: {content: {application/json: {example: {a: 0.12345678901234567891}}}}}}}',
    ]) {
      const { operation, notes } = readFile(written);
      expect(operation.bodyExample).to.deep.equal({ a: 0.12345678901234568 });
      expect(notes.map(({ code }) => code)).to.deep.equal(['number-rounded']);
    }
  });

  it('says nothing where a double holds it', () => {
    for (const written of Object.values(WRITTEN)) {
      const { operation, notes } = readFile(written(field({ minimum: -(2n ** 63n), maximum: 2n ** 60n })));
      expect(operation.bodySchema).to.have.nested.include({
        'properties.a.minimum': -(2 ** 63),
        'properties.a.maximum': 2 ** 60,
      });
      expect(notes).to.deep.equal([]);
    }
  });

  const RULES: [schema: object, good: unknown[], bad: unknown[]][] = [
    [{ format: 'int32' }, [2 ** 31 - 1, -(2 ** 31)], [2 ** 31, LONG, 1.5]],
    [{ format: 'int64' }, [2n ** 63n - 1n, -(2n ** 63n), 5], [2n ** 63n, LONG]],
    [{ format: 'uint64' }, [LONG, 0], [LONG + 1n, -1, -(2n ** 60n)]],
    [{ format: 'uint8' }, [255], [256, LONG]],
    [{ type: 'integer' }, [LONG], ['x']],
    [{ type: 'number', maximum: 1e19 }, [2n ** 63n], [LONG]],
    [{ enum: [1] }, [1], [LONG]],
    [{ const: 1 }, [1], [LONG]],
    [{ multipleOf: 5 }, [LONG], [LONG - 1n]],
    [{ type: 'array', uniqueItems: true }, [[LONG, LONG - 1n]], [[LONG, LONG]]],
    [{ not: { type: 'integer' } }, ['x'], [LONG]],
  ];
  it('is checked by each rule with all its digits, where it is sent', () => {
    for (const [schema, good, bad] of RULES) {
      for (const value of good)
        expect(
          checkBySchema('requestBody', schema as JsonSchema, value),
          exactJson([schema, value]),
        ).to.have.length(0);
      for (const value of bad)
        expect(
          checkBySchema('requestBody', schema as JsonSchema, value),
          exactJson([schema, value]),
        ).to.have.length(1);
    }
  });

  it('is refused by name where there is no place for notes', () => {
    const given = { category: 'C', name: 'N', method: 'PUT', path: '/own' };
    expect(() => readOwnOperation({ ...given, bodyExample: { a: LONG } })).to.throw(
      TpeError,
      `operation/bodyExample/a" is ${LONG}`,
    );
    const maximum = 2n ** 64n;
    expect(readOwnOperation({ ...given, bodySchema: { maximum } }).bodySchema).to.deep.equal({
      maximum: 2 ** 64,
    });
  });
});
