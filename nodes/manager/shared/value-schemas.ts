// JSON Schemas that the answers of the manager are built from. The schema of each answer is beside its type.

export const text = { type: 'string' } as const;
export const textOrNull = { type: ['string', 'null'] } as const;
export const texts = { type: 'array', items: text } as const;
export const flag = { type: 'boolean' } as const;
export const count = { type: 'integer', minimum: 0 } as const;
/** Decimal digits as text, because there may be more than a JavaScript number holds. */
export const digits = { type: 'string', pattern: '^\\d+$' } as const;
export const digitsOrNull = { ...digits, type: ['string', 'null'] } as const;
export const percent = { type: 'number', minimum: 0, maximum: 100 } as const;
/** ISO 8601 in UTC. */
export const time = { type: 'string', format: 'date-time' } as const;
export const timeOrNull = { type: ['string', 'null'], format: 'date-time' } as const;
export const anything = {} as const;

/** The schema of an object that has all of these properties and no other. */
export function objectOf<const Properties extends Readonly<Record<string, object>>>(properties: Properties) {
  const required = Object.keys(properties) as (keyof Properties & string)[];
  return { type: 'object', properties, required, additionalProperties: false } as const;
}

/** The schema of a list. */
export function listOf<const Items extends object>(items: Items) {
  return { type: 'array', items } as const;
}
