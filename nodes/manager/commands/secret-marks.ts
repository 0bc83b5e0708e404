import { namesOf } from '../catalogue/marked-secrets.js';
import type { Operation } from '../catalogue/operation.js';
import { TPE_OPERATIONS } from '../catalogue/operation-set.js';
import { pathReadings } from '../catalogue/validation/path-readings.js';
import { factsOf } from '../shared/secret-names.js';

// A field that a schema marks as a secret is one in all requests and answers about the same resource: GET /openvpn returns what
// PUT /openvpn takes, though no schema describes that answer. So marks are kept by resource and looked up by the name of the field.

const NONE: ReadonlySet<string> = new Set();
const MAX_KNOWN = 1000;
const MAX_KNOWN_LENGTH = 500;
/** The first levels of paths below which there are many resources. */
const AREAS = new Set(['system', 'device', 'logger', 'secrets']);

const ofPath = new Map<string, ReadonlySet<string>>();
const byResource = resources();

/**
 * Returns the folded names of all fields that are marked as secrets in requests to a path and in their answers, for every reading of the
 * path. It includes those of `operation`, which may be a custom operation.
 */
export function markedNames(path: string, operation: Operation | null): ReadonlySet<string> {
  const found = namesAt(path);
  const own = operation === null ? NONE : namesOf(operation);
  return [...own].every((name) => found.has(name)) ? found : new Set([...found, ...own]);
}

/** Matches a text that may be JSON, which has names of fields too. */
const LIKE_JSON = /^\s*[[{"]/;
const ofPack: ReadonlySet<string> = new Set([...byResource.values()].flatMap((names) => [...names]));

/**
 * Returns whether a value may have a field that some operation marks as a secret; only then does it matter which operation the value
 * belongs to. `operations` are all of a catalogue, with those of the pack first.
 */
export function mayHaveMarked(value: unknown, operations: readonly Operation[]): boolean {
  const own = operations.slice(TPE_OPERATIONS.operations().length).map(namesOf);
  const waiting: unknown[] = [value];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (typeof one === 'string' && LIKE_JSON.test(one)) return true;
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, inner] of Object.entries(one)) {
      if (!Array.isArray(one)) {
        const { folded } = factsOf(name);
        if (ofPack.has(folded) || own.some((names) => names.has(folded))) return true;
      }
      if (typeof inner === 'string' || typeof inner === 'object') waiting.push(inner);
    }
  }
  return false;
}

function namesAt(path: string): ReadonlySet<string> {
  const place = path.split('?')[0] ?? '';
  const known = ofPath.get(place);
  if (known !== undefined) return known;
  const resources = new Set((pathReadings(place) ?? []).flatMap(resourcesOf));
  const names = new Set([...resources].flatMap((resource) => [...(byResource.get(resource) ?? NONE)]));
  if (ofPath.size >= MAX_KNOWN) ofPath.clear();
  if (place.length <= MAX_KNOWN_LENGTH) ofPath.set(place, names);
  return names;
}

function resources(): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const operation of TPE_OPERATIONS.operations()) {
    const levels = operation.path.split('/').filter((level) => level !== '');
    const [resource = ''] = resourcesOf(levels);
    const names = all.get(resource) ?? new Set();
    for (const name of namesOf(operation)) names.add(name);
    if (names.size > 0) all.set(resource, names);
  }
  return all;
}

/** Returns names of a resource, the exact one first. Some models have a resource within an area that others have at the top: OpenVPN. */
function resourcesOf([area = '', name = '']: readonly string[]): string[] {
  return AREAS.has(area) && name !== '' ? [`${area}/${name}`, area, name] : [area];
}
