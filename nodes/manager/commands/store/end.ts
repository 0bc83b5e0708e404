import { causeText } from '../../database/cause-text.js';
import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import type { CommandRecord } from '../command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import type { CommandEnd, CommandStoreOptions } from '../command-store.js';
import { batchOf } from './batch.js';
import { byRequestId } from './statements.js';

/** How far the clocks of broker and manager may differ. A session that began so much later than the command was sent is a new one. */
const CLOCKS_DIFFER = "interval '10 seconds'";

/** Whether the gateway's session ended while its answer was awaited. `$8`: the broker reports presence. */
const WAS_CUT_OFF = `$8 and ending.reason_if_cut_off is not null and exists (
  select from tpe_presence device where device.clientid = command.clientid
    and (device.status = 'offline' or device.since > command.sent_at + ${CLOCKS_DIFFER}))`;

const END = `
  update tpe_command command
  set state = ending.state, reason_code = ending.code, pending_request = null,
    reason = case when ${WAS_CUT_OFF} then ending.reason_if_cut_off else ending.reason end,
    cause = (case when ${WAS_CUT_OFF} then ending.cause_if_cut_off else ending.cause end)::jsonb,
    ended_at = to_timestamp($7 / 1000.0)
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $9::text[], $10::text[])
    as ending (request_id, from_state, state, reason, cause, code, reason_if_cut_off, cause_if_cut_off)
  where command.request_id = ending.request_id and command.state = ending.from_state
  returning ${COMMAND_COLUMNS}`;

/** Creates the ends of commands without an answer, many in one statement. Null for a command that had left the state `from`. */
export function createEnds(options: CommandStoreOptions): GroupCommit<CommandEnd, CommandRecord | null> {
  return createGroupCommit<CommandEnd, CommandRecord | null>({
    ...batchOf(options, 'end'),
    async write(endings) {
      const rows = await options.database.queryBatch<CommandRow>(endings.length, END, [
        endings.map((ending) => ending.requestId),
        endings.map((ending) => ending.from),
        endings.map((ending) => ending.to),
        endings.map((ending) => ending.reason.text),
        endings.map((ending) => causeText(ending.reason)),
        endings.map((ending) => ending.code),
        Date.now(),
        options.knowsPresence(),
        endings.map((ending) => ending.reasonIfCutOff?.text ?? null),
        endings.map((ending) => causeText(ending.reasonIfCutOff)),
      ]);
      const records = byRequestId(rows.map(toRecord));
      return endings.map((ending) => records.get(ending.requestId) ?? null);
    },
  });
}
