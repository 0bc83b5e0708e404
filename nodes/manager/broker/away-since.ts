import type { Broker } from './broker.js';

/** Knows since when this manager does not reach its broker, ms since the epoch; null while it does. Create it before the broker is opened, so that it misses no change. */
export function watchAwaySince(broker: Pick<Broker, 'health' | 'onHealth'>): () => number | null {
  let since: number | null = broker.health().connected ? null : Date.now();
  broker.onHealth(({ connected }) => {
    if (connected) since = null;
    else since ??= Date.now();
  });
  return () => since;
}
