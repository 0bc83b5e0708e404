import { Counter, Gauge, type Registry } from 'prom-client';
import type { AlarmNews, Alarms } from '../alarms/alarm.js';
import { SEVERITIES } from '../alarms/alarm-rule.js';
import { within } from '../shared/timeout.js';

/** Counts alarms. */
export interface AlarmMetrics {
  /** To be called with what this manager has done to an alarm; only what was raised counts. */
  alarm(news: AlarmNews): void;
}

/** The part of which the state of alarms is read. */
export interface ObservedAlarms {
  alarms: Pick<Alarms, 'counts'>;
}

/** How long a scrape waits for a database that is away or busy, ms. */
const WITHIN_MS = 2000;

/** Creates the counter of what this manager has raised. */
export function createAlarmMetrics(registry: Registry): AlarmMetrics {
  const raised = new Counter({
    name: 'tpedm_alarms_raised_total',
    help: 'Alarms that this process has raised, by what of and how bad.',
    labelNames: ['kind', 'severity'],
    registers: [registry],
  });
  return {
    alarm({ what, alarm: { kind, severity } }) {
      if (what === 'raised') raised.inc({ kind, severity });
    },
  };
}

/** Adds the gauge of open alarms, the same for all managers on a database; it is missing while that is away. */
export function addAlarmGauge(registry: Registry, { alarms }: ObservedAlarms): void {
  new Gauge({
    name: 'tpedm_alarms',
    help: 'Alarms that are open, by how bad; those that were put aside are not in it.',
    labelNames: ['severity'],
    registers: [registry],
    async collect() {
      const counts = await within(
        WITHIN_MS,
        alarms.counts().catch(() => null),
        () => null,
      );
      this.reset();
      if (counts !== null) for (const severity of SEVERITIES) this.set({ severity }, counts[severity]);
    },
  });
}
