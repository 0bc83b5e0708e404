import { alarmReason } from '../alarm-reasons.js';
import { ALARM_KINDS, type AlarmRule } from '../alarm-rule.js';
import type { Condition, ConditionSource } from '../condition.js';
import { thresholdOf } from './threshold.js';

/** A server whose TLS certificate is looked at. */
export interface CertificateOf {
  what: 'broker' | 'repository';
  /** Resolves with when its certificate ends. Rejects if that cannot be read. */
  readEnd(): Promise<Date>;
}

const DAY_MS = 86_400_000;
const READ_EVERY_MS = 12 * 3_600_000;
/** What could not be read is read again after this time. */
const AGAIN_AFTER_MS = 3_600_000;

const WHAT = {
  broker: alarmReason('alarm-of-broker'),
  repository: alarmReason('alarm-of-repository'),
};

/**
 * The TLS certificates of broker and repository, as the servers show them; the keys of alarms are `broker` and `repository`. They are read beside
 * the looks, so that a server that does not answer holds up nobody.
 */
export function certificateSource(certificates: () => readonly CertificateOf[]): ConditionSource {
  const ends = new Map<string, Date>();
  const nextAt = new Map<string, number>();

  function read({ what, readEnd }: CertificateOf): void {
    const now = performance.now();
    if (now < (nextAt.get(what) ?? 0)) return;
    nextAt.set(what, now + AGAIN_AFTER_MS);
    readEnd().then(
      (end) => {
        ends.set(what, end);
        nextAt.set(what, now + READ_EVERY_MS);
      },
      // While it cannot be read, what was read before still holds; whoever needs the server says that it is away.
      () => undefined,
    );
  }

  return {
    kind: 'certificate-ends',
    async due({ database, now }, rule) {
      const listed = certificates();
      for (const one of listed) read(one);
      const open = await database.query<{ key: string }>(
        "select key from tpe_alarm where rule = $1 and coalesce(clientid, '') = '' and cleared_at is null",
        [rule.id],
      );
      return listed.flatMap(({ what }): Condition[] => {
        const end = ends.get(what);
        if (end === undefined || open.some(({ key }) => key === what)) return [];
        const from = now.getTime() - rule.delaySeconds * 1000;
        return daysLeft(end, new Date(from)) > thresholdOf(rule) ? [] : [endsSoon(what, end, now, rule)];
      });
    },
    standings({ now }, rule, open) {
      const listed = new Set<string>(certificates().map(({ what }) => what));
      return Promise.resolve(
        open.map(({ key }) => {
          const end = ends.get(key);
          if (!listed.has(key)) return { is: 'good' };
          if (end === undefined) return { is: 'unknown' };
          const goodFrom = rule.clearThreshold ?? ALARM_KINDS[rule.kind].builtIn.clearThreshold;
          const left = daysLeft(end, now);
          if (left > thresholdOf(rule) && left >= (goodFrom ?? 0)) return { is: 'good' };
          return { is: 'bad', reason: reasonOf(key as CertificateOf['what'], end, now) };
        }),
      );
    },
  };
}

function endsSoon(what: CertificateOf['what'], end: Date, now: Date, rule: AlarmRule): Condition {
  const since = new Date(Math.min(end.getTime() - thresholdOf(rule) * DAY_MS, now.getTime()));
  return {
    ...{ clientid: null, key: what, site: null, since, gateways: 0 },
    reason: reasonOf(what, end, now),
    advice: alarmReason('alarm-do-certificate'),
  };
}

function reasonOf(what: CertificateOf['what'], end: Date, now: Date) {
  const said = { what: WHAT[what], end: end.toISOString() };
  if (end <= now) return alarmReason('alarm-certificate-ended', said);
  return alarmReason('alarm-certificate-ends', { ...said, days: Math.floor(daysLeft(end, now)) });
}

function daysLeft(end: Date, now: Date): number {
  return (end.getTime() - now.getTime()) / DAY_MS;
}
