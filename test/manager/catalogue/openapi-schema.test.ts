import { expect } from 'chai';
import {
  branchesOf,
  branchName,
  branchOf,
  propertiesOf,
  startOf,
} from '../../../nodes/manager/catalogue/form-schema.js';
import { ask, readDocument, withBody } from '../../support/openapi.js';

interface Case {
  what: string;
  schema: object;
  /** Of components. */
  schemas?: object;
  version?: string;
  good: unknown[];
  bad: unknown[];
  /** Codes of what is told. */
  told?: string[];
}

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const Fan = object({ kind: { type: 'string' }, speed: { type: 'integer' } }, { required: ['kind'] });
const Lamp = object({ kind: { type: 'string' }, colour: { type: 'string' } }, { required: ['kind'] });
const DRIVES = { oneOf: [ref('Fan'), ref('Lamp')] };
const FAN = { kind: 'Fan', speed: 3 };

/** What others build upon, as most documents have it. */
const INHERITED = {
  Base: {
    ...object({ kind: { type: 'string' }, name: { type: 'string' } }, { required: ['kind'] }),
    discriminator: { propertyName: 'kind' },
  },
  Hot: { allOf: [ref('Base'), object({ heat: { type: 'integer' } }, { required: ['heat'] })] },
  Hotter: { allOf: [ref('Hot'), object({ steam: { type: 'boolean' } })] },
  Cold: { allOf: [{ $ref: '#/components/schemas/Base' }], properties: { ice: { type: 'string' } } },
};

