import type { Database } from '../../database/database.js';
import type { Fault } from '../../shared/fault.js';
import type { CommandRecord } from '../command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import { jobOfSql } from '../execution-key.js';

/** The condition that some manager has a command in flight to the same gateway; the index tpe_command_in_flight allows one. */
export const IS_BUSY = (command: string) => `exists (
  select from tpe_command other where other.clientid = ${command}.clientid and other.state = 'SENT')`;

/** The id of the job that a command is part of, as text; null if it is part of none. */
export const JOB_OF = (command: string) => jobOfSql(`${command}.execution`);

/** Reads the commands of these ids that exist, in any order. */
export async function readCommands(
  database: Database,
  requestIds: readonly string[],
): Promise<CommandRecord[]> {
  if (requestIds.length === 0) return [];
  const sql = `select ${COMMAND_COLUMNS} from tpe_command command where request_id = any($1::bigint[])`;
  return (await database.query<CommandRow>(sql, [requestIds])).map(toRecord);
}

/** Returns faults as JSON. Most commands have none; then null, so that no empty list is stored. */
export function faultsText(faults: readonly Fault[]): string | null {
  return faults.length === 0 ? null : JSON.stringify(faults);
}

/** Returns the records by their request ids. */
export function byRequestId(records: CommandRecord[]): Map<string, CommandRecord> {
  return new Map(records.map((record) => [record.requestId, record]));
}
