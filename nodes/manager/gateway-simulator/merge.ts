import type { Json } from './resource-templates.js';

/** Whether the value is a JSON object: no list, and not null. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Merges a change into a value as PATCH does: objects by key, lists of objects with an `id` by item; all else is replaced. */
export function deepMerge(old: unknown, change: unknown): unknown {
  if (isListOfItems(old) && isListOfItems(change)) return mergeItems(old, change);
  if (!isJson(old) || !isJson(change)) return change;
  const merged: Json = { ...old };
  for (const [name, value] of Object.entries(change)) merged[name] = deepMerge(old[name], value);
  return merged;
}

/**
 * The first field to which the change would give another kind of value, as a path such as `ntp.enable`; null when there is none.
 * `name` is the path of the value itself.
 */
export function wrongKind(old: unknown, change: unknown, name = ''): string | null {
  if (isJson(old) && isJson(change)) {
    for (const [key, value] of Object.entries(change)) {
      const wrong = wrongKind(old[key], value, name === '' ? key : `${name}.${key}`);
      if (wrong !== null) return wrong;
    }
    return null;
  }
  const isStrict = typeof old === 'boolean' || typeof old === 'number' || isJson(old);
  return isStrict && (typeof old !== typeof change || Array.isArray(change)) ? name : null;
}

function isListOfItems(value: unknown): value is Json[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isJson(item) && 'id' in item);
}

function mergeItems(old: readonly Json[], change: readonly Json[]): Json[] {
  const changes = new Map(change.map((item) => [item.id, item]));
  return old.map((item) => deepMerge(item, changes.get(item.id) ?? {}) as Json);
}
