import type { Broker, BrokerClient, BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { someAtOnce } from '../shared/some-at-once.js';
import { isStorable } from '../shared/text.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import type { ListDoubt } from './list-trust.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

/** The result of a comparison with the broker's client list. */
export interface Reconciled {
  /** How many clients the broker listed as connected. */
  listed: number;
  /** The corrections (the drift). */
  corrected: Presence[];
  /** Client ids that differ too, but whose event is so young that the list may be behind it: to be looked at again. */
  unsettled: string[];
  /** Why no gateway was marked offline; null if the list was trusted. */
  doubt: ListDoubt | null;
  /** The failed queries for single clients, in words: those gateways stay as they are. */
  unasked: string[];
}

/** What one comparison is told of one client. */
export type ReconciledOne = Pick<Reconciled, 'corrected' | 'unsettled'>;

/** Decides whether a list is to be believed, of so many clients, by the nodes before and after it was read. */
export type JudgeList = (
  before: readonly BrokerNode[],
  after: readonly BrokerNode[],
  listed: number,
) => Promise<ListDoubt | null>;

const PAGE = 1000;
/** Two million clients; a list of more is one that never ends. */
const MAX_PAGES = 2000;
/** So many are asked for one by one; for more it is cheaper to read the list once more. */
const MAX_ASKED = 100;
/** Of so few each may have a fault of its own. */
const FEW = 3;
/** Calls at a time, so that others have their turn. */
const ASKED_AT_ONCE = 10;

/** That a gateway's state began before that moment, ms since the epoch. */
const IS_BEFORE = (moment: string) =>
  `coalesce(device.presence_since, '-infinity') < to_timestamp(${moment}::bigint / 1000.0)`;

/**
 * Registered gateways that the broker lists as connected, but that we hold for offline or in an older session. A broker
 * that does not name the session (EMQX 4) tells at least of one newer than the last that we know to have ended.
 * Where the list only disagrees with an event, that must have settled before $5; the run began at $6.
 */
const COMES_ONLINE = `
  with listed as (
    select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
      as listed (clientid, connected_at, ip_address, node)
  )
  update clientid_profile device set
    connection_status = true,
    connection_status_updated_at = coalesce(listed.connected_at, $6::bigint) / 1000,
    presence_since = to_timestamp(coalesce(listed.connected_at, $6::bigint) / 1000.0),
    presence_reason = 'the broker lists it as connected',
    presence_source = 'reconcile',
    session_connected_at = coalesce(listed.connected_at, device.session_connected_at + 1),
    session_node = coalesce(listed.node, device.session_node),
    ip_address = coalesce(listed.ip_address, device.ip_address)
  from listed
  where device.clientid = listed.clientid
    and (listed.connected_at > device.session_connected_at
      or device.connection_status is not true and ${IS_BEFORE('$5')})
  returning ${PRESENCE_COLUMNS}`;

/** Gateways whose end, certain or not, was told by an event that has not settled yet, while the broker lists them. */
const MAY_HAVE_GONE = `
  select device.clientid from clientid_profile device
  where device.clientid = any($1)
    and (device.connection_status is not true and not ${IS_BEFORE('$2')} and ${IS_BEFORE('$3')}
      or device.suspect_at >= $2::bigint and device.suspect_at < $3::bigint)`;

/** The broker still has its session: the disconnect belonged to another one. */
const IS_CLEARED = `
  update clientid_profile set suspect_at = null, suspect_reason = null
  where clientid = any($1) and suspect_at < $2::bigint`;

/** Gateways that we hold for online since before the run. */
const HELD_ONLINE = `
  select device.clientid, ${IS_BEFORE('$3')} as is_settled from clientid_profile device
  where device.status = 'online' and ${IS_BEFORE('$2')}`;
const IS_HELD = `${HELD_ONLINE} and device.clientid = $1`;

/** And the list of the broker does not have them. */
const IS_MISSING = `${HELD_ONLINE}
    and not exists (select from unnest($1::text[]) as connected (clientid) where connected.clientid = device.clientid)`;

const GOES_OFFLINE = `
  update clientid_profile device set
    connection_status = false,
    connection_status_updated_at = coalesce(device.suspect_at, $2::bigint) / 1000,
    presence_since = to_timestamp(coalesce(device.suspect_at, $2::bigint) / 1000.0),
    presence_reason = coalesce(device.suspect_reason, 'the broker has no such client'),
    presence_source = case when device.suspect_at is null then 'reconcile' else device.presence_source end,
    suspect_at = null,
    suspect_reason = null
  where device.clientid = any($1) and device.status = 'online' and ${IS_BEFORE('$3')}
  returning ${PRESENCE_COLUMNS}`;

/**
 * Compares what we hold with the broker's own list and writes only the differences. What changed after the run
 * began is left alone, since its event is newer than the list; so is what changed just before. Whom the list has is
 * connected, whatever else is wrong with it; who is missing goes offline only where `judge` believes the list. One that
 * changes while it is paged may lack clients that are there: who is missing is asked for once more. Rejects with
 * UNAVAILABLE where the broker cannot tell.
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

/** The same for one client. */
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

/** One comparison, and its result so far. */
interface Run {
  database: Database;
  broker: Broker;
  startedAt: number;
  /** What the broker told of before, its list has. */
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
    // What PostgreSQL cannot hold is no gateway of ours, and must not end the comparison of the others.
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
  ]);
  const young = await database.query<ClientRow>(MAY_HAVE_GONE, [clientids, settledBefore, startedAt]);
  await database.query(IS_CLEARED, [clientids, settledBefore]);
  run.corrected.push(...rows.map(toPresence));
  run.unsettled.push(...young.map((row) => row.clientid));
}

