import type { AuthenticationResult } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { createJointRead } from '../database/joint-read.js';
import { isClientId } from '../protocol/client-id.js';
import type { Credential } from './device.js';
import { checkPassword } from './fields.js';
import { getRegistered } from './get-device.js';
import { generatePassword, hashPassword, isPassword } from './secret.js';

/** Enables the credential if the gateway had none with a password, as TPEDM may leave it. One that a person disabled stays disabled. */
const ROTATE = `
  insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled, credential_changed_at)
  values ($1, $2, $3, $4, false, true, now())
  on conflict (clientid) do update set username = excluded.username, password = excluded.password,
    salt = excluded.salt, enabled = mqtt_user.enabled or mqtt_user.password is null, credential_changed_at = now()`;
/** The join leaves out a credential without a registered gateway, so that nobody can log in with it. */
const FIND = `
  select clientid, username, password, salt, enabled from mqtt_user join clientid_profile using (clientid)
  where clientid = any($1::text[])`;

interface CredentialRow extends Row {
  clientid: string;
  username: string | null;
  password: string | null;
  salt: string | null;
  enabled: boolean;
}

/**
 * Gives the gateway a new password, which is generated if left out. The old one is refused from then on. Rejects with INVALID_INPUT and
 * NOT_FOUND.
 */
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

/** Decides whether a client may connect. A client id that is unsafe in topics counts as unknown, even if TPEDM accepted it. */
export type Authenticate = (
  clientid: string,
  username: string,
  password: string,
) => Promise<AuthenticationResult>;

/** Creates the check of logins. Of many gateways that connect at once, it reads the credentials together. */
export function createAuthenticate(database: Database): Authenticate {
  const credentialOf = createJointRead<CredentialRow>(async (clientids) => {
    const rows = await database.queryKept<CredentialRow>(FIND, [clientids]);
    return new Map(rows.map((row) => [row.clientid, row]));
  });

  return async (clientid, username, password) => {
    if (!isClientId(clientid)) return 'unknown';
    const row = await credentialOf(clientid);
    if (row === undefined) return 'unknown';
    if (row.username !== username) return 'wrong_username';
    if (!row.enabled) return 'disabled';
    if (row.password === null || row.salt === null) return 'wrong_password';
    return isPassword(password, { hash: row.password, salt: row.salt }) ? 'accepted' : 'wrong_password';
  };
}
