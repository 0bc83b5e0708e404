import { expect } from 'chai';
import fc from 'fast-check';
import { readOwnOperation } from '../../../nodes/manager/catalogue/custom-operation.js';
import {
  type FileContent,
  readOperationsFile,
} from '../../../nodes/manager/catalogue/import/operations-file.js';
import { readInWorker } from '../../../nodes/manager/catalogue/import/read-in-worker.js';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { checkRequest } from '../../../nodes/manager/catalogue/validation/request-rules.js';
import { checkBySchema, distrustSchema } from '../../../nodes/manager/catalogue/validation/schema-check.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../../support/errors.js';
import { commandJson, OPENAPI_30, OPENAPI_31, tpedmRequest } from '../../support/operation-files.js';
import { costOf } from '../../support/thread-time.js';

const operationsOf = ({ entries }: FileContent): Operation[] =>
  entries.flatMap((entry) => ('operation' in entry ? [entry.operation] : []));
const refusedOf = ({ entries }: FileContent): [string, string][] =>
  entries.flatMap((entry): [string, string][] => ('reason' in entry ? [[entry.place, entry.reason]] : []));

/** An OpenAPI document with one operation that takes a body. */
const withBody = (schema: unknown, components: object = {}) =>
  JSON.stringify({
    openapi: '3.1.0',
    paths: { '/own': { put: { requestBody: { content: { 'application/json': { schema } } } } } },
    components,
  });

const ours = (...operations: unknown[]) =>
  JSON.stringify({ format: 'tpe-operations', version: 1, operations });
const OWN = { category: 'Pumps', name: 'Stop', method: 'PUT', path: '/pumps/{id}/stop' };

/** A copy of a JSON value in which one of its places, counted from its beginning, has another value. */
function replaced(file: unknown, place: number, value: unknown): unknown {
  const places: [object, string][] = [];
  const copy = structuredClone(file);
  const collect = (at: unknown) => {
    if (typeof at !== 'object' || at === null) return;
    for (const [name, element] of Object.entries(at)) {
      places.push([at, name]);
      collect(element);
    }
  };
  collect(copy);
  const [holder, name] = places[place % places.length]!;
  Object.assign(holder, { [name]: value });
  return copy;
}

/** The text of a TpeError, else what comes out. */
function textOf<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof TpeError) return error.message;
    throw error;
  }
}

