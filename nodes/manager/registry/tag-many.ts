import type { Queryable, Row } from '../database/database.js';
import { isStorable } from '../shared/text.js';
import { checkTags, MAX_TAGS } from './fields.js';

/** Tags that many gateways get, and tags that are taken from them. Of a tag in both, each has it after that. */
export interface TagChange {
  add: readonly string[];
  remove: readonly string[];
}

/** What became of it. */
export interface TagReport {
  /** Gateways whose tags are other ones now; the others had them so. */
  changed: number;
  /** Gateways that would have too many, and stay as they are. */
  full: string[];
}

interface TaggedRow extends Row {
  clientid: string;
  is_changed: boolean;
}

/** Locks in order of client id, so that two calls at the same time cannot deadlock. Who has too many from before may still lose some. */
const TAG = `
  with found as (
    select clientid, tags from clientid_profile where clientid = any($1::text[]) order by clientid for update
  ), wanted as (
    select clientid, tags as before, array(
      select tag from unnest(array(select kept from unnest(tags) kept where kept <> all($3::text[])) || $2::text[])
        with ordinality given (tag, place) group by tag order by min(place)) as tags
    from found
  ), differing as (
    select clientid, tags, cardinality(tags) <= greatest($4::integer, cardinality(before)) as fits from wanted where tags <> before
  ), changed as (
    update clientid_profile profile set tags = differing.tags from differing
    where profile.clientid = differing.clientid and differing.fits
    returning profile.clientid
  )
  select clientid, fits as is_changed from differing left join changed using (clientid)`;

/** Changes the tags of several gateways with one statement; those not registered are left out. Rejects with INVALID_INPUT naming a bad tag. */
export async function tagMany(
  database: Queryable,
  clientids: readonly string[],
  { add, remove }: TagChange,
): Promise<TagReport> {
  const given = [checkTags([...add]), remove.filter(isStorable).map((tag) => tag.trim())];
  const rows = await database.query<TaggedRow>(TAG, [clientids.filter(isStorable), ...given, MAX_TAGS]);
  const full = rows.filter((row) => !row.is_changed).map(({ clientid }) => clientid);
  return { changed: rows.length - full.length, full };
}
