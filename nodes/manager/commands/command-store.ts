import type { Risk, RiskClass } from '../catalogue/risk.js';
import { DEAD_AFTER_S } from '../cluster/heartbeat.js';
import type { Database, Row } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import type { Answer } from '../protocol/answer.js';
import type { CheckedRequest } from '../protocol/request.js';
import { exactJson, parseExactJson } from '../shared/exact-json.js';
import type { Fault } from '../shared/fault.js';
import type { CommandQuery, CommandRecord, CommandState, WhenOffline } from './command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from './command-row.js';

/** A command on its way into the record. */
export interface NewCommand {
  requestId: string;
  clientid: string;
  method: string;
  path: string;
  /** Redacted. */
  requestBody: unknown;
  /** As it is to be sent; null when it is refused. */
  pending: CheckedRequest | null;
  whenOffline: WhenOffline;
  timeoutMs: number;
  /** ms since the epoch. */
  expiresAt: number;
  requestedBy: string;
  /** Nothing else is in flight to this gateway, so it may go at once. */
  mayGo: boolean;
  /** Why it is not sent; `state` is how it ends. */
  refusal: { reason: string; code: string; state: 'REJECTED' | 'EXPIRED' } | null;
  /** The id of its operation. */
  operation: string | null;
  risk: Risk;
  classes: readonly RiskClass[];
  faults: readonly Fault[];
}

/** The end of a command that is still in the state `from`. */
export interface CommandEnd {
  requestId: string;
  from: 'QUEUED' | 'SENT';
  to: CommandState;
  reason: string;
  code: string;
}

export interface CommandAnswer {
  clientid: string;
  /** Decimal digits. */
  requestId: string;
  answer: Answer;
  reason: string | null;
  /** Where it is not as described, as far as that is known already. */
  faults: readonly Fault[];
  /** ms since the epoch. */
  receivedAt: number;
}

/** Another command is in flight to the gateway, or the gateway is away. */
export type Obstacle = 'busy' | 'offline';

export interface StoredAnswer {
  record: CommandRecord;
  /** False when the command had been answered, or had ended otherwise, before. */
  fresh: boolean;
}

/** Where a command went. */
export interface AskedFor {
  path: string;
  operation: string | null;
}

/** The record of commands in the database; each write is one statement for all that come together. */
export interface CommandStore {
  /** Decides in the same statement what becomes of it: SENT, QUEUED or REJECTED. */
  insert(command: NewCommand): Promise<CommandRecord>;
  /** QUEUED becomes SENT if its gateway is connected and free; null when it is not, or the command is not ours to send. */
  claim(requestId: string): Promise<{ record: CommandRecord; request: CheckedRequest } | null>;
  /** Null when it had left the state `from`. */
  end(end: CommandEnd): Promise<CommandRecord | null>;
  /** Null when there is no such command of this client. */
  answer(answer: CommandAnswer): Promise<StoredAnswer | null>;
  /** Adds faults of the answer to the record; null when there is no such command. */
  addFaults(requestId: string, faults: readonly Fault[]): Promise<CommandRecord | null>;
  get(requestId: string): Promise<CommandRecord | null>;
  /** What a command asked for, without what it carried; one statement for all that are asked for together. */
  askedFor(requestId: string): Promise<AskedFor | null>;
  list(query: CommandQuery): Promise<CommandRecord[]>;
  /** Those of these that exist, in any order. */
  read(requestIds: readonly string[]): Promise<CommandRecord[]>;
  /** A command, and what keeps it from being sent; null when there is no such command. */
  standing(requestId: string): Promise<{ record: CommandRecord; obstacle: Obstacle | null } | null>;
  /** The request id in flight to a gateway, whichever manager sent it. */
  inFlightTo(clientid: string): Promise<string | null>;
  /** Client ids of gateways for which something of this instance waits that could be sent now. */
  ready(): Promise<string[]>;
  /** Takes over QUEUED and SENT of managers that are dead; resolves with them, oldest first. */
  adopt(): Promise<CommandRecord[]>;
  /** QUEUED and SENT of this instance, oldest first. */
  open(): Promise<CommandRecord[]>;
  /** What waits for the database, by the write. */
  waiting(): Record<CommandWrite, number>;
  close(): Promise<void>;
}

