import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { schemasOf } from '../../../nodes/manager/catalogue/custom-operation.js';
import type { JsonSchema } from '../../../nodes/manager/catalogue/operation.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { SOFTWARE_FORMATS } from '../../../nodes/manager/catalogue/software-formats.js';
import { TooMuchToCheck } from '../../../nodes/manager/catalogue/validation/check.js';
import { checkBySchema, distrustSchema } from '../../../nodes/manager/catalogue/validation/schema-check.js';
import { schemaErrors } from '../../../nodes/manager/catalogue/validation/schema-errors.js';
import { isSchema, subschemas } from '../../../nodes/manager/catalogue/validation/subschemas.js';
import { compilePattern } from '../../../nodes/manager/catalogue/validation/text-pattern.js';
import { whyTooLarge } from '../../../nodes/manager/shared/json-bounds.js';
import { anyJson, RUNS, spoilt } from '../../support/hostile.js';
import { costOf } from '../../support/thread-time.js';

/** Far above what a check takes, and far below the minutes that it took. */
const MAX_MS_LENGTH = 500;

/** What ajv says of it, which has to be said here. */
function byAjv(schema: JsonSchema): (value: unknown) => ErrorObject[] {
  const ajv = new Ajv({
    ...{ allErrors: true, strict: false, unicodeRegExp: false, logger: false },
    // As JSON has it: what is inherited is not there.
    ownProperties: true,
  });
  addFormats.default(ajv);
  ajv.addFormat('password', true);
  for (const [name, format] of Object.entries(SOFTWARE_FORMATS)) ajv.addFormat(name, format);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

/** To us `false` is short for `{"not": {}}`. */
function likeOurs(error: ErrorObject): ErrorObject {
  // Which it gives as the fragment of a URL.
  const path = decodeURIComponent(error.schemaPath);
  if (error.keyword !== 'false schema') return { ...error, schemaPath: path };
  const schemaPath = path.replace(/false schema$/, 'not');
  return { ...error, keyword: 'not', schemaPath, message: 'must NOT be valid' };
}

function said(errors: readonly ErrorObject[]): string[] {
  const texts = errors
    .map(likeOurs)
    .map(({ keyword, instancePath, schemaPath, params, message }) =>
      JSON.stringify([
        keyword,
        instancePath,
        schemaPath,
        keyword === 'uniqueItems' ? null : [params, message],
      ]),
    );
  return [...new Set(texts)].sort();
}

function compare(schema: JsonSchema, values: readonly unknown[]): void {
  const ajv = byAjv(schema);
  for (const value of values) {
    const expected = ajv(value);
    const found = schemaErrors(schema, value, false);
    const about = JSON.stringify([schema, value]).slice(0, 2000);
    expect(found.length > 0, about).to.equal(expected.length > 0);
    if (expected.length <= 100) expect(said(found), about).to.deep.equal(said(expected));
  }
}

function* allSchemas(schema: JsonSchema): Generator<JsonSchema> {
  yield schema;
  for (const [, inner] of subschemas(schema)) yield* allSchemas(inner);
}

/** Few names and small numbers, so that schemas and values meet. */
/** None that ajv stumbles over, as `toString`. */
const name = fc.constantFrom('a', 'b', 'c', 'ab', '/~');
const text = fc.oneof(name, fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '😀'), maxLength: 4 }));
const number = fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constantFrom(0.5, 1.5, 1e9));
const smallJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), number, text),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(asJson),
  ),
})).value;
const pattern = fc.constantFrom('^a', 'b$', '^(?:ab|ba)+$', '.', '^[^a]*$', '[ab]{2}');
const size = fc.nat(3);

/** With own fields of all names, as JSON.parse makes them. */
function asJson(fields: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of fields) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

