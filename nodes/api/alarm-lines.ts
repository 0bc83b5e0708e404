import type { Alarm } from '../manager/alarms/alarm.js';
import type { AlarmKindName, Severity } from '../manager/alarms/alarm-rule.js';

/** One line of what is wrong: one alarm, or all gateways that come and go. */
export interface Line {
  key: string;
  kind: AlarmKindName;
  severity: Severity;
  /** The first one is the worst. */
  alarms: [Alarm, ...Alarm[]];
}

/** Kinds whose gateways are in one line together, since nobody looks at each of them for itself. */
const TOGETHER: ReadonlySet<AlarmKindName> = new Set<AlarmKindName>(['flapping']);

/** Puts alarms, the worst first, into lines in this order. */
export function linesOf(alarms: readonly Alarm[]): Line[] {
  const lines = new Map<string, Line>();
  for (const alarm of alarms) {
    const { id, kind, severity } = alarm;
    const key = TOGETHER.has(kind) ? kind : id;
    const known = lines.get(key);
    if (known === undefined) lines.set(key, { key, kind, severity, alarms: [alarm] });
    else known.alarms.push(alarm);
  }
  return [...lines.values()];
}
