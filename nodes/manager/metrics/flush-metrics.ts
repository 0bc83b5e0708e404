import { Histogram, type Registry } from 'prom-client';

/** To be called after a write of `items` together, which took `ms`. */
export type Flushed = (write: string, items: number, ms: number) => void;

/** Limits of buckets, s, for what usually takes milliseconds, and seconds when something is wrong. */
export const SHORT_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Creates the metrics of writes: how many callers a write serves, and how long it takes. */
export function createFlushMetrics(registry: Registry): Flushed {
  const registers = [registry];
  const items = new Histogram({
    name: 'tpedm_flush_items',
    help: 'Events or commands that were written to the database in one statement.',
    labelNames: ['write'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
    registers,
  });
  const seconds = new Histogram({
    name: 'tpedm_flush_seconds',
    help: 'How long such a statement took, to its commit.',
    labelNames: ['write'],
    buckets: SHORT_S,
    registers,
  });
  return (write, count, ms) => {
    items.observe({ write }, count);
    seconds.observe({ write }, ms / 1000);
  };
}
