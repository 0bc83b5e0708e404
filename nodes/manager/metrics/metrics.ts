import { Registry } from 'prom-client';
import { type CommandMetrics, createCommandMetrics } from './command-metrics.js';
import { createFlushMetrics, type Flushed } from './flush-metrics.js';
import { createIntakeMetrics, type IntakeMetrics } from './intake-metrics.js';
import { addStateMetrics, type Observed } from './state-metrics.js';

/** What one manager counts and times since it was opened, for Prometheus; names begin with `tpedm_`. */
export interface Metrics extends IntakeMetrics, CommandMetrics {
  readonly registry: Registry;
  /** Told of each write to the database that serves many callers. */
  flushed: Flushed;
  /** From now on, how things stand is read from these whenever somebody asks. */
  observe(observed: Observed): void;
}

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
    observe: (observed) => addStateMetrics(registry, observed),
  };
}
