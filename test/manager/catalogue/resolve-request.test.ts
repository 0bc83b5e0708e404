import { expect } from 'chai';
import fc from 'fast-check';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import { createOperationSet, TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { pathReadings } from '../../../nodes/manager/catalogue/validation/path-readings.js';
import {
  type GivenOperation,
  resolveRequest,
} from '../../../nodes/manager/catalogue/validation/resolve-request.js';

function operation(more: Partial<Operation>): Operation {
  return {
    id: 'one',
    category: 'Test',
    name: 'One',
    method: 'PUT',
    path: '/things/{id}',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }],
    query: {},
    bodySchema: null,
    bodyExample: null,
    answerSchema: null,
    answerExample: null,
    risk: 'write',
    classes: [],
    idempotent: true,
    restarts: false,
    mayCutMqtt: false,
    actuates: false,
    refusedBecause: null,
    models: [],
    tpedm: false,
    source: 'tpe',
    ...more,
  };
}

const resolveIn = (operations: Operation[], given: GivenOperation, skip: string[] = []) =>
  resolveRequest(createOperationSet(operations), given, skip);

/** What is wrong with a body by a schema. */
function faultsOf(bodySchema: Operation['bodySchema'], requestBody: unknown, skip: string[] = []): string[] {
  const given = { operation: 'one', params: { id: 1 }, requestBody };
  return resolveIn([operation({ bodySchema })], given, skip).faults.map(({ text }) => text);
}

describe('a request by an operation', () => {
  it('gets path and method from it, each value as one level of the path', () => {
    const { path, method, faults } = resolveIn([operation({})], { operation: 'one', params: { id: '3' } });
    expect({ path, method, faults }).to.deep.equal({ path: '/things/3', method: 'PUT', faults: [] });
    const text = [{ name: 'id', in: 'path' as const, required: true, schema: { type: 'string' } }];
    const odd = resolveIn([operation({ parameters: text })], {
      operation: 'one',
      params: { id: 'a/b?c=1#d %' },
    });
    expect(odd.path).to.equal('/things/a%2Fb%3Fc%3D1%23d%20%25');
  });

  it('says the query that belongs to it, and what the parameters add', () => {
    const parameters: Operation['parameters'] = [
      { name: 'sync', in: 'query', required: false, schema: { type: 'boolean' } },
      {
        name: 'scopes',
        in: 'query',
        required: false,
        schema: { type: 'array', items: { enum: ['all', 'job'] } },
      },
    ];
    const reset = operation({ path: '/reset', parameters, query: { mode: 'factory' } });
    const pathOf = (params: object) => resolveIn([reset], { operation: 'one', params }).path;
    expect(pathOf({})).to.equal('/reset?mode=factory');
    expect(pathOf({ sync: 'true', scopes: ['all', 'job'] })).to.equal(
      '/reset?mode=factory&sync=true&scopes=all%2Cjob',
    );
    const wrong = resolveIn([reset], { operation: 'one', params: { scopes: 'all,none', sync: 3 } });
    expect(wrong.faults.map(({ path, rule, value }) => ({ path, rule, value }))).to.deep.equal([
      { path: '/sync', rule: 'type', value: 3 },
      { path: '/scopes/1', rule: 'enum', value: 'none' },
    ]);
  });

  it('names each parameter that is missing, wrong or not known', () => {
    const faults = (params: unknown) => resolveIn([operation({})], { operation: 'one', params }).faults;
    const rules = (params: unknown) => faults(params).map(({ path, rule }) => `${path} ${rule}`);
    expect(rules(undefined)).to.deep.equal(['/id required']);
    expect(rules({ id: '' })).to.deep.equal(['/id required']);
    expect(rules({ id: 'x' })).to.deep.equal(['/id type']);
    expect(rules({ id: 0 })).to.deep.equal(['/id minimum']);
    expect(rules({ id: [1] })).to.deep.equal(['/id type']);
    expect(rules({ id: 1, name: 'x' })).to.deep.equal(['/name additionalProperties']);
    expect(rules('id=1')).to.deep.equal([' type', '/id required']);
    expect(faults({ id: 1, name: 'x' })[0]?.text).to.equal(
      'params/name is not known: "One" takes id (additionalProperties)',
    );
  });

  it('does not take what objects inherit for a parameter', () => {
    const parameters = ['constructor', 'toString', '__proto__'].map((name) => ({
      ...{ name, in: 'query' as const, required: true, schema: { type: 'string' } },
    }));
    const { faults } = resolveIn([operation({ path: '/x', parameters })], { operation: 'one', params: {} });
    expect(faults.map(({ rule }) => rule)).to.deep.equal(['required', 'required', 'required']);
  });

  it('is told where there is no such operation', () => {
    for (const id of ['two', 7, {}, 'constructor', '__proto__']) {
      const { operation: found, faults } = resolveIn([operation({})], { operation: id });
      expect(found).to.equal(null);
      expect(faults[0]).to.include({ in: 'operation', rule: 'enum' });
    }
  });

  it('never leaves its path, whatever the values are', () => {
    const templates = TPE_OPERATIONS.operations().filter(({ path }) => path.includes('{'));
    const evil = fc.constantFrom(
      '..',
      '.',
      '../auth',
      '%2e%2e',
      '..%2f..',
      '//',
      '\\',
      ';',
      'ａｕｔｈ',
      '?x',
      '#',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.array(fc.oneof(evil, fc.string({ unit: 'binary' })), { minLength: 5, maxLength: 5 }),
        (template, values) => {
          const names = template.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
          const params = Object.fromEntries(names.map((name, index) => [name, values[index]]));
          const { path, faults } = resolveRequest(TPE_OPERATIONS, { operation: template.id, params });
          if (faults.length > 0) return;
          const levels = String(path).split('?')[0]!.split('/');
          expect(levels).to.have.length(template.path.split('/').length);
          expect(pathReadings(String(path))).not.to.equal(null);
        },
      ),
    );
  });
});

