import { causeText } from '../../database/cause-text.js';
import type { Database } from '../../database/database.js';
import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import { type SqlReason, sqlReason } from '../../database/sql-reason.js';
import { ACTIVE_STOPS, STOP_OF, stopReasonOf } from '../../guard/stop-statements.js';
import { stopsHold } from '../../guard/stops-hold.js';
import { exactJson } from '../../shared/exact-json.js';
import type { CommandRecord } from '../command.js';
import { commandReason } from '../command-reasons.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import type { CommandStoreOptions, NewCommand } from '../command-store.js';
import { batchOf } from './batch.js';
import { DECIDED_COLUMNS, type DecidedRow, newRecord } from './new-record.js';
import { byRequestId, faultsText, IS_BUSY, JOB_OF, readCommands } from './statements.js';

const UNKNOWN = sqlReason(commandReason, 'gateway-unknown', { clientid: 'item.clientid' });
const NO_REASON = sqlReason(commandReason, 'no-reason-known');
const OFFLINE = sqlReason(commandReason, 'gateway-offline', {
  reason: {
    text: `coalesce(device.reason, ${NO_REASON.text})`,
    cause: `case when device.reason is null then ${NO_REASON.cause} else device.cause end`,
  },
});
const NEVER_CONNECTED = sqlReason(commandReason, 'gateway-never-connected');

const STOPPED = stopReasonOf('stopped.stop');
/** A stop is told before the want of a slot, which lasts for a while only. */
const IS_REFUSED = `item.refusal is not null and (stopped.stop is null or item.refusal_code <> 'GUARDED')`;

/** Text or cause of the reason why a command ends at once; `given` is that of a refusal from before. */
const refusalOf = (part: keyof SqlReason, given: string) => `case
      when decided.state in ('SENT', 'QUEUED') then null
      when ${IS_REFUSED} then ${given}
      when device.clientid is null then ${UNKNOWN[part]}
      when stopped.stop is not null then ${STOPPED[part]}
      when device.status = 'offline' then ${OFFLINE[part]}
      else ${NEVER_CONNECTED[part]} end`;

/** `offset 0` makes PostgreSQL decide the state once, and not again at each place that names it. */
const INSERT = `
  with ${ACTIVE_STOPS('$24::boolean')}
  insert into tpe_command as command (request_id, clientid, method, path, request_body, pending_request, state,
    reason, cause, reason_code, when_offline, timeout_ms, expires_at, requested_by, instance, created_at, sent_at,
    ended_at, operation, faults, risk, classes, when_guarded, execution)
  select item.request_id, item.clientid, item.method, item.path, item.request_body::jsonb,
    case when decided.state = 'QUEUED' then item.pending end, decided.state,
    ${refusalOf('text', 'item.refusal')}, ${refusalOf('cause', 'item.refusal_cause::jsonb')},
    case when decided.state in ('SENT', 'QUEUED') then null
      when ${IS_REFUSED} then item.refusal_code
      when device.clientid is null then 'NOT_FOUND' when stopped.stop is not null then 'STOPPED' else 'OFFLINE' end,
    item.when_offline, item.timeout_ms, to_timestamp(item.expires_at / 1000.0), item.requested_by, $13,
    to_timestamp($14 / 1000.0),
    case when decided.state = 'SENT' then to_timestamp($14 / 1000.0) end,
    case when decided.state not in ('SENT', 'QUEUED') then to_timestamp($14 / 1000.0) end,
    item.operation, item.faults::jsonb, item.risk, string_to_array(item.classes, ','), item.when_guarded, item.execution
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[],
      $9::bigint[], $10::text[], $11::boolean[], $12::text[], $16::text[],
      $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[],
      $23::text[], $25::text[])
    as item (request_id, clientid, method, path, request_body, pending, when_offline, timeout_ms, expires_at,
      requested_by, may_go, refusal, refusal_code, operation, faults, risk, classes, refused_as, refusal_cause,
      when_guarded, execution)
    left join tpe_presence device using (clientid)
    cross join lateral (select ${STOP_OF('item', JOB_OF('item'))} offset 0) as stopped (stop)
    cross join lateral (select case
      when ${IS_REFUSED} then item.refused_as
      when device.clientid is null then 'REJECTED'
      when stopped.stop is not null then case item.when_guarded when 'queue' then 'QUEUED' else 'REJECTED' end
      when $15 and device.status <> 'online'
        then case item.when_offline when 'queue' then 'QUEUED' else 'REJECTED' end
      when item.may_go and not ${IS_BUSY('item')} then 'SENT'
      else 'QUEUED' end offset 0) as decided (state)
  on conflict do nothing
  returning ${DECIDED_COLUMNS}`;

