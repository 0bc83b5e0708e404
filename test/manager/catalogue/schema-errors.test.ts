import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { JsonSchema } from '../../../nodes/manager/catalogue/catalogue.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { schemasOf } from '../../../nodes/manager/catalogue/own-operation.js';
import { checkBySchema, distrustSchema } from '../../../nodes/manager/catalogue/schema-check.js';
import { schemaErrors, TooMuchToCheck } from '../../../nodes/manager/catalogue/schema-errors.js';
import { isSchema, subschemas } from '../../../nodes/manager/catalogue/subschemas.js';
import { compilePattern } from '../../../nodes/manager/catalogue/text-pattern.js';
import { whyTooLarge } from '../../../nodes/manager/json-bounds.js';
import { anyJson, spoilt } from '../../support/hostile.js';

/** Far above what a check takes, and far below the minutes that it took. */
const LONGEST_MS = 500;

/** What ajv says of it, which has to be said here. */
function byAjv(schema: JsonSchema): (value: unknown) => ErrorObject[] {
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false, logger: false });
  addFormats.default(ajv);
  ajv.addFormat('password', true);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

function said(errors: readonly ErrorObject[]): string[] {
  const texts = errors.map(({ keyword, instancePath, schemaPath, params, message }) =>
    JSON.stringify([keyword, instancePath, schemaPath, keyword === 'uniqueItems' ? null : [params, message]]),
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

describe('catalogue: what is wrong with a value by its schema', function () {
  this.timeout(120_000);

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
      const started = performance.now();
      checkBySchema('requestBody', schema, value);
      expect(performance.now() - started, JSON.stringify(schema).slice(0, 100)).to.be.below(LONGEST_MS);
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
