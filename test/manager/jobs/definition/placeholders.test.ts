import { expect } from 'chai';
import fc from 'fast-check';
import {
  fillIn,
  fillPath,
  fillRequest,
  hasPlaceholders,
} from '../../../../nodes/manager/jobs/definition/placeholders.js';
import { resolveSecrets } from '../../../../nodes/manager/jobs/definition/secrets.js';
import type { TpeError } from '../../../../nodes/manager/shared/tpe-error.js';
import { gatewayOf } from './gateway-of.js';

const job = { id: '42', name: 'NTP of all pumps' };
const sources = (values: Record<string, unknown> = {}) => ({ gateway: gatewayOf(), values, job });
const filled = (value: unknown, values: Record<string, unknown> = {}) => fillIn(value, sources(values));

function refusal(work: () => unknown): TpeError {
  try {
    work();
  } catch (error) {
    return error as TpeError;
  }
  throw new Error('it should have been refused');
}

/** The kinds of all values by their place, texts apart from what they say. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]));
}

const awkward = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom(
    '{{gateway.clientid}}',
    '{{value.x}}',
    '"}, "y": {"',
    '\\',
    '$&',
    '$1',
    '}}',
    '{{',
    '__proto__',
  ),
);
const names = fc
  .oneof(fc.string(), fc.constantFrom('__proto__', 'constructor'))
  .filter((name) => !name.includes('{{'));
/** Bodies whose texts are of one placeholder, of several, or of none. */
const bodies = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('{{value.x}}', 'a {{value.x}} b {{ value.x }}', 'plain', '{ }', '}}', ''),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('body'), { maxLength: 4 }),
    fc.dictionary(names, tie('body'), { maxKeys: 4 }),
  ),
})).body;

