import type { Database, Row } from '../database/database.js';
import { badField } from '../shared/invalid-input.js';
import { isStorable } from '../shared/text.js';

/** Of a site, so many gateways are counted: more would cost more than the number is worth. */
export const MOST_COUNTED = 10_000;

/** So many different sites of gateways are found at most. */
const MOST_SITES = 5000;

/** Each site of the gateways costs one look into an index, however many gateways it has. */
const NAMES = `
  with recursive of_gateways as (
    (select site from clientid_profile order by site limit 1)
    union all
    select next.site from of_gateways, lateral (
      select profile.site from clientid_profile profile where profile.site > of_gateways.site order by profile.site limit 1) next
  ), names as (
    select site as name from (select site from of_gateways limit ${MOST_SITES}) as found
    union select name from tpe_site union select ''
  ), keyed as (
    select name, tpe_natural_key(name) as key from names where name <> '' or $1 = '' )
  select name, key from keyed
  where strpos(lower(name), lower($1)) > 0
    and ($2::text is null or (key collate "C", name collate "C") > ($2::text collate "C", $3::text collate "C"))
  order by key collate "C", name collate "C" limit $4`;
const COUNTS = `
  select wanted.name, (select count(*) from (
    select from clientid_profile where clientid_profile.site = wanted.name limit ${MOST_COUNTED}) as counted)::integer as count
  from unnest($1::text[]) as wanted (name)`;

interface NameRow extends Row {
  name: string;
  key: string;
}

export interface NamesFound {
  names: string[];
  /** How many gateways are there, up to MOST_COUNTED. */
  counts: Map<string, number>;
  next: string | null;
}

/** The names of sites in natural order, the default first; or one name, whether there is such a site or not. */
export async function listNames(
  database: Database,
  asked: { exactly: string } | { search: string; cursor: string | undefined; limit: number },
): Promise<NamesFound> {
  if ('exactly' in asked) {
    if (!isStorable(asked.exactly)) throw badField('name', 'text that the database can store');
    return { names: [asked.exactly], counts: await countsOf(database, [asked.exactly]), next: null };
  }
  const { search, cursor, limit } = asked;
  if (!isStorable(search)) throw badField('search', 'text that the database can store');
  const after = cursor === undefined ? [null, null] : afterOf(cursor);
  const rows = await database.query<NameRow>(NAMES, [search, ...after, limit + 1]);
  const page = rows.slice(0, limit);
  const names = page.map(({ name }) => name);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    names,
    counts: await countsOf(database, names),
    next: last === undefined ? null : JSON.stringify([last.key, last.name]),
  };
}

function afterOf(cursor: string): [string, string] {
  try {
    const parsed: unknown = JSON.parse(cursor);
    if (
      Array.isArray(parsed) &&
      parsed.length === 2 &&
      parsed.every((one) => typeof one === 'string' && isStorable(one))
    )
      return parsed as [string, string];
  } catch {
    // It is refused below.
  }
  throw badField('cursor', '`next` of the page before');
}

async function countsOf(database: Database, names: readonly string[]): Promise<Map<string, number>> {
  const rows = await database.query<{ name: string; count: number }>(COUNTS, [names]);
  return new Map(rows.map(({ name, count }) => [name, count]));
}