/** Of gateways that we hold for online, while the broker did not name them. */
async function goOffline(run: Run, held: readonly HeldRow[]): Promise<void> {
  if (held.length === 0) return;
  const { database, startedAt, settledBefore } = run;
  const missing = held.filter((row) => row.is_settled).map((row) => row.clientid);
  const rows = await database.query<PresenceRow>(GOES_OFFLINE, [missing, startedAt, settledBefore]);
  run.corrected.push(...rows.map(toPresence));
  run.unsettled.push(...held.filter((row) => !row.is_settled).map((row) => row.clientid));
}

/** The clients that the broker does not have when it is queried again. */
async function stillMissing(broker: Broker, held: readonly HeldRow[]): Promise<Asked> {
  const missing = new Map(held.map((row) => [row.clientid, row]));
  let before = Number.POSITIVE_INFINITY;
  // A reading that finds some of them was of a list that changes, and may lack others.
  while (missing.size > MAX_ASKED && missing.size < before) {
    before = missing.size;
    for await (const clients of connectedClients(broker)) {
      for (const { clientid } of clients) missing.delete(clientid);
    }
  }
  const rows = [...missing.values()];
  if (rows.length <= MAX_ASKED) return await askForEach(broker, rows);
  // Many at once: a list that lacks clients which the broker knows when it is asked for them is a wrong one.
  const sample = spread(rows, MAX_ASKED);
  const asked = await askForEach(broker, sample);
  if (asked.gone.length + asked.unasked.length === sample.length) {
    const unknown = new Set(sample.filter((row) => !asked.gone.includes(row)));
    return { gone: rows.filter((row) => !unknown.has(row)), unasked: asked.unasked };
  }
  return await askForEach(broker, rows);
}

/** Of clients that were asked for one by one. */
interface Asked {
  gone: HeldRow[];
  /** Why the others could not be asked for: that is their fault alone. */
  unasked: string[];
}

/** Rejects where most could not be asked for: then it is the broker that cannot be asked, and no client's own fault. */
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

/** So many of them, from everywhere. */
function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}
