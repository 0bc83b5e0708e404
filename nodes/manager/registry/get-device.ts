import type { Queryable } from '../database/database.js';
import { createJointRead } from '../database/joint-read.js';
import { isStorable, quotable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import type { Device } from './device.js';
import { type DeviceRow, SELECT_DEVICE, toDevice } from './device-row.js';
import { registrationReason } from './registration-reasons.js';

/** Reads a gateway; null if it is not registered. */
export async function getDevice(database: Queryable, clientid: string): Promise<Device | null> {
  if (!isStorable(clientid)) return null;
  const [row] = await database.query<DeviceRow>(`${SELECT_DEVICE} where device.clientid = $1`, [clientid]);
  return row === undefined ? null : toDevice(row);
}

/** Creates a getDevice that reads many gateways together which are asked for at once, as those are that connect at once. */
export function createGetDevice(database: Queryable): (clientid: string) => Promise<Device | null> {
  const rowOf = createJointRead<DeviceRow>(async (clientids) => {
    const rows = await database.query<DeviceRow>(`${SELECT_DEVICE} where device.clientid = any($1::text[])`, [
      clientids,
    ]);
    return new Map(rows.map((row) => [row.clientid, row]));
  });

  return async (clientid) => {
    const row = isStorable(clientid) ? await rowOf(clientid) : undefined;
    // Several callers may have asked for it, and flows may change what they are given.
    return row === undefined ? null : toDevice(structuredClone(row));
  };
}

/** Reads a gateway. Rejects with NOT_FOUND if it is not registered. */
export async function getRegistered(database: Queryable, clientid: string): Promise<Device> {
  const device = await getDevice(database, clientid);
  if (device === null) throw notFound(clientid);
  return device;
}

/** Creates the error for a client id that is not registered. */
export function notFound(clientid: string): TpeError {
  const reason = registrationReason('client-id-not-registered', { clientid: quotable(clientid) });
  return new TpeError('NOT_FOUND', reason, { clientid });
}