const EARLIER = `
  select ${COMMAND_COLUMNS} from unnest($1::text[], $2::text[]) as wanted (clientid, execution)
    join tpe_command command on command.clientid = wanted.clientid and command.execution = wanted.execution`;

/** Creates the writes of new commands, many in one statement. */
export function createInserts(options: CommandStoreOptions): GroupCommit<NewCommand, CommandRecord> {
  return createGroupCommit<NewCommand, CommandRecord>({
    ...batchOf(options, 'command'),
    async write(commands) {
      const records = byRequestId(await insertAll(options, commands));
      const missing = () => commands.filter((command) => !records.has(command.requestId));
      // A write whose commit response was lost is repeated; its rows exist already and are read.
      for (const record of await readCommands(
        options.database,
        missing().map((command) => command.requestId),
      ))
        records.set(record.requestId, record);
      await takeEarlier(options.database, missing(), records);
      // If another manager was faster, the index allows only its command in flight, so this one is queued.
      const late = missing();
      if (late.length > 0) {
        const queued = await insertAll(
          options,
          late.map((command) => ({ ...command, mayGo: false })),
        );
        for (const record of queued) records.set(record.requestId, record);
        await takeEarlier(options.database, missing(), records);
      }
      return commands.map((command) => records.get(command.requestId)!);
    },
  });
}

/** Takes, for commands of an execution that has one already, the record of that one. */
async function takeEarlier(
  database: Database,
  commands: readonly NewCommand[],
  records: Map<string, CommandRecord>,
): Promise<void> {
  const linked = commands.filter(({ execution }) => execution !== null);
  if (linked.length === 0) return;
  const rows = await database.query<CommandRow>(EARLIER, [
    linked.map(({ clientid }) => clientid),
    linked.map(({ execution }) => execution),
  ]);
  const found = new Map(rows.map((row) => [keyOf(row), toRecord(row)]));
  for (const command of linked) {
    const record = found.get(keyOf(command));
    if (record !== undefined) records.set(command.requestId, record);
  }
}

function keyOf({ clientid, execution }: { clientid: string; execution: string | null }): string {
  return `${execution} ${clientid}`;
}

async function insertAll(
  options: CommandStoreOptions,
  commands: readonly NewCommand[],
): Promise<CommandRecord[]> {
  const at = Date.now();
  const rows = await options.database.queryBatch<DecidedRow>(commands.length, INSERT, [
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
    commands.map((command) => command.refusal?.reason.text ?? null),
    options.instance,
    at,
    options.knowsPresence(),
    commands.map((command) => command.refusal?.code ?? null),
    commands.map((command) => command.operation),
    commands.map((command) => faultsText(command.faults)),
    commands.map((command) => command.risk),
    commands.map((command) => command.classes.join(',')),
    commands.map((command) => command.refusal?.state ?? null),
    commands.map((command) => causeText(command.refusal?.reason)),
    commands.map((command) => command.whenGuarded),
    commands.some(({ risk, refusal }) => stopsHold(risk) && (refusal === null || refusal.code === 'GUARDED')),
    commands.map((command) => command.execution),
  ]);
  const byId = new Map(commands.map((command) => [command.requestId, command]));
  return rows.map((row) => newRecord(byId.get(row.request_id)!, row, options.instance, at));
}