const CASES: Case[] = [
  {
    what: 'a discriminator with a mapping',
    schema: {
      ...DRIVES,
      discriminator: {
        propertyName: 'kind',
        mapping: { fan: '#/components/schemas/Fan', lamp: 'Lamp', light: '#/components/schemas/Lamp' },
      },
    },
    schemas: { Fan, Lamp },
    good: [{ kind: 'fan', speed: 3 }, { kind: 'light' }, { kind: 'lamp', colour: 'red' }],
    bad: [{ kind: 'Fan' }, { kind: 'fan', speed: 'x' }, { kind: 'other' }, { speed: 3 }],
  },
  {
    what: 'a discriminator without a mapping',
    schema: { ...DRIVES, discriminator: { propertyName: 'kind' } },
    schemas: { Fan, Lamp },
    good: [FAN, { kind: 'Lamp', colour: 'red' }],
    bad: [{ kind: 'fan' }, { kind: 'Lamp', colour: 3 }, {}],
  },
  {
    what: 'a discriminator beside anyOf, with branches that are put together',
    schema: { anyOf: [ref('Big'), ref('Lamp')], discriminator: { propertyName: 'kind' } },
    schemas: { Fan, Lamp, Big: { allOf: [ref('Fan'), object({ size: { type: 'integer' } })] } },
    good: [{ kind: 'Big', speed: 1, size: 2 }, { kind: 'Lamp' }],
    bad: [{ kind: 'Fan' }, { kind: 'Big', size: 'x' }],
  },
  {
    what: 'a discriminator whose mapping leads elsewhere',
    schema: { ...DRIVES, discriminator: { propertyName: 'kind', mapping: { f: 'fan.yaml' } } },
    schemas: { Fan: { ...Fan, additionalProperties: false }, Lamp: { ...Lamp, additionalProperties: false } },
    good: [{ kind: 'f', speed: 1 }],
    bad: [{ kind: 'f', speed: 1, colour: 'x' }],
    told: ['discriminator-mapping', 'discriminator-name'],
  },
  {
    what: 'a discriminator with nothing to choose from',
    schema: ref('Base'),
    schemas: { Base: { ...Fan, discriminator: { propertyName: 'kind' } } },
    good: [FAN],
    bad: [{}],
    told: ['discriminator-alone'],
  },
  {
    what: 'a discriminator that others build upon',
    schema: ref('Base'),
    schemas: INHERITED,
    good: [
      { kind: 'Hot', heat: 3 },
      { kind: 'Hotter', heat: 3, steam: true },
      { kind: 'Base' },
      { kind: 'Cold', ice: 'x' },
    ],
    bad: [
      {},
      { kind: 'Hot', heat: 'x' },
      { kind: 'Hotter', heat: 3, steam: 1 },
      { kind: 'Hot' },
      { kind: 'No' },
    ],
  },
  {
    what: 'a discriminator that others build upon, by a mapping, within a list',
    schema: object({ all: { type: 'array', items: ref('Base') } }),
    schemas: {
      ...INHERITED,
      Base: {
        ...INHERITED.Base,
        discriminator: {
          propertyName: 'kind',
          mapping: { h: '#/components/schemas/Hot', hh: 'Hotter', c: 'Cold', free: 'Free' },
        },
      },
      Free: object({ kind: { type: 'string' }, any: { type: 'integer' } }),
    },
    good: [{ all: [{ kind: 'h', heat: 3 }, { kind: 'c' }, { kind: 'free', any: 1 }] }],
    bad: [
      { all: [{ kind: 'Hot', heat: 3 }] },
      { all: [{ kind: 'free', any: 'x' }] },
      { all: [{ kind: 'Base' }] },
    ],
  },
  {
    what: 'a discriminator that others build upon, who name their value',
    schema: ref('Base'),
    schemas: {
      Base: { ...Fan, discriminator: { propertyName: 'kind' } },
      Hot: { allOf: [ref('Base'), object({ kind: { const: 'hot' }, heat: { type: 'integer' } })] },
      Cold: {
        'x-ms-discriminator-value': 'cold!',
        allOf: [ref('Base'), object({ ice: { type: 'string' } })],
      },
    },
    good: [
      { kind: 'hot', heat: 1 },
      { kind: 'cold!', ice: 'x' },
    ],
    bad: [{ kind: 'hot', heat: 'x' }, { kind: 'cold!', ice: 1 }, { kind: 'Hot' }],
  },
  {
    what: 'a discriminator whose values are none of the schemas that build upon it',
    schema: ref('Base'),
    schemas: {
      Base: {
        ...object({ kind: { enum: ['hot', 'cold'] } }, { required: ['kind'] }),
        discriminator: { propertyName: 'kind' },
      },
      HotThing: { allOf: [ref('Base'), object({ heat: { type: 'integer' } })] },
    },
    good: [{ kind: 'hot', heat: 1 }, { kind: 'cold' }],
    bad: [{ kind: 'HotThing' }, {}],
    told: ['discriminator-name'],
  },
  {
    what: 'one that builds upon another, which is meant alone',
    schema: ref('Hot'),
    schemas: INHERITED,
    good: [{ kind: 'Hot', heat: 3 }],
    bad: [{ kind: 'Hot', heat: 'x' }, { heat: 3 }],
  },
  {
    what: 'one that is told apart, with words beside it',
    schema: object({ one: { description: 'Some', allOf: [ref('Base')] } }),
    schemas: INHERITED,
    good: [{ one: { kind: 'Hot', heat: 3 } }],
    bad: [{ one: { kind: 'Hot', heat: 'x' } }],
  },
  {
    what: 'one that is told apart, and has itself within',
    schema: ref('Base'),
    schemas: {
      ...INHERITED,
      Group: { allOf: [ref('Base'), object({ all: { type: 'array', items: ref('Base') } })] },
    },
    good: [{ kind: 'Group', all: [{ kind: 'Hot', heat: 1 }] }],
    bad: [{ kind: 'Group', all: 3 }],
    told: ['circular'],
  },
  {
    what: 'more that builds upon one than is kept',
    schema: ref('Base'),
    schemas: {
      Base: { ...Fan, discriminator: { propertyName: 'kind' } },
      ...Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [
          `Sub${index}`,
          { allOf: [ref('Base'), object({ [`field${index}`]: { type: 'integer' } })] },
        ]),
      ),
    },
    good: [FAN],
    bad: [{}],
    told: ['discriminator-alone'],
  },
  {
    what: 'a discriminator that is none',
    schema: { ...Fan, discriminator: 'kind' },
    good: [FAN],
    bad: [{}],
    told: ['keyword-value'],
  },
  {
    what: 'what is only read: not required, wherever that stands',
    schema: { allOf: [ref('Base'), { required: ['id', 'name'] }] },
    schemas: {
      Base: object(
        { id: { type: 'integer', readOnly: true }, at: ref('Time'), name: { type: 'string' } },
        {
          required: ['id', 'at'],
        },
      ),
      Time: { type: 'string', readOnly: true },
    },
    good: [{ name: 'x' }],
    bad: [{}],
    told: ['read-only'],
  },
  {
    what: 'nullable, beside a type and beside alternatives',
    schema: object({
      a: { type: 'string', nullable: true },
      b: { nullable: true, oneOf: [{ type: 'string' }, { type: 'integer' }] },
      c: { nullable: true, allOf: [ref('Text')] },
      d: { type: 'string', enum: ['x'], nullable: true },
    }),
    schemas: { Text: { type: 'string' } },
    good: [
      { a: null, b: null, c: null, d: null },
      { a: 'x', b: 1, c: 'x', d: 'x' },
    ],
    bad: [{ a: 1 }, { b: true }, { c: 1 }, { d: 'y' }],
  },
  {
    what: 'types as a list, and const',
    version: '3.1.0',
    schema: object({ a: { type: ['string', 'null'] }, b: { const: 'x' }, c: { const: null } }),
    good: [{ a: null, b: 'x', c: null }],
    bad: [{ a: 1 }, { b: 'y' }, { c: 0 }],
  },
  {
    what: 'exclusive bounds, as a switch',
    schema: object({
      a: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
    }),
    good: [{ a: 0.1 }, { a: 9 }],
    bad: [{ a: 0 }, { a: 9.1 }],
  },
  {
    what: 'exclusive bounds, as a number',
    version: '3.1.0',
    schema: object({ a: { type: 'number', exclusiveMinimum: 0, minimum: -5, exclusiveMaximum: 9 } }),
    good: [{ a: 0.1 }],
    bad: [{ a: 0 }, { a: 9 }],
  },
  {
    what: 'a bound of parts of ten',
    schema: object({ a: { type: 'number', multipleOf: 0.1 }, b: { type: 'number', multipleOf: 0.01 } }),
    good: [{ a: 0.3 }, { a: 0.7, b: 19.99 }, { b: 4.35 }],
    bad: [{ a: 0.35 }, { b: 0.001 }],
  },
  {
    what: 'tuples',
    version: '3.1.0',
    schema: object({
      a: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false },
    }),
    good: [{ a: ['x', 1] }, { a: ['x'] }],
    bad: [{ a: [1] }, { a: ['x', 1, 2] }],
  },
  {
    what: 'tuples with more of one kind',
    version: '3.1.0',
    schema: object({ a: { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' } } }),
    good: [{ a: ['x', 1, 2] }],
    bad: [{ a: ['x', 'y'] }],
  },
  {
    what: 'if, then, else',
    version: '3.1.0',
    schema: {
      ...object({ mode: { type: 'string' }, ip: { type: 'string' } }),
      ...{ if: { properties: { mode: { const: 'static' } }, required: ['mode'] } },
      ...JSON.parse('{"then": {"required": ["ip"]}, "else": {"not": {"required": ["ip"]}}}'),
    },
    good: [{ mode: 'static', ip: 'x' }, { mode: 'dhcp' }],
    bad: [{ mode: 'static' }, { mode: 'dhcp', ip: 'x' }],
  },
  {
    what: 'what depends on a field',
    version: '3.1.0',
    schema: {
      ...object({ user: {}, secret: {}, port: {} }),
      dependentRequired: { user: ['secret'] },
      dependentSchemas: { user: { properties: { port: { type: 'integer' } } } },
    },
    good: [{ user: 1, secret: 2, port: 3 }, { port: 'x' }, {}],
    bad: [{ user: 1 }, { user: 1, secret: 2, port: 'x' }],
  },
  {
    what: 'patterns of names',
    version: '3.1.0',
    schema: {
      type: 'object',
      patternProperties: { '^n_': { type: 'number' } },
      propertyNames: { maxLength: 4 },
      additionalProperties: { type: 'string' },
    },
    good: [{ n_a: 1, a: 'x' }],
    bad: [{ n_a: 'x' }, { a: 1 }, { toolong: 'x' }],
  },
  {
    what: 'what nothing has said anything of',
    version: '3.1.0',
    schema: { allOf: [ref('Base')], ...object({ b: {} }), unevaluatedProperties: false },
    schemas: { Base: object({ a: {} }) },
    good: [{ a: 1, b: 2 }],
    bad: [{ c: 1 }],
  },
  {
    what: 'what nothing has said anything of, where that cannot be told',
    version: '3.1.0',
    schema: { anyOf: [ref('Base')], ...object({ b: {} }), unevaluatedProperties: false },
    schemas: { Base: object({ a: {} }) },
    good: [{ a: 1, b: 2 }, { c: 1 }],
    bad: [],
    told: ['keyword'],
  },
  {
    what: 'true and false for schemas',
    version: '3.1.0',
    schema: object({ a: true, b: false }),
    good: [{ a: 1 }, {}],
    bad: [{ b: 1 }],
  },
  {
    what: 'what a list has',
    version: '3.1.0',
    schema: object({
      a: { type: 'array', contains: { const: 1 } },
      b: { type: 'array', contains: { const: 1 }, minContains: 0 },
      c: { type: 'array', uniqueItems: true },
    }),
    good: [{ a: [1, 2], b: [], c: [1, 2] }],
    bad: [{ a: [2] }, { c: [1, 1] }],
  },
  {
    what: 'what is not checked',
    version: '3.1.0',
    schema: object({ a: { type: 'array', contains: { const: 1 }, maxContains: 2 }, b: { odd: 1 } }),
    good: [{ a: [1, 1, 1] }],
    bad: [],
    told: ['keyword', 'keyword'],
  },
  {
    what: 'a part that forbids the fields of the others',
    schema: { allOf: [object({ a: {} }), object({ b: {} }, { additionalProperties: false })] },
    good: [{ b: 1 }],
    bad: [{ a: 1 }],
    told: ['closed-branch'],
  },
  {
    what: 'values that keywords cannot have',
    schema: object({
      a: { type: 'text' },
      b: { type: 'string', minLength: '3' },
      c: { type: 'string', pattern: '(' },
      d: { type: 'number', exclusiveMinimum: true },
      e: { type: 'string', nullable: 'yes' },
      f: 'a schema',
      g: { type: 'string', enum: [] },
    }),
    good: [{ a: 1, b: '', c: 'x', d: 1, e: 'x', f: 1, g: 'x' }],
    bad: [{ b: 1 }],
    told: [
      ...['keyword-value', 'keyword-value', 'pattern', 'keyword-value'],
      ...['keyword-value', 'no-schema', 'keyword-value'],
    ],
  },
  {
    what: 'numbers that no double holds',
    schema: object({
      a: { type: 'integer', format: 'int64', maximum: 2 ** 63, default: 2 ** 63 },
    }),
    good: [{ a: 1 }],
    bad: [{ a: 1.5 }],
    told: ['number'],
  },
  {
    what: 'a dynamic reference',
    version: '3.1.0',
    schema: object({ a: { $dynamicRef: '#text' } }),
    schemas: { Text: { $dynamicAnchor: 'text', type: 'string' } },
    good: [{ a: 'x' }],
    bad: [{ a: 1 }],
    told: ['dynamic-ref'],
  },
  {
    what: 'a name that is one of all objects',
    schema: JSON.parse(
      '{"type": "object", "properties": {"constructor": {"type": "integer"}, "toString": {"type": "string"}}}',
    ),
    good: [{}, { constructor: 1 }],
    bad: [{ constructor: 'x' }],
  },
];

describe('a schema of an OpenAPI document', () => {
  for (const { what, schema, schemas = {}, version = '3.0.3', good, bad, told = [] } of CASES) {
    it(`with ${what} takes right bodies and refuses others`, () => {
      const read = readDocument({ openapi: version, ...withBody(schema, { components: { schemas } }) });
      expect([...read.refused]).to.deep.equal([]);
      for (const body of good) expect(ask(read, {}, body).faults, JSON.stringify(body)).to.deep.equal([]);
      for (const body of bad) expect(ask(read, {}, body).faults, JSON.stringify(body)).not.to.deep.equal([]);
      expect(read.codes).to.deep.equal(told);
    });
  }

  it('with a discriminator is a form with a part for each, which a value finds', () => {
    const discriminator = { propertyName: 'kind', mapping: { fan: 'Fan', lamp: 'Lamp', light: 'Lamp' } };
    const more = { components: { schemas: { Fan, Lamp } } };
    const { operations } = readDocument(withBody({ ...DRIVES, discriminator }, more));
    const branches = branchesOf(operations[0]!.bodySchema!);
    expect(branches.map(branchName)).to.deep.equal(['fan', 'lamp, light']);
    for (const [kind, place] of [
      ['fan', 0],
      ['lamp', 1],
      ['light', 1],
    ] as const)
      expect(branchOf(branches, { kind }), kind).to.equal(place);
  });

  it('that others build upon is a form with the fields of both for each of them', () => {
    const { operations } = readDocument(withBody(ref('Base'), { components: { schemas: INHERITED } }));
    const branches = branchesOf(operations[0]!.bodySchema!);
    expect(branches.map(branchName)).to.deep.equal(['Base', 'Hot', 'Cold', 'Hotter']);
    expect(Object.keys(propertiesOf(branches[3]!)).sort()).to.deep.equal(['heat', 'kind', 'name', 'steam']);
    expect(startOf(branches[3]!)).to.deep.equal({ kind: 'Hotter', heat: 0 });
    expect(branchOf(branches, { kind: 'Cold', name: 'x', ice: '1' })).to.equal(2);
  });

  it('of an answer does not ask for what is only written', () => {
    const schema = object(
      { pin: { type: 'string', writeOnly: true }, name: {} },
      { required: ['pin', 'name'] },
    );
    const { operations } = readDocument({
      paths: { '/a': { get: { responses: { 200: { content: { 'application/json': { schema } } } } } } },
    });
    expect(operations[0]!.answerSchema!.required).to.deep.equal(['name']);
  });

  it('says which formats nothing checks', () => {
    const { documentNotes } = readDocument(withBody(object({ a: { type: 'string', format: 'mac' } })));
    expect(documentNotes.map(({ text }) => text).join()).to.match(/not checked: mac/);
  });
});
