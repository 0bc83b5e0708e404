import Ajv from 'ajv';
import { expect } from 'chai';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { checkRequest } from '../../../nodes/manager/catalogue/request-rules.js';

const text = { type: 'string', minLength: 1 };
const operationSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9-]+$' },
    category: { type: 'string', minLength: 1, maxLength: 100 },
    name: { type: 'string', minLength: 1, maxLength: 100 },
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    path: { type: 'string', pattern: '^(/([a-z0-9-]+|\\{\\w+\\}))+$' },
    parameters: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: text,
          in: { enum: ['path', 'query'] },
          required: { type: 'boolean' },
          schema: { type: 'object' },
        },
        required: ['name', 'in', 'required', 'schema'],
        additionalProperties: false,
      },
    },
    query: { type: 'object', additionalProperties: text },
    bodyExample: { type: ['object', 'array', 'null'] },
    answerExample: { type: ['object', 'array', 'null'] },
    bodySchema: { type: ['object', 'null'] },
    answerSchema: { type: ['object', 'null'] },
    risk: { enum: ['read', 'write', 'disruptive', 'destructive'] },
    idempotent: { type: 'boolean' },
    mayCutMqtt: { type: 'boolean' },
    actuates: { type: 'boolean' },
    refusedBecause: { type: ['string', 'null'], minLength: 1 },
    models: { type: 'array', minItems: 1, items: text },
    tpedm: { type: 'boolean' },
    source: { enum: ['tpe', 'own'] },
  },
  required: [
    ...['id', 'category', 'name', 'method', 'path', 'parameters', 'query', 'bodyExample', 'answerExample'],
    ...['risk', 'idempotent', 'mayCutMqtt', 'actuates', 'refusedBecause', 'models', 'tpedm'],
    ...['bodySchema', 'answerSchema', 'source'],
  ],
  additionalProperties: false,
};

describe('the operations of the catalogue', () => {
  it('have all their fields, each of its kind', () => {
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    const validate = ajv.compile({ type: 'array', items: operationSchema });
    validate(OPERATIONS);
    expect(validate.errors).to.equal(null);
  });

  it('are known by one id, and by one name within their category', () => {
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).to.equal(OPERATIONS.length);
    const names = OPERATIONS.map(({ category, name }) => `${category}: ${name}`);
    expect(new Set(names).size).to.equal(OPERATIONS.length);
  });

  it("begin with TPEDM's 57, in their 6 categories", () => {
    const first = OPERATIONS.slice(0, 57);
    expect(OPERATIONS.filter(({ tpedm }) => tpedm)).to.deep.equal(first);
    const counts: Record<string, number> = {};
    for (const { category } of first) counts[category] = (counts[category] ?? 0) + 1;
    expect(counts).to.deep.equal({
      'Software Management': 7,
      'Application Management': 6,
      'Device Maintenance': 6,
      'Device Configuration': 22,
      'Modbus Master': 15,
      'Azure IoT Device': 1,
    });
  });

  it('declare each placeholder of their path', () => {
    for (const { id, path, parameters } of OPERATIONS) {
      const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(declared).to.have.members(placeholders, id);
    }
  });

  it('say why 32 of them cannot be done over MQTT', () => {
    expect(OPERATIONS.filter(({ refusedBecause }) => refusedBecause !== null)).to.have.length(32);
  });

  it('are only repeatable where a repetition changes nothing', () => {
    const isIdempotent = (method: string, path: string) =>
      OPERATIONS.find((one) => one.method === method && one.path === path)?.idempotent;
    const repeatable = [
      ['GET', '/device/general'],
      ['PATCH', '/device/general'],
      ['PUT', '/system/sshserver'],
      ['PATCH', '/system/upgrade'],
      ['DELETE', '/upgrades/{id}'],
    ] as const;
    for (const [method, path] of repeatable) expect(isIdempotent(method, path), path).to.equal(true);
    const once = [
      ['POST', '/upgrades'],
      ['PUT', '/upgrades/{id}/{action}'],
      ['PUT', '/system/reboot'],
      ['PUT', '/system/reset-default'],
      ['PUT', '/apps/{appname}/restart'],
      ['PUT', '/azure-iotedge/reset'],
      ['PUT', '/modbusmaster/control/config/clone'],
      ['PUT', '/modbusmaster/control/config/factory-default'],
    ] as const;
    for (const [method, path] of once) expect(isIdempotent(method, path), path).to.equal(false);
    for (const { id, method, idempotent, actuates } of OPERATIONS) {
      if (method === 'GET') expect(idempotent, id).to.equal(true);
      if (method === 'POST' || actuates) expect(idempotent, id).to.equal(false);
    }
  });

  it('carry no names of private servers', () => {
    const examples = JSON.stringify(
      OPERATIONS.map(({ bodyExample, answerExample }) => [bodyExample, answerExample]),
    );
    const hosts = [...examples.matchAll(/https?:\/\/([^/"]+)/g)].map(([, host]) => host);
    for (const host of hosts) expect(host).to.match(/(^|\.)example\.com$/);
    expect(examples).not.to.match(/10\.144\.|10\.128\.|amazonaws|stdtime|eyJhbGci/);
  });

  it('offer bodies that the rules for requests let pass', () => {
    for (const { path, method, bodyExample, refusedBecause } of OPERATIONS) {
      if (refusedBecause !== null) continue;
      const concrete = path.replaceAll(/\{\w+\}/g, '1');
      expect(
        checkRequest({ path: concrete, method, requestBody: bodyExample }, TPE_OPERATIONS).requestBody,
      ).to.deep.equal(bodyExample ?? {});
    }
  });
});
