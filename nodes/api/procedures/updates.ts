import { DEVICE_FILTER } from '../../manager/registry/device-filter.js';
import { CURSOR, pageById } from '../../manager/shared/page.js';
import type { Reason } from '../../manager/shared/reason.js';
import { asTpeError, TpeError } from '../../manager/shared/tpe-error.js';
import {
  INSTALLATION_STATES,
  type Installation,
  type InstallationRequest,
  type Installations,
  isOver,
} from '../../manager/updates/install/installation.js';
import { installationReason } from '../../manager/updates/install/installation-reasons.js';
import { INSTALLATION_QUERY } from '../../manager/updates/install/installation-schemas.js';
import { callReason } from '../call-reasons.js';
import { filterTold, idsTold } from '../ids-told.js';
import { defineProcedure } from '../procedure.js';
import { refuseUnlessNamed, subject, withEachGateway } from './each-gateway.js';
import { clientid, clientids, id, nothing, oneGateway, pageOfNewest } from './inputs.js';

/** The result for one gateway: the id of its installation, or the fault that prevented it. */
export interface Begun {
  clientid: string;
  id: string | null;
  fault: Reason | null;
}

/** As many as the overview shows. */
const MAX_RETRIED = 50;

/** The procedures for software updates: scans and installations. */
export const UPDATE_PROCEDURES = {
  /** Returns the running scan, else the last one; null if there was none. */
  'updates.scan': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: ({ updates }) => updates.lastScan(),
    invalidatedBy: (change) => change.kind === 'scan',
  }),

  'updates.startScan': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: { filter: DEVICE_FILTER },
      required: ['filter'],
      additionalProperties: false,
    },
    handler: ({ updates }, input, caller) => updates.scan(input.filter, caller.requestedBy),
    audit: (input) => ({ action: 'update.scan', detail: filterTold(input.filter) }),
  }),

  'updates.stopScan': defineProcedure({
    role: 'operator',
    input: nothing,
    handler: ({ updates }, _input, caller) => updates.stopScan(caller.requestedBy),
    audit: () => ({ action: 'update.stopScan' }),
  }),

  /** Returns the results of the last scans in groups. Gateways with the same software that need the same packages form a group. */
  'updates.groups': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: ({ updates }) => updates.groups(),
    invalidatedBy: ({ kind }) => kind === 'scan' || kind === 'update' || kind === 'installation',
  }),

  /** Lists the gateways of such a group, sorted by client id. */
  'updates.gateways': defineProcedure({
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
    async handler({ updates }, input) {
      const { gateways: items, next } = await updates.gatewaysOf(input);
      return { items, next };
    },
    invalidatedBy: ({ kind }) => kind === 'scan' || kind === 'presence' || kind === 'installation',
  }),

  /** Returns the result of the last scan of one gateway; null if it was never scanned. */
  'updates.one': defineProcedure({
    role: 'viewer',
    input: oneGateway,
    handler: ({ updates }, input) => updates.result(input.clientid),
    invalidatedBy: (change, input) =>
      change.kind === 'scan' || (change.kind === 'update' && change.clientid === input.clientid),
  }),

  /** Installs on each gateway the packages that the last scan found for it. */
  'updates.install': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        clientids,
        /** True to install only the next package if several are needed to reach the newest. */
        onlyNext: { type: 'boolean' },
        snapshot: { type: 'boolean' },
        allowCellular: { type: 'boolean' },
        confirm: { type: 'string', maxLength: 200 },
      },
      required: ['clientids', 'confirm'],
      additionalProperties: false,
    },
    async handler({ updates, installations }, { clientids, onlyNext, confirm, ...options }, caller) {
      const gateways = [...new Set(clientids)];
      refuseUnlessNamed(confirm, gateways);
      return await withEachGateway(gateways, async (clientid): Promise<Begun> => {
        try {
          const path = (await updates.result(clientid))?.path ?? [];
          if (path.length === 0) throw new TpeError('NOT_FOUND', callReason('no-newer-software'));
          const packages = onlyNext ? path.slice(0, 1) : path;
          const { id } = await installations.start({
            ...options,
            clientid,
            packages,
            requestedBy: caller.requestedBy,
          });
          return { clientid, id, fault: null };
        } catch (error) {
          return { clientid, id: null, fault: asTpeError(error).reason };
        }
      });
    },
    audit: ({ clientids, confirm: _confirm, ...detail }) => ({
      action: 'update.install',
      ...subject(clientids, detail),
    }),
  }),

  /** Returns how installations stand, and those that have failed and were not tried again. */
  'updates.overview': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: nothing,
    async handler({ installations }) {
      const { failures, ...counts } = await installations.overview();
      return { ...counts, failures: failures.map(rowOf) };
    },
    invalidatedBy: (change) => change.kind === 'installation',
  }),

  /** Returns of how many gateways there is no result of a scan. */
  'updates.coverage': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: nothing,
    handler: ({ updates }) => updates.coverage(),
    invalidatedBy: ({ kind }) => kind === 'scan' || kind === 'device' || kind === 'installation',
  }),

  /** Begins installations that have failed once more, with the same packages and settings. */
  'updates.retry': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        ids: { type: 'array', items: id, minItems: 1, maxItems: MAX_RETRIED, uniqueItems: true },
        confirm: { type: 'string', maxLength: 200 },
      },
      required: ['ids', 'confirm'],
      additionalProperties: false,
    },
    async handler({ installations }, { ids, confirm }, caller) {
      const failed = await Promise.all(ids.map((id) => readOne(installations, id)));
      const clientids = failed.map(({ clientid }) => clientid);
      refuseUnlessNamed(confirm, clientids);
      const byGateway = new Map(failed.map((one) => [one.clientid, one]));
      return await withEachGateway([...byGateway.keys()], async (clientid): Promise<Begun> => {
        try {
          const { id } = await installations.start(againAs(byGateway.get(clientid)!, caller.requestedBy));
          return { clientid, id, fault: null };
        } catch (error) {
          return { clientid, id: null, fault: asTpeError(error).reason };
        }
      });
    },
    async audit({ ids }, { installations }) {
      // What is refused is told, too, also where there is no such installation.
      const found = await Promise.all(ids.map((id) => installations.get(id)));
      const clientids = found.flatMap((one) => one?.clientid ?? []);
      return { action: 'update.retry', ...subject(clientids, idsTold('installations', ids)) };
    },
  }),

  /** Lists installations, newest first, without their steps and without the details of their packages. */
  'updates.installations': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        clientid,
        gateway: INSTALLATION_QUERY.properties.gateway,
        state: { enum: INSTALLATION_STATES },
        ...pageOfNewest,
      },
      required: ['limit'],
      additionalProperties: false,
    },
    async handler({ installations }, { cursor: before, ...query }) {
      const found = await installations.list({ ...query, ...(before !== undefined && { before }) });
      return pageById(found.map(rowOf), query.limit, ({ id }) => id);
    },
    invalidatedBy: (change, input) =>
      change.kind === 'installation' && (input.clientid === undefined || change.clientid === input.clientid),
  }),

  /** Returns null if there is no such installation. */
  'updates.installation': defineProcedure({
    role: 'viewer',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    handler: ({ installations }, input) => installations.get(input.id),
    invalidatedBy: (change) => change.kind === 'installation',
  }),

  'updates.cancel': defineProcedure({
    role: 'operator',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    handler: async ({ installations }, input, caller) =>
      rowOf(await installations.cancel(input.id, caller.requestedBy)),
    audit: (input) => ({ action: 'update.cancel', detail: { installation: input.id } }),
  }),
} as const;

/** Reads an installation. Rejects with NOT_FOUND. */
async function readOne({ get }: Pick<Installations, 'get'>, id: string): Promise<Installation> {
  const found = await get(id);
  if (found === null) throw new TpeError('NOT_FOUND', installationReason('installation-unknown', { id }));
  return found;
}

/** What to ask for so that a failed installation is done once more. Throws CONFLICT if it has not failed, or belongs to a job. */
function againAs(installation: Installation, requestedBy: string): InstallationRequest {
  const { id, state, job, clientid, packages, snapshot, allowCellular, timeoutMs } = installation;
  if (job !== null) throw new TpeError('CONFLICT', callReason('installation-of-job', { id, job }));
  if (!isOver(state) || state === 'SUCCEEDED' || state === 'ALREADY_INSTALLED')
    throw new TpeError('CONFLICT', callReason('installation-not-failed', { id }));
  return {
    ...{ clientid, packages, allowCellular, timeoutMs, requestedBy },
    ...(snapshot !== null && { snapshot }),
  };
}

function rowOf(installation: Installation) {
  const { packages, steps: _steps, ...row } = installation;
  return { ...row, packages: packages.map(({ category, version }) => ({ category, version })) };
}
