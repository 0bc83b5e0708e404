import { Counter, Histogram, type Registry } from 'prom-client';
import type { CommandRecord } from '../commands/command.js';
import { type Installation, isOver } from '../updates/install/installation.js';

/** Counts and times commands and installations. */
export interface CommandMetrics {
  /** To be called when this manager has brought a command into its state. */
  command(record: CommandRecord): void;
  /** To be called with the changes of installations of this manager; only the ends count. */
  installation(installation: Installation): void;
}

/** Limits of buckets, s: a gateway may take a minute to answer, and an hour to come online. */
const LONG_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

/** Creates the metrics of what this manager asks of gateways. */
export function createCommandMetrics(registry: Registry): CommandMetrics {
  const registers = [registry];
  const commands = new Counter({
    name: 'tpedm_commands_total',
    help: 'Commands that entered a state; the code says why one was rejected or ended without an answer.',
    labelNames: ['state', 'code'],
    registers,
  });
  const answered = new Histogram({
    name: 'tpedm_command_seconds',
    help: 'From sending a command until it ended.',
    labelNames: ['state'],
    buckets: LONG_S,
    registers,
  });
  const waited = new Histogram({
    name: 'tpedm_command_wait_seconds',
    help: 'From asking for a command until it was sent.',
    buckets: LONG_S,
    registers,
  });
  const installations = new Counter({
    name: 'tpedm_installations_total',
    help: 'Installations of software that ended, by how.',
    labelNames: ['state'],
    registers,
  });
  return {
    command({ state, reasonCode, createdAt, sentAt, endedAt }) {
      commands.inc({ state, code: reasonCode ?? '' });
      if (sentAt === null) return;
      if (state === 'SENT') waited.observe(secondsBetween(createdAt, sentAt));
      else if (endedAt !== null) answered.observe({ state }, secondsBetween(sentAt, endedAt));
    },
    installation({ state }) {
      if (isOver(state)) installations.inc({ state });
    },
  };
}

/** Returns the time between two moments, s. It is never negative, even if the clock was set back meanwhile. */
function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
