import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import { ACTIVE_STOPS, STOP_OF, STOPS_ARE_READ } from '../../guard/stop-statements.js';
import type { CheckedRequest } from '../../protocol/request.js';
import { parseExactJson } from '../../shared/exact-json.js';
import type { CommandRecord } from '../command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import type { CommandStoreOptions } from '../command-store.js';
import { batchOf } from './batch.js';
import { IS_BUSY, JOB_OF } from './statements.js';

const CLAIM = `
  with ${ACTIVE_STOPS('$5::boolean')}
  update tpe_command command
  set state = 'SENT', sent_at = to_timestamp($2 / 1000.0), pending_request = null, reason = null, cause = null
  from (select request_id, pending_request from tpe_command
      where ${STOPS_ARE_READ} and request_id = any($1::bigint[]) order by request_id for update) as waiting, tpe_presence device
  where command.request_id = waiting.request_id and command.state = 'QUEUED' and command.instance = $4
    and ${STOP_OF('command', JOB_OF('command'))} is null
    and device.clientid = command.clientid and (not $3 or device.status = 'online') and not ${IS_BUSY('command')}
  returning ${COMMAND_COLUMNS}, waiting.pending_request`;

/** A command that is to be claimed. */
export interface Claim {
  requestId: string;
  /** Whether it may change the gateway, so that stops have to be looked for. */
  changes: boolean;
}

export interface ClaimedCommand {
  record: CommandRecord;
  request: CheckedRequest;
}

/** Creates the claims of queued commands, many in one statement. The result is null for a command that may not be sent now. */
export function createClaims(options: CommandStoreOptions): GroupCommit<Claim, ClaimedCommand | null> {
  return createGroupCommit<Claim, ClaimedCommand | null>({
    ...batchOf(options, 'claim'),
    async write(claims) {
      const requestIds = claims.map(({ requestId }) => requestId);
      const changes = claims.some((claim) => claim.changes);
      const rows = await options.database.queryBatch<CommandRow & { pending_request: string }>(
        requestIds.length,
        CLAIM,
        [requestIds, Date.now(), options.knowsPresence(), options.instance, changes],
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
}
