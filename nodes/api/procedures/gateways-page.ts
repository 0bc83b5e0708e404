import type { DeviceManager } from '../../manager/device-manager.js';
import type { Device, DeviceCounts } from '../../manager/registry/device.js';
import { conditionsIn, type DeviceFilter, hasCondition } from '../../manager/registry/device-filter.js';
import { DEVICE_QUERY, type DeviceQuery } from '../../manager/registry/device-query.js';
import type { DeviceSort } from '../../manager/registry/sort-names.js';
import type { Page } from '../../manager/shared/page.js';
import type { Change, Changes } from '../changes.js';
import { type ShortRow, shortRow } from '../gateway-row.js';
import type { Patch } from '../patch.js';
import { defineProcedure, type FollowedPage } from '../procedure.js';

interface GatewaysPage extends Page<ShortRow> {
  /** The counts ignore the filter for the status, because the person chooses a status from these counts. */
  counts: DeviceCounts;
}

/** Returns a page of a table of gateways. Subscribers receive only the rows that changed. */
export const GATEWAYS_PAGE = defineProcedure({
  role: 'viewer',
  input: {
    type: 'object',
    properties: { ...DEVICE_QUERY.properties, limit: { type: 'integer', minimum: 1, maximum: 250 } },
    required: ['limit'],
    additionalProperties: false,
  },
  async handler({ registry }, query): Promise<GatewaysPage> {
    const [page, counts] = await Promise.all([registry.list(query), registry.counts(countedBy(query))]);
    return { items: page.devices.map(rowOf), next: page.next, counts };
  },
  invalidatedBy: (change, { hasUpdate }) =>
    change.kind === 'presence' ||
    change.kind === 'device' ||
    (hasUpdate !== undefined && isOfUpdates(change)),
  patches: { isOutdated, patchesFor },
});

const SORTED_BY_PRESENCE = new Set<DeviceSort | undefined>(['status', 'since']);
const SORTED_BY_FIELDS = new Set<DeviceSort | undefined>([
  'hostName',
  'modelName',
  'serialNumber',
  'site',
  'redundancy',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
]);

function isOutdated(changes: Changes, query: DeviceQuery): boolean {
  const { status, sort } = query;
  if (changes.some(isOfMembership)) return true;
  if (query.hasUpdate !== undefined && changes.some(isOfUpdates)) return true;
  if (changes.some(isOfPresence) && (status !== undefined || SORTED_BY_PRESENCE.has(sort))) return true;
  return changes.some(isOfFields) && (hasCondition(countedBy(query)) || SORTED_BY_FIELDS.has(sort));
}

/** Whether status, since or reason of a gateway may have changed. */
function isOfPresence({ kind }: Change): boolean {
  return kind === 'presence';
}

/** Whether the device profile of a gateway changed, or what people write about it. */
function isOfFields({ kind, clientid, what }: Change): boolean {
  return kind === 'device' && clientid !== null && (what === 'updated' || what === 'profile');
}

/** Whether a scan may have changed which gateways have an update. */
function isOfUpdates({ kind }: Change): boolean {
  return kind === 'scan' || kind === 'update';
}

/** Whether gateways were registered or retired. */
function isOfMembership(change: Change): boolean {
  return change.kind === 'device' && !isOfFields(change);
}

async function patchesFor(
  { registry }: DeviceManager,
  followed: readonly FollowedPage<DeviceQuery, GatewaysPage>[],
): Promise<Patch[]> {
  const changed = followed.map(({ last, changes }) =>
    last.items.map(({ clientid }) => clientid).filter((clientid) => changes.areOf(clientid)),
  );
  const counts = new Map<string, DeviceCounts>();
  const counted: DeviceCounts[] = [];
  for (const { input } of followed) {
    const filter = countedBy(input);
    const key = JSON.stringify(filter);
    const known = counts.get(key) ?? (await registry.counts(filter));
    counts.set(key, known);
    counted.push(known);
  }
  // Last, since the counts may have to wait for a reading of others.
  const rows = await rowsOf(registry, [...new Set(changed.flat())]);
  return changed.map((clientids, place) => {
    const items = clientids.flatMap((clientid) => rows.get(clientid) ?? []);
    return { key: 'clientid', items, fields: { counts: counted[place]! } };
  });
}

async function rowsOf(
  registry: DeviceManager['registry'],
  clientids: string[],
): Promise<Map<string, ShortRow>> {
  const rows = new Map<string, ShortRow>();
  if (clientids.length === 0) return rows;
  for await (const device of registry.each({ clientids })) rows.set(device.clientid, rowOf(device));
  return rows;
}

function countedBy({ status: _status, ...query }: DeviceQuery): DeviceFilter {
  return conditionsIn(query);
}

function rowOf(device: Device): ShortRow {
  return shortRow({
    clientid: device.clientid,
    status: device.status,
    since: device.since,
    reason: device.reason,
    cause: device.cause,
    warning: device.warning,
    warningCause: device.warningCause,
    source: device.source,
    enabled: device.enabled,
    hostName: device.hostName,
    modelName: device.modelName,
    serialNumber: device.serialNumber,
    tpeVersion: device.tpeVersion,
    firmwareVersion: device.firmwareVersion,
    biosVersion: device.biosVersion,
    site: device.site,
    tags: device.tags,
    redundancy: device.redundancy,
    ipAddress: device.ipAddress,
  });
}
