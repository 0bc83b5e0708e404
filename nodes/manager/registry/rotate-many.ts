import type { Database, Queryable, Row } from '../database/database.js';
import type { Cause } from '../shared/reason.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { yieldToEventLoop } from '../shared/yield-to-event-loop.js';
import type { Credential } from './device.js';
import { notFound } from './get-device.js';
import { registrationReason } from './registration-reasons.js';
import { generatePassword, hashPassword, type StoredSecret } from './secret.js';

/** The result of new passwords for several gateways. */
export interface RotationReport {
  /** One for each gateway that has a new password: shown here and never again. */
  credentials: Credential[];
  /** The gateways that are not registered. */
  faults: { clientid: string; reason: string; cause: Cause | null }[];
}

/** The most passwords in one call. All new passwords would be lost with a reply that comes too late. */
export const MAX_ROTATED = 1000;

interface NamedRow extends Row {
  clientid: string;
  username: string;
}

/** Locks the gateways in order of client id, so that two calls at the same time cannot deadlock. */
const FIND = `
  select profile.clientid, coalesce(credential.username, profile.clientid) as username
  from clientid_profile profile left join mqtt_user credential on credential.clientid = profile.clientid
  where profile.clientid = any($1::text[])
  order by profile.clientid
  for share of profile`;
/** As for one gateway, it enables the credential if there was none with a password; one that was disabled stays disabled. */
const ROTATE = `
  insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled, credential_changed_at)
  select clientid, username, hash, salt, false, true, now()
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (clientid, username, hash, salt)
  order by clientid
  on conflict (clientid) do update set username = excluded.username, password = excluded.password,
    salt = excluded.salt, enabled = mqtt_user.enabled or mqtt_user.password is null, credential_changed_at = now()`;

/** Generates passwords for several gateways in one transaction. Reports those not registered. Rejects with INVALID_INPUT for too many. */
export async function rotateMany(database: Database, clientids: readonly string[]): Promise<RotationReport> {
  const asked = [...new Set(clientids)];
  if (asked.length > MAX_ROTATED) {
    const reason = registrationReason('too-many-rotated', { count: asked.length, most: MAX_ROTATED });
    throw new TpeError('INVALID_INPUT', reason, { field: 'clientids' });
  }
  const credentials = await database.transaction((transaction) => rotateEach(transaction, asked));
  const rotated = new Set(credentials.map(({ clientid }) => clientid));
  const unknown = asked.filter((clientid) => !rotated.has(clientid));
  return {
    credentials,
    faults: unknown.map((clientid) => {
      const { text, cause } = notFound(clientid).reason;
      return { clientid, reason: text, cause };
    }),
  };
}

async function rotateEach(transaction: Queryable, asked: readonly string[]): Promise<Credential[]> {
  const found = await transaction.query<NamedRow>(FIND, [asked.filter(isStorable)]);
  const credentials: Credential[] = [];
  const secrets: StoredSecret[] = [];
  for (const { clientid, username } of found) {
    await yieldToEventLoop();
    const password = generatePassword();
    credentials.push({ clientid, username, password, generated: true });
    secrets.push(hashPassword(password));
  }
  if (credentials.length === 0) return [];
  await transaction.query(ROTATE, [
    credentials.map(({ clientid }) => clientid),
    credentials.map(({ username }) => username),
    secrets.map(({ hash }) => hash),
    secrets.map(({ salt }) => salt),
  ]);
  return credentials;
}