const anySchema = fc.letrec<{ schema: JsonSchema; part: JsonSchema | boolean }>((tie) => {
  const part = tie('part');
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
  const names = fc.uniqueArray(name, { maxLength: 3 });
  return {
    part: fc.oneof({ maxDepth: 1 }, fc.boolean(), fc.constant({}), tie('schema')),
    schema: fc.record(
      {
        type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
        enum: fc.uniqueArray(smallJson, {
          minLength: 1,
          maxLength: 4,
          selector: (one) => JSON.stringify(one),
        }),
        const: smallJson,
        ...{ minimum: number, maximum: number, exclusiveMinimum: number, exclusiveMaximum: number },
        multipleOf: fc.constantFrom(1, 2, 0.5, 3),
        ...{ minLength: size, maxLength: size, minItems: size, maxItems: size },
        ...{ minProperties: size, maxProperties: size, pattern },
        format: fc.constantFrom('ipv4', 'date', 'email', 'int32', 'unknown'),
        items: fc.oneof(part, parts),
        additionalItems: part,
        uniqueItems: fc.boolean(),
        contains: part,
        required: names,
        properties: fc.dictionary(name, part, { maxKeys: 3 }),
        patternProperties: fc.dictionary(pattern, part, { maxKeys: 2 }),
        additionalProperties: part,
        propertyNames: part,
        dependencies: fc.dictionary(name, fc.oneof(names, part), { maxKeys: 2 }),
        ...{ allOf: parts, anyOf: parts, oneOf: parts, not: part },
        ...Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, part])),
        ...{ title: text, description: text, default: smallJson },
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<JsonSchema>,
  };
}).schema;

