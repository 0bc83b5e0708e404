import type { Queryable, Row } from '../database.js';

interface UsedColumn extends Row {
  name: string;
  users: string[];
}

/** The columns of clientid_profile that moved to tpe_presence. `status` is first, because it was made of others. */
export const MOVED = [
  'status',
  'presence_since',
  'presence_reason',
  'presence_cause',
  'presence_source',
  'session_connected_at',
  'session_node',
  'ip_address',
  'protocol_version',
  'keepalive',
  'clean_start',
  'suspect_at',
  'suspect_reason',
  'suspect_cause',
  'churn_since',
  'churn_connects',
  'churn_takeovers',
  'previous_ip_address',
  'refused_login',
];

/**
 * Columns that a view, policy or another column uses, which PostgreSQL would not let go without it, or would take along. The column of which
 * `status` was made has no users of its own. Before PostgreSQL 15 a generated column depended on the others itself, not by its expression.
 */
const USED = `
  select attname::text as name, array_remove(array_agg(distinct case when needs.classid <> 'pg_attrdef'::regclass
    and not (needs.deptype = 'a' and exists (select from pg_attribute made
      where made.attrelid = needs.objid and made.attnum = needs.objsubid and made.attname = 'status')) then
    pg_describe_object(case when rule.ev_class is null then needs.classid else 'pg_class'::regclass end,
      coalesce(rule.ev_class, needs.objid), case when rule.ev_class is null then needs.objsubid else 0 end) end), null) as users
  from pg_attribute join pg_depend needs
    on needs.refclassid = 'pg_class'::regclass and refobjid = attrelid and refobjsubid = attnum and (deptype = 'n'
      or deptype = 'a' and needs.classid = 'pg_class'::regclass and needs.objid = attrelid and needs.objsubid > 0)
  left join pg_rewrite rule on needs.classid = 'pg_rewrite'::regclass and rule.oid = needs.objid
  where attrelid = 'clientid_profile'::regclass and attname = any($1::text[])
  group by attname`;

/**
 * Drops the columns of clientid_profile that have moved. A column that a view of the site uses stays as it is now. Resolves with what the
 * administrator must know.
 */
export async function dropMovedColumns(transaction: Queryable): Promise<string[]> {
  await transaction.execute(
    'drop index if exists clientid_profile_by_status; drop index if exists clientid_profile_by_since',
  );
  // The status was made of another column, which can go only after it.
  const [status, ...others] = MOVED;
  const kept = [...(await drop(transaction, [status!])), ...(await drop(transaction, others))];
  const used = kept.filter(({ users }) => users.length > 0);
  return used.map(
    ({ name, users }) =>
      `The column ${name} of clientid_profile is kept up no more, but used by ${users.join(', ')}: make that of the view tpe_gateway, and drop the column.`,
  );
}

async function drop(transaction: Queryable, names: readonly string[]): Promise<UsedColumn[]> {
  const used = await transaction.query<UsedColumn>(USED, [names]);
  const free = names.filter((name) => !used.some((column) => column.name === name));
  if (free.length > 0)
    await transaction.execute(
      `alter table clientid_profile ${free.map((name) => `drop column ${name}`).join(', ')}`,
    );
  return used;
}
