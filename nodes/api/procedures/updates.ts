import { DEVICE_FILTER } from '../../manager/registry/device-filter.js';
import { CURSOR, pageById } from '../../manager/shared/page.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { INSTALLATION_STATES, type Installation } from '../../manager/updates/install/installation.js';
import { defineAsk } from '../procedure.js';
import { refuseUnlessNamed, subject, withEachGateway } from './each-gateway.js';
import { clientid, clientids, id, nothing, oneGateway, pageOfNewest } from './inputs.js';

/** What became of an installation that was asked for: its record, or why there is none. */
export interface Begun {
  clientid: string;
  id: string | null;
  fault: string | null;
}

/** What can be asked about newer software, scans and installations. */
export const UPDATE_ASKS = {
  /** The scan that runs, or ran last; null: there was none. */
  'updates.scan': defineAsk({
    role: 'viewer',
    input: nothing,
    answer: ({ updates }) => updates.lastScan(),
    isTouchedBy: (change) => change.kind === 'scan',
  }),

  'updates.startScan': defineAsk({
    role: 'operator',
    input: {
      type: 'object',
      properties: { filter: DEVICE_FILTER },
      required: ['filter'],
      additionalProperties: false,
    },
    answer: ({ updates }, input, asker) => updates.scan(input.filter, asker.requestedBy),
    deed: (input) => ({ action: 'update.scan', detail: input.filter }),
  }),

  'updates.stopScan': defineAsk({
    role: 'operator',
    input: nothing,
    answer: ({ updates }, _input, asker) => updates.stopScan(asker.requestedBy),
    deed: () => ({ action: 'update.stopScan' }),
  }),

  /** What the last scans found: gateways that run the same and get the same, as one. */
  'updates.groups': defineAsk({
    role: 'viewer',
    input: nothing,
    answer: ({ updates }) => updates.groups(),
    isTouchedBy: ({ kind }) => kind === 'scan' || kind === 'update' || kind === 'installation',
  }),

  /** The gateways of such a group, by client id. */
  'updates.gateways': defineAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        group: { type: 'string', maxLength: 100 },
        cursor: CURSOR,
        limit: { type: 'integer', minimum: 1, maximum: 500 },
      },
      required: ['group', 'limit'],
      additionalProperties: false,
    },
    async answer({ updates }, input) {
      const { gateways: items, next } = await updates.gatewaysOf(input);
      return { items, next };
    },
    isTouchedBy: ({ kind }) => kind === 'scan' || kind === 'presence' || kind === 'installation',
  }),

  /** What the last scan found for one gateway; null: it was never scanned. */
  'updates.one': defineAsk({
    role: 'viewer',
    input: oneGateway,
    answer: ({ updates }, input) => updates.result(input.clientid),
    isTouchedBy: (change, input) =>
      change.kind === 'scan' || (change.kind === 'update' && change.clientid === input.clientid),
  }),

  /** Installs on each gateway what the last scan found for it. */
  'updates.install': defineAsk({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        clientids,
        /** Only the next package, where several stand before the newest. */
        onlyNext: { type: 'boolean' },
        snapshot: { type: 'boolean' },
        allowCellular: { type: 'boolean' },
        confirm: { type: 'string', maxLength: 200 },
      },
      required: ['clientids', 'confirm'],
      additionalProperties: false,
    },
    async answer({ updates, installations }, { clientids, onlyNext, confirm, ...options }, asker) {
      const gateways = [...new Set(clientids)];
      refuseUnlessNamed(confirm, gateways);
      return await withEachGateway(gateways, async (clientid): Promise<Begun> => {
        try {
          const path = (await updates.result(clientid))?.path ?? [];
          if (path.length === 0)
            throw new TpeError('NOT_FOUND', 'No newer software found for this gateway: scan again.');
          const packages = onlyNext ? path.slice(0, 1) : path;
          const { id } = await installations.start({
            ...options,
            clientid,
            packages,
            requestedBy: asker.requestedBy,
          });
          return { clientid, id, fault: null };
        } catch (error) {
          return { clientid, id: null, fault: messageOf(error) };
        }
      });
    },
    deed: ({ clientids, confirm: _confirm, ...detail }) => ({
      action: 'update.install',
      ...subject(clientids, detail),
    }),
  }),

  /** Newest first, without what each package is and each step took. */
  'updates.installations': defineAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        clientid,
        state: { enum: INSTALLATION_STATES },
        ...pageOfNewest,
      },
      required: ['limit'],
      additionalProperties: false,
    },
    async answer({ installations }, { cursor: before, ...query }) {
      const found = await installations.list({ ...query, ...(before !== undefined && { before }) });
      return pageById(found.map(rowOf), query.limit, ({ id }) => id);
    },
    isTouchedBy: (change, input) =>
      change.kind === 'installation' && (input.clientid === undefined || change.clientid === input.clientid),
  }),

  /** Null: there is no such installation. */
  'updates.installation': defineAsk({
    role: 'viewer',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    answer: ({ installations }, input) => installations.get(input.id),
    isTouchedBy: (change) => change.kind === 'installation',
  }),

  'updates.cancel': defineAsk({
    role: 'operator',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    answer: async ({ installations }, input, asker) =>
      rowOf(await installations.cancel(input.id, asker.requestedBy)),
    deed: (input) => ({ action: 'update.cancel', detail: { installation: input.id } }),
  }),
} as const;

function rowOf(installation: Installation) {
  const { packages, steps: _steps, ...row } = installation;
  return { ...row, packages: packages.map(({ category, version }) => ({ category, version })) };
}
