import type { JsonSchema } from './operation.js';
import { OPERATIONS } from './operations.js';
import answerFields from './words/answer-fields.json';

let labels: Readonly<Record<string, string>> | null = null;

/**
 * English labels of fields by their names, for answers, whose schemas have no titles: what most forms of the catalogue call such a field, or
 * what `words/answer-fields.json` says of fields that stand in answers. Found once, when somebody first asks.
 */
export function fieldLabels(): Readonly<Record<string, string>> {
  labels ??= { ...titlesInForms(), ...answerFields };
  return labels;
}

function titlesInForms(): Record<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { bodySchema } of OPERATIONS) if (bodySchema !== null) countTitles(bodySchema, counts);
  return Object.fromEntries(
    [...counts].map(([name, titles]) => [
      name,
      [...titles].reduce((one, other) => (other[1] > one[1] ? other : one))[0],
    ]),
  );
}

/** Counts for each name of a property the titles that it has, in a schema and all below it. */
function countTitles(schema: unknown, counts: Map<string, Map<string, number>>): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as { properties?: Record<string, JsonSchema> };
  for (const [name, { title }] of Object.entries(properties ?? {})) {
    if (typeof title !== 'string') continue;
    const titles = counts.get(name) ?? new Map<string, number>();
    counts.set(name, titles.set(title, (titles.get(title) ?? 0) + 1));
  }
  for (const below of Object.values(schema)) countTitles(below, counts);
}