export interface CommandStoreOptions {
  database: Database;
  instance: string;
  /** Whether presence can be trusted to tell that a gateway is offline. */
  knowsPresence(): boolean;
  /** Whether we can send now. */
  canPublish(): boolean;
  /** Told of each write of so many commands or answers. */
  onWritten(write: CommandWrite, items: number, ms: number): void;
}

/** The writes that serve many callers at once. */
export type CommandWrite = 'command' | 'claim' | 'end' | 'answer';

const MAX_BATCH = 500;
const MAX_WAITING = 20_000;
/** How long a caller waits for a database that is away, ms. */
const PATIENCE_MS = 5000;

/** Another manager has a command in flight to the same gateway; the index tpe_command_in_flight allows one. */
const IS_BUSY = (command: string) => `exists (
  select from tpe_command other where other.clientid = ${command}.clientid and other.state = 'SENT')`;

/** `offset 0`: the state is decided once, and not at each place that names it. */
const INSERT = `
  insert into tpe_command as command (request_id, clientid, method, path, request_body, pending_request, state,
    reason, reason_code, when_offline, timeout_ms, expires_at, requested_by, instance, created_at, sent_at, ended_at,
    operation, faults, risk, classes)
  select item.request_id, item.clientid, item.method, item.path, item.request_body::jsonb,
    case when decided.state = 'QUEUED' then item.pending end, decided.state,
    case when decided.state in ('SENT', 'QUEUED') then null
      when item.refusal is not null then item.refusal
      when device.clientid is null then 'There is no gateway with the client id "' || item.clientid || '": register it first.'
      when device.status = 'offline'
        then 'The gateway is offline (' || coalesce(device.presence_reason, 'no reason known') || ').'
      else 'The gateway is registered, but was never connected.' end,
    case when decided.state in ('SENT', 'QUEUED') then null
      when item.refusal is not null then item.refusal_code
      when device.clientid is null then 'NOT_FOUND' else 'OFFLINE' end,
    item.when_offline, item.timeout_ms, to_timestamp(item.expires_at / 1000.0), item.requested_by, $13,
    to_timestamp($14 / 1000.0),
    case when decided.state = 'SENT' then to_timestamp($14 / 1000.0) end,
    case when decided.state not in ('SENT', 'QUEUED') then to_timestamp($14 / 1000.0) end,
    item.operation, item.faults::jsonb, item.risk, string_to_array(item.classes, ',')
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[],
      $9::bigint[], $10::text[], $11::boolean[], $12::text[], $16::text[],
      $17::text[], $18::text[], $19::text[], $20::text[], $21::text[])
    as item (request_id, clientid, method, path, request_body, pending, when_offline, timeout_ms, expires_at,
      requested_by, may_go, refusal, refusal_code, operation, faults, risk, classes, refused_as)
    left join clientid_profile device using (clientid)
    cross join lateral (select case
      when item.refusal is not null then item.refused_as
      when device.clientid is null then 'REJECTED'
      when $15 and device.status <> 'online'
        then case item.when_offline when 'queue' then 'QUEUED' else 'REJECTED' end
      when item.may_go and not ${IS_BUSY('item')} then 'SENT'
      else 'QUEUED' end offset 0) as decided (state)
  on conflict do nothing
  returning ${COMMAND_COLUMNS}`;

const CLAIM = `
  update tpe_command command
  set state = 'SENT', sent_at = to_timestamp($2 / 1000.0), pending_request = null
  from (select request_id, pending_request from tpe_command
      where request_id = any($1::bigint[]) order by request_id for update) as waiting, clientid_profile device
  where command.request_id = waiting.request_id and command.state = 'QUEUED' and command.instance = $4
    and device.clientid = command.clientid and (not $3 or device.status = 'online') and not ${IS_BUSY('command')}
  returning ${COMMAND_COLUMNS}, waiting.pending_request`;

/** By the broker's clock and ours, which may differ: a session that is so much younger than the command is another one. */
const CLOCKS_DIFFER = "interval '10 seconds'";

