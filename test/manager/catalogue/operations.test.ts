import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import type { JsonSchema } from '../../../nodes/manager/catalogue/operation.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { SOFTWARE_FORMATS } from '../../../nodes/manager/catalogue/software-formats.js';
import { checkRequest } from '../../../nodes/manager/catalogue/validation/request-rules.js';

const folder = join(__dirname, '../../../nodes/manager/catalogue');
const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));

/** Strict: a keyword that is misspelt is a fault. */
function strictAjv(): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    unicodeRegExp: false,
    strictRequired: false,
  });
  addFormats.default(ajv);
  for (const keyword of ['unit', 'enumTitles', 'patternTitle']) ajv.addKeyword({ keyword });
  ajv.addFormat('password', true);
  for (const [name, hasForm] of Object.entries(SOFTWARE_FORMATS)) ajv.addFormat(name, hasForm);
  return ajv;
}

/** Each property of a schema, however deep, with its place. */
function propertiesOf(schema: JsonSchema, place: string): [string, JsonSchema][] {
  const found: [string, JsonSchema][] = [];
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    found.push([`${place}/${name}`, property], ...propertiesOf(property, `${place}/${name}`));
  }
  for (const inner of [schema.items, schema.anyOf, schema.oneOf, schema.allOf].flat()) {
    if (inner) found.push(...propertiesOf(inner as JsonSchema, place));
  }
  return found;
}

describe('the operations of the catalogue', () => {
  it('stand in files that their schema describes', () => {
    const validate = strictAjv().compile(readJson('operation.schema.json') as object);
    for (const file of readdirSync(join(folder, 'operations'))) {
      validate(readJson('operations', file));
      expect(validate.errors, file).to.equal(null);
    }
    expect(OPERATIONS).to.have.length(474);
  });

  it('have schemas that can be used, and examples that fit them', () => {
    const ajv = strictAjv();
    for (const { id, bodySchema, bodyExample, answerSchema, answerExample, parameters } of OPERATIONS) {
      for (const { schema } of parameters) expect(() => ajv.compile(schema), id).not.to.throw();
      for (const [schema, example] of [
        [bodySchema, bodyExample],
        [answerSchema, answerExample],
      ] as const) {
        if (schema === null) continue;
        const validate = ajv.compile(schema);
        validate(example);
        expect(validate.errors, id).to.equal(null);
      }
    }
  });

  it('say what a body looks like wherever they take one', () => {
    for (const { id, bodySchema, bodyExample } of OPERATIONS) {
      expect(bodySchema === null, id).to.equal(bodyExample === null);
    }
  });

  it('name each field of a form for a person', () => {
    for (const { id, bodySchema, parameters } of OPERATIONS) {
      const fields = [
        ...propertiesOf(bodySchema ?? {}, id),
        ...parameters.map(({ name, schema }) => [`${id} ${name}`, schema] as const),
      ];
      for (const [place, { title, enum: values, enumTitles }] of fields) {
        expect(title, place).to.be.a('string').with.length.within(1, 60);
        if (Array.isArray(enumTitles)) expect(enumTitles, place).to.have.length((values as []).length);
      }
    }
  });

  it('hide what is secret', () => {
    for (const { id, bodySchema } of OPERATIONS) {
      for (const [place, { type, format }] of propertiesOf(bodySchema ?? {}, id)) {
        const isSecret =
          type === 'string' && /password|connectionString|symmetricKey|privateKey$/i.test(place);
        if (isSecret && !/password-/i.test(place)) expect(format, place).to.equal('password');
      }
    }
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

  it('carry no placeholders in what is sent', () => {
    for (const { id, bodyExample } of OPERATIONS) {
      expect(JSON.stringify(bodyExample), id).not.to.match(/:"string"|\["string"/);
    }
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
