/** A condition that an index has, with the order of time within each of its values. */
export interface Along {
  /** SQL of the column, as the index has it. */
  column: string;
  values: readonly string[];
}

/** A list from the newest row to the oldest. */
export interface NewestFirst {
  /** SQL of the table and the alias of its rows. */
  from: string;
  alias: string;
  /** Its columns of time and id. */
  key: readonly [string, string];
}

/** What is wanted of such a list. */
export interface Wanted {
  along: Along | null;
  /** SQL of all other conditions. */
  filters: readonly string[];
  /** The values of `$n`, to which those of `along` are added. */
  parameters: unknown[];
  limit: number;
}

/** SQL of the order of a list. */
export function orderOf({ alias, key: [at, id] }: Pick<NewestFirst, 'alias' | 'key'>): string {
  return `order by ${alias}.${at} desc, ${alias}.${id} desc`;
}

/** SQL of the keys of the newest rows that meet all conditions, in any order: as many of each value of `along` as are wanted in all. */
export function keysSql(list: NewestFirst, { along, filters, parameters, limit }: Wanted): string {
  const { from, alias, key } = list;
  const columns = key.map((name) => `${alias}.${name}`).join(', ');
  const newest = (parts: readonly string[]) =>
    `select ${columns} from ${from} ${alias}${parts.length > 0 ? ` where ${parts.join(' and ')}` : ''} ${orderOf(list)} limit ${limit}`;
  if (along === null) return newest(filters);
  parameters.push(along.values);
  const values = `unnest($${parameters.length}::text[]) as one (value)`;
  return `select ${columns} from ${values} cross join lateral (${newest([`${along.column} = one.value`, ...filters])}) as ${alias}`;
}

/** SQL of the condition that a row comes after the one with this id, which is `$n`. No row comes after one that is gone. */
export function afterSql({ from, alias, key: [at, id] }: NewestFirst, before: string): string {
  return `(${alias}.${at}, ${alias}.${id}) < (select ${alias}.${at}, ${alias}.${id} from ${from} ${alias} where ${alias}.${id} = ${before}::bigint)`;
}
