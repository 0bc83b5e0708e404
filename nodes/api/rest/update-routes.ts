import type { DeviceManager } from '../../manager/device-manager.js';
import { DEVICE_FILTER } from '../../manager/registry/device-filter.js';
import { CLIENT_IDS, checkRegistered, filterOf, parseReadTargets } from '../../manager/registry/targets.js';
import { millisecondsOf, switchOf, waitMsOf } from '../../manager/shared/given-values.js';
import { TpeError, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { listOf, text } from '../../manager/shared/value-schemas.js';
import { packagesIn } from '../../manager/updates/install/check-request.js';
import { isOver } from '../../manager/updates/install/installation.js';
import { INSTALLATION } from '../../manager/updates/install/installation-record.js';
import {
  INSTALLATION_QUERY,
  parseInstallationQuery,
} from '../../manager/updates/install/installation-schemas.js';
import { parseUpdateQuery, UPDATE_QUERY } from '../../manager/updates/scan/update-schemas.js';
import { DEVICE_UPDATE, SCAN_PROGRESS } from '../../manager/updates/scan/updates.js';
import { INSTALLATION_RUNNING, SCAN, UPDATE } from './examples.js';
import { defineRoute, objectIn, unlessClosed } from './route.js';
import { wait } from './wait.js';

const LIST_LIMIT = 50;

/** The REST routes for scans and installations. */
export const UPDATE_ROUTES = [
  defineRoute({
    method: 'PUT',
    path: '/device/checkUpdate',
    operationId: 'startScan',
    tag: 'Updates',
    summary: 'Look for newer software',
    description:
      'The body says for which gateways, as a filter, a client id or a list of them; `{}` or no body: for all. The answer is how far the scan is.',
    role: 'operator',
    action: 'update.scan',
    errors: ['NOT_FOUND', 'CONFLICT'],
    body: {
      kind: 'json',
      isRequired: false,
      takesMany: true,
      schema: { anyOf: [DEVICE_FILTER, { ...text, description: 'A client id.' }, CLIENT_IDS] },
    },
    data: SCAN_PROGRESS,
    examples: { body: { tag: 'north' }, data: SCAN },
    async answer(manager, { body }, caller) {
      const targets = parseReadTargets(body, 'body');
      await checkRegistered(manager.registry, targets);
      return { data: await manager.updates.scan(filterOf(targets), caller.requestedBy) };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/device/checkUpdate',
    operationId: 'listUpdates',
    tag: 'Updates',
    summary: 'List what the last scan found',
    role: 'viewer',
    isPaged: true,
    query: {
      type: 'object',
      properties: {
        ...UPDATE_QUERY.properties,
        progress: { type: 'boolean', description: 'How far the scan is, in place of what it found.' },
      },
      additionalProperties: false,
    },
    data: {
      anyOf: [listOf(DEVICE_UPDATE), SCAN_PROGRESS, { type: 'null', description: 'There was no scan yet.' }],
    },
    examples: { data: [UPDATE] },
    async answer({ updates }, { query: { progress = false, ...query } }) {
      if (progress) return { data: await updates.lastScan() };
      const page = await updates.results(parseUpdateQuery(query));
      return { data: page.updates, next: page.next };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/device/{clientid}/update',
    operationId: 'installUpdate',
    tag: 'Updates',
    summary: 'Install software on a gateway',
    description:
      'Without packages: what the last scan found for it. 202 while it goes on; one that was begun is an answer, however it ended.',
    role: 'operator',
    action: 'update.install',
    errors: ['NOT_FOUND', 'OFFLINE', 'CONFLICT'],
    mayGoOn: true,
    query: { type: 'object', properties: { wait }, additionalProperties: false },
    body: {
      kind: 'json',
      isRequired: false,
      schema: {
        type: 'object',
        properties: {
          packages: {
            type: ['array', 'object'],
            description: 'One package or a list of them, as a scan gives them.',
          },
          snapshot: { type: 'boolean' },
          allowCellular: { type: 'boolean' },
          timeout: { type: 'number', description: 'How long each package may take, s.' },
        },
      },
    },
    data: INSTALLATION,
    examples: { body: { snapshot: true }, data: INSTALLATION_RUNNING },
    async answer(manager, { params: { clientid = '' }, query, body }, caller) {
      const { packages, snapshot, allowCellular, timeout } = objectIn(body ?? {});
      const waitMs = waitMsOf(query.wait ?? false);
      const started = await manager.installations.start({
        clientid,
        packages: packagesIn(packages ?? (await manager.updates.result(clientid))?.path),
        snapshot: snapshot === undefined ? undefined : switchOf(snapshot, 'snapshot'),
        allowCellular: allowCellular === undefined ? undefined : switchOf(allowCellular, 'allowCellular'),
        timeoutMs: millisecondsOf(timeout, 'timeout'),
        requestedBy: caller.requestedBy,
      });
      const installation = (await untilOver(manager, started.id, waitMs)) ?? started;
      if (installation.state === 'REJECTED') {
        const { reason, cause, reasonCode, state } = installation;
        throw new TpeError((reasonCode ?? 'ERROR') as TpeErrorCode, { text: reason ?? state, cause });
      }
      return { status: isOver(installation.state) ? 200 : 202, data: installation };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/update',
    operationId: 'listInstallations',
    tag: 'Updates',
    summary: 'List installations, newest first',
    role: 'viewer',
    isPaged: true,
    query: INSTALLATION_QUERY,
    data: listOf(INSTALLATION),
    examples: { data: [INSTALLATION_RUNNING] },
    async answer({ installations }, { query }) {
      const found = await installations.list(parseInstallationQuery(query));
      const isMore = found.length === (query.limit ?? LIST_LIMIT);
      return { data: found, next: isMore ? (found.at(-1)?.id ?? null) : null };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/update/{installation}',
    operationId: 'getInstallation',
    tag: 'Updates',
    summary: 'Read an installation',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    query: { type: 'object', properties: { wait }, additionalProperties: false },
    data: INSTALLATION,
    examples: { data: INSTALLATION_RUNNING },
    async answer(manager, { params: { installation = '' }, query }) {
      const waitMs = waitMsOf(query.wait ?? false);
      const found = await (waitMs === 0
        ? manager.installations.get(installation)
        : untilOver(manager, installation, waitMs));
      if (found !== null) return { data: found };
      throw new TpeError('NOT_FOUND', `There is no installation ${JSON.stringify(installation)}.`);
    },
  }),
];

async function untilOver({ installations }: DeviceManager, id: string, waitMs: number) {
  return waitMs === 0 ? null : await unlessClosed(installations.waitFor(id, waitMs));
}
