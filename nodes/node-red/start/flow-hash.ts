import { createHash } from 'node:crypto';
import { isObject } from '../runtime/message-values.js';

/** Enough that no two flows share it. */
const LENGTH = 32;

/** The nodes of a flow file; null for a text that is no flow. */
export function nodesIn(text: string): Record<string, unknown>[] | null {
  try {
    const nodes: unknown = JSON.parse(text);
    return Array.isArray(nodes) && nodes.every(isObject) ? nodes : null;
  } catch {
    return null;
  }
}

/**
 * The same for two flows that differ in nothing that a person did: neither the order of nodes and keys counts, nor what the editor
 * takes out or adds by itself when it deploys. Positions count, since somebody moved the node. Records in data folders and
 * released-flows.json hold what this returns: another rule would make each flow that is there a changed one.
 */
export function flowHash(nodes: readonly Record<string, unknown>[]): string {
  const texts = nodes
    .filter((node) => !isMadeByEditor(node))
    .map((node) => JSON.stringify(sorted(withoutDefaults(node))));
  return createHash('sha256').update(texts.sort().join('\n')).digest('hex').slice(0, LENGTH);
}

/** The list of modules that a flow uses; it holds the global variables too, where somebody made some. */
function isMadeByEditor({ type, env }: Record<string, unknown>): boolean {
  return type === 'global-config' && (!Array.isArray(env) || env.length === 0);
}

/** Of a field that was added to a node later, the editor writes the blank; of one that is no field any more, it drops what is there. */
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
