import { checkClientId, clientIdOf } from '../protocol/client-id.js';
import { CONTROL_CHARACTERS, isStorable, lengthOf, quote } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import type { DeviceChange, Registration } from './device.js';

const MAX_USERNAME = 100;
const PASSWORD_LENGTH = { least: 8, most: 128 };
const MAX_SITE = 100;
const MAX_NOTE = 2000;
const MAX_TAGS = 50;
const MAX_TAG = 50;
/** A note may have several lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
const CONTROL_CHARACTERS_OF_NOTES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** A registration whose fields are all valid. */
export interface CheckedRegistration {
  clientid: string;
  username: string;
  /** Null if it is to be generated. */
  password: string | null;
  site: string;
  note: string;
  tags: string[];
  enabled: boolean;
}

/** Checks a registration and fills in its defaults. A null counts as left out. Throws INVALID_INPUT naming the field and its rule. */
export function checkRegistration(given: { [Field in keyof Registration]?: unknown }): CheckedRegistration {
  const clientid = clientIdOf(given.clientid);
  checkClientId(clientid);
  return {
    clientid,
    username: checkUsername(given.username ?? clientid),
    password: given.password == null ? null : checkPassword(given.password),
    site: checkSite(given.site ?? ''),
    note: checkNote(given.note ?? ''),
    tags: checkTags(given.tags ?? []),
    enabled: checkEnabled(given.enabled ?? true),
  };
}

/** Checks the fields of a change. Throws INVALID_INPUT naming the field and its rule. */
export function checkChange(change: DeviceChange): DeviceChange {
  const { site, note, tags, enabled } = change;
  return {
    ...(site !== undefined && { site: checkSite(site) }),
    ...(note !== undefined && { note: checkNote(note) }),
    ...(tags !== undefined && { tags: checkTags(tags) }),
    ...(enabled !== undefined && { enabled: checkEnabled(enabled) }),
  };
}

/** Checks a password. Throws INVALID_INPUT with a message that never contains the password. */
export function checkPassword(value: unknown): string {
  const { least, most } = PASSWORD_LENGTH;
  if (typeof value !== 'string') throw fault('password', 'must be a text');
  const length = lengthOf(value);
  if (length < least || length > most) {
    throw fault('password', `has ${length} characters, but must have ${least} to ${most}`);
  }
  if (CONTROL_CHARACTERS.test(value)) throw fault('password', 'must not have control characters in it');
  if (!value.isWellFormed()) throw fault('password', 'is no valid Unicode text');
  return value;
}

function checkUsername(value: unknown): string {
  const username = checkText(value, 'username', MAX_USERNAME);
  if (username === '') throw fault('username', `must have 1 to ${MAX_USERNAME} characters`);
  return username;
}

function checkEnabled(value: unknown): boolean {
  if (typeof value !== 'boolean') throw fault('enabled', 'must be true or false');
  return value;
}

function checkSite(value: unknown): string {
  return checkText(value, 'site', MAX_SITE);
}

function checkNote(value: unknown): string {
  return checkText(value, 'note', MAX_NOTE, CONTROL_CHARACTERS_OF_NOTES);
}

function checkTags(value: unknown): string[] {
  if (!Array.isArray(value)) throw fault('tags', 'must be a list of texts');
  const tags = value.map((tag) => checkText(tag, 'tags', MAX_TAG).trim()).filter((tag) => tag !== '');
  const separated = tags.find((tag) => tag.includes(';'));
  if (separated !== undefined) {
    throw fault('tags', `has ${quote(separated)}, but ";" separates tags in files and cannot be in one`);
  }
  const unique = [...new Set(tags)];
  if (unique.length > MAX_TAGS)
    throw fault('tags', `has ${unique.length} tags, but ${MAX_TAGS} are the most`);
  return unique;
}

function checkText(value: unknown, field: string, most: number, refused = CONTROL_CHARACTERS): string {
  if (typeof value !== 'string')
    throw fault(field, `must be a text, not ${value === null ? 'null' : typeof value}`);
  const length = lengthOf(value);
  if (length > most) throw fault(field, `has ${length} characters, but ${most} are the most`);
  if (refused.test(value)) throw fault(field, 'must not have control characters in it');
  if (!isStorable(value)) throw fault(field, 'is no valid Unicode text');
  return value;
}

function fault(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `The field "${field}" ${rule}.`, { field });
}
