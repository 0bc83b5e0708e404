import type { BrokerHealth } from './broker.js';

/** Holds the health of a broker and tells listeners of its changes. */
export interface HealthTeller {
  now(): BrokerHealth;
  /** Calls the listeners if the health differs from the last one. */
  set(health: BrokerHealth): void;
  onChange(listener: (health: BrokerHealth) => void): void;
}

/** Creates a HealthTeller with this health to begin with. */
export function createHealthTeller(first: BrokerHealth): HealthTeller {
  let health = first;
  const listeners: ((health: BrokerHealth) => void)[] = [];
  return {
    now: () => health,
    set(next) {
      if (next.connected === health.connected && next.detail === health.detail) return;
      health = next;
      for (const listener of listeners) listener(health);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Tells listeners of each start of a broker; `at` is ms since the epoch. */
export interface StartTeller {
  tell(at: number): void;
  onStart(listener: (at: number) => void): void;
}

/** Creates a StartTeller without listeners. */
export function createStartTeller(): StartTeller {
  const listeners: ((at: number) => void)[] = [];
  return {
    tell(at) {
      for (const listener of listeners) listener(at);
    },
    onStart: (listener) => void listeners.push(listener),
  };
}
