import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { NodeAPI } from 'node-red';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { isBlank } from '../../../nodes/node-red/fields/blank.js';
import { FAULT_TEXTS } from '../../../nodes/node-red/fields/fault-texts.js';
import { FIELDS } from '../../../nodes/node-red/fields/fields.js';
import { SERVER_CREDENTIALS } from '../../../nodes/node-red/fields/server-fields.js';
import { faultOfNode } from '../../../nodes/node-red/runtime/check-fields.js';
import { readBrokerEnvironment } from '../../../nodes/node-red/server/broker-environment.js';
import { serverOptions } from '../../../nodes/node-red/server/options.js';
import { readRepositoryEnvironment } from '../../../nodes/node-red/server/repository-environment.js';
import { definitionsIn, editorFiles, keysOf } from '../../support/editor-files.js';
import { FIELD_CASES, type FieldCase } from '../../support/field-cases.js';

const RED = createRequire(__filename)('@node-red/util') as Pick<NodeAPI, 'util'>;
const DEFAULTS = {
  dataFolder: '/data',
  instance: 'host/1',
  databaseUrl: 'postgresql://u:p@db/tpedm',
  tls: (id: string | undefined) => (id ? { rejectUnauthorized: true } : undefined),
  // Fields that are blank, or a variable that is not set.
  broker: () => readBrokerEnvironment({}),
  repository: () => readRepositoryEnvironment({}),
};

/** Where a variable is not set, the environment gives what the field would. */
const GIVEN = {
  ...DEFAULTS,
  broker: () =>
    readBrokerEnvironment({
      TPE_MQTT_URL: 'mqtt://b',
      EMQX_API_URL: 'http://e',
      EMQX_API_KEY: 'k',
      EMQX_API_SECRET: 's',
    }),
};
const isUnset = (values: Record<string, unknown>) =>
  [values.url, values.apiUrl].some((value) => String(value).startsWith('$'));

/** What the runtime says of a node; null where it takes it. */
function refusalOf({ type, values }: FieldCase): TpeError | null {
  if (type !== 'tpe-server') return faultOfNode(RED as NodeAPI, type, values);
  try {
    serverOptions(values, { apiKey: 'k', apiSecret: 's' }, isUnset(values) ? GIVEN : DEFAULTS);
    return null;
  } catch (error) {
    if (error instanceof TpeError) return error;
    throw error;
  }
}

describe('fields of nodes', () => {
  it('are all in the model, and tried in the cases', () => {
    for (const [type, fields] of Object.entries(FIELDS)) {
      const { defaults } = definitionsIn(editorFiles(type).html).get(type)!;
      expect(Object.keys(fields), type).to.have.members(Object.keys(defaults));
      const checked = Object.keys(fields).filter((name) => fields[name]?.check ?? fields[name]?.blank);
      const tried = new Set(FIELD_CASES.filter((one) => one.type === type).map(({ field }) => field));
      expect([...tried], type).to.have.members(checked);
    }
  });

  it('have the names that the form shows', () => {
    for (const [type, fields] of Object.entries({ ...FIELDS, credentials: SERVER_CREDENTIALS })) {
      const node = type === 'credentials' ? 'tpe-server' : type;
      const labels = (editorFiles(node).texts[node] as { label: Record<string, string> }).label;
      for (const { label } of Object.values(fields)) {
        if (label[0] !== 'name') expect(labels[label[0]], `${type} ${label[0]}`).to.equal(label[1]);
      }
    }
  });

  it('have a text in English for each fault, and the same in the editor', () => {
    const { fault } = editorFiles('tpe-server').texts['tpe-server'] as { fault: Record<string, string> };
    expect(fault).to.deep.equal({ ...FAULT_TEXTS });
    expect(keysOf({ fault })).to.have.length.greaterThan(10);
  });

  it('are texts: an object or a list in place of one is a fault, wherever the field counts', () => {
    for (const one of FIELD_CASES.filter(({ isFaulty }) => isFaulty)) {
      if (FIELDS[one.type]?.[one.field]?.check === undefined) continue;
      for (const value of [{}, { all: true }, [], ['a']]) {
        const refusal = refusalOf({ ...one, values: { ...one.values, [one.field]: value } });
        expect(refusal?.details.field, `${one.type}, ${one.field}`).to.equal(one.field);
      }
    }
  });

  for (const one of FIELD_CASES) {
    const shown = JSON.stringify(one.values).slice(0, 90);
    it(`${one.type}, ${one.field}: ${one.isFaulty ? 'refuses' : 'takes'} ${shown}`, () => {
      const refusal = refusalOf(one);
      // What the environment could give is told as missing where the server opens.
      if (!one.isFaulty) return expect(refusal?.message ?? null).to.equal(null);
      expect(refusal).to.be.instanceOf(TpeError).and.to.include({ code: 'INVALID_INPUT' });
      if (!isBlank(one.values[one.field])) expect(refusal?.details.field).to.equal(one.field);
      expect(String(refusal)).to.equal(refusal?.message);
    });
  }
});
