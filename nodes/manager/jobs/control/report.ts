import type { Queryable } from '../../database/database.js';
import { csvPart, guardFormula } from '../../shared/files/csv-writer.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Execution } from '../execution.js';
import { listExecutions } from '../store/execution-list.js';

const PAGE = 200;

const COLUMNS = [
  ...(['clientid', 'state', 'waitingFor', 'reason', 'isUncertain', 'site', 'model', 'version'] as const),
  ...(['attempts', 'startedAt', 'endedAt'] as const),
];

/** A CSV file with a row for each execution of a job, in pieces, in order of client id. */
export async function* writeReport(database: Queryable, job: string): AsyncGenerator<string> {
  let cursor: string | undefined;
  let header: readonly string[] | undefined = COLUMNS;
  do {
    const page = await listExecutions(database, job, {
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    yield csvPart({ rows: page.items.map(cellsOf), header });
    header = undefined;
    cursor = page.next ?? undefined;
    await yieldToEventLoop();
  } while (cursor !== undefined);
}

function cellsOf(execution: Execution): string[] {
  const told = { ...execution, reason: execution.reason ?? execution.waitingReason };
  return COLUMNS.map((name) => guardFormula(String(told[name] ?? '')));
}