const ITSELF = JSON.parse('{"__proto__": 1}') as object;
/** A schema, what fits it, and what does not. */
const BY_THE_STANDARD: [JsonSchema, unknown[], unknown[]][] = [
  [{ type: 'integer' }, [1, 1.0, -0, 1e300], [1.5, '1', null, true, [1]]],
  [{ type: 'number' }, [1, 0.1], ['1', null]],
  [{ type: 'object' }, [{}], [[], null, 'x']],
  [{ type: 'array' }, [[]], [{}, { length: 0 }]],
  [{ type: [] }, [], [1, null]],
  [{ enum: [0, false, 'a'] }, [0, false], ['', null, true, 1, [0], []]],
  [{ enum: [[false]] }, [[false]], [[0], false]],
  [{ enum: [{ a: 1, b: [2] }] }, [{ b: [2], a: 1 }], [{ a: 1 }, { a: 1, b: [2], c: 3 }]],
  [{ const: null }, [null], [0, false, '']],
  [{ const: { a: { b: 1 } } }, [{ a: { b: 1 } }], [{ a: { b: '1' } }, { a: {} }]],
  [{ minimum: 1.1 }, [1.1, 2, 'x', null], [1, -1]],
  [{ maximum: -2 }, [-2, -2.5, []], [-1.9999]],
  [{ exclusiveMinimum: 1.1 }, [1.2], [1.1]],
  [{ exclusiveMaximum: 3 }, [2.9], [3]],
  [{ multipleOf: 2 }, [4, 0, 'x'], [3]],
  [{ multipleOf: 0.5 }, [4.5, -1], [4.3]],
  [{ minLength: 2 }, ['ab', '😀😀', 1], ['a', '😀']],
  [{ maxLength: 2 }, ['ab', '😀😀', [1, 2, 3]], ['abc', '😀😀😀']],
  [{ pattern: 'a+' }, ['xxaayy', 1, {}], ['x', '']],
  [{ pattern: '^a*$' }, ['', 'aa'], ['ab']],
  [{ items: { type: 'integer' } }, [[], [1, 2], { length: 1, 0: 'x' }], [[1, 'x']]],
  [{ items: [{ type: 'integer' }, { type: 'string' }] }, [[1, 'x', null], [1], []], [['x', 1]]],
  [{ items: [{}], additionalItems: false }, [[1], []], [[1, 2]]],
  [{ items: {}, additionalItems: false }, [[1, 2, 3]], []],
  [{ additionalItems: false }, [[1, 2, 3]], []],
  [{ items: false }, [[]], [[1]]],
  [{ minItems: 1 }, [[1], ''], [[]]],
  [{ maxItems: 1 }, [[1], 'xx'], [[1, 2]]],
  [
    { uniqueItems: true },
    [[1, '1', true], [0, false], [[1], [true]], [{ a: 1 }, { a: 2 }], []],
    [
      [1, 1.0],
      [null, null],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [[[1]], [[1]]],
    ],
  ],
  [{ uniqueItems: false }, [[1, 1]], []],
  [{ contains: { minimum: 5 } }, [[1, 5], { a: 1 }], [[], [1, 2]]],
  [{ contains: false }, ['x'], [[], [1]]],
  [{ required: ['a'] }, [{ a: null }, [], 'a'], [{}, { b: 1 }]],
  [
    { required: ['__proto__', 'toString'] },
    [
      asJson([
        ['__proto__', 1],
        ['toString', 1],
      ]),
    ],
    [{}, ITSELF],
  ],
  [
    { properties: { a: { type: 'integer' }, b: false } },
    [{}, { a: 1 }, { c: 'x' }, []],
    [{ a: 'x' }, { b: 1 }],
  ],
  [{ properties: { toString: { type: 'string' } } }, [{}, { toString: 'x' }], [{ toString: 1 }]],
  [{ patternProperties: { 'f.*o': { type: 'integer' } } }, [{ foo: 1, x: '' }], [{ xfooo: '' }]],
  [
    { properties: { a: {} }, patternProperties: { '^v': {} }, additionalProperties: false },
    [{ a: 1, vx: 2 }, [1], 'x'],
    [{ b: 1 }, ITSELF],
  ],
  [{ additionalProperties: { type: 'boolean' } }, [{ a: true }, {}], [{ a: 1 }]],
  [{ allOf: [{ properties: { a: {} } }], additionalProperties: false }, [{}], [{ a: 1 }]],
  [{ propertyNames: { maxLength: 3 } }, [{ abc: 1 }, {}, ['long enough']], [{ abcd: 1 }]],
  [{ propertyNames: false }, [{}], [{ a: 1 }]],
  [{ minProperties: 1 }, [{ a: 1 }, []], [{}]],
  [{ maxProperties: 1 }, [{ a: 1 }, [1, 2]], [{ a: 1, b: 2 }]],
  [{ dependencies: { a: ['b'] } }, [{}, { b: 1 }, { a: 1, b: 2 }, ['a']], [{ a: 1 }]],
  [{ dependencies: { a: { required: ['c'] }, b: false } }, [{ a: 1, c: 1 }, {}], [{ a: 1 }, { b: 1 }]],
  [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, [2, 'x'], [0, 4]],
  [{ anyOf: [{ type: 'string' }, { minimum: 3 }] }, ['x', 3, null], [2]],
  [{ oneOf: [{ type: 'integer' }, { minimum: 2 }] }, [1, 2.5], [3, 1.5]],
  [{ oneOf: [true, false, false] }, [1], []],
  [{ oneOf: [true, true] }, [], [1]],
  [{ not: { type: ['integer', 'boolean'] } }, ['x', 1.5], [1, true]],
  [{ not: {} }, [], [1, null]],
  [{ not: true }, [], [1]],
  [{ not: false }, [1], []],
  [{ not: { not: {} } }, [1], []],
  [
    JSON.parse('{"if": {"exclusiveMaximum": 0}, "then": {"minimum": -10}, "else": {"multipleOf": 2}}'),
    [-1, 4],
    [-11, 3],
  ],
  [JSON.parse('{"then": false, "else": false}'), [1], []],
  [JSON.parse('{"if": true, "else": false}'), [1], []],
  [{ title: 'x', default: 1, examples: [1], $comment: 'y' }, [1, null, {}], []],
];