/** Whether the gateway's session ended while it was to answer; `$7`: the broker tells of that. */
const WAS_CUT_OFF = `$7 and ending.state = 'TIMED_OUT' and exists (
  select from clientid_profile device where device.clientid = command.clientid
    and (device.status = 'offline' or device.presence_since > command.sent_at + ${CLOCKS_DIFFER}))`;

const END = `
  update tpe_command command
  set state = ending.state, reason_code = ending.code, pending_request = null,
    reason = ending.reason || case when ${WAS_CUT_OFF} then ' Its connection ended meanwhile.' else '' end,
    ended_at = to_timestamp($6 / 1000.0)
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
    as ending (request_id, from_state, state, reason, code)
  where command.request_id = ending.request_id and command.state = ending.from_state
  returning ${COMMAND_COLUMNS}`;

const ANSWER = `
  with answer as (
    select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bigint[], $7::text[])
      as answer (request_id, clientid, status, payload, reason, received_at, faults)
  ), updated as (
    update tpe_command command
    set state = case when answer.status between 200 and 299 then 'SUCCEEDED' else 'FAILED' end,
      reason = answer.reason, reason_code = null, answer_status = answer.status, answer_payload = answer.payload::jsonb,
      answered_at = to_timestamp(answer.received_at / 1000.0), ended_at = to_timestamp(answer.received_at / 1000.0),
      faults = coalesce(coalesce(command.faults, '[]'::jsonb) || answer.faults::jsonb, command.faults)
    from answer
    where command.request_id = answer.request_id and command.clientid = answer.clientid
      and (command.state in ('SENT', 'TIMED_OUT')
        or command.state = 'FAILED' and command.reason_code = 'UNREADABLE')
    returning ${COMMAND_COLUMNS}
  )
  select updated.*, true as fresh from updated
  union all
  select ${COMMAND_COLUMNS}, false as fresh
  from tpe_command command join answer
    on command.request_id = answer.request_id and command.clientid = answer.clientid
  where command.request_id::text not in (select request_id from updated)`;

const ASKED_FOR = `
  select request_id::text as request_id, path, operation from tpe_command where request_id = any($1::bigint[])`;

const ADD_FAULTS = `
  update tpe_command command set faults = coalesce(command.faults, '[]'::jsonb) || $2::jsonb
  where command.request_id = $1 returning ${COMMAND_COLUMNS}`;

/**
 * Commands of managers that have not been seen for a while; where `$2`, of all others: no other one can be there. Where `$4`, that
 * is where we can send, also what waits with managers that live, but cannot.
 */
const ADOPT = `
  update tpe_command command set instance = $1
  where command.state in ('QUEUED', 'SENT') and command.instance <> $1 and ($2 or not exists (
    select from tpe_instance live
    where live.instance = command.instance and live.seen_at > now() - make_interval(secs => $3)
      and not ($4 and command.state = 'QUEUED' and not live.reaches_broker)))
  returning ${COMMAND_COLUMNS}`;

const STANDING = `
  select ${COMMAND_COLUMNS}, case
    when ${IS_BUSY('command')} then 'busy'
    when device.clientid is null or ($2 and device.status <> 'online') then 'offline' end as obstacle
  from tpe_command command left join clientid_profile device on device.clientid = command.clientid
  where command.request_id = $1`;

/** Gateways for which something of ours waits, though nothing stands in its way. */
const READY = `
  select distinct command.clientid from tpe_command command join clientid_profile device using (clientid)
  where command.instance = $1 and command.state = 'QUEUED' and (not $2 or device.status = 'online')
    and not ${IS_BUSY('command')}`;

const UNIQUE_VIOLATION = '23505';

