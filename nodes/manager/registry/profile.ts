import type { Database } from '../database/database.js';
import { MAX_PROFILE_TEXT_LENGTH } from '../database/obstacles/tpedm-columns.js';
import { isStorable, lengthOf } from '../shared/text.js';
import type { DeviceProfile } from './registry.js';

/** The limit that ThingsPro Edge has for a description. */
const MAX_DESCRIPTION = 512;
const MAX_RAW_BYTES = 64 * 1024;
const MAX_RAW_DEPTH = 16;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
const ALL_CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/g;

/** Stores a profile. It deletes the result of the last scan if the gateway now runs other software. */
const STORE = `
  with outdated as (
    delete from tpe_update found
    where found.clientid = $1 and (found.model_name, found.firmware_version, found.tpe_version)
      is distinct from ($3::text, $6::text, $5::text)
    returning found.clientid
  )
  update clientid_profile
  set host_name = $2, model_name = $3, serial_number = $4, tpe_version = $5, firmware_version = $6,
    bios_version = $7, description = $8, device_type = $9, profile = $10::jsonb,
    profile_updated_at = extract(epoch from now())::bigint,
    new_scaned_package = case when exists (select from outdated) then null else new_scaned_package end
  where clientid = $1`;

/**
 * Reads the `data` of an answer to /device/general, of ThingsPro Edge (`type` is `general`) or of AIG-302 (no `type`). Null if it is
 * something else. Fields that are missing or no text become null. Texts are cut to a limit and lose their control characters.
 */
export function parseProfile(data: unknown): DeviceProfile | null {
  if (!isRecord(data) || !isGeneral(data)) return null;
  return {
    hostName: clean(data.hostName, MAX_PROFILE_TEXT_LENGTH),
    modelName: clean(data.modelName, MAX_PROFILE_TEXT_LENGTH),
    serialNumber: clean(data.serialNumber, MAX_PROFILE_TEXT_LENGTH),
    tpeVersion:
      clean(data.thingsproVersion, MAX_PROFILE_TEXT_LENGTH) ??
      clean(data.softwareVersion, MAX_PROFILE_TEXT_LENGTH),
    firmwareVersion: clean(data.firmwareVersion, MAX_PROFILE_TEXT_LENGTH),
    biosVersion: clean(data.biosVersion, MAX_PROFILE_TEXT_LENGTH),
    description: clean(data.description, MAX_DESCRIPTION),
    deviceType: clean(data.deviceType, 100),
    raw: boundedCopy(data),
  };
}

/** Stores the profile of a registered gateway with the limits of parseProfile. Does nothing for gateways that are not registered. */
export async function storeProfile(
  database: Database,
  clientid: string,
  profile: DeviceProfile,
): Promise<void> {
  if (!isStorable(clientid)) return;
  await database.query(STORE, [
    clientid,
    clean(profile.hostName, MAX_PROFILE_TEXT_LENGTH),
    clean(profile.modelName, MAX_PROFILE_TEXT_LENGTH),
    clean(profile.serialNumber, MAX_PROFILE_TEXT_LENGTH),
    clean(profile.tpeVersion, MAX_PROFILE_TEXT_LENGTH),
    clean(profile.firmwareVersion, MAX_PROFILE_TEXT_LENGTH),
    clean(profile.biosVersion, MAX_PROFILE_TEXT_LENGTH),
    clean(profile.description, MAX_DESCRIPTION),
    clean(profile.deviceType, 100),
    JSON.stringify(boundedCopy(profile.raw)),
  ]);
}

function isGeneral(data: Record<string, unknown>): boolean {
  if (data.type !== undefined) return data.type === 'general';
  const named = [data.modelName, data.serialNumber, data.hostName].some((value) => typeof value === 'string');
  const versioned = [data.softwareVersion, data.firmwareVersion, data.thingsproVersion].some(
    (value) => typeof value === 'string',
  );
  return named && versioned;
}

function clean(value: unknown, most: number): string | null {
  if (typeof value !== 'string') return null;
  const head = value
    .slice(0, 4 * most)
    .toWellFormed()
    .replace(ALL_CONTROL_CHARACTERS, '')
    .trim();
  const text = lengthOf(head) > most ? Array.from(head).slice(0, most).join('').trim() : head;
  return text === '' ? null : text;
}

/** Copies an object so that jsonb can hold it. It leaves out the first field that would make it too large, and all after it. */
function boundedCopy(data: Record<string, unknown>): Record<string, unknown> {
  let bytes = 0;
  const fields: [string, unknown][] = [];
  for (const [name, value] of Object.entries(data)) {
    const field: [string, unknown] = [harmless(name), copyOf(value, 1)];
    bytes += Buffer.byteLength(JSON.stringify(field) ?? '');
    if (bytes > MAX_RAW_BYTES) break;
    fields.push(field);
  }
  return Object.fromEntries(fields);
}

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return harmless(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_RAW_DEPTH) return null;
  if (Array.isArray(value)) return value.map((element) => copyOf(element, depth + 1));
  const fields = Object.entries(value).map(([name, field]) => [harmless(name), copyOf(field, depth + 1)]);
  return Object.fromEntries(fields);
}

function harmless(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
