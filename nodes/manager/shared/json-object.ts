/** Whether a value that came out of JSON is an object, and no list. For other values see isPlainObject. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
