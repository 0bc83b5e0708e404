import type { AlarmAct } from '../manager/alarms/alarm.js';
import type { AuditAction } from '../manager/audit/audited.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { isPlainObject } from '../manager/shared/validate.js';
import { idsTold } from './ids-told.js';

type Subject = Omit<AuditAction, 'action'>;

const MAX_LENGTH = 500;
const ACT_FIELDS = ['to', 'seconds', 'note'] as const;
const RULE_FIELDS = [
  ...['id', 'kind', 'name', 'enabled', 'severity', 'delaySeconds', 'threshold', 'clearThreshold'],
  ...['clearSeconds', 'repeatSeconds'],
];
const FILTER_FIELDS = ['site', 'tag', 'model'];

/** What an audit entry says of an act on alarms, which may still be anything. One on a single alarm of a gateway concerns that gateway. */
export async function actSubject(
  { alarms }: Pick<DeviceManager, 'alarms'>,
  given: Partial<Record<keyof AlarmAct | (typeof ACT_FIELDS)[number], unknown>>,
): Promise<Subject> {
  const ids: unknown[] = Array.isArray(given.ids) ? given.ids : [];
  const one = ids.length === 1 ? await alarms.get(String(ids[0])) : null;
  return {
    clientid: one?.clientid ?? null,
    detail: { ...idsTold('alarms', ids), ...told(given, ACT_FIELDS) },
  };
}

/** What an audit entry says of a rule that is set, which may still be anything. */
export function ruleSubject(given: unknown): Subject {
  if (!isPlainObject(given)) return {};
  const filter = isPlainObject(given.filter) ? told(given.filter, FILTER_FIELDS) : {};
  return { detail: { ...told(given, RULE_FIELDS), ...filter } };
}

/** What an audit entry says of an alarm that somebody raises or clears as flows do, which may still be anything. */
export function ownSubject(given: unknown): Subject {
  if (!isPlainObject(given)) return {};
  const { clientid } = given;
  return {
    ...(typeof clientid === 'string' && { clientid: clientid.slice(0, 200) }),
    detail: told(given, ['key', 'severity', 'text']),
  };
}

function told(given: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const values = names.flatMap((name) => {
    const value = given[name];
    if (typeof value === 'string') return [[name, short(value)]];
    return typeof value === 'number' || typeof value === 'boolean' || value === null ? [[name, value]] : [];
  });
  return Object.fromEntries(values);
}

function short(text: string): string {
  return text.slice(0, MAX_LENGTH);
}
