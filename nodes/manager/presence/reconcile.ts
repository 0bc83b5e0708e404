import type { Broker, BrokerClient, BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { connectionReason } from '../registry/connection-reasons.js';
import { hasStatus } from '../registry/presence-status.js';
import { someAtOnce } from '../shared/some-at-once.js';
import { isStorable } from '../shared/text.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import type { ListDoubt } from './list-trust.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, storedReason, toPresence } from './presence-row.js';

/** The result of a comparison with the broker's client list. */
export interface Reconciled {
  /** How many clients the broker listed as connected. */
  listed: number;
  /** The corrections: the drift. */
  corrected: Presence[];
  /** Client ids that may differ too, but whose last event is so young that the list may lag behind it. Check them again later. */
  unsettled: string[];
  /** Why no gateway was set offline; null if the list was trusted. */
  doubt: ListDoubt | null;
  /** Which single clients the broker could not be queried about, and why. Those gateways keep their status. */
  unasked: string[];
}

/** The result of querying the broker about one client. */
export type ReconciledOne = Pick<Reconciled, 'corrected' | 'unsettled'>;

/** Decides whether a list of `listed` clients can be trusted, by the nodes before and after it was read. Null: it can. */
export type JudgeList = (
  before: readonly BrokerNode[],
  after: readonly BrokerNode[],
  listed: number,
) => Promise<ListDoubt | null>;

const PAGE = 1000;
/** Enough for two million clients; a longer list is a broker that never ends its pages. */
const MAX_PAGES = 2000;
/** Up to this number, missing clients are queried one by one; for more it is cheaper to read the list again. */
const MAX_ASKED = 100;
/** Up to this number of queries, all of them may fail because of their own clients, and not because of the broker. */
const FEW = 3;
/** How many queries run at a time, so that the broker can serve others in between. */
const ASKED_AT_ONCE = 10;

/** SQL: the gateway's status began before `moment`, a parameter in ms since the epoch. */
const IS_BEFORE = (moment: string) =>
  `coalesce(device.since, '-infinity') < to_timestamp(${moment}::bigint / 1000.0)`;

/**
 * Sets gateways online that the broker lists as connected, but that we hold for offline or in an older session. A broker that
 * does not name the session (EMQX 4) means at least one that is newer than the last one we know, so that one is counted up.
 * Where the list names no newer session, our status must have begun before $5, since the list may lag behind a later event.
 * $6 is when the run began, $7 and $8 are the reason and its cause.
 */
const COMES_ONLINE = `
  with listed as (
    select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
      as listed (clientid, connected_at, ip_address, node)
  )
  update tpe_presence device set
    status = 'online',
    since = to_timestamp(coalesce(listed.connected_at, $6::bigint) / 1000.0),
    reason = $7,
    cause = $8::jsonb,
    source = 'reconcile',
    session_connected_at = coalesce(listed.connected_at, device.session_connected_at + 1),
    session_node = coalesce(listed.node, device.session_node),
    ip_address = coalesce(listed.ip_address, device.ip_address)
  from listed
  where device.clientid = listed.clientid
    and (listed.connected_at > device.session_connected_at
      or device.status <> 'online' and ${IS_BEFORE('$5')})
  returning ${PRESENCE_COLUMNS}`;

/**
 * Gateways that the broker lists, although an event between $2 and $3 says that they are or may be offline. The list may lag
 * behind an event that young, so they are checked again.
 */
const MAY_HAVE_GONE = `
  select device.clientid from tpe_presence device
  where device.clientid = any($1)
    and (device.status <> 'online' and not ${IS_BEFORE('$2')} and ${IS_BEFORE('$3')}
      or device.suspect_at >= $2::bigint and device.suspect_at < $3::bigint)`;

/** Clears the suspicion: the broker still has the session, so the unnamed disconnect ended another one. */
const IS_CLEARED = `
  update tpe_presence set suspect_at = null, suspect_reason = null, suspect_cause = null
  where clientid = any($1) and suspect_at < $2::bigint`;

/** Gateways that we hold for online since before the run; settled if also since before the time that the list may lag behind. */
const HELD_ONLINE = `
  select device.clientid, ${IS_BEFORE('$3')} as is_settled from tpe_presence device
  where device.${hasStatus('online')} and ${IS_BEFORE('$2')}`;
