import { escaped } from '../../shared/json-pointer.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { shown } from './note-list.js';

/** A part of an OpenAPI document cannot be used. The message says why, for a person. */
export class NotReadable extends Error {}

/** A value, and the JSON Pointer of its place in the document. */
export interface Found {
  value: unknown;
  place: string;
}

/** Resolves the references of a document. */
export interface Refs {
  /** Finds the target of a reference. Throws NotReadable where it leads nowhere, or out of the document. */
  lookUp(ref: string): Found;
  /** Follows `$ref` until the value is no reference any more. Throws NotReadable. */
  follow(value: unknown, place: string): Found;
  /** Other files to which references led, each with the number of times. */
  elsewhere: ReadonlyMap<string, number>;
}

const MAX_HOPS = 50;

/** Creates the resolver for a document. It knows JSON Pointers, `$anchor`, and the URI of an `$id` in the document. */
export function createRefs(document: object): Refs {
  const elsewhere = new Map<string, number>();
  let named: Named | undefined;
  const names = () => {
    named ??= namesIn(document);
    return named;
  };

  function lookUp(ref: string): Found {
    const [uri = '', ...rest] = ref.split('#');
    const fragment = rest.join('#');
    if (uri === '') return within({ value: document, place: '' }, fragment, ref);
    const resource = names().ids.get(uri) ?? names().ids.get(`${uri}#`);
    if (resource !== undefined) return within(resource, fragment, ref);
    elsewhere.set(uri, (elsewhere.get(uri) ?? 0) + 1);
    throw new NotReadable(
      `it refers to another file (${quoted(ref)}): bundle the document into one file first, with "npx @redocly/cli bundle" for example`,
    );
  }

  function within(root: Found, fragment: string, ref: string): Found {
    if (fragment === '' || fragment.startsWith('/')) return at(root, fragment, ref);
    const anchor = names().anchors.get(decoded(fragment));
    if (anchor === undefined) throw new NotReadable(`${quoted(ref)} is not in the document`);
    return anchor;
  }

  return {
    elsewhere,
    lookUp,
    follow(value, place) {
      let found: Found = { value, place };
      for (let hops = 0; isObject(found.value) && Object.hasOwn(found.value, '$ref'); hops += 1) {
        const { $ref: ref } = found.value;
        if (typeof ref !== 'string') throw new NotReadable('one of its references ("$ref") is no text');
        if (hops === MAX_HOPS) throw new NotReadable(`${quoted(ref)} refers to itself`);
        found = lookUp(ref);
      }
      return found;
    },
  };
}

/** Follows a JSON Pointer from `root` on. Throws NotReadable. */
function at(root: Found, pointer: string, ref: string): Found {
  let { value, place } = root;
  for (const level of pointer.split('/').slice(1)) {
    const name = [decoded(level), level].map(unescaped).find((one) => has(value, one));
    if (name === undefined) throw new NotReadable(`${quoted(ref)} is not in the document`);
    value = Reflect.get(value as object, name);
    place += `/${escaped(name)}`;
  }
  return { value, place };
}

function has(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value)
    ? /^\d+$/.test(name) && Number(name) < value.length
    : Object.hasOwn(value, name);
}

function unescaped(level: string): string {
  return level.replaceAll('~1', '/').replaceAll('~0', '~');
}

interface Named {
  anchors: Map<string, Found>;
  ids: Map<string, Found>;
}

/** Collects everything in a document that has an id or an anchor; the first of each name counts. */
function namesIn(document: object): Named {
  const named: Named = { anchors: new Map(), ids: new Map() };
  const add = (names: Map<string, Found>, name: unknown, found: Found) => {
    if (typeof name === 'string' && !names.has(name)) names.set(name, found);
  };
  const waiting: Found[] = [{ value: document, place: '' }];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { value, place } = one;
    if (typeof value !== 'object' || value === null) continue;
    if (isObject(value)) {
      add(named.ids, value.$id, one);
      add(named.anchors, value.$anchor, one);
      add(named.anchors, value.$dynamicAnchor, one);
    }
    for (const [name, inner] of Object.entries(value).reverse())
      waiting.push({ value: inner, place: `${place}/${escaped(name)}` });
  }
  return named;
}

function decoded(level: string): string {
  try {
    return decodeURIComponent(level);
  } catch {
    return level;
  }
}

function quoted(ref: string): string {
  return JSON.stringify(shown(ref, 100));
}
