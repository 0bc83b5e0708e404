import { isSchema as isObject } from './subschemas.js';

/** Something in an OpenAPI document that a reader cannot make use of: `message` says why. */
export class NotReadable extends Error {}

const MOST_HOPS = 50;

/** Follows `$ref` within the document, to what is no reference any more. Throws NotReadable where it leads nowhere. */
export function follow(document: object, value: unknown): unknown {
  let at = value;
  for (let hops = 0; isObject(at) && typeof at.$ref === 'string'; hops += 1) {
    if (hops === MOST_HOPS) throw new NotReadable(`${shown(at.$ref)} refers to itself`);
    at = lookUp(document, at.$ref);
  }
  return at;
}

/** What a reference within the document means. Throws NotReadable. */
export function lookUp(document: object, ref: string): unknown {
  if (!ref.startsWith('#'))
    throw new NotReadable(
      `it refers to another file (${shown(ref)}): bundle the document into one file first`,
    );
  let at: unknown = document;
  for (const level of ref.slice(1).split('/').slice(1)) {
    const name = decoded(level).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name))
      throw new NotReadable(`${shown(ref)} is not in the document`);
    at = Reflect.get(at, name);
  }
  return at;
}

function decoded(level: string): string {
  try {
    return decodeURIComponent(level);
  } catch {
    return level;
  }
}

function shown(ref: string): string {
  return JSON.stringify(ref.slice(0, 100).toWellFormed());
}