const IS_HELD = `${HELD_ONLINE} and device.clientid = $1`;

/** Those of HELD_ONLINE that the broker's list, $1, does not have. */
const IS_MISSING = `${HELD_ONLINE}
    and not exists (select from unnest($1::text[]) as connected (clientid) where connected.clientid = device.clientid)`;

const GOES_OFFLINE = `
  update tpe_presence device set
    status = 'offline',
    since = to_timestamp(coalesce(device.suspect_at, $2::bigint) / 1000.0),
    reason = coalesce(device.suspect_reason, $4),
    cause = case when device.suspect_reason is null then $5::jsonb else device.suspect_cause end,
    source = case when device.suspect_at is null then 'reconcile' else device.source end,
    suspect_at = null,
    suspect_reason = null,
    suspect_cause = null
  where device.clientid = any($1) and device.status = 'online' and ${IS_BEFORE('$3')}
  returning ${PRESENCE_COLUMNS}`;

/** The reasons of the statements above. */
const LISTED = storedReason(connectionReason('broker-lists-it'));
const LACKING = storedReason(connectionReason('broker-lacks-it'));

/**
 * Compares our presence with the broker's list of clients and writes only the differences. It leaves alone what changed after
 * the run began, since that event is newer than the list, and what changed shortly before, since the list may lag.
 *
 * A client in the list is connected, even if the list is incomplete. A client that is missing goes offline only if `judge`
 * trusts the list. A list that changes while its pages are read may lack connected clients, so missing ones are queried again.
 *
 * Rejects with UNAVAILABLE where the broker cannot be queried, and as the database does.
 */
export async function reconcile(database: Database, broker: Broker, judge: JudgeList): Promise<Reconciled> {
  const run = beginRun(database, broker);
  const before = await broker.listNodes();
  const connected: string[] = [];
  for await (const clients of connectedClients(broker)) {
    connected.push(...clients.map((client) => client.clientid));
    await comeOnline(run, clients);
  }
  const listed = connected.length;
  const missing = await database.query<HeldRow>(IS_MISSING, [connected, run.startedAt, run.settledBefore]);
  const { corrected, unsettled } = run;
  const doubt = await judge(before, await broker.listNodes(), listed);
  if (doubt !== null) return { listed, corrected, unsettled, doubt, unasked: [] };
  const { gone, unasked } = await stillMissing(broker, missing);
  await goOffline(run, gone);
  return { listed, corrected, unsettled, doubt: null, unasked };
}

/** Queries the broker about one client and corrects its presence. Rejects as `reconcile` does. */
export async function reconcileOne(
  database: Database,
  broker: Broker,
  clientid: string,
): Promise<ReconciledOne> {
  const run = beginRun(database, broker);
  const client = await broker.getClient(clientid);
  if (client?.connected) await comeOnline(run, [client]);
  else {
    const held = [clientid, run.startedAt, run.settledBefore];
    await goOffline(run, await database.query<HeldRow>(IS_HELD, held));
  }
  return { corrected: run.corrected, unsettled: run.unsettled };
}

interface ClientRow extends Row {
  clientid: string;
}

interface HeldRow extends ClientRow {
  is_settled: boolean;
}

/** One comparison on its way, with its result so far. */
interface Run {
  database: Database;
  broker: Broker;
  startedAt: number;
  /** The list includes every event from before this time, ms since the epoch. */
  settledBefore: number;
  corrected: Presence[];
  unsettled: string[];
}

function beginRun(database: Database, broker: Broker): Run {
  const startedAt = Date.now();
  const settledBefore = startedAt - broker.listLagMs();
  return { database, broker, startedAt, settledBefore, corrected: [], unsettled: [] };
}

async function* connectedClients(broker: Broker): AsyncGenerator<BrokerClient[]> {
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page = await broker.listClients(PAGE, cursor);
    pages += 1;
    if (page.next !== null && (page.next === cursor || pages === MAX_PAGES)) {
      throw new TpeError(
        'UNAVAILABLE',
        `The broker's list of clients does not end: stopped at page ${pages}.`,
      );
    }
    // A client id that PostgreSQL cannot store is none of our gateways, and must not make the whole comparison fail.
    yield page.clients.filter(({ connected, clientid }) => connected && isStorable(clientid));
    cursor = page.next;
  } while (cursor !== null);
}