describe('a file of operations', () => {
  describe("in the form of TPEDM's command.json", () => {
    it('gives requests, with what the query must say and what it may say', async () => {
      const content = await readInWorker(commandJson({ team: true }));
      expect(content.format).to.equal('tpedm');
      expect(refusedOf(content)).to.deep.equal([]);
      const stop = operationsOf(content).find(({ name }) => name === 'Stop all pumps')!;
      expect(stop).to.deep.include({
        category: 'Pumps',
        method: 'PUT',
        path: '/pumps/all/stop',
        query: { mode: 'soft' },
        bodyExample: { delay: 5 },
        risk: 'disruptive',
        idempotent: true,
        source: 'own',
      });
      const one = operationsOf(content).find(({ name }) => name === 'One pump')!;
      expect(one).to.deep.include({ path: '/pumps/{pumpId}', query: {}, bodyExample: null, risk: 'read' });
      expect(
        one.parameters.map((parameter) => [parameter.name, parameter.in, parameter.required]),
      ).to.deep.equal([
        ['pumpId', 'path', true],
        ['detail', 'query', false],
      ]);
    });

    it('refuses what is wrong, with its place, and goes on', async () => {
      const entry = (name: unknown, command: unknown) => ({ name, command });
      const wrong: [unknown, RegExp][] = [
        [entry(7, tpedmRequest('GET', '/a')), /name must be a text/],
        [entry('no command', 3), /command must be an object/],
        [entry('text', '{"path":'), /no JSON/],
        [entry('number', { path: 5, method: 'GET' }), /path and method/],
        [entry('verb', tpedmRequest('BREW', '/a')), /method must be one of/],
        [entry('relative', tpedmRequest('GET', 'a')), /path must be a path/],
        [entry('beside', tpedmRequest('GET', '/a/{id}{other}')), /path must be a path/],
        [entry('twice', tpedmRequest('GET', '/a/{id}/{id}')), /"id" stands there twice/],
        [entry('query', tpedmRequest('GET', '/a?b=1&b=2')), /"b" twice/],
        [entry('body', tpedmRequest('PUT', '/a', 'x')), /command must be an object/],
        [entry('header', { ...tpedmRequest('GET', '/a'), headers: [{ Cookie: 'x' }] }), /header "Cookie"/],
        [entry('login', tpedmRequest('POST', '/auth')), /refused always/],
        [entry('dots', tpedmRequest('GET', '/x/../device/%72oute')), /refused always/],
        [entry('nul', tpedmRequest('GET', '/a', { a: '\u0000' })), /NUL/],
        [entry('half a character \ud800', tpedmRequest('GET', '/a')), /half a Unicode character/],
        ['a text', /must be an object/],
      ];
      const good = entry('good', tpedmRequest('GET', '/good'));
      const text = JSON.stringify({
        category: [
          { name: 'Mine', operation: [...wrong.map(([one]) => one), good] },
          'no category',
          { name: 'x' },
        ],
      });
      const content = await readInWorker(text);
      expect(operationsOf(content).map(({ name }) => name)).to.deep.equal(['good']);
      const refused = refusedOf(content);
      for (const [index, [, words]] of wrong.entries()) {
        expect(refused[index]![0]).to.equal(`/category/0/operation/${index}`);
        expect(refused[index]![1]).to.match(words);
      }
      expect(refused.slice(-2).map(([place]) => place)).to.deep.equal(['/category/1', '/category/2']);
    });
  });

  it("says what of TPEDM's form, and of our own, nothing is made of", () => {
    const headers = [{ 'request-expired-time': '2020-01-01 00:00:00' }, { 'request-id': '{request-id}' }];
    const command = { ...tpedmRequest('GET', '/a'), headers, qos: 1 };
    const tpedm = {
      category: [{ name: 'C', icon: 'x', operation: [{ name: 'N', help: 'y', command }] }],
      by: 1,
    };
    const told = (file: object) => {
      const { entries, notes } = readOperationsFile(JSON.stringify(file));
      const all = [...notes, ...entries.flatMap((one) => ('operation' in one ? one.notes : []))];
      return all.map(({ place, code, params }) => [place, code, ...Object.values(params)]);
    };
    expect(told(tpedm)).to.deep.equal([
      ['', 'not-kept', 'by'],
      ['/category/0', 'not-kept', 'icon'],
      ['/category/0/operation/0', 'not-kept', 'help'],
      ['/category/0/operation/0/command', 'not-kept', 'qos'],
      ['/category/0/operation/0/command/headers', 'headers-ours', 'request-expired-time'],
    ]);
    const own = { ...JSON.parse(ours({ ...OWN, path: '/system/reboot', risk: 'read', classes: [] })), by: 1 };
    expect(told(own)).to.deep.include.members([
      ['', 'not-kept', 'by'],
      ['/operations/0', 'risk-raised', 'read', 'disruptive, cuts-mqtt'],
    ]);
  });

  describe('in the form of OpenAPI', () => {
    it('gives the operations of version 3.0', async () => {
      const content = await readInWorker(JSON.stringify(OPENAPI_30));
      expect(content.format).to.equal('openapi');
      const [get, put, drop] = operationsOf(content);
      expect(operationsOf(content)).to.have.length(3);
      expect(get).to.deep.include({
        name: 'One pump',
        category: 'Pumps',
        method: 'GET',
        path: '/station/pumps/{pump_id}',
        risk: 'read',
      });
      expect(get!.id).to.match(/^own-getpump-[0-9a-f]{8}$/);
      expect(get!.parameters).to.deep.equal([
        {
          name: 'pump_id',
          in: 'path',
          required: true,
          schema: { title: 'pump_id', type: 'integer', minimum: 1 },
        },
        { name: 'detail', in: 'query', required: false, schema: { title: 'detail', type: 'boolean' } },
      ]);
      expect(get!.answerSchema!.required).to.deep.equal(['id', 'speed']);
      // What leads back to itself stands for anything; what only an answer has is left out.
      expect(put).to.deep.include({ name: 'setPump', category: 'OpenAPI', bodyExample: { speed: 10 } });
      expect(put!.bodySchema).to.deep.equal({
        type: 'object',
        properties: {
          speed: { title: 'Speed', type: ['number', 'null'], default: 10, exclusiveMinimum: 0 },
          next: {},
        },
        required: ['speed'],
      });
      expect(drop).to.deep.include({ name: 'x'.repeat(100), risk: 'destructive', idempotent: true });
      expect(JSON.stringify(content)).not.to.match(/Long words/);
    });

    it('says what of it cannot be had, and why', async () => {
      const refused = new Map(refusedOf(await readInWorker(JSON.stringify(OPENAPI_30))));
      expect(refused.get('/paths/~1pumps~1import/post')).to.match(
        /multipart\/form-data.*cannot go over MQTT/,
      );
      expect(refused.get('/paths/~1pumps~1import/head')).to.match(/HEAD/);
      expect(refused.get('/paths/~1..~1auth~1login/post')).to.match(/refused always/);
      expect(refused.size).to.equal(3);
    });

    it('gives the operations of version 3.1, as YAML', async () => {
      const [valve] = operationsOf(await readInWorker(OPENAPI_31));
      expect(valve).to.deep.include({
        name: 'New valve',
        method: 'POST',
        path: '/valves',
        idempotent: false,
      });
      expect(valve!.bodySchema).to.deep.equal({
        type: 'object',
        properties: {
          name: { type: ['string', 'null'], maxLength: 20 },
          kind: { const: 'ball' },
          speed: { type: 'number', exclusiveMinimum: 0 },
        },
      });
      expect(valve!.bodyExample).to.deep.equal({ name: 'north', kind: 'ball', speed: 1.5 });
    });

    it('refuses references that lead nowhere, elsewhere or in a circle', async () => {
      const paths = {
        '/nowhere': { get: { parameters: [{ $ref: '#/components/parameters/No' }] } },
        '/elsewhere': { $ref: 'other.yaml#/paths/x' },
        '/circle': { get: { parameters: [{ $ref: '#/components/parameters/A' }] } },
        '/proto': { get: { parameters: [{ $ref: '#/__proto__/toString' }] } },
      };
      const parameters = {
        A: { $ref: '#/components/parameters/B' },
        B: { $ref: '#/components/parameters/A' },
      };
      const content = await readInWorker(
        JSON.stringify({ openapi: '3.0.0', paths, components: { parameters } }),
      );
      const reasons = refusedOf(content).map(([, reason]) => reason);
      expect(reasons[0]).to.match(/not in the document/);
      expect(reasons[1]).to.match(/another file.*bundle/);
      expect(reasons[2]).to.match(/refers to itself/);
      expect(reasons[3]).to.match(/not in the document/);
      expect(operationsOf(content)).to.deep.equal([]);
    });

    it('bounds what references could blow up', async () => {
      const schemas: Record<string, unknown> = { S40: { type: 'string' } };
      for (let n = 0; n < 40; n += 1) {
        const next = { $ref: `#/components/schemas/S${n + 1}` };
        schemas[`S${n}`] = { type: 'object', properties: { a: next, b: next } };
      }
      const content = await readInWorker(withBody({ $ref: '#/components/schemas/S0' }, { schemas }));
      expect(refusedOf(content)[0]![1]).to.match(/more than 2000 schemas/);
    });

    it('takes a schema without a pattern that could take for ever, and one that is deeper than any form', async () => {
      let deep: object = { type: 'string' };
      for (let n = 0; n < 200; n += 1) deep = { type: 'object', properties: { a: deep } };
      const [operation] = operationsOf(
        await readInWorker(
          withBody({
            type: 'object',
            properties: {
              bad: { type: 'string', pattern: '(?=(a+)+$)b' },
              good: { type: 'string', pattern: '^a+$' },
              broken: { type: 'string', pattern: '(' },
              deep,
            },
          }),
        ),
      );
      expect(operation!.bodySchema!.properties).to.deep.include({
        bad: { type: 'string' },
        good: { type: 'string', pattern: '^a+$' },
        broken: { type: 'string' },
      });
    });

    it('refuses Swagger 2.0 and versions to come with words that help', async () => {
      const words = async (text: string) => (await errorOf(readInWorker(text))).message;
      expect(await words('{"swagger": "2.0", "paths": {}}')).to.match(
        /Swagger 2\.0: convert it to OpenAPI 3/,
      );
      expect(await words('openapi: 4.0.0\npaths: {}')).to.match(/OpenAPI 4\.0\.0: this reads 3\.0 and 3\.1/);
    });
  });

  describe('in our own form', () => {
    it('fills in what is left out, by the method', async () => {
      const [operation] = operationsOf(await readInWorker(ours(OWN)));
      expect(operation).to.deep.include({
        risk: 'disruptive',
        idempotent: true,
        models: [],
        answerSchema: null,
      });
      expect(operation!.id).to.match(/^own-stop-[0-9a-f]{8}$/);
      expect(operation!.parameters).to.deep.equal([
        { name: 'id', in: 'path', required: true, schema: { type: 'string', title: 'id' } },
      ]);
    });

    it('refuses what breaks a rule, and says which', async () => {
      let deep: object = {};
      for (let n = 0; n < 100; n += 1) deep = { not: deep };
      const query = (schema: unknown, name = 'q') => ({
        parameters: [{ name, in: 'query', required: false, schema }],
      });
      const wrong: [object, RegExp][] = [
        [{ id: 'tpe-mine' }, /id must be "own-"/],
        [{ id: 'own-__proto__' }, /id must be "own-"/],
        [{ colour: 'red' }, /colour is not known/],
        [{ name: ' ' }, /name must be a name/],
        [{ name: 'line\nbreak' }, /name must be a name/],
        [{ name: 'x'.repeat(101) }, /100 characters/],
        [{ name: 'a\u0000b' }, /NUL/],
        [{ name: 'a\ud800b' }, /half a Unicode/],
        [{ risk: 'none' }, /risk must be one of/],
        [{ refusedBecause: 'x' }, /refusedBecause must be null/],
        [{ path: '/device//route' }, /path must be a path|refused always/],
        [{ path: '/a/../auth/users' }, /refused always/],
        [{ path: '/a\\b' }, /backslashes/],
        [{ parameters: [{ name: 'no', in: 'path', required: true, schema: {} }] }, /no placeholder/],
        [{ ...query({}), query: { q: '1' } }, /says "q" already/],
        [query({}, 'id'), /"id" stands there twice/],
        [{ bodySchema: { type: 'strin' } }, /bodySchema" is no JSON Schema/],
        [{ bodySchema: { pattern: '(' } }, /bodySchema" is no JSON Schema/],
        [
          { bodySchema: { properties: { a: { pattern: '(?=(a+)+$)b' } } } },
          /cannot be checked in bounded time/,
        ],
        [
          { bodySchema: { pattern: '(?:(?:x+){100}){100}' } },
          /cannot be checked in bounded time|too many repetitions/,
        ],
        [{ bodySchema: { patternProperties: { '^(a|a)*\\1$': {} } } }, /cannot be checked in bounded time/],
        [{ bodySchema: { pattern: 'a'.repeat(501) } }, /more than 500 characters/],
        [{ bodySchema: { $ref: 'https://example.com/schema' } }, /"\$ref"/],
        [{ bodySchema: { $async: true } }, /"\$async"/],
        [{ answerSchema: { properties: { a: { $id: 'x' } } } }, /"\$id"/],
        [{ bodySchema: deep }, /nested too deep/],
        [{ bodySchema: { enum: ['x'.repeat(70_000)] } }, /65536 are the most/],
        [{ bodySchema: { anyOf: new Array(300).fill({}) } }, /200 branches/],
        [query({ type: 5 }), /parameters\/q\/schema" is no JSON Schema/],
      ];
      const content = await readInWorker(
        ours(...wrong.map(([change]) => ({ ...OWN, ...change })), 'text', null, OWN),
      );
      const refused = refusedOf(content);
      for (const [index, [change, words]] of wrong.entries()) {
        expect(refused[index], JSON.stringify(change).slice(0, 100)).to.satisfy(
          ([place, reason]: [string, string]) => place === `/operations/${index}` && words.test(reason),
          refused[index]?.join(' '),
        );
      }
      expect(refused).to.have.length(wrong.length + 2);
      expect(operationsOf(content)).to.have.length(1);
    });

    it('refuses a field named __proto__, wherever it stands', async () => {
      const body = JSON.stringify(OWN).replace(
        /}$/,
        ', "bodyExample": {"a": {"__proto__": {"polluted": true}}}}',
      );
      const content = await readInWorker(
        `{"format": "tpe-operations", "version": 1, "operations": [${body}]}`,
      );
      expect(refusedOf(content)[0]![1]).to.match(/__proto__/);
      expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    });
  });

  describe('that is none', () => {
    const laughs = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [index, name] of [...'bcdefghij'].entries()) {
      const before = 'abcdefghi'[index];
      laughs.push(`${name}: &${name} [${new Array(10).fill(`*${before}`).join(',')}]`);
    }
    const cases: [string, string, RegExp][] = [
      ['empty', ' \n', /is empty/],
      ['HTML', '<!doctype html><title>Login</title>', /HTML or XML/],
      ['broken JSON', '{"openapi": ', /is not JSON/],
      ['a plain text', 'hello', /none of these/],
      ['a list', '[1, 2]', /none of these/],
      ['null', 'null', /none of these/],
      ['another JSON', '{"flows": []}', /none of these/],
      [
        'of a version to come',
        '{"format": "tpe-operations", "version": 2, "operations": []}',
        /not of version 1/,
      ],
      ['broken YAML', 'openapi: 3.0.0\npaths: [', /is not YAML/],
      ['YAML with a key twice', 'openapi: 3.0.0\nopenapi: 3.1.0', /"openapi" stands twice/],
      ['YAML with a billion laughs', laughs.join('\n'), /is not YAML.*alias/i],
      ['YAML that is nested without end', 'a: '.concat('['.repeat(100_000)), /is not YAML|cannot be read/],
      ['two YAML documents', 'openapi: 3.0.0\n---\nopenapi: 3.0.0', /is not YAML/],
    ];
    for (const [what, text, words] of cases) {
      it(`is refused: ${what}`, async () => {
        const error = await errorOf(readInWorker(text));
        expect(error).to.include({ code: 'INVALID_INPUT' });
        expect(error.message)
          .to.match(words)
          .and.match(/Nothing was imported\.$/);
      });
    }

    for (const text of [
      '{"openapi": "3.0.0", "password": hunter2}',
      'openapi: 3.0.0\npassword: "hunter2" x',
    ]) {
      it(`does not tell what stands at the fault: ${text.slice(0, 12)}`, async () => {
        expect((await errorOf(readInWorker(text))).message).not.to.contain('hunter');
      });
    }

    it('is refused: more than memory can hold', async () => {
      const text = `a: &a "${'x'.repeat(4_000_000)}"\nb: [${new Array(99).fill('*a').join()}]`;
      expect((await errorOf(readInWorker(text))).message).to.match(/too much memory|is not YAML/);
    });

    it('is refused: more than 5 MB', async () => {
      expect((await errorOf(readInWorker(' '.repeat(6_000_000)))).message).to.match(/5 MB are the most/);
    });
  });

  it('never gives anything but operations and reasons, whatever stands in its places', () => {
    const files = [OPENAPI_30, JSON.parse(commandJson({ team: true })), JSON.parse(ours(OWN))];
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        ...['#/paths', '__proto__', '\u0000', '\ud800', '/auth', '{', '{}', '../x'],
        1e308,
        -0,
        [],
        {},
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), anything, (file, place, value) => {
        const content = textOf(() => readOperationsFile(JSON.stringify(replaced(file, place, value))));
        if (typeof content === 'string') return /Nothing was imported\.$/.test(content);
        for (const operation of operationsOf(content)) {
          expect(readOwnOperation(operation)).to.deep.equal(operation);
          expect(() => checkRequest(operation, TPE_OPERATIONS)).not.to.throw();
        }
        return refusedOf(content).every(([, reason]) => reason !== '');
      }),
      { numRuns: 500 },
    );
  });

  it('may be large: what is too much is left out, and nothing else waits for it', async () => {
    let paths = '';
    for (let n = 0; n < 10_000; n += 1) paths += `  /path${n}:\n    get: {summary: Path ${n}}\n`;
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    const content = await readInWorker(`openapi: 3.0.0\npaths:\n${paths}`);
    clearInterval(timer);
    expect(operationsOf(content)).to.have.length(2000);
    expect(
      refusedOf(content)
        .map(([, reason]) => reason)
        .join(),
    ).to.match(/2000 operations are the most/);
    expect(turns).to.be.greaterThan(10);
  });

  it('has no schema that could stop the manager later on', async () => {
    // Passes what is tried at the door.
    const schema = { type: 'array', uniqueItems: true };
    const [operation] = operationsOf(await readInWorker(ours({ ...OWN, bodySchema: schema })));
    distrustSchema(operation!.bodySchema!);
    const value = Array.from({ length: 60_000 }, (_, index) => ({ index }));
    const cost = costOf(() => {
      const faults = checkBySchema('requestBody', operation!.bodySchema!, value);
      expect(faults.map(({ rule }) => rule)).to.deep.equal(['schema']);
    });
    expect(cost).to.be.lessThan(10_000);
  });
});
