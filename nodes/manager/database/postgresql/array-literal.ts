const TO_ESCAPE = /["\\]/;

/**
 * A parameter as the driver takes it. A list of texts, numbers and truth values becomes a PostgreSQL array here: the driver would search
 * each element by two patterns, also numbers, and a batch of webhooks has thousands of elements. Everything else is left to the driver.
 */
export function toParameter(value: unknown): unknown {
  return Array.isArray(value) ? (arrayLiteral(value) ?? value) : value;
}

/** Null for a list with anything else in it. */
function arrayLiteral(values: readonly unknown[]): string | null {
  let text = '';
  for (const value of values) {
    if (text !== '') text += ',';
    if (value === null || value === undefined) text += 'NULL';
    else if (typeof value === 'number' || typeof value === 'boolean') text += value;
    else if (typeof value === 'string') text += quoted(value);
    else return null;
  }
  return `{${text}}`;
}

function quoted(text: string): string {
  return TO_ESCAPE.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
