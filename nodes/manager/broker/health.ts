import type { BrokerHealth } from './broker.js';

export interface HealthTeller {
  now(): BrokerHealth;
  /** Tells the listeners, if it changed. */
  set(health: BrokerHealth): void;
  onChange(listener: (health: BrokerHealth) => void): void;
}

/** Keeps a broker's health and tells of its changes. */
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

/** Tells of each start of a broker. */
export function createStartTeller(): StartTeller {
  const listeners: ((at: number) => void)[] = [];
  return {
    tell(at) {
      for (const listener of listeners) listener(at);
    },
    onStart: (listener) => void listeners.push(listener),
  };
}
