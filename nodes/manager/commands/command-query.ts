import { badField } from '../shared/invalid-input.js';
import { timeIn } from '../shared/time-in.js';
import { DOOR_CHOICES } from './asked-by.js';
import { COMMAND_STATES, type CommandQuery } from './command.js';
import { isRequestId } from './command-store.js';

/** Returns a query with its defaults filled in. Throws INVALID_INPUT if one of its values is not allowed. */
export function checkCommandQuery(query: CommandQuery): CommandQuery {
  const limit = query.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw badField('limit', 'a whole number from 1 to 500');
  if (query.before !== undefined && !isRequestId(query.before)) throw badField('before', 'a request id');
  for (const state of [query.state ?? [], query.states ?? []].flat()) {
    if (!COMMAND_STATES.includes(state)) throw badField('state', `one of ${COMMAND_STATES.join(', ')}`);
  }
  if (query.door !== undefined && !DOOR_CHOICES.includes(query.door)) {
    throw badField('door', `one of ${DOOR_CHOICES.join(', ')}`);
  }
  const { state, states = state === undefined ? undefined : [state], since, until, ...others } = query;
  return {
    ...others,
    limit,
    ...(states !== undefined && { states }),
    ...(since !== undefined && { since: timeIn('since', since) }),
    ...(until !== undefined && { until: timeIn('until', until) }),
  };
}
