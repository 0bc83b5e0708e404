import { expect } from 'chai';
import { readOwnOperation } from '../../../nodes/manager/catalogue/custom-operation.js';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import { createOperationSet, TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { checkRequest } from '../../../nodes/manager/catalogue/validation/request-rules.js';
import { resolveRequest } from '../../../nodes/manager/catalogue/validation/resolve-request.js';
import { ask, readDocument, withParameters } from '../../support/openapi.js';

const LIST = { type: 'array', items: { type: 'string' } };
const OBJECT = { type: 'object', properties: { R: { type: 'integer' }, G: { type: 'integer' } } };
const COLOURS = ['blue', 'black'];
const RGB = { R: 100, G: 200 };

const query = (more: object = {}) => ({ name: 'c', in: 'query', ...more });
const path = (more: object = {}) => ({ name: 'c', in: 'path', required: true, ...more });

/** As the standard's own table has it. */
const QUERIES: [object, unknown, string][] = [
  [{ schema: { type: 'string' } }, 'blue', '?c=blue'],
  [{ schema: LIST }, COLOURS, '?c=blue&c=black'],
  [{ schema: LIST, style: 'form', explode: false }, COLOURS, '?c=blue,black'],
  [{ schema: LIST, style: 'spaceDelimited' }, COLOURS, '?c=blue%20black'],
  [{ schema: LIST, style: 'pipeDelimited', explode: false }, COLOURS, '?c=blue%7Cblack'],
  [{ schema: OBJECT }, RGB, '?R=100&G=200'],
  [{ schema: OBJECT, explode: false }, RGB, '?c=R,100,G,200'],
  [{ schema: OBJECT, style: 'deepObject', explode: true }, RGB, '?c%5BR%5D=100&c%5BG%5D=200'],
  [{ schema: OBJECT, style: 'deepObject' }, RGB, '?c%5BR%5D=100&c%5BG%5D=200'],
  [{ schema: OBJECT, style: 'pipeDelimited' }, RGB, '?c=R%7C100%7CG%7C200'],
  [{ content: { 'application/json': { schema: OBJECT } } }, RGB, '?c=%7B%22R%22%3A100%2C%22G%22%3A200%7D'],
  [{ content: { 'text/plain': { schema: { type: 'string' } } } }, 'a b', '?c=a%20b'],
  [{ schema: { type: 'string' }, allowReserved: true }, 'a/b:c?d&e', '?c=a/b:c?d%26e'],
  [{ schema: { type: 'string' }, allowEmptyValue: true }, '', '?c='],
  [{ schema: { type: 'string' } }, '', ''],
  [{ schema: LIST }, [], ''],
  [{ schema: LIST, explode: false }, ['a,b', 'c'], '?c=a%2Cb,c'],
  [{ schema: { oneOf: [{ type: 'string' }, LIST] } }, COLOURS, '?c=blue&c=black'],
  [{ schema: { type: ['array', 'null'], items: { type: 'integer' } } }, [1, 2], '?c=1&c=2'],
];

const PATHS: [object, unknown, string][] = [
  [{ schema: { type: 'string' } }, 'blue', '/x/blue'],
  [{ schema: LIST }, COLOURS, '/x/blue,black'],
  [{ schema: LIST, explode: true }, COLOURS, '/x/blue,black'],
  [{ schema: OBJECT }, RGB, '/x/R,100,G,200'],
  [{ schema: OBJECT, explode: true }, RGB, '/x/R=100,G=200'],
  [{ schema: { type: 'string' }, style: 'label' }, 'blue', '/x/.blue'],
  [{ schema: LIST, style: 'label' }, COLOURS, '/x/.blue,black'],
  [{ schema: LIST, style: 'label', explode: true }, COLOURS, '/x/.blue.black'],
  [{ schema: OBJECT, style: 'label', explode: true }, RGB, '/x/.R=100.G=200'],
];

/** As a database, an export and another installation have it. */
function kept(operations: readonly Operation[]): Operation[] {
  return operations.map((operation) => readOwnOperation(JSON.parse(JSON.stringify(operation))));
}

describe('a parameter of an OpenAPI document', () => {
  const written: [string, object, unknown, string][] = [
    ...QUERIES.map(([more, value, text]): [string, object, unknown, string] => [
      '/x',
      query(more),
      value,
      `/x${text}`,
    ]),
    ...PATHS.map(([more, value, text]): [string, object, unknown, string] => [
      '/x/{c}',
      path(more),
      value,
      text,
    ]),
  ];
  for (const [template, parameter, value, wanted] of written) {
    it(`is written as ${wanted} by ${JSON.stringify(parameter)}`, () => {
      const read = readDocument({ openapi: '3.1.0', ...withParameters(template, parameter) });
      expect([...read.refused]).to.deep.equal([]);
      const asked = { path: wanted, faults: [] };
      expect(ask(read, { c: value })).to.deep.equal(asked);
      const operations = kept(read.operations);
      expect(operations).to.deep.equal(read.operations);
      expect(ask({ ...read, operations }, { c: value })).to.deep.equal(asked);
      // What was written so is right when someone gives the path himself.
      const given = { path: wanted, method: 'GET' };
      expect(resolveRequest(createOperationSet(operations), given).faults).to.deep.equal([]);
      expect(checkRequest(given, TPE_OPERATIONS)).to.include({ path: wanted });
    });
  }

  it('takes from a form what is written as text', () => {
    const numbers = { type: 'array', items: { type: 'integer' } };
    const list = readDocument(withParameters('/x', query({ schema: numbers })));
    for (const text of ['1,2', '[1, 2]'])
      expect(ask(list, { c: text })).to.deep.equal({ path: '/x?c=1&c=2', faults: [] });
    const fields = readDocument(withParameters('/x', query({ schema: OBJECT, style: 'deepObject' })));
    expect(ask(fields, { c: '{"R": 1}' })).to.deep.equal({ path: '/x?c%5BR%5D=1', faults: [] });
    expect(ask(fields, { c: 'red' }).faults.join()).to.match(/must be an object/);
  });

  it('has its values checked, in a path that is given too', () => {
    const numbers = { type: 'array', items: { type: 'integer' }, maxItems: 2 };
    const read = readDocument(withParameters('/x', query({ schema: numbers })));
    expect(ask(read, { c: ['x'] }).faults.join()).to.match(/c\/0 must be a whole number/);
    const faults = (path: string) =>
      resolveRequest(createOperationSet(read.operations), { path, method: 'GET' }).faults.map(
        ({ rule }) => rule,
      );
    expect(faults('/x?c=1&c=2')).to.deep.equal([]);
    expect(faults('/x?c=1&c=2&c=3')).to.deep.equal(['maxItems']);
    expect(faults('/x?c=1&c=a')).to.deep.equal(['type']);
  });

  it('keeps whole numbers that no double holds', () => {
    const schema = { type: 'integer', format: 'int64' };
    const big = '9007199254740993';
    expect(ask(readDocument(withParameters('/x/{c}', path({ schema }))), { c: big }).path).to.equal(
      `/x/${big}`,
    );
    const list = readDocument(withParameters('/x', query({ schema: { type: 'array', items: schema } })));
    expect(ask(list, { c: [big, 1] }).path).to.equal(`/x?c=${big}&c=1`);
  });

  it('never holds what no style can write', () => {
    const read = readDocument(withParameters('/x', query({ schema: { type: 'array' } })));
    for (const value of [[[1]], [{ a: 1 }], [null]])
      expect(ask(read, { c: value }).faults.join(), JSON.stringify(value)).to.match(/no style says/);
    const place = readDocument(withParameters('/x/{c}', path({ schema: { type: 'array' } })));
    for (const value of [[], ['..'], ['.']]) expect(ask(place, { c: value }).faults).to.have.length(1);
    const label = readDocument(
      withParameters('/x/{c}', path({ schema: { type: 'string' }, style: 'label' })),
    );
    expect(ask(label, { c: '.' }).faults).to.have.length(1);
  });

  const mixed: [template: string, params: Record<string, unknown>, written: string][] = [
    ['/x/{c}.json', { c: 'a.b' }, '/x/a.b.json'],
    ['/x/a-{c}/y', { c: 'b/c' }, '/x/a-b%2Fc/y'],
    ['/x/{c}-{d}.tar.gz', { c: 'n', d: '1-2' }, '/x/n-1-2.tar.gz'],
    ["/x/Users('{c}')", { c: 7 }, "/x/Users('7')"],
    ['/x/{c}:start', { c: 'vm' }, '/x/vm:start'],
  ];
  for (const [template, params, written] of mixed) {
    it(`of a part of a level is written there, and found by the path: ${template}`, () => {
      const named = Object.keys(params).map((name) => path({ name, schema: { maxLength: 8 } }));
      const read = readDocument({
        paths: {
          // A whole level counts after it, and a plain text before it.
          ...{ '/x/{any}': { get: {} }, '/x/{any}/y': { get: {} }, '/x/plain': { get: {} } },
          [template]: { get: { parameters: named } },
        },
      });
      expect([...read.refused]).to.deep.equal([]);
      const operation = read.operations.at(-1)!;
      const set = createOperationSet(read.operations);
      const asked = resolveRequest(set, { operation: operation.id, params });
      expect(asked).to.include({ path: written });
      expect(asked.faults).to.deep.equal([]);
      expect(checkRequest({ path: written, method: 'GET' }, set).path).to.equal(written);
      expect(set.find('GET', written)).to.equal(operation);
      expect(set.find('GET', '/x/plain')?.path).to.equal('/x/plain');
      expect(set.find('GET', '/x/other')?.path).to.equal('/x/{any}');
      const long = written.replace(String(Object.values(params)[0]).slice(0, 1), 'z'.repeat(30));
      const { faults } = resolveRequest(set, { path: long, method: 'GET' });
      expect(faults.map(({ rule }) => rule)).to.deep.equal(['maxLength']);
    });
  }

  it('of a part of a level never makes a path harmless that is not', () => {
    const template = { category: 'A', name: 'B', method: 'PUT' };
    const own = readOwnOperation({ ...template, path: '/system/re{c}' });
    const reset = TPE_OPERATIONS.find('PUT', '/system/reset-default')!;
    expect(own).to.include({ risk: reset.risk });
    const set = createOperationSet([own]);
    for (const c of ['.', '..'])
      expect(resolveRequest(set, { operation: own.id, params: { c } }).faults, c).to.have.length(1);
    const login = createOperationSet([readOwnOperation({ ...template, path: '/{c}th' })]);
    const { path: written } = resolveRequest(login, {
      operation: login.operations()[0]!.id,
      params: { c: 'au' },
    });
    expect(written).to.equal('/auth');
    expect(() => checkRequest({ path: written, method: 'PUT' }, login)).to.throw(/refused always/);
  });

  it('of the operation counts before that of its path', () => {
    const of = (maximum: number) => query({ schema: { type: 'integer', maximum } });
    const read = readDocument({ paths: { '/x': { parameters: [of(1)], get: { parameters: [of(2)] } } } });
    expect(ask(read, { c: 2 }).faults).to.deep.equal([]);
    expect(ask(read, { c: 3 }).faults).to.have.length(1);
  });

  const told: [string, string, object[], string][] = [
    ['a style of another place', '/x', [query({ schema: LIST, style: 'simple' })], 'parameter-style'],
    [
      'a style for lists at a text',
      '/x',
      [query({ schema: { type: 'string' }, style: 'deepObject' })],
      'parameter-style',
    ],
    ['a query that is in the path', '/x/{c}', [query({ schema: LIST })], 'parameter-in-path'],
    ['one that stands there twice', '/x', [query({ schema: {} }), query({ schema: {} })], 'parameter-twice'],
    ['a placeholder of which nothing is said', '/x/{c}', [], 'parameter-undeclared'],
    ['a content that is no JSON', '/x', [query({ content: { 'application/xml': {} } })], 'parameter-content'],
    ['lists within lists', '/x', [query({ schema: { type: 'array', items: LIST } })], 'parameter-nested'],
    ['a switch that is none', '/x', [query({ schema: LIST, explode: 'no' })], 'keyword-value'],
  ];
  for (const [what, template, parameters, code] of told) {
    it(`is told of: ${what}`, () => {
      const { codes, refused } = readDocument(withParameters(template, ...parameters));
      expect(refused.size).to.equal(0);
      expect(codes).to.deep.equal([code]);
    });
  }

  it('that no request can have refuses its operation, with the reason', () => {
    const reasonOf = (parameter: object) =>
      [...readDocument(withParameters('/x/{c}', parameter)).refused.values()][0];
    expect(reasonOf(path({ schema: LIST, style: 'matrix' }))).to.match(/matrix.*";"/);
    expect(reasonOf(path({ content: { 'application/xml': {} } }))).to.match(/neither JSON nor plain text/);
    expect(reasonOf({ name: 'c' })).to.match(/one of its parameters is none/);
  });

  it('has no style that its place does not have, whoever writes it', () => {
    const one = { category: 'A', name: 'B', method: 'GET', path: '/x' };
    const parameters = [{ name: 'c', in: 'query', required: false, schema: LIST, style: 'simple' }];
    expect(() => readOwnOperation({ ...one, parameters })).to.throw(/style "simple": here it is form/);
  });
});
