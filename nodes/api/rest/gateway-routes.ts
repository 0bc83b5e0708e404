import { BROKER_CLIENT } from '../../manager/broker/broker.js';
import { CREDENTIAL } from '../../manager/registry/device.js';
import { DEVICE_FILTER } from '../../manager/registry/device-filter.js';
import { DEVICE_QUERY, parseQuery } from '../../manager/registry/device-query.js';
import { parseClientIds, parseRegistration, REGISTRATION } from '../../manager/registry/device-schemas.js';
import { notFound } from '../../manager/registry/get-device.js';
import { ROTATION_REPORT, TOLD_PREVIEW, TOLD_REPORT } from '../../manager/registry/report-schemas.js';
import { CLIENT_IDS, filterOf, parseReadTargets } from '../../manager/registry/targets.js';
import { textOf } from '../../manager/shared/given-values.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { listOf, text } from '../../manager/shared/value-schemas.js';
import { DEVICE_ROW, deviceRow } from './device-row.js';
import { CLIENT_ID, CONNECTION, CREDENTIAL_MADE, GATEWAY, GATEWAY_IMPORT, LOGIN } from './examples.js';
import { fileIn } from './file-body.js';
import { defineRoute, objectIn } from './route.js';

const FORMATS = ['csv', 'json'] as const;
/** Largest number of faults and of notes in the report of an import. Nobody reads more. */
const MAX_TOLD = 1000;
const LIST_LIMIT = 1000;

const importQuery = {
  type: 'object',
  properties: {
    dryRun: { type: 'boolean', description: 'Only tell what would be; nothing is written.' },
    format: { enum: FORMATS, description: 'Left out: as the content looks.' },
    encoding: { type: 'string', maxLength: 40, description: 'Of its bytes; left out: found.' },
  },
  additionalProperties: false,
} as const;

/** JSON Schema of a credential. It has the password only if the password was generated. */
const MADE_LOGIN = {
  type: 'object',
  properties: { clientid: text, username: text, password: text },
  required: ['clientid', 'username'],
  additionalProperties: false,
} as const;

