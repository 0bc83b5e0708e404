import { badField } from '../shared/invalid-input.js';
import { COMMAND_STATES, type CommandQuery } from './command.js';
import { isRequestId } from './command-store.js';

/** Returns a query with its defaults filled in. Throws INVALID_INPUT if one of its values is not allowed. */
export function checkCommandQuery(query: CommandQuery): CommandQuery {
  const limit = query.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw badField('limit', 'a whole number from 1 to 500');
  if (query.before !== undefined && !isRequestId(query.before)) throw badField('before', 'a request id');
  if (query.state !== undefined && !COMMAND_STATES.includes(query.state)) {
    throw badField('state', `one of ${COMMAND_STATES.join(', ')}`);
  }
  return { ...query, limit };
}
