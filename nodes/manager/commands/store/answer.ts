import { causeText } from '../../database/cause-text.js';
import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import type { CommandRecord } from '../command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import type { CommandAnswer, CommandStoreOptions, StoredAnswer } from '../command-store.js';
import { batchOf } from './batch.js';
import { byRequestId, faultsText, readCommands } from './statements.js';

const ANSWER = `
  update tpe_command command
  set state = case when answer.status between 200 and 299 then 'SUCCEEDED' else 'FAILED' end,
    reason = answer.reason, cause = answer.cause::jsonb, reason_code = null,
    answer_status = answer.status, answer_payload = answer.payload::jsonb,
    answered_at = to_timestamp(answer.received_at / 1000.0), ended_at = to_timestamp(answer.received_at / 1000.0),
    faults = coalesce(coalesce(command.faults, '[]'::jsonb) || answer.faults::jsonb, command.faults)
  from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[])
    as answer (request_id, clientid, status, payload, reason, received_at, faults, cause)
  where command.request_id = answer.request_id and command.clientid = answer.clientid
    and (command.state in ('SENT', 'TIMED_OUT')
      or command.state = 'FAILED' and command.reason_code = 'UNREADABLE')
  returning ${COMMAND_COLUMNS}`;

/** Creates the writes of answers, many in one statement. The result is null if the client has no such command. */
export function createAnswerWrites(
  options: CommandStoreOptions,
): GroupCommit<CommandAnswer, StoredAnswer | null> {
  /** What a write has changed, also when its reading failed behind that: the next attempt must not take it for a repeat. */
  const stored = new WeakMap<CommandAnswer, CommandRecord>();
  return createGroupCommit<CommandAnswer, StoredAnswer | null>({
    ...batchOf(options, 'answer'),
    async write(batch) {
      const firsts = [...new Map(batch.toReversed().map((answer) => [keyOf(answer), answer])).values()];
      const rows = await options.database.queryBatch<CommandRow>(firsts.length, ANSWER, [
        firsts.map((answer) => answer.requestId),
        firsts.map((answer) => answer.clientid),
        firsts.map((answer) => answer.answer.status),
        firsts.map((answer) => JSON.stringify(answer.answer.payload ?? null)),
        firsts.map((answer) => answer.reason?.text ?? null),
        firsts.map((answer) => answer.receivedAt),
        firsts.map((answer) => faultsText(answer.faults)),
        firsts.map((answer) => causeText(answer.reason)),
      ]);
      const changed = byRequestId(rows.map(toRecord));
      for (const answer of firsts) {
        const record = changed.get(answer.requestId);
        if (record?.clientid === answer.clientid) stored.set(answer, record);
      }
      // Most answers change their command. The others came twice, or too late, or name none of this client.
      const others = firsts.filter((answer) => !stored.has(answer));
      const unchanged = await readCommands(
        options.database,
        others.map(({ requestId }) => requestId),
      );
      const records = byRequestId([...unchanged, ...firsts.flatMap((answer) => stored.get(answer) ?? [])]);
      return batch.map((answer) => {
        const record = records.get(answer.requestId);
        if (record === undefined || record.clientid !== answer.clientid) return null;
        return { record, fresh: stored.has(answer) };
      });
    },
  });
}

function keyOf(answer: CommandAnswer): string {
  return `${answer.requestId} ${answer.clientid}`;
}
