import type { Device } from '../manager/registry/device.js';

/** A row of a table of gateways. */
export type GatewayRow = Pick<
  Device,
  | 'clientid'
  | 'status'
  | 'since'
  | 'reason'
  | 'cause'
  | 'source'
  | 'warning'
  | 'warningCause'
  | 'enabled'
  | 'hostName'
  | 'modelName'
  | 'serialNumber'
  | 'tpeVersion'
  | 'firmwareVersion'
  | 'biosVersion'
  | 'site'
  | 'tags'
  | 'redundancy'
  | 'ipAddress'
>;

/** What a row has where nothing is known, or nothing was entered. */
const BLANK = {
  ...{ since: null, reason: null, cause: null, source: null, warning: null, warningCause: null },
  ...{ hostName: null, modelName: null, serialNumber: null, ipAddress: null },
  ...{ tpeVersion: null, firmwareVersion: null, biosVersion: null },
  ...{ site: '', tags: [], redundancy: '' },
} satisfies Partial<GatewayRow>;

/** A row as it is sent: what is blank is left out, which is a third of a page. */
export type ShortRow = Omit<GatewayRow, keyof typeof BLANK> & Partial<GatewayRow>;

export function shortRow(row: GatewayRow): ShortRow {
  const kept = Object.entries(row).filter(([, value]) => !isBlank(value));
  return Object.fromEntries(kept) as unknown as ShortRow;
}

/** The row that was sent so. */
export function fullRow(row: ShortRow): GatewayRow {
  return { ...BLANK, ...row };
}

function isBlank(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
