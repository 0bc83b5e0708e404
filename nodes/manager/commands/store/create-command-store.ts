import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import { causeText } from '../../database/cause-text.js';
import { UNIQUE_VIOLATION } from '../../database/sqlstate.js';
import { ACTIVE_STOPS, STOP_OF, stopReasonOf } from '../../guard/stop-statements.js';
import type { Cause } from '../../shared/reason.js';
import { isStorable } from '../../shared/text.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import { type CommandStore, type CommandStoreOptions, isRequestId, type Obstacle } from '../command-store.js';
import { createAnswerWrites } from './answer.js';
import { createLookUps } from './asked-for.js';
import { createClaims } from './claim.js';
import { createEnds } from './end.js';
import { createInserts } from './insert.js';
import { lastAnswers } from './last-answers.js';
import { listCommands } from './list.js';
import { readOutcomes } from './outcomes.js';
import { IS_BUSY, JOB_OF, readCommands } from './statements.js';

/** How long a new command waits for a database that is away, ms. */
const PATIENCE_MS = 5000;

const ADD_FAULTS = `
  update tpe_command command set faults = coalesce(command.faults, '[]'::jsonb) || $2::jsonb
  where command.request_id = $1 returning ${COMMAND_COLUMNS}`;

const NOTE_HELD = `
  update tpe_command command set reason = $2, cause = $3::jsonb
  where command.request_id = $1::bigint and command.state = 'QUEUED' returning ${COMMAND_COLUMNS}`;

/**
 * Takes over the open commands of managers that have not been seen for `$3` seconds; if `$2`, those of all others, since no other manager
 * can use this database. If `$4`, this manager reaches the broker and also takes over what is queued with live managers that do not.
 */
const ADOPT = `
  update tpe_command command set instance = $1
  where command.state in ('QUEUED', 'SENT') and command.instance <> $1 and ($2 or not exists (
    select from tpe_instance live
    where live.instance = command.instance and live.seen_at > now() - make_interval(secs => $3)
      and live.seen_at < now() + interval '1 hour'
      and not ($4 and command.state = 'QUEUED' and not live.reaches_broker)))
  returning ${COMMAND_COLUMNS}`;

const STOPPED = stopReasonOf('stopped.stop');

const STANDING = `
  with ${ACTIVE_STOPS('true')}
  select ${COMMAND_COLUMNS}, ${STOPPED.text} as stopped_reason, ${STOPPED.cause} as stopped_cause, case
    when stopped.stop is not null then 'stopped'
    when ${IS_BUSY('command')} then 'busy'
    when device.clientid is null or ($2 and device.status <> 'online') then 'offline' end as obstacle
  from tpe_command command left join tpe_presence device on device.clientid = command.clientid
    cross join lateral (select ${STOP_OF('command', JOB_OF('command'))} offset 0) as stopped (stop)
  where command.request_id = $1`;

interface StandingRow extends CommandRow {
  obstacle: Obstacle | null;
  stopped_reason: string | null;
  stopped_cause: Cause | null;
}

/** Finds gateways with a queued command of this manager that can be sent, or that does not wait for a gateway that is offline. */
const READY = `
  select distinct command.clientid from tpe_command command left join tpe_presence device using (clientid)
  where command.instance = $1 and command.state = 'QUEUED' and not ${IS_BUSY('command')}
    and (not $2 or device.status = 'online' or command.when_offline = 'fail')`;

const OF_EXECUTION = `
  select ${COMMAND_COLUMNS} from tpe_command command
  where command.clientid = $1 and command.execution is not null and starts_with(command.execution, $2)
  order by command.request_id`;

/** Opens the record of commands for one manager. */
export function createCommandStore(options: CommandStoreOptions): CommandStore {
  const { database } = options;
  const inserts = createInserts(options);
  const claims = createClaims(options);
  const ends = createEnds(options);
  const answers = createAnswerWrites(options);
  const lookUps = createLookUps(database);

  return {
    insert: (command) => inserts.add(command, PATIENCE_MS),
    claim: (requestId, changes) =>
      claims.add({ requestId, changes }).catch((error) => {
        if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
        throw error;
      }),
    async noteHeld(requestId, reason) {
      const parameters = [requestId, reason.text, causeText(reason)];
      const [row] = await database.query<CommandRow>(NOTE_HELD, parameters);
      return row === undefined ? null : toRecord(row);
    },
    end: (ending) => ends.add(ending),
    answer: (answer) => answers.add(answer),
    async addFaults(requestId, faults) {
      const rows = await database.query<CommandRow>(ADD_FAULTS, [requestId, JSON.stringify(faults)]);
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },
    get: async (requestId) =>
      isRequestId(requestId) ? ((await readCommands(database, [requestId]))[0] ?? null) : null,
    outcomes: (requestIds) => readOutcomes(database, requestIds),
    askedFor: async (requestId) => (isRequestId(requestId) ? await lookUps.add(requestId) : null),
    list: (query) => listCommands(database, query),
    async ofExecution(clientid, prefix) {
      if (!isStorable(clientid) || !isStorable(prefix)) return [];
      return (await database.query<CommandRow>(OF_EXECUTION, [clientid, prefix])).map(toRecord);
    },
    lastAnswers: (clientid, operations) => lastAnswers(database, clientid, operations),
    read: (requestIds) => readCommands(database, requestIds),
    async standing(requestId) {
      const [row] = await database.query<StandingRow>(STANDING, [requestId, options.knowsPresence()]);
      if (row === undefined) return null;
      const { obstacle, stopped_reason: text, stopped_cause: cause } = row;
      return { record: toRecord(row), obstacle, stopped: text === null ? null : { text, cause } };
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