describe('a request by path and method', () => {
  it('is checked by the operation that it belongs to', () => {
    const schema = { type: 'object', properties: { port: { type: 'integer', maximum: 65_535 } } };
    const asked = (path: string, requestBody: unknown) =>
      resolveIn([operation({ bodySchema: schema })], { path, method: 'put', requestBody });
    expect(asked('/api/v1/things/3', { port: 22 })).to.deep.include({ path: '/api/v1/things/3', faults: [] });
    expect(asked('/things/3', { port: 70_000 }).faults[0]).to.include({ path: '/port', rule: 'maximum' });
    expect(asked('/things/x', {}).faults[0]).to.include({ in: 'params', path: '/id', rule: 'type' });
    expect(asked('/others/3', { port: 'x' })).to.deep.include({ operation: null, faults: [] });
  });

  it('may be any of several operations that share them, and has the faults of the nearest', () => {
    const now = { type: 'object', required: ['now'], properties: { now: { const: true } } };
    const later = {
      type: 'object',
      required: ['at', 'enable'],
      properties: { at: { type: 'string' }, enable: { type: 'boolean' } },
    };
    const both = [
      operation({ id: 'now', bodySchema: now, query: {} }),
      operation({ id: 'later', bodySchema: later }),
      operation({ id: 'factory', bodySchema: null, query: { mode: 'factory' } }),
    ];
    const asked = (requestBody: unknown, path = '/things/1') =>
      resolveIn(both, { path, method: 'PUT', requestBody });
    expect(asked({ now: true }).operation?.id).to.equal('now');
    expect(asked({ at: '12:00', enable: true }).operation?.id).to.equal('later');
    expect(asked({ now: false })).to.deep.include({ operation: both[0] });
    expect(asked({ now: false }).faults.map(({ path }) => path)).to.deep.equal(['/now']);
    expect(asked({ odd: 1 }, '/things/1?mode=factory').operation?.id).to.equal('factory');
  });
});

