import type { Database, Queryable } from '../database/database.js';
import type { Reason } from '../shared/reason.js';
import { quotable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { yieldToEventLoop } from '../shared/yield-to-event-loop.js';
import type { Credential, Device, Registration } from './device.js';
import { type CheckedRegistration, checkRegistration } from './fields.js';
import { getRegistered } from './get-device.js';
import { registrationReason } from './registration-reasons.js';
import { generatePassword, hashPassword, type StoredSecret } from './secret.js';

/** Inserts one row for each array element. Profiles always come before credentials, so that two writers cannot deadlock. */
const INSERT_PROFILES = `
  insert into clientid_profile (clientid, connection_status, site, note, tags, redundancy, created_at)
  select clientid, false, site, note, string_to_array(tags, E'\\x1f'), redundancy, extract(epoch from now())::bigint
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    as given (clientid, site, note, tags, redundancy)
  on conflict (clientid) do nothing
  returning clientid`;
/** Replaces a credential that is disabled: without a gateway it is one that TPEDM left behind when it deleted the gateway. */
const INSERT_CREDENTIALS = `
  insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled, credential_changed_at)
  select clientid, username, hash, salt, false, enabled, now()
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
    as given (clientid, username, hash, salt, enabled)
  on conflict (clientid) do update set username = excluded.username, password = excluded.password,
    salt = excluded.salt, is_superuser = false, enabled = excluded.enabled, credential_changed_at = now()
  where not mqtt_user.enabled
  returning clientid`;
const DELETE_PROFILES = 'delete from clientid_profile where clientid = any($1::text[])';
/** Separates tags in the statement. No tag contains it, since fields must not have control characters. */
const TAG_SEPARATOR = '\u001f';

/** Why a registration was not made. */
export type Refusal = 'registered already' | 'credential in use';
/** The result of one registration: the credential, or why it was not made. */
export type Outcome = Credential | Refusal;

/** Registers one gateway. Rejects with INVALID_INPUT, and with CONFLICT if the client id is taken. */
export async function register(
  database: Database,
  registration: Registration,
): Promise<{ device: Device; credential: Credential }> {
  const checked = checkRegistration(registration);
  return await database.transaction(async (transaction) => {
    const [outcome] = await insertRegistrations(transaction, [checked]);
    if (typeof outcome !== 'object') {
      const { clientid } = checked;
      throw new TpeError('CONFLICT', whyRefused(clientid, outcome ?? 'registered already'), { clientid });
    }
    return { device: await getRegistered(transaction, checked.clientid), credential: outcome };
  });
}

/** Writes registrations, whose client ids must differ, within a transaction of the caller. Resolves with the outcomes in their order. */
export async function insertRegistrations(
  transaction: Queryable,
  registrations: readonly CheckedRegistration[],
): Promise<Outcome[]> {
  const inserted = await insertProfiles(transaction, registrations);
  const registered = registrations.filter((registration) => inserted.has(registration.clientid));
  const credentials = new Map(registered.map((given) => [given.clientid, credentialFor(given)]));
  const accepted = await insertCredentials(
    transaction,
    [...credentials.values()],
    registered.map(({ enabled }) => enabled),
  );
  const refused = registered.map((given) => given.clientid).filter((clientid) => !accepted.has(clientid));
  if (refused.length > 0) await transaction.query(DELETE_PROFILES, [refused]);
  return registrations.map(({ clientid }) => {
    if (!inserted.has(clientid)) return 'registered already';
    return accepted.has(clientid) ? credentials.get(clientid)! : 'credential in use';
  });
}

const CONFLICTS = `
  select given.clientid, profile.clientid is not null as is_registered
  from unnest($1::text[]) as given (clientid)
    left join clientid_profile profile using (clientid)
    left join mqtt_user credential on credential.clientid = given.clientid and credential.enabled
  where profile.clientid is not null or credential.clientid is not null`;

/** Finds out for each registration, in their order, why it could not be made; null if it could. */
export async function conflictsOf(
  database: Queryable,
  registrations: readonly CheckedRegistration[],
): Promise<(Refusal | null)[]> {
  const clientids = registrations.map(({ clientid }) => clientid);
  const rows = await database.query<{ clientid: string; is_registered: boolean }>(CONFLICTS, [clientids]);
  const found = new Map(rows.map((row) => [row.clientid, row.is_registered]));
  return clientids.map((clientid) => {
    const isRegistered = found.get(clientid);
    if (isRegistered === undefined) return null;
    return isRegistered ? 'registered already' : 'credential in use';
  });
}

/** Says for a person why a registration was not made. */
export function whyRefused(clientid: string, outcome: Refusal): Reason {
  const code = outcome === 'registered already' ? 'client-id-registered' : 'client-id-has-credential';
  return registrationReason(code, { clientid: quotable(clientid) });
}

async function insertProfiles(
  transaction: Queryable,
  registrations: readonly CheckedRegistration[],
): Promise<Set<string>> {
  const rows = await transaction.query<{ clientid: string }>(INSERT_PROFILES, [
    registrations.map((registration) => registration.clientid),
    registrations.map((registration) => registration.site),
    registrations.map((registration) => registration.note),
    registrations.map((registration) => registration.tags.join(TAG_SEPARATOR)),
    registrations.map((registration) => registration.redundancy),
  ]);
  return new Set(rows.map((row) => row.clientid));
}

async function insertCredentials(
  transaction: Queryable,
  credentials: readonly Credential[],
  enabled: readonly boolean[],
): Promise<Set<string>> {
  if (credentials.length === 0) return new Set();
  const secrets: StoredSecret[] = [];
  for (const { password } of credentials) {
    secrets.push(hashPassword(password));
    await yieldToEventLoop();
  }
  const rows = await transaction.query<{ clientid: string }>(INSERT_CREDENTIALS, [
    credentials.map((credential) => credential.clientid),
    credentials.map((credential) => credential.username),
    secrets.map((secret) => secret.hash),
    secrets.map((secret) => secret.salt),
    enabled,
  ]);
  return new Set(rows.map((row) => row.clientid));
}

function credentialFor({ clientid, username, password }: CheckedRegistration): Credential {
  return { clientid, username, password: password ?? generatePassword(), generated: password === null };
}
