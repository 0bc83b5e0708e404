import { checkClientId, clientIdOf } from '../protocol/client-id.js';
import type { Reason } from '../shared/reason.js';
import { CONTROL_CHARACTERS, isStorable, lengthOf, quote } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import type { DeviceChange, Registration } from './device.js';
import { fieldReason } from './field-reasons.js';

const MAX_USERNAME = 100;
const PASSWORD_LENGTH = { least: 8, most: 128 };
const MAX_SITE = 100;
const MAX_NOTE = 2000;
/** The most tags of one gateway. */
export const MAX_TAGS = 50;
const MAX_TAG = 50;
const MAX_REDUNDANCY = 200;
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
  redundancy: string;
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
    redundancy: checkRedundancy(given.redundancy ?? ''),
    enabled: checkEnabled(given.enabled ?? true),
  };
}

/** Checks the fields of a change. Throws INVALID_INPUT naming the field and its rule. */
export function checkChange(change: DeviceChange): DeviceChange {
  const { site, note, tags, redundancy, enabled } = change;
  return {
    ...(site !== undefined && { site: checkSite(site) }),
    ...(note !== undefined && { note: checkNote(note) }),
    ...(tags !== undefined && { tags: checkTags(tags) }),
    ...(redundancy !== undefined && { redundancy: checkRedundancy(redundancy) }),
    ...(enabled !== undefined && { enabled: checkEnabled(enabled) }),
  };
}

/** Checks a password. Throws INVALID_INPUT with a message that never contains the password. */
export function checkPassword(value: unknown): string {
  const field = 'password';
  const { least, most } = PASSWORD_LENGTH;
  if (typeof value !== 'string') throw refused(field, fieldReason('password-no-text', { field }));
  const length = lengthOf(value);
  if (length < least || length > most)
    throw refused(field, fieldReason('password-length', { field, length, least, most }));
  if (CONTROL_CHARACTERS.test(value))
    throw refused(field, fieldReason('field-control-characters', { field }));
  if (!value.isWellFormed()) throw refused(field, fieldReason('field-no-unicode', { field }));
  return value;
}

function checkUsername(value: unknown): string {
  const field = 'username';
  const username = checkText(value, field, MAX_USERNAME);
  if (username === '') throw refused(field, fieldReason('field-blank', { field, most: MAX_USERNAME }));
  return username;
}

function checkEnabled(value: unknown): boolean {
  const field = 'enabled';
  if (typeof value !== 'boolean') throw refused(field, fieldReason('field-no-switch', { field }));
  return value;
}

function checkSite(value: unknown): string {
  return checkText(value, 'site', MAX_SITE);
}

function checkNote(value: unknown): string {
  return checkText(value, 'note', MAX_NOTE, CONTROL_CHARACTERS_OF_NOTES);
}

/** Checks tags, trimmed and each once. Throws INVALID_INPUT. */
export function checkTags(value: unknown): string[] {
  const field = 'tags';
  if (!Array.isArray(value)) throw refused(field, fieldReason('tags-no-list', { field }));
  const tags = value.map((tag) => checkText(tag, field, MAX_TAG).trim()).filter((tag) => tag !== '');
  const separated = tags.find((tag) => tag.includes(';'));
  if (separated !== undefined)
    throw refused(field, fieldReason('tag-with-separator', { field, tag: quote(separated) }));
  const unique = [...new Set(tags)];
  if (unique.length > MAX_TAGS)
    throw refused(field, fieldReason('tags-too-many', { field, count: unique.length, most: MAX_TAGS }));
  return unique;
}

function checkRedundancy(value: unknown): string {
  const given = typeof value === 'string' ? redundancySet(value) : value;
  return checkText(given, 'redundancy', MAX_REDUNDANCY);
}

/** The name of a redundancy set as it is stored: texts that nobody can tell apart must not make two sets of one. */
export function redundancySet(text: string): string {
  return text.normalize('NFC').trim();
}

function checkText(value: unknown, field: string, most: number, unfit = CONTROL_CHARACTERS): string {
  if (typeof value !== 'string') {
    const type = value === null ? 'null' : typeof value;
    throw refused(field, fieldReason('field-no-text', { field, type }));
  }
  const length = lengthOf(value);
  if (length > most) throw refused(field, fieldReason('field-too-long', { field, length, most }));
  if (unfit.test(value)) throw refused(field, fieldReason('field-control-characters', { field }));
  if (!isStorable(value)) throw refused(field, fieldReason('field-no-unicode', { field }));
  return value;
}

function refused(field: string, reason: Reason): TpeError {
  return new TpeError('INVALID_INPUT', reason, { field });
}
