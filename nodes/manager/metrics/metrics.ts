import { Registry } from 'prom-client';
import type { BrokerEventSink } from '../broker/events.js';
import type { CommandRecord } from '../commands/command.js';
import type { GatewayOutput } from '../intake/gateway-output.js';
import type { Installation } from '../updates/install/installation.js';
import { createCommandMetrics } from './command-metrics.js';
import { createFlushMetrics, type Flushed } from './flush-metrics.js';
import { createIntakeMetrics } from './intake-metrics.js';
import { addStateMetrics, type Observed } from './state-metrics.js';

/** What one manager counts and times since it was opened, for Prometheus; names begin with `tpedm_`. */
export interface Metrics {
  readonly registry: Registry;
  /** The same sink, its events counted and timed. */
  counted(sink: BrokerEventSink): BrokerEventSink;
  /** Told of each write to the database that serves many callers. */
  flushed: Flushed;
  /** A gateway published something, and this manager took it in. */
  output(output: GatewayOutput): void;
  /** This manager brought a command into the state that it is in. */
  command(record: CommandRecord): void;
  /** An installation of this manager ended. */
  installation(installation: Installation): void;
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
