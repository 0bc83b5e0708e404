import type { Database, Row } from './database.js';
import { identifier } from './refused-connection.js';

/** A session, or a transaction that was prepared, which keeps a lock that we wait for. */
export interface LockHolder extends Row {
  /** 0: no session, but a prepared transaction. */
  pid: number;
  relation: string | null;
  role: string | null;
  application: string | null;
  address: string | null;
  state: string | null;
  wait_event: string | null;
  since: Date | null;
  query: string | null;
  /** Its name, where it is a prepared transaction. */
  gid: string | null;
  /** Whom the server takes us for. */
  me: string;
  /** EMQX by its own role, which connects again by itself, and which we may end. */
  may_end: boolean;
}

/** Others' sessions are shown to a plain role without what they do; their role and name are for all to see. */
const HOLDERS = `
  with waiting as (select relation, virtualtransaction from pg_locks where pid = $1 and not granted limit 1)
  select blocker.pid, (select relation::regclass::text from waiting) as relation, activity.usename::text as role,
    nullif(activity.application_name, '') as application, coalesce(host(activity.client_addr), case when activity.client_port = -1 then 'local' end) as address,
    activity.state, activity.wait_event, coalesce(activity.xact_start, prepared.prepared) as since,
    left(activity.query, 2000) as query, prepared.gid, current_user::text as me,
    exists (select from pg_auth_members join pg_roles reader on reader.oid = roleid
      where reader.rolname = 'tpe_emqx_reader' and member = activity.usesysid)
      and pg_has_role(activity.usesysid, 'usage') as may_end
  from (select distinct pid from unnest(pg_blocking_pids($1)) as pid) as blocker
    left join pg_stat_activity activity on activity.pid = blocker.pid and blocker.pid <> 0
    left join pg_prepared_xacts prepared on blocker.pid = 0 and prepared.database = current_database() and exists (
      select from waiting join pg_locks held using (relation)
        join pg_locks id on id.virtualtransaction = held.virtualtransaction and id.pid is null and id.locktype = 'transactionid'
      where held.pid is null and held.granted and id.transactionid = prepared.transaction)
  order by since nulls last, blocker.pid`;

/** Who keeps the session with this pid waiting. */
export async function lockHolders(database: Database, pid: number): Promise<LockHolder[]> {
  return await database.queryBatch<LockHolder>(1, HOLDERS, [pid]);
}

/** Ends sessions of EMQX; resolves with how many those were. */
export async function endSessions(database: Database, pids: readonly number[]): Promise<number> {
  const rows = await database.query<{ ended: boolean }>(
    'select pg_terminate_backend(pid) as ended from unnest($1::integer[]) as pid',
    [pids],
  );
  return rows.filter(({ ended }) => ended).length;
}

const MOST_NAMED = 4;

/** Who they are, what they do, and how to make them let go. */
export function holdersInWords(holders: readonly LockHolder[]): string {
  if (holders.length === 0) return 'who holds it could not be seen';
  const named = holders.slice(0, MOST_NAMED).map(holderInWords);
  const more = holders.length > MOST_NAMED ? `; and ${holders.length - MOST_NAMED} more` : '';
  return `it is held by ${named.join('; ')}${more}. ${remedy(holders)}`;
}

function holderInWords(holder: LockHolder): string {
  const { pid, role, application, address, state, since, query, gid } = holder;
  const when = since === null ? '' : `, since ${since.toISOString()}`;
  if (pid === 0)
    return gid === null ? 'a prepared transaction' : `the prepared transaction ${quoted(gid)}${when}`;
  const facts = [
    role !== null && `role ${role}`,
    application !== null && `application ${quoted(application)}`,
    address !== null && (address === 'local' ? 'from the server itself' : `from ${address}`),
  ].filter((fact) => fact !== false);
  const does = isHidden(holder)
    ? ', what it does is shown to superusers only'
    : `, ${stateInWords(holder)}${when}${query ? `: ${shortened(query)}` : ''}`;
  return `process ${pid} (${facts.join(', ')}${does}${state === null && !isHidden(holder) ? ', no client' : ''})`;
}

function isHidden({ query, state }: LockHolder): boolean {
  return state === null && query === '<insufficient privilege>';
}

/** A statement that was begun and not finished shows as active, and waits for its client. */
function stateInWords({ state, wait_event }: LockHolder): string {
  if (isUnfinished(state, wait_event)) return 'with a statement that its client left open';
  return state ?? 'at work';
}

function isUnfinished(state: string | null, waitEvent: string | null): boolean {
  return state === 'active' && waitEvent === 'ClientRead';
}

function remedy(holders: readonly LockHolder[]): string {
  const pids = holders.map(({ pid }) => pid).filter((pid) => pid !== 0);
  const gids = holders.flatMap(({ gid }) => gid ?? []);
  const ways: string[] = [];
  if (pids.length > 0) {
    ways.push(
      `Stop what that is until the manager is open (EMQX 4.4 leaves its statements open: stop it too; TPEDM's web server), or run, as a superuser or as that role: SELECT pg_terminate_backend(${pids[0]})${pids.length > 1 ? ` and the same for ${pids.slice(1, MOST_NAMED).join(', ')}` : ''};`,
    );
  }
  if (gids.length > 0) {
    ways.push(
      `Run, as its owner or a superuser: COMMIT PREPARED ${quoted(gids[0]!)}; or ROLLBACK PREPARED ${quoted(gids[0]!)};`,
    );
  }
  const hidden = holders.find(isHidden);
  if (hidden !== undefined) {
    ways.push(`To see more: GRANT pg_read_all_stats TO ${identifier(hidden.me)};`);
  }
  return ways.join(' ');
}

const LONGEST_QUERY = 120;

/** What a statement is, without the values in it: among them may be passwords. */
export function shortened(query: string): string {
  const bare = query
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
    .replaceAll(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, "'...'")
    .replaceAll(/[eE]?'(?:[^'\\]|''|\\.)*(?:'|$)/g, "'...'")
    .replaceAll(/\s+/g, ' ')
    .trim();
  return bare.length > LONGEST_QUERY ? `${bare.slice(0, LONGEST_QUERY)}...` : bare;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