/** Opens the record of commands for one manager. */
export function createCommandStore(options: CommandStoreOptions): CommandStore {
  const { database } = options;
  const settings = (write: CommandWrite) => ({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    onWritten: (items: number, ms: number) => options.onWritten(write, items, ms),
  });

  const inserts = createGroupCommit<NewCommand, CommandRecord>({
    ...settings('command'),
    async write(commands) {
      const records = byRequestId(await insertAll(commands));
      const missing = () => commands.filter((command) => !records.has(command.requestId));
      // A write whose commit was lost on the way is written again: what is there already is read.
      for (const record of await read(missing().map((command) => command.requestId)))
        records.set(record.requestId, record);
      // And where another manager was faster by a hair, its command is the one in flight.
      const late = missing();
      if (late.length > 0) {
        const queued = await insertAll(late.map((command) => ({ ...command, mayGo: false })));
        for (const record of queued) records.set(record.requestId, record);
      }
      return commands.map((command) => records.get(command.requestId)!);
    },
  });

  async function insertAll(commands: readonly NewCommand[]): Promise<CommandRecord[]> {
    const rows = await database.queryBatch<CommandRow>(commands.length, INSERT, [
      commands.map((command) => command.requestId),
      commands.map((command) => command.clientid),
      commands.map((command) => command.method),
      commands.map((command) => command.path),
      commands.map((command) => exactJson(command.requestBody)),
      commands.map((command) => (command.pending === null ? null : exactJson(command.pending))),
      commands.map((command) => command.whenOffline),
      commands.map((command) => command.timeoutMs),
      commands.map((command) => command.expiresAt),
      commands.map((command) => command.requestedBy),
      commands.map((command) => command.mayGo),
      commands.map((command) => command.refusal?.reason ?? null),
      options.instance,
      Date.now(),
      options.knowsPresence(),
      commands.map((command) => command.refusal?.code ?? null),
      commands.map((command) => command.operation),
      commands.map((command) => faultsText(command.faults)),
      commands.map((command) => command.risk),
      commands.map((command) => command.classes.join(',')),
      commands.map((command) => command.refusal?.state ?? null),
    ]);
    return rows.map(toRecord);
  }

  const claims = createGroupCommit<string, { record: CommandRecord; request: CheckedRequest } | null>({
    ...settings('claim'),
    async write(requestIds) {
      const rows = await database.queryBatch<CommandRow & { pending_request: string }>(
        requestIds.length,
        CLAIM,
        [requestIds, Date.now(), options.knowsPresence(), options.instance],
      );
      const found = new Map(
        rows.map((row) => [
          row.request_id,
          { record: toRecord(row), request: parseExactJson(row.pending_request, Infinity) as CheckedRequest },
        ]),
      );
      return requestIds.map((requestId) => found.get(requestId) ?? null);
    },
  });

  const ends = createGroupCommit<CommandEnd, CommandRecord | null>({
    ...settings('end'),
    async write(endings) {
      const rows = await database.queryBatch<CommandRow>(endings.length, END, [
        endings.map((ending) => ending.requestId),
        endings.map((ending) => ending.from),
        endings.map((ending) => ending.to),
        endings.map((ending) => ending.reason),
        endings.map((ending) => ending.code),
        Date.now(),
        options.knowsPresence(),
      ]);
      const records = byRequestId(rows.map(toRecord));
      return endings.map((ending) => records.get(ending.requestId) ?? null);
    },
  });

  const answers = createGroupCommit<CommandAnswer, StoredAnswer | null>({
    ...settings('answer'),
    async write(batch) {
      const firsts = [...new Map(batch.toReversed().map((answer) => [keyOf(answer), answer])).values()];
      const rows = await database.queryBatch<CommandRow & { fresh: boolean }>(firsts.length, ANSWER, [
        firsts.map((answer) => answer.requestId),
        firsts.map((answer) => answer.clientid),
        firsts.map((answer) => answer.answer.status),
        firsts.map((answer) => JSON.stringify(answer.answer.payload ?? null)),
        firsts.map((answer) => answer.reason),
        firsts.map((answer) => answer.receivedAt),
        firsts.map((answer) => faultsText(answer.faults)),
      ]);
      const stored = new Map(
        rows.map((row) => [row.request_id, { record: toRecord(row), fresh: row.fresh }]),
      );
      return batch.map((answer) => {
        const found = stored.get(answer.requestId);
        if (found === undefined || found.record.clientid !== answer.clientid) return null;
        return firsts.includes(answer) ? found : { ...found, fresh: false };
      });
    },
  });

  const lookUps = createGroupCommit<string, AskedFor | null>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    onWritten: () => undefined,
    async write(requestIds) {
      const rows = await database.queryBatch<AskedFor & Row & { request_id: string }>(
        requestIds.length,
        ASKED_FOR,
        [requestIds],
      );
      const found = new Map(rows.map(({ request_id, path, operation }) => [request_id, { path, operation }]));
      return requestIds.map((requestId) => found.get(requestId) ?? null);
    },
  });

  async function read(requestIds: readonly string[]): Promise<CommandRecord[]> {
    if (requestIds.length === 0) return [];
    const sql = `select ${COMMAND_COLUMNS} from tpe_command command where request_id = any($1::bigint[])`;
    return (await database.query<CommandRow>(sql, [requestIds])).map(toRecord);
  }

  return {
    insert: (command) => inserts.add(command, PATIENCE_MS),
    claim: (requestId) =>
      claims.add(requestId).catch((error) => {
        if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
        throw error;
      }),
    end: (ending) => ends.add(ending),
    answer: (answer) => answers.add(answer),
    async addFaults(requestId, faults) {
      const rows = await database.query<CommandRow>(ADD_FAULTS, [requestId, JSON.stringify(faults)]);
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },
    get: async (requestId) => (isRequestId(requestId) ? ((await read([requestId]))[0] ?? null) : null),
    askedFor: async (requestId) => (isRequestId(requestId) ? await lookUps.add(requestId) : null),
    async list(query) {
      const sql = `select ${COMMAND_COLUMNS} from tpe_command command
        where ($1::text is null or command.clientid = $1) and ($2::text is null or command.state = $2)
          and ($3::bigint is null or command.request_id < $3)
        order by command.request_id desc limit $4`;
      const parameters = [
        query.clientid ?? null,
        query.state ?? null,
        query.before ?? null,
        query.limit ?? 50,
      ];
      return (await database.query<CommandRow>(sql, parameters)).map(toRecord);
    },
    read,
    async standing(requestId) {
      const [row] = await database.query<CommandRow & { obstacle: Obstacle | null }>(STANDING, [
        requestId,
        options.knowsPresence(),
      ]);
      return row === undefined ? null : { record: toRecord(row), obstacle: row.obstacle };
    },
    async inFlightTo(clientid) {
      const sql = "select request_id::text as id from tpe_command where clientid = $1 and state = 'SENT'";
      return (await database.query<{ id: string }>(sql, [clientid]))[0]?.id ?? null;
    },
    async ready() {
      const rows = await database.query<{ clientid: string }>(READY, [
        options.instance,
        options.knowsPresence(),
      ]);
      return rows.map((row) => row.clientid);
    },
    async adopt() {
      const isAlone = database.listen === null;
      const rows = await database.query<CommandRow>(ADOPT, [
        options.instance,
        isAlone,
        DEAD_AFTER_S,
        options.canPublish(),
      ]);
      return rows.map(toRecord).sort((a, b) => Number(a.requestId) - Number(b.requestId));
    },
    async open() {
      const sql = `select ${COMMAND_COLUMNS} from tpe_command command
        where command.instance = $1 and command.state in ('QUEUED', 'SENT') order by command.request_id`;
      return (await database.query<CommandRow>(sql, [options.instance])).map(toRecord);
    },
    waiting: () => ({
      command: inserts.waiting(),
      claim: claims.waiting(),
      end: ends.waiting(),
      answer: answers.waiting(),
    }),
    async close() {
      await Promise.all([inserts.close(), claims.close(), ends.close(), answers.close(), lookUps.close()]);
    },
  };
}

/** Whether a text can be one of our request ids: decimal digits that fit a bigint. */
export function isRequestId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text);
}

/** Most have none: nothing is kept of those. */
function faultsText(faults: readonly Fault[]): string | null {
  return faults.length === 0 ? null : JSON.stringify(faults);
}

function byRequestId(records: CommandRecord[]): Map<string, CommandRecord> {
  return new Map(records.map((record) => [record.requestId, record]));
}

function keyOf(answer: CommandAnswer): string {
  return `${answer.requestId} ${answer.clientid}`;
}
