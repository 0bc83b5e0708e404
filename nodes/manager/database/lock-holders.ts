import type { Database, Queryable, Row } from './database.js';
import { identifier } from './postgresql/refused-connection.js';

/** A session, or a prepared transaction, that holds a lock we wait for. */
export interface LockHolder extends Row {
  /** Process id of the session; 0 for a prepared transaction. */
  pid: number;
  relation: string | null;
  role: string | null;
  application: string | null;
  address: string | null;
  state: string | null;
  wait_event: string | null;
  since: Date | null;
  query: string | null;
  /** Which of PostgreSQL's long commands it runs, which every role may see. */
  command: string | null;
  /** Name of the prepared transaction; null for a session. */
  gid: string | null;
  /** Our own role. */
  me: string;
  /** Whether it is a session of EMQX's own role that we may end, since EMQX connects again by itself. */
  may_end: boolean;
}

/** PostgreSQL shows the progress of COPY since version 14. */
const PROGRESS = ['VACUUM', 'ANALYZE', 'CREATE INDEX', 'CLUSTER'].map(progressOf).join(' union all ');
const COPY_PROGRESS = progressOf('COPY').replace(
  "('COPY')",
  "(case when current_setting('server_version_num')::integer >= 140000 then 'COPY' else 'CLUSTER' end)",
);

function progressOf(command: string): string {
  return `select pid, '${command}' as command from pg_stat_get_progress_info('${command}')`;
}

/**
 * A plain role sees the role and the name of others' sessions, but not what they do. What is waited for is read first: a wait that ended
 * between two reads would have holders of an unknown thing.
 */
const HOLDERS = `
  with waiting as materialized (select relation, pid from pg_locks where pid = $1 and not granted limit 1)
  select blocker.pid, waiting.relation::regclass::text as relation, activity.usename::text as role,
    nullif(activity.application_name, '') as application, coalesce(host(activity.client_addr), case when activity.client_port = -1 then 'local' end) as address,
    activity.state, activity.wait_event, coalesce(activity.xact_start, prepared.prepared) as since,
    left(activity.query, 2000) as query,
    (select min(progress.command) from (${PROGRESS} union all ${COPY_PROGRESS}) as progress where progress.pid = blocker.pid) as command,
    prepared.gid, current_user::text as me,
    exists (select from pg_auth_members join pg_roles reader on reader.oid = roleid
      where reader.rolname = 'tpe_emqx_reader' and member = activity.usesysid)
      and pg_has_role(activity.usesysid, 'usage') as may_end
  from waiting cross join lateral (select distinct pid from unnest(pg_blocking_pids(waiting.pid)) as pid) as blocker
    left join pg_stat_activity activity on activity.pid = blocker.pid and blocker.pid <> 0
    left join pg_prepared_xacts prepared on blocker.pid = 0 and prepared.database = current_database() and exists (
      select from pg_locks held
        join pg_locks id on id.virtualtransaction = held.virtualtransaction and id.pid is null and id.locktype = 'transactionid'
      where held.relation = waiting.relation and held.pid is null and held.granted and id.transactionid = prepared.transaction)
  order by since nulls last, blocker.pid`;

/** The holders that keep the session with this pid waiting. */
export async function lockHolders(asked: Pick<Queryable, 'query'>, pid: number): Promise<LockHolder[]> {
  return await asked.query<LockHolder>(HOLDERS, [pid]);
}

/** Ends sessions of EMQX, and resolves with how many were ended. */
export async function endSessions(database: Database, pids: readonly number[]): Promise<number> {
  const rows = await database.query<{ ended: boolean }>(
    'select pg_terminate_backend(pid) as ended from unnest($1::integer[]) as pid',
    [pids],
  );
  return rows.filter(({ ended }) => ended).length;
}

const MAX_NAMED = 4;

/** How long the holders have to stay stopped, in the words of the remedy. */
export type Until = 'the manager is open' | 'that is done';

/** Says who the holders are, what they do, and how to make them release the lock. */
export function holdersInWords(holders: readonly LockHolder[], until: Until): string {
  if (holders.length === 0) return 'who holds it could not be seen';
  const named = holders.slice(0, MAX_NAMED).map(holderInWords);
  const more = holders.length > MAX_NAMED ? `; and ${holders.length - MAX_NAMED} more` : '';
  return `it is held by ${named.join('; ')}${more}. ${remedy(holders, until)}`;
}

