import type { Broker } from '../../manager/broker/broker.js';
import { DEVICE_FILTER } from '../../manager/registry/device-filter.js';
import { CURSOR } from '../../manager/shared/page.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import { defineProcedure } from '../procedure.js';
import { eachGateway, refuseUnlessNamed, subject } from './each-gateway.js';
import { BASED_ON, refuseIfChanged, told, wasBefore } from './gateway-change.js';
import { GATEWAYS_PAGE } from './gateways-page.js';
import { clientid, clientids, MOST_GATEWAYS, oneGateway, separator } from './inputs.js';
import { madeOf, passwordsOf } from './passwords.js';

const MAX_FOUND = 20;

/** The procedures for gateways. */
export const GATEWAY_PROCEDURES = {
  /** Returns the first gateways that match, for a picker. */
  'gateways.search': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { search: { type: 'string', maxLength: 200 } },
      required: ['search'],
      additionalProperties: false,
    },
    async handler({ registry }, { search }) {
      const given = search.trim() === '' ? {} : { search };
      const { devices } = await registry.list({ ...given, limit: MAX_FOUND });
      return devices.map(({ clientid, hostName, modelName, status }) => ({
        clientid,
        hostName,
        modelName,
        status,
      }));
    },
  }),

  /** Returns the status of each of these gateways, in any order; those that are not registered are left out. */
  'gateways.statuses': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { clientids },
      required: ['clientids'],
      additionalProperties: false,
    },
    async handler({ registry }, { clientids }) {
      const { devices } = await registry.list({ clientids, limit: MOST_GATEWAYS });
      return devices.map(({ clientid, status }) => ({ clientid, status }));
    },
    invalidatedBy: (change, input) =>
      (change.kind === 'presence' || change.kind === 'device') &&
      (change.clientid === null || input.clientids.includes(change.clientid)),
  }),

  'gateways.page': GATEWAYS_PAGE,

  /** Returns null if there is no such gateway. */
  'gateways.one': defineProcedure({
    role: 'viewer',
    input: oneGateway,
    handler: ({ registry }, input) => registry.get(input.clientid),
    invalidatedBy: (change, input) =>
      isAbout(change.kind === 'presence' || change.kind === 'device', change, input),
  }),

  /** Returns the gateway's session at the broker; null if there is none. */
  'gateways.connection': defineProcedure({
    role: 'viewer',
    input: oneGateway,
    handler: ({ broker }, input) => broker.getClient(input.clientid),
    invalidatedBy: (change, input) => isAbout(change.kind === 'presence', change, input),
  }),

  /** Returns one part of a file, and the cursor of the next part. */
  'gateways.export': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        filter: DEVICE_FILTER,
        format: { enum: ['csv', 'json'] },
        cursor: CURSOR,
        separator,
      },
      required: ['filter', 'format'],
      additionalProperties: false,
    },
    handler: ({ registry }, input) => registry.exportPart(input),
  }),

  /** Requests the device profile from the gateway. */
  'gateways.refresh': defineProcedure({
    role: 'operator',
    input: oneGateway,
    handler: (manager, input) => manager.refreshProfile(input.clientid),
    audit: (input) => ({ action: 'gateway.refresh', clientid: input.clientid }),
  }),

  /** Changes site, note, tags, redundancy set and `enabled` of gateways. Tags are added and removed one by one, the other values are replaced. */
  'gateways.change': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: {
        clientids,
        site: { type: 'string', maxLength: 1000 },
        note: { type: 'string', maxLength: 10_000 },
        redundancy: { type: 'string', maxLength: 1000 },
        enabled: { type: 'boolean' },
        /** Beside `enabled: false`: whether a session at the broker ends at once. Otherwise it goes on until the gateway disconnects. */
        endSession: { type: 'boolean' },
        /** What an edit of one gateway is based on: it is refused if another one has changed any of that since. */
        basedOn: BASED_ON,
        addTags: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 50 },
        removeTags: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 50 },
      },
      required: ['clientids'],
      additionalProperties: false,
    },
    async handler(
      { registry, broker, audit },
      { clientids, addTags = [], removeTags = [], basedOn, endSession, ...change },
    ) {
      return await eachGateway(clientids, async (clientid) => {
        const device = await registry.get(clientid);
        if (device === null) throw new TpeError('NOT_FOUND', callReason('gateway-retired-meanwhile'));
        if (basedOn !== undefined) await refuseIfChanged(audit, device, basedOn);
        const kept = device.tags.filter((tag) => !removeTags.includes(tag));
        const tags = [...new Set([...kept, ...addTags])];
        await registry.update(clientid, { ...change, ...(tags.join() !== device.tags.join() && { tags }) });
        if (endSession && change.enabled === false) await endOf(broker, clientid);
      });
    },
    audit: async ({ clientids, basedOn: _basedOn, ...change }, { registry }) => ({
      action: 'gateway.change',
      ...subject(clientids, { ...told(change), ...(await wasBefore(registry, clientids, change)) }),
    }),
  }),

  /** Rotates the password of one gateway. This answer is the only one that ever contains the new password. */
  'gateways.rotate': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: { clientid, separator, confirm: { type: 'string' } },
      required: ['clientid', 'confirm'],
      additionalProperties: false,
    },
    async handler(manager, { clientid, confirm, separator }) {
      refuseUnlessNamed(confirm, [clientid]);
      const credential = await manager.registry.rotate(clientid);
      return { ...credential, passwords: await passwordsOf(manager, madeOf(credential), separator) };
    },
    audit: (input) => ({ action: 'gateway.rotate', clientid: input.clientid }),
  }),

  /** Rotates the passwords of several gateways. This answer is the only one that ever contains them, as a file. */
  'gateways.rotateMany': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: { clientids, separator, confirm: { type: 'string' } },
      required: ['clientids', 'confirm'],
      additionalProperties: false,
    },
    async handler(manager, { clientids, confirm, separator }) {
      refuseUnlessNamed(confirm, clientids);
      const { credentials, faults } = await manager.registry.rotateMany(clientids);
      return { faults, passwords: await passwordsOf(manager, credentials, separator) };
    },
    audit: ({ clientids }) => ({ action: 'gateway.rotate', ...subject(clientids) }),
  }),

  'gateways.retire': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: { clientids, confirm: { type: 'string' } },
      required: ['clientids', 'confirm'],
      additionalProperties: false,
    },
    async handler(manager, { clientids, confirm }) {
      refuseUnlessNamed(confirm, clientids);
      return await eachGateway(clientids, (clientid) => manager.retire(clientid));
    },
    audit: ({ clientids }) => ({ action: 'gateway.retire', ...subject(clientids) }),
  }),
} as const;

/** Ends the session of a gateway that was disabled. Rejects with UNAVAILABLE if the broker does not do it. */
async function endOf(broker: Pick<Broker, 'disconnectClient'>, clientid: string): Promise<void> {
  try {
    await broker.disconnectClient(clientid);
  } catch (error) {
    throw new TpeError('UNAVAILABLE', callReason('session-not-ended', { why: messageOf(error) }));
  }
}

function isAbout(isKind: boolean, change: { clientid: string | null }, input: { clientid: string }): boolean {
  return isKind && (change.clientid === null || change.clientid === input.clientid);
}
