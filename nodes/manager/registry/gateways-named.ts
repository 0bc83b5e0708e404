import type { Queryable } from '../database/database.js';
import { badField } from '../shared/invalid-input.js';
import { isStorable } from '../shared/text.js';
import { escapeLike } from './filter-conditions.js';

/** So many gateways are looked up one by one in a history. */
const MAX_NAMED = 2000;

/** The gateways that a text is a part of the id or the name of. */
export interface NamedGateways {
  /** Null if there are too many to look up one by one. */
  clientids: string[] | null;
  /** The text as a pattern for `isNamedSql`. */
  pattern: string;
}

/**
 * SQL of whether a gateway has the pattern in its id or its name. The text to find by has both, and an index for parts; what else is in it does not
 * count here.
 */
const hasNameSql = (device: string, pattern: string) =>
  `${device}.find_text like ${pattern}::text
    and (lower(${device}.clientid) like ${pattern}::text or lower(coalesce(${device}.host_name, '')) like ${pattern}::text)`;

/** SQL of whether a client id is that of such a gateway. */
export const isNamedSql = (clientid: string, pattern: string) =>
  `${clientid} in (select named.clientid from clientid_profile named where ${hasNameSql('named', pattern)})`;

/**
 * Finds the gateways that a text is a part of the id or the name of, in any case. The text itself is one of the ids, since a gateway that
 * was retired still has a history. Rejects with INVALID_INPUT for a text that no gateway can have.
 */
export async function gatewaysNamed(database: Queryable, text: string): Promise<NamedGateways> {
  if (!isStorable(text)) throw badField('gateway', 'a text without NUL');
  const wanted = text.trim();
  const pattern = `%${escapeLike(wanted.toLowerCase())}%`;
  const rows = await database.query<{ clientid: string }>(
    `select device.clientid from clientid_profile device where ${hasNameSql('device', '$1')} limit ${MAX_NAMED + 1}`,
    [pattern],
  );
  const clientids =
    rows.length > MAX_NAMED ? null : [...new Set([...rows.map(({ clientid }) => clientid), wanted])];
  return { clientids, pattern };
}
