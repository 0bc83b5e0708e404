import type { Operation } from './operation.js';
import type { OperationSet } from './operation-set.js';
import { bodyOfPresent, valueOfAnswer } from './present-body.js';

// How the values that an operation would change are found on a gateway, before a person changes them. The API says it by its paths:
//
// - what PATCH or PUT changes at a path is what GET reads at the same path: `/device/ethernets/{id}`;
// - where there is no such GET, and the path ends with a placeholder, it is the entry of the list that GET reads one level above:
//   `/mqtt/{id}` is in `/mqtt`;
// - which values a placeholder may have is what the list above it has: the ids of `/device/ethernets` for `/device/ethernets/{id}`.
//
// What has neither has no values that can be read, and its form begins blank.

/** From how many gateways a form reads at once. More would wait for the slowest, and nobody compares so many. */
export const MOST_READ = 20;

/** A GET by which values are read from a gateway. */
export interface ReadBy {
  /** The id of the operation. */
  operation: string;
  /** Its parameters, by name: each is a parameter of the operation for which the values are read. */
  params: Record<string, string>;
}

/** Where the present values of an operation are. */
export interface PresentBy extends ReadBy {
  /** The parameter by which the entry is found in the list that is read; null: what is read is the value itself. */
  entry: string | null;
}

/** What can be read from a gateway for the form of an operation. */
export interface FormReads {
  /** Null where nothing can be read. */
  present: PresentBy | null;
  /** What is read to choose a parameter from, by its name. A parameter that is not here is typed. */
  choices: Record<string, ReadBy>;
}

/** What can be read from a gateway before the operation is sent. */
export function formReadsOf(
  operation: Operation,
  catalogue: Pick<OperationSet, 'get' | 'findAll'>,
): FormReads {
  const placeholders = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
  const choices = placeholders.flatMap((name): [string, ReadBy][] => {
    const above = abovePlaceholder(operation.path, name);
    const read = above === null ? null : readOf(above, catalogue);
    return read === null ? [] : [[name, read]];
  });
  return { present: presentOf(operation, catalogue), choices: Object.fromEntries(choices) };
}

function presentOf(operation: Operation, catalogue: Pick<OperationSet, 'get' | 'findAll'>): PresentBy | null {
  const { method, path, bodySchema } = operation;
  if (bodySchema === null || (method !== 'PATCH' && method !== 'PUT')) return null;
  const own = readOf(path, catalogue);
  if (own !== null) return tellsOther(own, operation, catalogue) ? null : { ...own, entry: null };
  const entry = /\/\{([^{}/]+)\}$/.exec(path)?.[1];
  if (entry === undefined) return null;
  const list = readOf(path.slice(0, path.lastIndexOf('/')), catalogue);
  return list && { ...list, entry };
}

/** Whether an answer has nothing of what the body sets, as far as its example tells: to reboot now is no setting that could be read. */
function tellsOther(
  { operation: id }: ReadBy,
  { path, bodySchema }: Operation,
  catalogue: Pick<OperationSet, 'get'>,
): boolean {
  const value = valueOfAnswer(catalogue.get(id)?.answerExample);
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return false;
  const body = bodyOfPresent(bodySchema ?? {}, value, path);
  return body === undefined || (!Array.isArray(body) && Object.keys(body as object).length === 0);
}

/** The GET at a path with placeholders, whatever they are called; null where there is none, or none that gateways answer over MQTT. */
function readOf(path: string, catalogue: Pick<OperationSet, 'get' | 'findAll'>): ReadBy | null {
  const levels = path.split('/');
  for (const read of catalogue.findAll('GET', path)) {
    const own = read.path.split('/');
    const isSame =
      own.length === levels.length &&
      own.every((level, place) => nameIn(level) !== null || level === levels[place]) &&
      // A GET that is less exact than the path, such as `/apps/{name}` for `/apps/moby`, reads something else.
      own.every((level, place) => (nameIn(level) === null) === (nameIn(levels[place]!) === null));
    if (!isSame || read.risk !== 'read' || read.refusedBecause !== null) continue;
    if (read.parameters.some((one) => one.in === 'query' && one.required)) continue;
    const names = own.flatMap((level, place): [string, string][] => {
      const name = nameIn(level);
      return name === null ? [] : [[name, nameIn(levels[place]!)!]];
    });
    return { operation: read.id, params: Object.fromEntries(names) };
  }
  return null;
}

function abovePlaceholder(path: string, name: string): string | null {
  const end = path.indexOf(`/{${name}}`);
  return end <= 0 ? null : path.slice(0, end);
}

function nameIn(level: string): string | null {
  return /^\{([^{}]+)\}$/.exec(level)?.[1] ?? null;
}
