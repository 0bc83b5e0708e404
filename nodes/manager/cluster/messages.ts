import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../shared/guard.js';
import { parseJson } from '../shared/json-bounds.js';

const NEWS = {
  type: 'object',
  properties: {
    /** The manager that tells. */
    from: { type: 'string' },
    kind: {
      enum: ['presence', 'command', 'device', 'catalogue', 'installation', 'scan', 'account', 'waiting'],
    },
    /** Pairs: what it is about, and more of it. */
    items: {
      type: 'array',
      items: { type: 'array', items: { type: ['string', 'null'] }, minItems: 2, maxItems: 2 },
    },
  },
  required: ['from', 'kind', 'items'],
} as const;

type Parsed = FromSchema<typeof NEWS>;

/** What one manager tells the others. */
export interface News {
  kind: Parsed['kind'];
  /**
   * `presence`: client id, null. `command`: request id, client id; it has ended. `device`: client id (null: many), and
   * what happened to it. `catalogue`: null, null. `installation`: its id, null.
   * `scan`: its id, null; it has ended. `account`: null, null. `waiting`: null, null; commands wait with a manager that cannot
   * send them.
   */
  items: [string | null, string | null][];
}

const isNews = guard<Parsed>(NEWS);

/** PostgreSQL takes payloads of less than 8000 bytes. */
const MOST_BYTES = 7000;

/** Texts of bounded size that together say the news. */
export function writeNews(from: string, { kind, items }: News): string[] {
  const texts: string[] = [];
  let some: News['items'] = [];
  let bytes = 0;
  const flush = () => {
    if (some.length > 0) texts.push(JSON.stringify({ from, kind, items: some }));
    some = [];
    bytes = 0;
  };
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes + size > MOST_BYTES - Buffer.byteLength(JSON.stringify(from))) flush();
    some.push(item);
    bytes += size;
  }
  flush();
  return texts;
}

/** Null for our own news, and for what is none: anybody who may log in to the database can notify. */
export function readNews(own: string, text: string): News | null {
  try {
    const news: unknown = parseJson(text);
    if (!isNews(news) || news.from === own) return null;
    return { kind: news.kind, items: news.items.map(([one = null, other = null]) => [one, other]) };
  } catch {
    return null;
  }
}
