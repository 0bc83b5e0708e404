import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema, Operation } from '../operation.js';
import { subschemas } from '../validation/subschemas.js';

/** The SHA-256 of bodies in TPEDM's own file for which the pack has safer examples. These still are the pack's operations. */
const TPEDM_BODIES = new Set([
  '77e935ef9b08092de0339f64b1f0726666275f8c12660b9506cc358320e8de62',
  '8a3313a20748c144081d5d5a893e9bddfc4b9f37d53888393b6a1544f602f63d',
  '6b37f4827f15cb48278778c3e44b92f09d4d2b1f9c7788c00b3d7cafb05c861f',
  'f9f8eeb32a327163a49ffdf30a463a8ae20754903253ffae854e7619fffc088c',
  '8dd464257e6fd8cec05f6172d3be9e176161fcafc963e6b5a242deb527b3ab24',
]);

/** Whether two operations have the same method, path and query. A command in TPEDM's form has only these, and the body. */
function sameRequest(one: Operation, other: Operation): boolean {
  return one.method === other.method && one.path === other.path && isDeepStrictEqual(one.query, other.query);
}

/** The operation of the pack that is the same as an entry of TPEDM's command.json; null where the entry is a custom one. */
export function knownToTpedm(entry: Operation, pack: readonly Operation[]): Operation | null {
  const body = entry.bodyExample ?? {};
  const alike = pack.filter((one) => sameRequest(one, entry));
  const named = alike.find(({ category, name }) => category === entry.category && name === entry.name);
  if (named !== undefined && TPEDM_BODIES.has(hashOf(body))) return named;
  return [named, ...alike].find((one) => one && isDeepStrictEqual(one.bodyExample ?? {}, body)) ?? null;
}

/**
 * The operation of the pack that makes an operation of an OpenAPI document redundant. `alike` are the pack's operations with the
 * same method and path; together they must have all its parameters and body fields. Null where the document has more.
 */
export function knownFromOpenApi(entry: Operation, alike: readonly Operation[]): Operation | null {
  const parameters = new Set(
    alike.flatMap((one) => [...one.parameters.map(({ name }) => name), ...Object.keys(one.query)]),
  );
  const fields = new Set(alike.flatMap(({ bodySchema }) => [...fieldsOf(bodySchema)]));
  const ofPath = (name: string) => entry.path.includes(`{${name}}`);
  const isKnown =
    entry.parameters.every(({ name }) => ofPath(name) || parameters.has(name)) &&
    [...fieldsOf(entry.bodySchema)].every((field) => fields.has(field));
  return isKnown ? (alike[0] ?? null) : null;
}

/** Whether two operations are equal, or differ only in their ids. */
export function sameButId(one: Operation, other: Operation): boolean {
  return isDeepStrictEqual({ ...one, id: '' }, { ...other, id: '' });
}

/** The paths of all fields of a body, at any depth. */
function* fieldsOf(schema: JsonSchema | null, above = ''): Generator<string> {
  if (schema === null) return;
  for (const [[keyword, name = ''], inner] of subschemas(schema)) {
    const place = keyword === 'properties' ? `${above}/${name}` : above;
    if (keyword === 'properties') yield place;
    yield* fieldsOf(inner, place);
  }
}

function hashOf(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex');
}

/** Sorts the fields of objects, so that their order does not change the hash. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]));
}
