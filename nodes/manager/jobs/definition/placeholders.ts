import type { Device } from '../../registry/device.js';
import { parseExactJson, pointerOf, typedNumber } from '../../shared/exact-json.js';
import type { Reason } from '../../shared/reason.js';
import { TpeError } from '../../shared/tpe-error.js';
import { refusalReason } from './refusal-reasons.js';
import { SECRET_KEY } from './secrets.js';
import { wrongJob } from './wrong-job.js';

// Placeholders are filled on the parsed object and never on a text of JSON, so that no value can change what it stands in.

/** The fields of a gateway by the names that placeholders have for them: `{{gateway.model}}`. */
const GATEWAY_FIELDS = {
  clientid: 'clientid',
  site: 'site',
  model: 'modelName',
  serialNumber: 'serialNumber',
  hostName: 'hostName',
  tpeVersion: 'tpeVersion',
  firmwareVersion: 'firmwareVersion',
  note: 'note',
  redundancy: 'redundancy',
} as const satisfies Record<string, keyof Device>;
const JOB_FIELDS = ['id', 'name'] as const;

const GATEWAY_NAMES = Object.keys(GATEWAY_FIELDS);
const FORMS = `{{gateway.${GATEWAY_NAMES.join('|')}}}, {{value.COLUMN}} or {{job.${JOB_FIELDS.join('|')}}}`;

/** What placeholders are filled from. */
export interface Sources {
  gateway: Device;
  /** The values of this gateway from `perTarget`, by column. */
  values: Readonly<Record<string, unknown>>;
  job: { id: string; name: string };
}

interface Placeholder {
  /** As it was written: `{{value.port:number}}`. */
  text: string;
  source: 'gateway' | 'value' | 'job';
  name: string;
  /** Null: it is put in as text. */
  type: 'number' | 'boolean' | 'json' | null;
}

const WRITTEN = /\{\{([^{}]*)\}\}/g;
const INNER = /^(gateway|value|job)\.([^:]+?)(?:\s*:\s*(number|boolean|json))?$/;

/** Replaces all placeholders of a text, each once: what a value brings is not looked at again. */
function replaced(text: string, by: (placeholder: Placeholder) => string): string {
  return text.replaceAll(WRITTEN, (written, inner: string) => {
    const placeholder = read(written, inner);
    return placeholder === null ? written : by(placeholder);
  });
}

function read(text: string, inner: string): Placeholder | null {
  const [, source, name, type = null] = INNER.exec(inner.trim()) ?? [];
  if (source === undefined || name === undefined) return null;
  return { text, source, name, type } as Placeholder;
}

/** The placeholder that a text consists of, if there is nothing else in it. */
function wholePlaceholder(text: string): Placeholder | null {
  const [written, inner = ''] = /^\{\{([^{}]*)\}\}$/.exec(text) ?? [];
  return written === undefined ? null : read(written, inner);
}

/** Whether a text could have a placeholder. */
export function hasBraces(text: string): boolean {
  return text.includes('{{');
}

/**
 * Fills the placeholders in all texts of a parsed value, and returns the new value; names of fields stay as they are. Throws INVALID_INPUT
 * with the reason why the gateway has no such value.
 */
export function fillIn(value: unknown, sources: Sources): unknown {
  if (typeof value === 'string') return hasBraces(value) ? filledText(value, sources) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => fillIn(one, sources));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillIn(one, sources)]));
}

/** Fills the placeholders of a path. Values are percent-encoded, so that each stays within its level. Throws as fillIn does. */
export function fillPath(path: string, sources: Sources): string {
  return replaced(path, (placeholder) => {
    const text = textOf(placeholder, sources);
    if (/[/\\]/.test(text)) throw refused('unfit-value-with-slash', placeholder);
    return encodeURIComponent(text.toWellFormed());
  });
}

/** The parts of a request in which placeholders are filled. */
export interface FillableRequest {
  params?: unknown;
  path?: string;
  requestBody?: unknown;
}