async function comeOnline(run: Run, clients: BrokerClient[]): Promise<void> {
  if (clients.length === 0) return;
  const { database, startedAt, settledBefore } = run;
  const clientids = clients.map((client) => client.clientid);
  const rows = await database.query<PresenceRow>(COMES_ONLINE, [
    clientids,
    clients.map((client) => client.connectedAt),
    clients.map(({ ipAddress }) => (ipAddress !== null && isStorable(ipAddress) ? ipAddress : null)),
    clients.map(({ node }) => (node !== null && isStorable(node) ? node : null)),
    settledBefore,
    startedAt,
    ...LISTED,
  ]);
  const young = await database.query<ClientRow>(MAY_HAVE_GONE, [clientids, settledBefore, startedAt]);
  await database.query(IS_CLEARED, [clientids, settledBefore]);
  run.corrected.push(...rows.map(toPresence));
  run.unsettled.push(...young.map((row) => row.clientid));
}

/** Sets gateways offline that we hold for online, but that the broker does not have. */
async function goOffline(run: Run, held: readonly HeldRow[]): Promise<void> {
  if (held.length === 0) return;
  const { database, startedAt, settledBefore } = run;
  const missing = held.filter((row) => row.is_settled).map((row) => row.clientid);
  for (let begin = 0; begin < missing.length; begin += PAGE) {
    const piece = missing.slice(begin, begin + PAGE);
    const parameters = [piece, startedAt, settledBefore, ...LACKING];
    const rows = await database.query<PresenceRow>(GOES_OFFLINE, parameters);
    run.corrected.push(...rows.map(toPresence));
  }
  run.unsettled.push(...held.filter((row) => !row.is_settled).map((row) => row.clientid));
}

/** Finds out which of the missing clients the broker still does not have when it is queried again. */
async function stillMissing(broker: Broker, held: readonly HeldRow[]): Promise<Asked> {
  const missing = new Map(held.map((row) => [row.clientid, row]));
  let before = Number.POSITIVE_INFINITY;
  // If reading the list again finds some of them, the list changes while it is read and may still lack others: read once more.
  while (missing.size > MAX_ASKED && missing.size < before) {
    before = missing.size;
    for await (const clients of connectedClients(broker)) {
      for (const { clientid } of clients) missing.delete(clientid);
    }
  }
  const rows = [...missing.values()];
  if (rows.length <= MAX_ASKED) return await askForEach(broker, rows);
  // For many missing clients, a sample shows whether the list is right. If the broker has even one of the sample, the list is
  // wrong, and every client has to be queried.
  const sample = spread(rows, MAX_ASKED);
  const asked = await askForEach(broker, sample);
  if (asked.gone.length + asked.unasked.length === sample.length) {
    const unknown = new Set(sample.filter((row) => !asked.gone.includes(row)));
    return { gone: rows.filter((row) => !unknown.has(row)), unasked: asked.unasked };
  }
  return await askForEach(broker, rows);
}

/** The result of queries for single clients. */
interface Asked {
  /** The clients that the broker does not have as connected. */
  gone: HeldRow[];
  /** For which clients the query failed, and why. These faults concern single clients, not the broker. */
  unasked: string[];
}

/**
 * Queries the broker about each client. Rejects where most queries failed, or the broker is away: then the broker cannot be
 * queried at all, and the faults are not those of single clients.
 */
async function askForEach(broker: Broker, rows: readonly HeldRow[]): Promise<Asked> {
  const asked: Asked = { gone: [], unasked: [] };
  let fault: unknown = null;
  const ask = async (row: HeldRow) => {
    try {
      const client = await broker.getClient(row.clientid);
      if (!client?.connected) asked.gone.push(row);
    } catch (error) {
      fault = error;
      asked.unasked.push(`${JSON.stringify(row.clientid)}: ${messageOf(error)}`);
    }
  };
  await someAtOnce(rows, ASKED_AT_ONCE, ask);
  const isMost = rows.length > FEW && asked.unasked.length > rows.length / 2;
  if (asked.unasked.length > 0 && (isMost || !broker.canBeAsked())) throw fault;
  return asked;
}

/** Picks `count` items, evenly spread over the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}
