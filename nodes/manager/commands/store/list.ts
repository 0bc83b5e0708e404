import type { Database } from '../../database/database.js';
import { type Along, afterSql, keysSql, type NewestFirst, orderOf } from '../../database/newest-first.js';
import { gatewaysNamed, isNamedSql, type NamedGateways } from '../../registry/gateways-named.js';
import { badField } from '../../shared/invalid-input.js';
import { isStorable } from '../../shared/text.js';
import { isSystemSql } from '../asked-by.js';
import { BAD_ENDS, type CommandQuery, type CommandRecord } from '../command.js';
import { COMMAND_COLUMNS, type CommandRow, toRecord } from '../command-row.js';
import { MAX_NAMES, namesOfAskers } from './names-of-askers.js';

/** As far as the history is read back for gateways or people that are too many to be looked up one by one. */
const MAX_WALKED = 20_000;
const SYSTEM = isSystemSql('command.requested_by');
const LIST: NewestFirst = { from: 'tpe_command', alias: 'command', key: ['created_at', 'request_id'] };
const ORDER = orderOf(LIST);

/** A page that is about to be read. */
interface Plan {
  /** The two halves of the history that it reads: what others asked for, and what the device manager did. */
  halves: readonly string[];
  along: Along | null;
  /** What is checked along the way. */
  filters: readonly string[];
  /** Of these, what bounds the time. */
  times: readonly string[];
  isBounded: boolean;
  parameters: unknown[];
  limit: number;
}

/**
 * Reads a page of the history, newest first. Of the conditions, the one that leaves least is looked up by an index, the others are checked
 * along the way. Rejects with INVALID_INPUT if a text fits so many gateways or people that the page cannot be found among what is new.
 */
export async function listCommands(database: Database, query: CommandQuery): Promise<CommandRecord[]> {
  const { clientid, who, gateway } = query;
  if (![clientid, who, gateway].every((text) => text === undefined || isStorable(text))) return [];
  if (query.states?.length === 0 || query.operations?.length === 0) return [];
  const named = gateway ? await gatewaysNamed(database, gateway) : null;
  const names = await namesOfAskers(database, query);
  const plan = planOf(query, named, names);
  if (plan.along?.values.length === 0) return [];
  const found = await database.query<CommandRow>(pageSql(plan), plan.parameters);
  if (plan.isBounded && found.length < plan.limit && (await goesOn(database, plan))) {
    throw badField(named?.clientids === null ? 'gateway' : 'who', 'more of the name: it fits too many');
  }
  return found.map(toRecord);
}

function planOf(query: CommandQuery, named: NamedGateways | null, names: string[] | null): Plan {
  const parameters: unknown[] = [];
  const add = (value: unknown) => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
  const { clientid, door, operations, states, limit = 50 } = query;
  const times: string[] = [];
  if (query.since !== undefined) times.push(`command.created_at >= ${add(query.since)}::timestamptz`);
  if (query.until !== undefined) times.push(`command.created_at < ${add(query.until)}::timestamptz`);
  if (query.before !== undefined) {
    times.push(afterSql(LIST, add(query.before)));
  }
  const gateways = named?.clientids ?? null;
  const isOne = clientid !== undefined;
  const choices: (Along | null)[] = [
    isOne
      ? { column: 'command.clientid', values: gateways?.includes(clientid) === false ? [] : [clientid] }
      : null,
    gateways && !isOne ? { column: 'command.clientid', values: gateways } : null,
    names && names.length <= MAX_NAMES ? { column: 'command.requested_by collate "C"', values: names } : null,
    operations ? { column: 'command.operation', values: operations } : null,
    states?.every((state) => BAD_ENDS.includes(state)) ? { column: 'command.state', values: states } : null,
  ];
  const [along = null, ...others] = choices.filter((choice) => choice !== null);
  const filters = [...times];
  for (const { column, values } of others) filters.push(`${column} = any(${add(values)}::text[])`);
  // Without parameters, so that PostgreSQL knows which partial index has them.
  if (states) filters.push(`command.state in (${states.map((state) => `'${state}'`).join(', ')})`);
  if (door === 'job') filters.push('command.execution is not null');
  const isManyNames = names !== null && names.length > MAX_NAMES;
  if (isManyNames) filters.push(`command.requested_by = any(${add(names)}::text[])`);
  const isManyGateways = named !== null && gateways === null && !isOne;
  if (isManyGateways) filters.push(isNamedSql('command.clientid', add(named.pattern)));
  return {
    halves: halvesOf(door),
    along,
    filters,
    times,
    isBounded: along === null && (isManyNames || isManyGateways),
    parameters,
    limit,
  };
}

function halvesOf(door: CommandQuery['door']): string[] {
  if (door === undefined) return [`not ${SYSTEM}`, SYSTEM];
  return [door === 'system' ? SYSTEM : `not ${SYSTEM}`];
}

function pageSql(plan: Plan): string {
  const keys = plan.halves.map((half) => `(${keysOf(plan, half)})`).join(' union all ');
  return `select ${COMMAND_COLUMNS} from (
      select * from (${keys}) as command ${ORDER} limit ${plan.limit}
    ) as key join tpe_command command on command.request_id = key.request_id ${ORDER}`;
}

/** SQL of the keys of the newest rows of one half that meet all conditions. */
function keysOf({ along, filters, times, isBounded, parameters, limit }: Plan, half: string): string {
  if (isBounded && along === null) {
    const walked = { ...LIST, from: `(${walkSql(half, times)} limit ${MAX_WALKED})` };
    return keysSql(walked, { along, filters, parameters, limit });
  }
  return keysSql(LIST, { along, filters: [half, ...filters], parameters, limit });
}

const walkSql = (half: string, times: readonly string[]) =>
  `select * from tpe_command command where ${[half, ...times].join(' and ')} ${ORDER}`;

/** Whether there is more of the history than was walked through. */
async function goesOn(database: Database, { halves, times, parameters }: Plan): Promise<boolean> {
  const beyond = halves.map((half) => `exists (${walkSql(half, times)} offset ${MAX_WALKED})`);
  // The bounds of time have the first parameters, one each; a statement must not have any that it does not use.
  const sql = `select ${beyond.join(' or ')} as "goesOn"`;
  return (
    (await database.query<{ goesOn: boolean }>(sql, parameters.slice(0, times.length)))[0]?.goesOn === true
  );
}
