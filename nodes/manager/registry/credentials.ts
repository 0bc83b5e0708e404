import type { AuthenticationResult } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { isClientId } from '../protocol/client-id.js';
import type { Credential } from './device.js';
import { checkPassword } from './fields.js';
import { getRegistered } from './get-device.js';
import { generatePassword, hashPassword, isPassword } from './secret.js';

/** A device that TPEDM left without a credential gets one that works; one that somebody disabled stays so. */
const ROTATE = `
  insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled, credential_changed_at)
  values ($1, $2, $3, $4, false, true, now())
  on conflict (clientid) do update set username = excluded.username, password = excluded.password,
    salt = excluded.salt, enabled = mqtt_user.enabled or mqtt_user.password is null, credential_changed_at = now()`;
/** A credential without a gateway opens nothing: the join leaves it out. */
const FIND = `
  select username, password, salt, enabled from mqtt_user join clientid_profile using (clientid)
  where clientid = $1`;

interface CredentialRow extends Row {
  username: string | null;
  password: string | null;
  salt: string | null;
  enabled: boolean;
}

/** Gives the gateway another password; the old one is refused from then on. INVALID_INPUT, NOT_FOUND. */
export async function rotate(database: Database, clientid: string, password?: string): Promise<Credential> {
  const generated = password === undefined;
  const secret = generated ? generatePassword() : checkPassword(password);
  const { hash, salt } = hashPassword(secret);
  return await database.transaction(async (transaction) => {
    const device = await getRegistered(transaction, clientid);
    const username = device.username ?? clientid;
    await transaction.query(ROTATE, [clientid, username, hash, salt]);
    return { clientid, username, password: secret, generated };
  });
}

/** Whether a client may connect. A client id that is unsafe in topics is unknown, even where TPEDM had taken it. */
export async function authenticate(
  database: Database,
  clientid: string,
  username: string,
  password: string,
): Promise<AuthenticationResult> {
  if (!isClientId(clientid)) return 'unknown';
  const [row] = await database.query<CredentialRow>(FIND, [clientid]);
  if (row === undefined) return 'unknown';
  if (row.username !== username) return 'wrong_username';
  if (!row.enabled) return 'disabled';
  if (row.password === null || row.salt === null) return 'wrong_password';
  return isPassword(password, { hash: row.password, salt: row.salt }) ? 'accepted' : 'wrong_password';
}