/** The REST routes for gateways. */
export const GATEWAY_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/device',
    operationId: 'listGateways',
    tag: 'Gateways',
    summary: 'List gateways',
    description:
      'Which gateways, in what order, which page. `limit` left out is 1000; `next` of an answer is the `cursor` of the next call.',
    role: 'viewer',
    isPaged: true,
    query: DEVICE_QUERY,
    data: listOf(DEVICE_ROW),
    examples: { data: [GATEWAY] },
    async answer({ registry }, { query }) {
      const { devices, next } = await registry.list(parseQuery({ limit: LIST_LIMIT, ...query }));
      return { data: devices.map(deviceRow), next };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/device/export',
    operationId: 'exportGateways',
    tag: 'Files',
    summary: 'Export gateways as a file',
    role: 'viewer',
    isCostly: true,
    file: ['text/csv', 'application/json'],
    query: {
      type: 'object',
      properties: { ...DEVICE_FILTER.properties, format: { enum: FORMATS } },
      additionalProperties: false,
    },
    async answer({ registry }, { query: { format = 'csv', ...filter } }) {
      return {
        file: await registry.export(filterOf(parseReadTargets(filter, 'query')), format),
        type: format === 'json' ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8',
        name: `gateways.${format}`,
      };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/device/import',
    operationId: 'importGateways',
    tag: 'Files',
    summary: 'Register the gateways of a file',
    description:
      'CSV or JSON, in any encoding: the body is the file itself. Good rows go in, each other one is told with its line. Generated passwords are shown here and never again.',
    role: 'operator',
    isCostly: true,
    action: 'gateway.import',
    query: importQuery,
    body: { kind: 'file', types: ['text/csv', 'application/json', 'application/octet-stream'] },
    data: { anyOf: [TOLD_REPORT, TOLD_PREVIEW] },
    examples: { data: GATEWAY_IMPORT },
    async answer({ registry }, { query: { dryRun = false, format, encoding }, body }) {
      const read = dryRun ? registry.previewImport : registry.import;
      const { faults, notes, ...report } = await read(fileIn(body), format, encoding);
      return {
        data: {
          ...report,
          faults: faults.slice(0, MAX_TOLD),
          faultCount: faults.length,
          notes: notes.slice(0, MAX_TOLD),
          noteCount: notes.length,
        },
      };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/device/rotate',
    operationId: 'rotatePasswords',
    tag: 'Gateways',
    summary: 'Give gateways new passwords',
    description:
      '`{"clientids": [...]}` for several, which are named one by one, or `{"clientid": ..., "password": ...}` for one; a password that is left out is generated. Shown here and never again.',
    role: 'operator',
    action: 'gateway.rotate',
    errors: ['NOT_FOUND'],
    body: {
      kind: 'json',
      isRequired: true,
      takesMany: true,
      schema: {
        anyOf: [
          { type: 'object', properties: { clientids: CLIENT_IDS, clientid: text, password: text } },
          { ...text, description: 'A client id.' },
          CLIENT_IDS,
        ],
      },
    },
    data: { anyOf: [ROTATION_REPORT, CREDENTIAL] },
    examples: {
      body: { clientids: [CLIENT_ID] },
      data: { credentials: [CREDENTIAL_MADE], faults: [] },
    },
    async answer({ registry }, { body }) {
      if (Array.isArray(body))
        return { data: await registry.rotateMany(parseClientIds({ clientids: body }).clientids) };
      const given = typeof body === 'string' ? { clientid: body } : objectIn(body);
      if (given.clientids !== undefined)
        return { data: await registry.rotateMany(parseClientIds(given).clientids) };
      const clientid = textOf(given.clientid, 'clientid');
      if (clientid === undefined)
        throw new TpeError('INVALID_INPUT', '"clientid" or "clientids" is missing: say which gateways.', {
          field: 'clientid',
        });
      return { data: await registry.rotate(clientid, textOf(given.password, 'password')) };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/device/{clientid}',
    operationId: 'getGateway',
    tag: 'Gateways',
    summary: 'Read one gateway',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: DEVICE_ROW,
    examples: { data: GATEWAY },
    async answer({ registry }, { params: { clientid = '' } }) {
      const device = await registry.get(clientid);
      if (device === null) throw notFound(clientid);
      return { data: deviceRow(device) };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/device',
    operationId: 'registerGateway',
    tag: 'Gateways',
    summary: 'Register a gateway',
    description: 'A password that is left out is generated, and shown in this answer and never again.',
    role: 'operator',
    action: 'gateway.register',
    errors: ['CONFLICT'],
    body: { kind: 'json', isRequired: true, schema: REGISTRATION },
    data: MADE_LOGIN,
    examples: { body: { clientid: CLIENT_ID, site: 'Plant 1', tags: ['north'] }, data: LOGIN },
    async answer({ registry }, { body }) {
      const { credential } = await registry.register(parseRegistration(objectIn(body)));
      const { clientid, username, password, generated } = credential;
      // The caller already knows a password that was given.
      return { data: { clientid, username, ...(generated && { password }) } };
    },
  }),

  defineRoute({
    method: 'DELETE',
    path: '/device/{clientid}',
    operationId: 'retireGateway',
    tag: 'Gateways',
    summary: 'Retire a gateway',
    description: 'It is disconnected, its login is refused from now on, and its record goes.',
    role: 'operator',
    action: 'gateway.retire',
    errors: ['NOT_FOUND'],
    data: DEVICE_ROW,
    examples: { data: GATEWAY },
    answer: async (manager, { params: { clientid = '' } }) => ({
      data: deviceRow(await manager.retire(clientid)),
    }),
  }),

  defineRoute({
    method: 'GET',
    path: '/emqx/clients/{clientid}',
    operationId: 'getConnection',
    tag: 'Gateways',
    summary: 'Read what the broker knows of the session of a gateway',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: BROKER_CLIENT,
    examples: { data: CONNECTION },
    async answer({ broker }, { params: { clientid = '' } }) {
      const client = await broker.getClient(clientid);
      if (client !== null) return { data: client };
      throw new TpeError('NOT_FOUND', `The broker has no client ${JSON.stringify(clientid)}.`);
    },
  }),
];