/** Fills the placeholders of a request: of its path as fillPath does, of its parameters and its body as fillIn does. */
export function fillRequest<Request extends FillableRequest>(request: Request, sources: Sources): Request {
  const { path, params, requestBody } = request;
  return {
    ...request,
    ...(path !== undefined && { path: fillPath(path, sources) }),
    ...(params !== undefined && { params: fillIn(params, sources) }),
    ...(requestBody !== undefined && { requestBody: fillIn(requestBody, sources) }),
  };
}

function filledText(text: string, sources: Sources): unknown {
  const whole = wholePlaceholder(text);
  if (whole === null) return replaced(text, (placeholder) => textOf(placeholder, sources));
  if (whole.type === null) return textOf(whole, sources);
  const value = sourceValue(whole, sources);
  if (whole.type === 'number') return numberOf(whole, value);
  return whole.type === 'boolean' ? booleanOf(whole, value) : jsonOf(whole, value);
}

function sourceValue(placeholder: Placeholder, { gateway, values, job }: Sources): unknown {
  const { source, name } = placeholder;
  const value =
    source === 'gateway' ? gatewayField(gateway, name) : ownField(source === 'value' ? values : job, name);
  if (value === undefined || value === null || value === '')
    throw refused('unfit-value-missing', placeholder);
  return value;
}

function gatewayField(gateway: Device, name: string): unknown {
  const field = ownField(GATEWAY_FIELDS, name);
  return field === undefined ? undefined : gateway[field as keyof Device];
}

function ownField(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

function textOf(placeholder: Placeholder, sources: Sources): string {
  const value = sourceValue(placeholder, sources);
  if (typeof value !== 'object') return String(value);
  const typed = placeholder.text.replace(/\s*\}\}$/, ':json}}');
  throw invalid(refusalReason('unfit-value-no-text', { placeholder: placeholder.text, typed }));
}

function numberOf(placeholder: Placeholder, value: unknown): number | bigint {
  const number = typeof value === 'string' ? typedNumber(value) : value;
  if (typeof number === 'bigint' || (typeof number === 'number' && Number.isFinite(number))) return number;
  throw refused('unfit-value-no-number', placeholder);
}

function booleanOf(placeholder: Placeholder, value: unknown): boolean {
  const text = String(value).trim().toLowerCase();
  if (typeof value !== 'object' && (text === 'true' || text === 'false')) return text === 'true';
  throw refused('unfit-value-no-boolean', placeholder);
}

function jsonOf(placeholder: Placeholder, value: unknown): unknown {
  const json = typeof value === 'string' ? parsed(placeholder, value) : value;
  if (namesSecret(json)) throw refused('unfit-value-with-secret', placeholder);
  return json;
}

function parsed(placeholder: Placeholder, text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    throw refused('unfit-value-no-json', placeholder);
  }
}

function namesSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, SECRET_KEY) || Object.values(value).some(namesSecret);
}

type RefusalByPlaceholder =
  | 'unfit-value-missing'
  | 'unfit-value-no-number'
  | 'unfit-value-no-boolean'
  | 'unfit-value-no-json'
  | 'unfit-value-with-slash'
  | 'unfit-value-with-secret';

function refused(code: RefusalByPlaceholder, { text }: Placeholder): TpeError {
  return invalid(refusalReason(code, { placeholder: text }));
}

function invalid(reason: Reason): TpeError {
  return new TpeError('INVALID_INPUT', reason, { field: 'perTarget' });
}

/**
 * Checks the placeholders of a value in a definition, and returns the JSON Pointers of the texts that have some, below `pointer`. `columns`
 * are those of `perTarget`; null if there is none. Throws INVALID_INPUT naming the place below `field` for one that is not known.
 */
