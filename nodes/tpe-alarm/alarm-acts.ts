import type { NodeMessage } from 'node-red';
import { type Alarm, parseAlarmAct, parseOwnAlarm, parseOwnClear } from '../manager/alarms/alarm.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { isPlainObject } from '../manager/shared/validate.js';
import { ALARM_ACTIONS } from '../node-red/fields/choices.js';
import { choiceOf, clientIdIn, numberOf, textOf } from '../node-red/runtime/message-values.js';

export type AlarmAction = (typeof ALARM_ACTIONS)[number];
/** The fields that an act may need, and the message properties of the same names. */
export type ActField =
  | 'action'
  | 'alarm'
  | 'key'
  | 'clientid'
  | 'severity'
  | 'text'
  | 'advice'
  | 'to'
  | 'seconds'
  | 'note';

/** What an act gets of the node. */
export interface ActTools {
  manager: DeviceManager;
  msg: NodeMessage;
  /** Who asks. */
  by: string;
  /** The value of a field: as the node has it, else the message, else its payload; undefined if nobody gives it. */
  value(name: ActField): Promise<unknown>;
}

/** Which act a message wants. Throws INVALID_INPUT if it says none. */
export async function actionOf(msg: NodeMessage, value: ActTools['value']): Promise<AlarmAction> {
  const payload = isPlainObject(msg.payload) ? msg.payload : {};
  const named = choiceOf((await value('action')) ?? payload.act, 'action', ALARM_ACTIONS);
  const found = named ?? ALARM_ACTIONS.find((one) => one === msg.topic);
  if (found !== undefined) return found;
  throw new TpeError(
    'INVALID_INPUT',
    `"action" is missing: set it in the node or give it as msg.action: ${ALARM_ACTIONS.join(', ')}.`,
    { field: 'action' },
  );
}

/** Does one act, and resolves with the alarms that it was about. Rejects as the methods of Alarms do. */
export async function doAct(action: AlarmAction, tools: ActTools): Promise<Alarm[]> {
  const { manager, by } = tools;
  switch (action) {
    case 'raise':
      return [await manager.alarms.raise(parseOwnAlarm(await ownAlarm(tools)), by)];
    case 'clear': {
      const cleared = await manager.alarms.clear(parseOwnClear(await ownSubject(tools)), by);
      return cleared === null ? [] : [cleared];
    }
    default:
      return await manager.alarms.act(parseAlarmAct({ act: action, ...(await ofAct(action, tools)) }), by);
  }
}

/** What an alarm of a flow is of. A message that this node sent names it as well. */
async function ownSubject(tools: ActTools): Promise<object> {
  const told = toldIn(tools.msg);
  const key = textOf(await tools.value('key'), 'key') ?? told?.key;
  const clientid = clientIdIn(await tools.value('clientid'), 'clientid') ?? told?.clientid ?? undefined;
  return filled({ key, clientid });
}

async function ownAlarm(tools: ActTools): Promise<object> {
  const { payload } = tools.msg;
  const text =
    textOf(await tools.value('text'), 'text') ?? (typeof payload === 'string' ? payload : undefined);
  return {
    ...(await ownSubject(tools)),
    ...filled({
      text,
      severity: textOf(await tools.value('severity'), 'severity'),
      advice: textOf(await tools.value('advice'), 'advice'),
    }),
  };
}

async function ofAct(action: Exclude<AlarmAction, 'raise' | 'clear'>, tools: ActTools): Promise<object> {
  const { payload } = tools.msg;
  const listed = isPlainObject(payload) ? payload.ids : undefined;
  const ids = idsOf((await tools.value('alarm')) ?? listed ?? toldIn(tools.msg)?.id);
  if (action === 'assign') return { ids, to: assigneeOf(await tools.value('to')) };
  const note = textOf(await tools.value('note'), 'note');
  if (action === 'unshelve') return { ids };
  if (action === 'acknowledge') return { ids, ...filled({ note }) };
  const seconds = numberOf(await tools.value('seconds'), 'seconds');
  if (seconds === undefined)
    throw new TpeError(
      'INVALID_INPUT',
      '"seconds" is missing: an alarm is shelved until an end. Set it in the node or give it as msg.seconds.',
      { field: 'seconds' },
    );
  return { ids, seconds, ...filled({ note }) };
}

/** Reads to whom alarms are assigned: null is nobody. Throws INVALID_INPUT if that is not said. */
function assigneeOf(given: unknown): string | null {
  if (given === null) return null;
  const to = textOf(given, 'to');
  if (to !== undefined) return to;
  throw new TpeError(
    'INVALID_INPUT',
    '"to" is missing: set a name in the node or give it as msg.to; null is nobody.',
    { field: 'to' },
  );
}

/** Reads the ids of alarms: one, a list, or alarms themselves. Throws INVALID_INPUT. */
function idsOf(given: unknown): string[] {
  const list = Array.isArray(given) ? given : [given];
  const ids = list.map((one) => textOf(isPlainObject(one) ? one.id : one, 'alarm'));
  if (ids.length > 0 && ids.every((id) => id !== undefined)) return ids as string[];
  throw new TpeError(
    'INVALID_INPUT',
    '"alarm" is missing: set the id of an alarm, or a list of them, in the node or give it as msg.alarm.',
    { field: 'alarm' },
  );
}

/** The alarm of a message that this node sent, and that came back with an action. */
function toldIn({
  tpe,
}: NodeMessage & { tpe?: unknown }): Pick<Alarm, 'id' | 'key' | 'clientid'> | undefined {
  const alarm = isPlainObject(tpe) ? tpe.alarm : undefined;
  return isPlainObject(alarm) && typeof alarm.id === 'string' ? (alarm as unknown as Alarm) : undefined;
}

function filled(values: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