describe('the faults of a body', () => {
  it('say the place, the rule and the value, in words', () => {
    const schema = {
      type: 'object',
      required: ['ip'],
      properties: {
        ip: { type: 'string', format: 'ipv4', title: 'Address' },
        mask: { type: 'string', pattern: '^255', patternTitle: 'a netmask such as 255.255.255.0' },
        name: { type: 'string', minLength: 1, maxLength: 3 },
        port: { type: 'integer', minimum: 1, maximum: 65_535 },
        wait: { type: 'number', minimum: 0, unit: 's' },
        mode: { enum: ['a', 'b'] },
        sure: { const: true },
        list: { type: 'array', minItems: 1, maxItems: 2, uniqueItems: true, items: { type: 'boolean' } },
        closed: { type: 'object', additionalProperties: false },
        type: { type: ['string', 'null'] },
      },
    };
    const body = (more: object) => faultsOf(schema, { ip: '192.0.2.1', ...more });
    expect(body({ ip: '1.2.3' })).to.deep.equal([
      'requestBody/ip must be an IPv4 address such as 192.0.2.10, not "1.2.3" (format)',
    ]);
    expect(faultsOf(schema, {})).to.deep.equal(['requestBody/ip is missing ("Address") (required)']);
    expect(faultsOf(schema, undefined)).to.deep.equal(['requestBody/ip is missing ("Address") (required)']);
    expect(body({ mask: '1.1' })).to.deep.equal([
      'requestBody/mask must be a netmask such as 255.255.255.0, not "1.1" (pattern)',
    ]);
    expect(body({ name: '' })).to.deep.equal(['requestBody/name must not be empty, not "" (minLength)']);
    expect(body({ name: 'long' })).to.deep.equal([
      'requestBody/name must have 3 characters at most, not "long" (maxLength)',
    ]);
    expect(body({ port: 0 })).to.deep.equal(['requestBody/port must be from 1 to 65535, not 0 (minimum)']);
    expect(body({ port: 1.5 })).to.deep.equal(['requestBody/port must be a whole number, not 1.5 (type)']);
    expect(body({ wait: -1 })).to.deep.equal(['requestBody/wait must be 0 or more s, not -1 (minimum)']);
    expect(body({ mode: 'c' })).to.deep.equal(['requestBody/mode must be one of "a", "b", not "c" (enum)']);
    expect(body({ sure: false })).to.deep.equal(['requestBody/sure must be true, not false (const)']);
    expect(body({ list: [] })).to.deep.equal([
      'requestBody/list must have 1 entry at least, not "[…]" (minItems)',
    ]);
    expect(body({ list: [true, true] })[0]).to.contain('must not have the same entry twice');
    expect(body({ closed: { a: 1 } })).to.deep.equal([
      'requestBody/closed/a is not known here (additionalProperties)',
    ]);
    expect(body({ type: 5 })).to.deep.equal(['requestBody/type must be a text or null, not 5 (type)']);
    expect(faultsOf(schema, [])).to.deep.equal(['requestBody must be an object, not "[…]" (type)']);
  });

  it('are those of the nearest alternative', () => {
    const at = {
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          required: ['hour'],
          properties: { hour: { type: 'string' }, day: { type: 'string' } },
        },
      ],
    };
    const schema = { type: 'object', properties: { at } };
    expect(faultsOf(schema, { at: 'noon' })).to.deep.equal([]);
    expect(faultsOf(schema, { at: { day: 1 } })).to.deep.equal([
      'requestBody/at/hour is missing (required)',
      'requestBody/at/day must be a text, not 1 (type)',
    ]);
    const one = { oneOf: [{ type: 'number' }, { type: 'integer' }] };
    expect(faultsOf({ type: 'object', properties: { one } }, { one: 1 })[0]).to.contain('more than one');
  });

  it('do not tell secrets', () => {
    const schema = {
      type: 'object',
      properties: { password: { maxLength: 3 }, sesame: { format: 'password', maxLength: 3 } },
    };
    const faults = faultsOf(schema, { password: 'open-up-1', sesame: 'open-up-2' });
    expect(faults).to.have.length(2);
    expect(faults.join()).to.contain('(hidden)').and.not.to.contain('open-up');
  });

  it('leave out what is not known yet', () => {
    const schema = {
      type: 'object',
      required: ['ip', 'more'],
      properties: {
        ip: { type: 'string', format: 'ipv4' },
        more: { anyOf: [{ type: 'string' }, { type: 'object', properties: { port: { type: 'integer' } } }] },
      },
    };
    const body = { ip: { later: 1 }, more: { port: {} } };
    expect(faultsOf(schema, body)).to.have.length(2);
    expect(faultsOf(schema, body, ['/requestBody/ip', '/requestBody/more/port'])).to.deep.equal([]);
    expect(faultsOf(schema, {}, ['/requestBody'])).to.deep.equal([]);
    const given = { operation: 'one' };
    expect(resolveIn([operation({})], given, ['/params/id'])).to.deep.include({
      path: '/things/{id}',
      faults: [],
    });
    expect(resolveIn([operation({})], given, ['/params']).faults).to.deep.equal([]);
    // What is given is checked all the same.
    const faulty = { ...given, params: { id: 0 } };
    expect(resolveIn([operation({})], faulty, ['/params']).faults).to.have.length(1);
  });

  it('are few, however much is wrong, and soon found', () => {
    const items = { anyOf: [{ type: 'string' }, { type: 'boolean' }] };
    const schema = { type: 'object', properties: { list: { type: 'array', items } } };
    const faults = faultsOf(schema, { list: Array.from({ length: 50_000 }, (_, index) => index) });
    expect(faults).to.have.length(10);
    const long = faultsOf({ type: 'object', additionalProperties: false }, { ['x'.repeat(100_000)]: 1 });
    expect(long.join().length).to.be.below(1000);
  });
});
