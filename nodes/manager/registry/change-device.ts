import type { Database } from '../database/database.js';
import { checkClientId } from '../protocol/client-id.js';
import { isStorable, quotable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import type { Device, DeviceChange } from './device.js';
import { checkChange } from './fields.js';
import { getRegistered, notFound } from './get-device.js';
import { registrationReason } from './registration-reasons.js';

const UPDATE_PROFILE = `
  update clientid_profile
  set site = coalesce($2, site), note = coalesce($3, note), tags = coalesce($4::text[], tags),
    redundancy = coalesce($5, redundancy)
  where clientid = $1
  returning clientid`;
/** A credential without a password cannot be enabled. */
const UPDATE_CREDENTIAL = `
  update mqtt_user set enabled = $2
  where clientid = $1 and (password is not null or not $2::boolean)
  returning clientid`;
const LOCK_PROFILE = 'select from clientid_profile where clientid = $1 for update';
const DELETE_PROFILE = 'delete from clientid_profile where clientid = $1';
const DELETE_CREDENTIAL = 'delete from mqtt_user where clientid = $1';

/**
 * Changes site, note, tags and redundancy set of a gateway, and whether it may connect. Rejects with INVALID_INPUT, with NOT_FOUND if it is not registered,
 * and with CONFLICT if it should be enabled but has no password.
 */
export async function updateDevice(
  database: Database,
  clientid: string,
  change: DeviceChange,
): Promise<Device> {
  const { site, note, tags, redundancy, enabled } = checkChange(change);
  if (!isStorable(clientid)) throw notFound(clientid);
  return await database.transaction(async (transaction) => {
    const found = await transaction.query(UPDATE_PROFILE, [
      clientid,
      site ?? null,
      note ?? null,
      tags ?? null,
      redundancy ?? null,
    ]);
    if (found.length === 0) throw notFound(clientid);
    if (enabled !== undefined) {
      // TPEDM accepted any client id. A gateway whose client id gives access to topics of others must stay disabled.
      if (enabled) checkClientId(clientid);
      const credentials = await transaction.query(UPDATE_CREDENTIAL, [clientid, enabled]);
      if (credentials.length === 0 && enabled) throw withoutCredential(clientid);
    }
    return await getRegistered(transaction, clientid);
  });
}

/** Removes profile and credential of a gateway in one transaction. Resolves with the gateway as it was. Rejects with NOT_FOUND. */
export async function retireDevice(database: Database, clientid: string): Promise<Device> {
  if (!isStorable(clientid)) throw notFound(clientid);
  return await database.transaction(async (transaction) => {
    await transaction.query(LOCK_PROFILE, [clientid]);
    const device = await getRegistered(transaction, clientid);
    await transaction.query(DELETE_PROFILE, [clientid]);
    await transaction.query(DELETE_CREDENTIAL, [clientid]);
    return device;
  });
}

function withoutCredential(clientid: string): TpeError {
  const reason = registrationReason('gateway-has-no-credential', { clientid: quotable(clientid) });
  return new TpeError('CONFLICT', reason, { clientid });
}
