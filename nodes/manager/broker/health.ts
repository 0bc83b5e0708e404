import type { BrokerHealth } from './broker.js';

export interface HealthTeller {
  now(): BrokerHealth;
  /** Calls the listeners if it has changed. */
  set(health: BrokerHealth): void;
  onChange(listener: (health: BrokerHealth) => void): void;
}

/** Holds the health of a broker and reports its changes. */
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

export interface StartTeller {
  tell(at: number): void;
  onStart(listener: (at: number) => void): void;
}

/** Reports each start of a broker. */
export function createStartTeller(): StartTeller {
  const listeners: ((at: number) => void)[] = [];
  return {
    tell(at) {
      for (const listener of listeners) listener(at);
    },
    onStart: (listener) => void listeners.push(listener),
  };
}
