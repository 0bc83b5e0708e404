import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../shared/guard.js';
import { parseJson } from '../shared/json-bounds.js';

const CLUSTER_MESSAGE = {
  type: 'object',
  properties: {
    /** The manager that sent it. */
    from: { type: 'string' },
    kind: {
      enum: [
        'presence',
        'command',
        'device',
        'catalogue',
        'installation',
        'scan',
        'account',
        'waiting',
        'guard',
        'job',
        'alarm',
        'site',
      ],
    },
    /** Pairs: the subject, and more about it. */
    items: {
      type: 'array',
      items: { type: 'array', items: { type: ['string', 'null'] }, minItems: 2, maxItems: 2 },
    },
  },
  required: ['from', 'kind', 'items'],
} as const;

type Parsed = FromSchema<typeof CLUSTER_MESSAGE>;

/** A message from one manager to the others. */
export interface ClusterMessage {
  kind: Parsed['kind'];
  /**
   * `presence`: client id, null. `command`: request id, client id; it has ended. `device`: client id (null: many), and
   * what happened to it. `catalogue`: null, null. `installation`: its id, null.
   * `scan`: its id, null; it has ended. `account`: null, null. `waiting`: null, null; the sender has commands that it cannot send, or has
   * begun to listen, or has ended commands without telling, since it knew of nobody: look at the commands.
   * `guard`: client id, `free`: its slot has come back; or null, and what has changed: `stops`, `limits` or `holds`.
   * `job`: its id, null; it has changed. `alarm`: its id, and what happened to it: `raised`, `cleared`, `reminder` or `changed`;
   * or null and `rules`: rules of alarms have changed. `site`: null, null; something was set of a site.
   */
  items: [string | null, string | null][];
}

const isClusterMessage = guard<Parsed>(CLUSTER_MESSAGE);

/** The largest payload, bytes; PostgreSQL takes less than 8000. */
const MAX_BYTES = 7000;

/**
 * Serializes items of one kind into payloads of bounded size. `items` has the JSON of each item, since who gathers items without duplicates
 * has that already.
 */
export function writeClusterMessage(
  from: string,
  kind: ClusterMessage['kind'],
  items: Iterable<string>,
): string[] {
  const head = `{"from":${JSON.stringify(from)},"kind":"${kind}","items":[`;
  const most = MAX_BYTES - Buffer.byteLength(head);
  const texts: string[] = [];
  let some: string[] = [];
  let bytes = 0;
  const flush = () => {
    if (some.length > 0) texts.push(`${head}${some.join(',')}]}`);
    some = [];
    bytes = 0;
  };
  for (const item of items) {
    const size = Buffer.byteLength(item) + 1;
    if (bytes + size > most) flush();
    some.push(item);
    bytes += size;
  }
  flush();
  return texts;
}

/** Reads a message. Null if the manager itself (`own`) sent it or it is not valid: whoever can log in to the database can send any text. */
export function readClusterMessage(own: string, text: string): ClusterMessage | null {
  // PostgreSQL gives each manager its own messages too, and these are most of them.
  if (text.startsWith(`{"from":${JSON.stringify(own)},`)) return null;
  try {
    const message: unknown = parseJson(text);
    if (!isClusterMessage(message) || message.from === own) return null;
    return { kind: message.kind, items: message.items.map(([one = null, other = null]) => [one, other]) };
  } catch {
    return null;
  }
}