describe('jobs: placeholders', () => {
  it('never change the structure of what they stand in, whatever the value', () => {
    fc.assert(
      fc.property(bodies, awkward, (body, x) => {
        const result = filled(body, { x });
        expect(shapeOf(result)).to.deep.equal(shapeOf(body));
        expect(shapeOf(JSON.parse(JSON.stringify(result)))).to.deep.equal(shapeOf(body));
      }),
    );
  });

  it('give back the value that was put in, and nothing of it is filled again', () => {
    fc.assert(
      fc.property(awkward, (x) => {
        expect(filled({ a: ['{{value.x}}', '<{{value.x}}|{{value.x}}>'] }, { x })).to.deep.equal({
          a: [x, `<${x}|${x}>`],
        });
      }),
    );
  });

  it('keep numbers, booleans and JSON with a type, and all digits of a number', () => {
    const values = {
      port: '8080',
      on: ' TRUE',
      list: '[1, {"a": null}]',
      long: '12345678901234567890',
      n: 5,
      o: { a: 1 },
    };
    expect(filled('{{value.port:number}}', values)).to.equal(8080);
    expect(filled('{{ value.port : number }}', values)).to.equal(8080);
    expect(filled('{{value.on:boolean}}', values)).to.equal(true);
    expect(filled('{{value.list:json}}', values)).to.deep.equal([1, { a: null }]);
    expect(filled('{{value.long:number}}', values)).to.equal(12345678901234567890n);
    expect(filled('{{value.n}}', values)).to.equal('5');
    expect(filled('{{value.n:number}}', values)).to.equal(5);
    expect(filled('{{value.o:json}}', values)).to.deep.equal({ a: 1 });
  });

  it('know the fields of a gateway and of the job', () => {
    expect(
      filled({
        all: '{{gateway.clientid}} {{gateway.site}} {{gateway.model}} {{gateway.serialNumber}} {{gateway.hostName}}',
        versions:
          '{{gateway.tpeVersion}} {{gateway.firmwareVersion}} {{gateway.note}} {{gateway.redundancy}}',
        job: '{{job.id}}: {{job.name}}',
      }),
    ).to.deep.equal({
      all: 'gw-1 Brea UC-8112A TAABB1 host-1',
      versions: '2.2.0 1.7 beside the pump pumps A/B',
      job: '42: NTP of all pumps',
    });
  });

  it('are told from texts that only look like some, before any column is known', () => {
    for (const text of ['{{value.port:number}}', ' {{ gateway.site }} ', 'a {{job.id}}-{{value.x y}}'])
      expect(hasPlaceholders(text), text).to.equal(true);
    for (const text of [
      '',
      'port',
      '{{valu.port}}',
      '{{gateway.password}}',
      '{{value.x}} {{',
      'no {{value.x:number}}',
    ])
      expect(hasPlaceholders(text), text).to.equal(false);
    expect(hasPlaceholders('/a/{{value.x:number}}', false)).to.equal(false);
    expect(hasPlaceholders('/a/{{value.x}}', false)).to.equal(true);
  });

  it('leave names of fields alone', () => {
    expect(filled({ '{{value.x}}': 1 }, { x: 'a' })).to.deep.equal({ '{{value.x}}': 1 });
  });

  const cases: [what: string, text: string, values: Record<string, unknown>, code: string][] = [
    ['a missing value', '{{value.x}}', {}, 'unfit-value-missing'],
    ['an empty value', '{{value.x}}', { x: '' }, 'unfit-value-missing'],
    ['a value that is null', 'a{{value.x}}', { x: null }, 'unfit-value-missing'],
    ['a value that only Object has', '{{value.toString}}', {}, 'unfit-value-missing'],
    ['what is no number', '{{value.x:number}}', { x: 'eight' }, 'unfit-value-no-number'],
    ['a blank as number', '{{value.x:number}}', { x: ' ' }, 'unfit-value-no-number'],
    ['what is no boolean', '{{value.x:boolean}}', { x: 'yes' }, 'unfit-value-no-boolean'],
    ['what is no JSON', '{{value.x:json}}', { x: '{' }, 'unfit-value-no-json'],
    ['a list as text', '{{value.x}}', { x: [1] }, 'unfit-value-no-text'],
    [
      'JSON that names a secret',
      '{{value.x:json}}',
      { x: '[{"$secret": "other"}]' },
      'unfit-value-with-secret',
    ],
  ];
  for (const [what, text, values, code] of cases) {
    it(`refuse ${what}, and name the placeholder without its value`, () => {
      const { reason, code: error } = refusal(() => filled([text], values));
      expect(error).to.equal('INVALID_INPUT');
      expect(reason.cause?.code).to.equal(code);
      expect(reason.text).to.include('{{value.');
      for (const value of Object.values(values))
        if (typeof value === 'string' && value.length > 3) expect(reason.text).not.to.include(value);
    });
  }

  it('of a path are encoded, so that a value stays within its level', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (x) => {
        const fill = () => fillPath('/device/{{value.x}}/end', sources({ x }));
        if (/[/\\]/.test(x)) expect(refusal(fill).reason.cause?.code).to.equal('unfit-value-with-slash');
        else {
          const levels = fill().split('/');
          expect(levels).to.have.length(4);
          expect(decodeURIComponent(levels[2]!)).to.equal(x.toWellFormed());
        }
      }),
    );
  });

  it('of a request are filled in path, parameters and body, and nowhere else', () => {
    const request = {
      operation: 'a',
      params: { id: '{{value.x}}' },
      path: '/{{value.x}}',
      requestBody: ['{{value.x}}'],
    };
    expect(fillRequest({ ...request, method: '{{value.x}}' }, sources({ x: 'a b' }))).to.deep.equal({
      operation: 'a',
      params: { id: 'a b' },
      path: '/a%20b',
      requestBody: ['a b'],
      method: '{{value.x}}',
    });
  });
});

describe('jobs: secrets by name', () => {
  const known: Record<string, string> = { psk: 's3cret with {{value.x}}', 'other.one': 'x' };
  const lookUp = (name: string) => known[name];

  it('are put in when something is sent, and told so that answers can be searched for them', () => {
    const body = {
      wifi: [{ psk: { $secret: 'psk' } }],
      again: { $secret: 'psk' },
      other: { $secret: 'other.one' },
    };
    expect(resolveSecrets(body, lookUp)).to.deep.equal({
      value: { wifi: [{ psk: known.psk }], again: known.psk, other: 'x' },
      secrets: [known.psk, 'x'],
    });
  });

  it('that are not set are refused with the variable to set', () => {
    const error = refusal(() => resolveSecrets({ a: { $secret: 'wifi-2.4' } }, lookUp));
    expect(error.code).to.equal('INVALID_INPUT');
    expect(error.message).to.include('"wifi-2.4"').and.to.include('TPE_JOB_SECRET_WIFI_2_4_FILE');
  });
});
