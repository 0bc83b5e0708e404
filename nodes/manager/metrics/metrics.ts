import { Registry } from 'prom-client';
import {
  type AlarmMetrics,
  addAlarmGauge,
  createAlarmMetrics,
  type ObservedAlarms,
} from './alarm-metrics.js';
import { type CommandMetrics, createCommandMetrics } from './command-metrics.js';
import { createFlushMetrics, type Flushed } from './flush-metrics.js';
import { createIntakeMetrics, type IntakeMetrics } from './intake-metrics.js';
import { addWorkMetrics, createJobMetrics, type JobMetrics, type ObservedWork } from './job-metrics.js';
import { addStateMetrics, type Observed } from './state-metrics.js';

/** The metrics of one manager since it was opened, for Prometheus; their names begin with `tpedm_`. */
export interface Metrics extends IntakeMetrics, CommandMetrics, JobMetrics, AlarmMetrics {
  readonly registry: Registry;
  /** To be called after each write to the database that serves many callers. */
  flushed: Flushed;
  /** Adds gauges that are read from these parts at each scrape. To be called once. */
  observe(observed: Observed & ObservedWork & ObservedAlarms): void;
}

/** Creates the metrics of one manager, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const { counted, output } = createIntakeMetrics(registry);
  const { command, installation } = createCommandMetrics(registry);
  return {
    registry,
    counted,
    flushed: createFlushMetrics(registry),
    output,
    command,
    installation,
    ...createJobMetrics(registry),
    ...createAlarmMetrics(registry),
    observe(observed) {
      addStateMetrics(registry, observed);
      addWorkMetrics(registry, observed);
      addAlarmGauge(registry, observed);
    },
  };
}
