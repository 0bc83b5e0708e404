import { ALARM_KINDS, type RuleKind } from '../../manager/alarms/alarm-kinds.ts';
import type { AlarmRule } from '../../manager/alarms/alarm-rule.ts';
import { lengthWords } from './lengths.ts';
import { alarmWords, serverWords } from './words.ts';

/** What a kind of alarms is called. */
export function kindWords(kind: RuleKind): string {
  return alarmWords(`kind.${kind.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}`);
}

/** What a rule is called: by its name, else by its kind. */
export function ruleWords({ name, kind }: AlarmRule): string {
  return name || kindWords(kind);
}

/** For which gateways a rule is, a line each; none: for all. */
export function onlyWords({ filter }: AlarmRule): string[] {
  return Object.entries(filter ?? {}).map(([key, value]) => `${serverWords(`rules.${key}`)}: ${value}`);
}

/** From when on a rule raises an alarm, a line each. */
export function raisedWords({ kind, threshold, delaySeconds, repeatSeconds }: AlarmRule): string[] {
  const { unit, isWorseAbove } = ALARM_KINDS[kind];
  const lines: string[] = [];
  if (unit !== null && threshold !== null)
    lines.push(
      serverWords(isWorseAbove ? 'rules.least' : 'rules.below', {
        number: threshold,
        unit: serverWords(`rules.unit.${unit}`),
      }),
    );
  if (delaySeconds > 0) lines.push(serverWords('rules.after', { length: lengthWords(delaySeconds) }));
  else if (lines.length === 0) lines.push(serverWords('rules.atOnce'));
  if (repeatSeconds !== null) lines.push(serverWords('rules.again', { length: lengthWords(repeatSeconds) }));
  return lines;
}

/** How long it must be good until an alarm is cleared. */
export function clearedWords({ clearSeconds }: AlarmRule): string {
  return clearSeconds === 0 ? serverWords('rules.atOnce') : lengthWords(clearSeconds);
}