describe('catalogue: what is wrong with a value by its schema', () => {
  it('is what ajv says, for good and spoilt values of all operations of the pack', () => {
    for (const operation of OPERATIONS) {
      const examples = { bodySchema: operation.bodyExample, answerSchema: operation.answerExample };
      for (const [place, schema] of schemasOf(operation)) {
        const good = examples[place as keyof typeof examples] ?? {};
        compare(schema, [good, ...fc.sample(spoilt(good), { numRuns: 4, seed: 7 })]);
      }
    }
  });

  it('is what ajv says of every keyword of draft 07', () => {
    const schemas: JsonSchema[] = [
      { type: 'integer', minimum: 1, maximum: 5, multipleOf: 2 },
      { type: ['string', 'null'], minLength: 2, maxLength: 3 },
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      { type: 'string', nullable: true },
      { enum: [1, 'a', null, { a: [1, { b: 2 }] }, [1]] },
      { const: { b: 1, a: [true] } },
      { pattern: '^a+$' },
      { format: 'ipv4' },
      { format: 'date-time' },
      { format: 'int32' },
      { format: 'nobody knows it' },
      { items: { type: 'integer' }, minItems: 1, maxItems: 3 },
      { uniqueItems: true },
      { items: [{ type: 'integer' }, { type: 'string' }], additionalItems: { type: 'boolean' } },
      { items: [{ type: 'integer' }], additionalItems: false },
      { contains: { type: 'string' } },
      { properties: { a: { type: 'integer' }, b: false, c: true }, required: ['a', 'toString'] },
      { minProperties: 1, maxProperties: 2, additionalProperties: { type: 'integer' } },
      { properties: { a: {} }, patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
      { propertyNames: { maxLength: 1 } },
      { dependencies: { a: ['b', 'c'], x: { required: ['y'] } } },
      { allOf: [{ required: ['a'] }, { required: ['b'] }] },
      { anyOf: [{ required: ['a'] }, { type: 'string' }] },
      { oneOf: [{ required: ['a'] }, { required: ['b'] }, { type: 'string' }] },
      { not: { type: 'object' } },
      JSON.parse('{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}'),
      JSON.parse('{"if": {"type": "string"}, "then": {"minLength": 3}}'),
    ];
    const values: unknown[] = [
      ...[0, 1, 2, 3, 0.5, 5, 6, -1, 2 ** 31, '', 'a', 'aa', 'aaaa', '😀😀', 'b', '10.0.0.1', '10.0.0.256'],
      ...[
        '2026-01-31T12:00:00Z',
        '2026-02-31T12:00:00Z',
        null,
        true,
        false,
        [],
        [1],
        [1, 'x'],
        [1, 'x', true, 1],
      ],
      ...[
        [1, 2, 1],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        ['x'],
        [[]],
        {},
        { a: 1 },
        { a: 'x' },
        { b: 1 },
        { a: 1, b: 1 },
      ],
      ...[{ a: 1, b: 1, c: 1 }, { x1: 'y' }, { x1: 1 }, { x: 1 }, { x: 1, y: 1 }, { c: 1 }, { long: 1 }],
      ...[{ a: [1, { b: 2 }] }, { a: [true], b: 1 }, JSON.parse('{"__proto__": 1}')],
      ...fc.sample(anyJson, { numRuns: 100, seed: 7 }),
    ];
    // Beyond, nobody can say what a multiple is, and what is deeper is not compared.
    const sound = (value: unknown) =>
      typeof value === 'number'
        ? Math.abs(value) < 1e9
        : whyTooLarge(value, { depth: 60, values: 1e6, characters: 1e7 }) === null &&
          // ajv stumbles over these.
          !/"(toString|valueOf)":/.test(JSON.stringify(value));
    for (const schema of schemas) compare(schema, values.filter(sound));
  });

  it('is found where ajv finds it, whatever keywords a schema puts together', () => {
    // Which faults of alternatives ajv still tells depends on what it could leave out: they are not compared.
    const values = fc.array(smallJson, { minLength: 4, maxLength: 12 });
    for (const [schema, some] of fc.sample(fc.tuple(anySchema, values), { numRuns: Math.min(RUNS, 1000) })) {
      const ajv = byAjv(schema);
      for (const value of some) {
        const about = JSON.stringify([schema, value]).slice(0, 2000);
        expect(schemaErrors(schema, value, false).length > 0, about).to.equal(ajv(value).length > 0);
      }
    }
  });

  it('is what the standard says of each keyword', () => {
    for (const [schema, good, bad] of BY_THE_STANDARD) {
      const about = (value: unknown) => JSON.stringify([schema, value]);
      for (const value of good) expect(schemaErrors(schema, value, false), about(value)).to.deep.equal([]);
      for (const value of bad) expect(schemaErrors(schema, value, false), about(value)).not.to.be.empty;
    }
  });

  it('takes a time that the sizes alone bound, whatever the value and the schema are', () => {
    const branches = Array.from({ length: 200 }, (_, index) => ({
      anyOf: [{ const: index }, { minLength: index }],
    }));
    const many = Array.from({ length: 100_000 }, () => ({}));
    const cases: [JsonSchema, unknown][] = [
      [{ pattern: '((((\\d+,)+\\d+|(\\d+(\\/|-)\\d+)|\\d+|\\*) ?){5})' }, '1,'.repeat(80_000)],
      [{ pattern: '^(?:ab|ba|aba|bab)+$' }, `${'ab'.repeat(500)}!`],
      [{ pattern: '^(?:ab|ba|aba|bab)+$' }, `${'ab'.repeat(50_000)}!`],
      [{ pattern: '(?=(a+)+$)b' }, `${'a'.repeat(1000)}!`],
      [{ items: { pattern: '[ab]*a[ab]{800}c' } }, many.map((_, index) => 'ab'.repeat((index % 500) + 1))],
      [{ items: { required: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] } }, many],
      [{ items: { allOf: branches } }, many],
      [{ items: { enum: Array.from({ length: 3000 }, (_, a) => ({ a })) } }, many.map((_, a) => ({ a: -a }))],
      [{ uniqueItems: true }, many.map((_, a) => ({ a, b: [a] }))],
      [
        { patternProperties: { '(a|b|ab)*c': {} } },
        Object.fromEntries(many.map((_, a) => [`ab${a}`.repeat(9), a])),
      ],
      [{ additionalProperties: false }, Object.fromEntries(many.map((_, a) => [`name ${a}`, a]))],
      [{ format: 'email' }, `${'a.'.repeat(100_000)}@`],
      ...[
        'uri',
        'uri-reference',
        'uri-template',
        'hostname',
        'email',
        'duration',
        'date-time',
        'ipv6',
      ].flatMap((format) =>
        ['a', 'a.', 'a-', '1:', '%20', '{a}', 'P1', '//@'].map((text): [JsonSchema, unknown] => [
          { format },
          `${text.repeat(Math.floor(1000 / text.length))}\n`,
        ]),
      ),
    ];
    for (const [schema, value] of cases) {
      distrustSchema(schema);
      const cost = costOf(() => checkBySchema('requestBody', schema, value));
      expect(cost, JSON.stringify(schema).slice(0, 100)).to.be.below(MAX_MS_LENGTH);
    }
  });

  it('is not looked for in values that go deeper than their schema, and comparing them ends', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) deep = level % 2 === 0 ? [deep] : { a: deep };
    expect(schemaErrors({ type: 'object' }, deep, false)).to.deep.equal([]);
    expect(() => schemaErrors({ const: [] }, [deep], false)).to.throw(TooMuchToCheck);
    expect(checkBySchema('requestBody', { uniqueItems: true }, [deep]).map(({ rule }) => rule)).to.deep.equal(
      ['schema'],
    );
  });
});

describe('catalogue: the patterns of the pack', () => {
  const found = OPERATIONS.flatMap((operation) =>
    schemasOf(operation).flatMap(([, schema]) =>
      [...allSchemas(schema)].flatMap((one) => [
        ...(typeof one.pattern === 'string' ? [{ pattern: one.pattern, schema: one, id: operation.id }] : []),
        ...(isSchema(one.patternProperties)
          ? Object.keys(one.patternProperties).map((pattern) => ({ pattern, schema: one, id: operation.id }))
          : []),
      ]),
    ),
  );

  it('are all taken by an engine whose time grows with the text alone', () => {
    expect(found.length).to.be.greaterThan(100);
    for (const { pattern, id } of found)
      expect(compilePattern(pattern), `${id}: ${pattern}`).not.to.equal(null);
  });

  it('say how their texts begin and end, and how long they may be', () => {
    for (const { pattern, schema, id } of found) {
      expect(pattern, id).to.match(/^\^.*\$$/s);
      const plain = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
      const isEndless = /[+*]|\{\d+,\}/.test(plain);
      if (isEndless) expect(schema.maxLength, `${id}: ${pattern}`).to.be.a('number');
    }
  });
});
