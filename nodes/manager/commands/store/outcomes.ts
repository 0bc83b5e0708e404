import type { Database, Row } from '../../database/database.js';
import type { Cause } from '../../shared/reason.js';
import type { CommandOutcome, CommandState } from '../command.js';
import { isRequestId } from '../command-store.js';

/** Without bodies and answers: those of hundreds of commands may be many megabytes. */
const OUTCOMES = `
  select command.request_id::text as request_id, command.clientid, command.state, command.reason, command.cause,
    command.answer_status
  from tpe_command command where command.request_id = any($1::bigint[])
  order by command.request_id`;

interface OutcomeRow extends Row {
  request_id: string;
  clientid: string;
  state: CommandState;
  reason: string | null;
  cause: Cause | null;
  answer_status: number | null;
}

/** Reads how the commands of these ids stand, in the order in which they were given; what is no id, and what is unknown, is left out. */
export async function readOutcomes(
  database: Database,
  requestIds: readonly string[],
): Promise<CommandOutcome[]> {
  const rows = await database.query<OutcomeRow>(OUTCOMES, [requestIds.filter(isRequestId)]);
  return rows.map(
    ({ request_id: requestId, clientid, state, reason, cause, answer_status: answerStatus }) => ({
      ...{ requestId, clientid, state, reason, answerStatus },
      cause: reason === null ? null : cause,
    }),
  );
}