function holderInWords(holder: LockHolder): string {
  const { pid, since, gid } = holder;
  const when = since === null ? '' : `, since ${since.toISOString()}`;
  if (pid === 0)
    return gid === null ? 'a prepared transaction' : `the prepared transaction ${quoted(gid)}${when}`;
  return `process ${pid} (${[...whoInWords(holder), ...doesInWords(holder, when)].join(', ')})`;
}

function* whoInWords({ role, application, address, query, command }: LockHolder): Generator<string> {
  if (role === null) {
    const isUpkeep = command === 'VACUUM' || command === 'ANALYZE' || query?.startsWith(AUTOVACUUM) === true;
    yield isUpkeep ? "PostgreSQL's own autovacuum" : 'of PostgreSQL itself';
  }
  if (role !== null) yield `role ${role}`;
  if (application !== null) yield `application ${quoted(application)}`;
  if (address !== null) yield address === 'local' ? 'from the server itself' : `from ${address}`;
}

function* doesInWords(holder: LockHolder, when: string): Generator<string> {
  if (holder.command !== null) yield `at ${holder.command}`;
  if (isHidden(holder)) {
    yield 'what it does is shown to superusers only';
    return;
  }
  const { state, query } = holder;
  yield `${stateInWords(holder)}${when}${query ? `: ${shortened(query)}` : ''}`;
  if (state === null) yield 'no client';
}

const AUTOVACUUM = 'autovacuum: ';

function isHidden({ query, state }: LockHolder): boolean {
  return state === null && query === '<insufficient privilege>';
}

/** The state of a session in words. A statement that its client left open shows as active, while the server waits for the client. */
function stateInWords({ state, wait_event, command }: LockHolder): string {
  // COPY waits for its client too, but goes on.
  if (isUnfinished(state, wait_event) && command !== 'COPY')
    return 'with a statement that its client left open';
  return state ?? 'at work';
}

function isUnfinished(state: string | null, waitEvent: string | null): boolean {
  return state === 'active' && waitEvent === 'ClientRead';
}

const BACKUPS = /^(pg_dump|pg_dumpall|pg_restore|pgbackrest)/i;

/** Whether it is work that ends by itself, so that it is better to wait for it than to end it. */
function isWork({ role, command, application }: LockHolder): boolean {
  return role === null || command !== null || BACKUPS.test(application ?? '');
}

function remedy(holders: readonly LockHolder[], until: Until): string {
  const sessions = holders.filter(({ pid }) => pid !== 0);
  const [working, others] = [sessions.filter(isWork), sessions.filter((one) => !isWork(one))];
  const gids = holders.flatMap(({ gid }) => gid ?? []);
  const ways: string[] = [];
  if (working.length > 0) {
    ways.push(
      `Process ${listed(working)} has an end of its own (a backup, an index, upkeep): wait for it, or, where that may be done again later, run: ${terminate(working)}`,
    );
  }
  if (others.length > 0) {
    ways.push(
      `Stop what that is until ${until} (EMQX 4.4 leaves its statements open: stop it too; TPEDM's web server), or run, as a superuser or as that role: ${terminate(others)}`,
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

function listed(holders: readonly LockHolder[]): string {
  return holders
    .slice(0, MAX_NAMED)
    .map(({ pid }) => pid)
    .join(', ');
}

function terminate(holders: readonly LockHolder[]): string {
  const others = listed(holders.slice(1));
  return `SELECT pg_terminate_backend(${holders[0]!.pid})${others === '' ? '' : ` and the same for ${others}`};`;
}

const MAX_QUERY_LENGTH = 120;

/** A statement without comments and literals, since these may contain passwords, cut to 120 characters. */
export function shortened(query: string): string {
  const bare = query
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
    .replaceAll(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, "'...'")
    .replaceAll(/[eE]?'(?:[^'\\]|''|\\.)*(?:'|$)/g, "'...'")
    .replaceAll(/\s+/g, ' ')
    .trim();
  return bare.length > MAX_QUERY_LENGTH ? `${bare.slice(0, MAX_QUERY_LENGTH)}...` : bare;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
