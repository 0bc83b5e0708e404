import type { Device, DeviceCounts } from '../../manager/registry/device.js';
import type { DeviceQuery } from '../../manager/registry/device-query.js';

// What the widget's two halves say to each other, shared by the node and the browser.

/** A row of the table. */
export type GatewayRow = Pick<
  Device,
  | 'clientid'
  | 'status'
  | 'since'
  | 'reason'
  | 'source'
  | 'warning'
  | 'enabled'
  | 'hostName'
  | 'modelName'
  | 'serialNumber'
  | 'tpeVersion'
  | 'firmwareVersion'
  | 'biosVersion'
  | 'site'
  | 'tags'
>;

/** One page that a browser wants to see, and to be kept informed of. */
export interface PageRequest extends DeviceQuery {
  type: 'page';
  /** Counts up in the browser: an answer to an older request is dropped there. */
  reqId: number;
  limit: number;
}

/** What a browser may say. */
export type BrowserMessage =
  | PageRequest
  /** The user chose a row. */
  | { type: 'select'; clientid: string }
  /** The table is out of sight. */
  | { type: 'leave' };

/** What the node says to one browser. */
export type NodeMessage =
  /** The page asked for with `reqId`; again, when what it shows has changed as a whole. */
  | { type: 'page'; reqId: number; rows: GatewayRow[]; next: string | null; counts: DeviceCounts }
  /** New contents of rows of that page, and the counts of now. */
  | { type: 'changes'; reqId: number; rows: GatewayRow[]; counts: DeviceCounts }
  | { type: 'refused'; reqId: number | null; message: string };

/** The event of socket.io that carries NodeMessage for one widget. */
export function eventOf(widgetId: string): string {
  return `ui-tpe-gateways:${widgetId}`;
}
