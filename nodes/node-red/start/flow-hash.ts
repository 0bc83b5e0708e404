import { createHash } from 'node:crypto';
import { isObject } from '../runtime/message-values.js';

/** Long enough that two different flows do not have the same hash. */
const LENGTH = 32;

/** Reads the nodes of a flow file; null if the text is not a flow. */
export function nodesIn(text: string): Record<string, unknown>[] | null {
  try {
    const nodes: unknown = JSON.parse(text);
    return Array.isArray(nodes) && nodes.every(isObject) ? nodes : null;
  } catch {
    return null;
  }
}

/**
 * Returns a hash that changes only if a person has changed the flow. It ignores the order of nodes and keys, and what the editor adds or
 * removes by itself during a deploy. Positions count, because only a person moves nodes. Records in data folders and released-flows.json
 * contain these hashes, so with another rule all existing flows would look changed.
 */
export function flowHash(nodes: readonly Record<string, unknown>[]): string {
  const texts = nodes
    .filter((node) => !isMadeByEditor(node))
    .map((node) => JSON.stringify(sorted(withoutDefaults(node))));
  return createHash('sha256').update(texts.sort().join('\n')).digest('hex').slice(0, LENGTH);
}

/** Whether a node is only the editor's list of used modules. With global variables, which a person adds, it counts. */
function isMadeByEditor({ type, env }: Record<string, unknown>): boolean {
  return type === 'global-config' && (!Array.isArray(env) || env.length === 0);
}

/** Removes blank values, because the editor adds them for new fields and drops fields that no longer exist. */
function withoutDefaults(node: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(node);
  return Object.fromEntries(
    entries.filter(([key, value]) => value !== '' && !(key.endsWith('Type') && value === 'str')),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
