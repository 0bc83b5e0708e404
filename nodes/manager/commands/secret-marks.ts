import { namesOf } from '../catalogue/marked-secrets.js';
import type { Operation } from '../catalogue/operation.js';
import { TPE_OPERATIONS } from '../catalogue/operation-set.js';
import { pathReadings } from '../catalogue/validation/path-readings.js';
import { factsOf } from '../shared/secret-names.js';

// What a schema marks as a secret is one in all requests and answers about the same thing: what PUT /openvpn takes is what
// GET /openvpn tells, though nobody has written down that answer. So marks are kept by resource, and looked up by name.

const NONE: ReadonlySet<string> = new Set();
const MAX_KNOWN = 1000;
const MAX_KNOWN_LENGTH = 500;
/** These hold many resources. */
const AREAS = new Set(['system', 'device', 'logger', 'secrets']);

const ofPath = new Map<string, ReadonlySet<string>>();
const byResource = resources();

/**
 * The folded names of all fields that are marked as secrets for requests to a path, and for their answers, whichever way the
 * path is read; with those of `operation`, which may be a user's.
 */
export function markedNames(path: string, operation: Operation | null): ReadonlySet<string> {
  const found = namesAt(path);
  const own = operation === null ? NONE : namesOf(operation);
  return [...own].every((name) => found.has(name)) ? found : new Set([...found, ...own]);
}

/** JSON within a text has names, too. */
const LIKE_JSON = /^\s*[[{"]/;
const ofPack: ReadonlySet<string> = new Set([...byResource.values()].flatMap((names) => [...names]));

/**
 * Whether a value has any field that some operation marks: only then it matters which operation it belongs to. `operations` are
 * all of a catalogue, those of the pack among them.
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

/** Its own first; what some models have in an area has a place of its own on others, as OpenVPN. */
function resourcesOf([area = '', name = '']: readonly string[]): string[] {
  return AREAS.has(area) && name !== '' ? [`${area}/${name}`, area, name] : [area];
}
