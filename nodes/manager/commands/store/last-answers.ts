import type { Database } from '../../database/database.js';
import { isStorable } from '../../shared/text.js';
import type { LastAnswer } from '../command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import { LAST_ANSWERED, type LastAnswered } from '../last-answered.js';

const INDEXED = LAST_ANSWERED.map((operation) => `'${operation}'`).join(', ');

/** The newest command of each wanted operation, in some states. One with a query asked for a part of the values. */
const NEWEST = (states: string) => `
  select found.* from unnest($2::text[]) as wanted (operation) cross join lateral (
    select ${COMMAND_COLUMNS} from tpe_command command
    where command.clientid = $1 and command.operation = wanted.operation and command.operation in (${INDEXED})
      and command.state in ('SUCCEEDED', 'FAILED') and command.state in (${states}) and strpos(command.path, '?') = 0
    order by -command.request_id limit 1) found`;

const SQL = `${NEWEST("'SUCCEEDED', 'FAILED'")} union all ${NEWEST("'SUCCEEDED'")}`;

/** Returns what a gateway answered last to each of the operations. */
export async function lastAnswers(
  database: Database,
  clientid: string,
  operations: readonly LastAnswered[],
): Promise<LastAnswer[]> {
  const wanted = [...new Set(operations)];
  if (!isStorable(clientid) || wanted.length === 0) return [];
  const rows = await database.query<CommandRow>(SQL, [clientid, wanted]);
  const records = rows.map(toRecord).sort((one, other) => Number(other.requestId) - Number(one.requestId));
  return wanted.map((operation) => {
    const own = records.filter((record) => record.operation === operation);
    return {
      operation,
      values: own.find(({ state }) => state === 'SUCCEEDED') ?? null,
      last: own[0] ?? null,
    };
  });
}