export function checkPlaceholders(
  value: unknown,
  field: string,
  columns: ReadonlySet<string> | null,
  pointer = '',
): string[] {
  if (typeof value === 'string') {
    if (!hasBraces(value)) return [];
    checkText(value, field, columns);
    return [pointer];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const place = `${field}.${name}`;
    if (!Array.isArray(value)) refuseBraces(name, place, 'stands in the name of a field');
    return checkPlaceholders(one, place, columns, pointer + pointerOf([name]));
  });
}

/**
 * Whether a text has placeholders, all of a form that is filled. Which columns `perTarget` has is not looked at. `mayType`: one that is all
 * of the text may have a type.
 */
export function hasPlaceholders(text: string, mayType = true): boolean {
  if (!hasBraces(text)) return false;
  const columns = [...text.matchAll(WRITTEN)].flatMap(
    ([written, inner = '']) => read(written, inner)?.name ?? [],
  );
  try {
    checkText(text, 'text', new Set(columns), mayType);
    return true;
  } catch {
    return false;
  }
}

/** How many placeholders are written in all texts of a value. */
function countPlaceholders(value: unknown): number {
  if (typeof value === 'string') return hasBraces(value) ? [...value.matchAll(WRITTEN)].length : 0;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, one) => sum + countPlaceholders(one), 0);
}

/**
 * The most placeholders of a job: each is filled for each gateway, by the preview, when its executions are recorded, and when it is sent. It is
 * as many as `perTarget` may have columns.
 */
export const MAX_PLACEHOLDERS = 200;

/** Throws INVALID_INPUT for a part of a definition with too many placeholders. */
export function refuseManyPlaceholders(value: unknown, field: string): void {
  const count = countPlaceholders(value);
  if (count <= MAX_PLACEHOLDERS) return;
  throw wrongJob(
    field,
    'placeholders-many',
    `has ${count} placeholders, but a job may have ${MAX_PLACEHOLDERS}`,
  );
}

/** Throws INVALID_INPUT if a text of a definition has a placeholder where none is filled; `where` says so. */
export function refuseBraces(text: string, field: string, where: string): void {
  if (!hasBraces(text)) return;
  throw wrongJob(field, 'placeholder-place', `has a placeholder, which is not filled where it ${where}`);
}

/** Checks the placeholders of one text, as checkPlaceholders does. `mayType`: one that is all of the text may have a type. */
export function checkText(
  text: string,
  field: string,
  columns: ReadonlySet<string> | null,
  mayType = true,
): void {
  for (const [written, inner = ''] of text.matchAll(WRITTEN)) {
    checkOne(written, inner, field, columns);
    const isTyped = read(written, inner)?.type !== null;
    if (isTyped && (!mayType || written !== text))
      throw wrongJob(
        field,
        'placeholder-type',
        'has a placeholder with a type, which must be the whole text',
      );
  }
  if (!hasBraces(text.replaceAll(WRITTEN, ''))) return;
  throw wrongJob(field, 'placeholder-form', `has "{{" that begins no placeholder: give ${FORMS}`);
}

function checkOne(written: string, inner: string, field: string, columns: ReadonlySet<string> | null): void {
  const placeholder = read(written, inner);
  const names = { gateway: GATEWAY_NAMES, job: JOB_FIELDS as readonly string[], value: [...(columns ?? [])] };
  if (placeholder === null)
    throw wrongJob(
      field,
      'placeholder-form',
      `has the unknown placeholder ${written.slice(0, 100)}: give ${FORMS}`,
    );
  const { source, name } = placeholder;
  if (source === 'value' && columns === null)
    throw wrongJob(field, 'placeholder-column', `has ${written}, but the job has no "perTarget"`);
  if (names[source].includes(name)) return;
  const known = names[source].slice(0, 50).join(', ');
  const rule = source === 'value' ? 'placeholder-column' : 'placeholder-form';
  throw wrongJob(field, rule, `has ${written.slice(0, 100)}, but "${source}" has only: ${known}`);
}

/** The path with a harmless level in the place of each placeholder, to look at what is around them. */
export function withStandIns(path: string): string {
  return path.replaceAll(WRITTEN, 'x');
}
