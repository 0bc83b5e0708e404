import { Counter, Histogram, type Registry } from 'prom-client';
import type { BrokerEventSink } from '../broker/events.js';
import type { GatewayOutput } from '../intake/gateway-output.js';
import { SHORT_S } from './flush-metrics.js';

/** Counts and times what comes in from the broker. */
export interface IntakeMetrics {
  /** Returns a sink that does the same as `sink`, and counts and times its events. */
  counted(sink: BrokerEventSink): BrokerEventSink;
  /** To be called when this manager has taken in an answer or telemetry. */
  output(output: GatewayOutput): void;
}

/** Creates the metrics of what comes in from the broker. */
export function createIntakeMetrics(registry: Registry): IntakeMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'tpedm_intake_events_total',
    help: 'Events of the broker: connects, disconnects and messages, by what became of them.',
    labelNames: ['type', 'source', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'tpedm_intake_seconds',
    help: 'From the arrival of an event until it is in the database.',
    labelNames: ['type'],
    buckets: SHORT_S,
    registers,
  });
  const outputs = new Counter({
    name: 'tpedm_messages_total',
    help: 'Messages of gateways: answers to commands, answers that came again, answers to nothing of ours, telemetry.',
    labelNames: ['kind'],
    registers,
  });
  return {
    counted: (sink) => (event) => {
      const { type, source } = event;
      const begun = performance.now();
      const note = (outcome: 'stored' | 'failed') => {
        events.inc({ type, source, outcome });
        seconds.observe({ type }, (performance.now() - begun) / 1000);
      };
      return sink(event).then(
        () => note('stored'),
        (error: unknown) => {
          note('failed');
          throw error;
        },
      );
    },
    output: (output) => outputs.inc({ kind: kindOf(output) }),
  };
}

function kindOf(output: GatewayOutput): string {
  if (output.kind === 'telemetry') return 'telemetry';
  if (output.command === null) return 'unmatched';
  return output.duplicate ? 'duplicate' : 'answer';
}
