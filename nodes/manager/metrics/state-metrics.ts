import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '../database/database.js';
import type { ManagerHealth } from '../device-manager.js';
import { createFleetSnapshot, type FleetSnapshot } from './fleet-snapshot.js';

/** The parts of which the present state is read. */
export interface Observed {
  database: Database;
  health(): ManagerHealth;
  /** The number of items that wait for the database in this process, by kind of write. */
  waiting(): Record<string, number>;
}

/** Adds metrics of the present state, read at each scrape. Those from the database are the same for all managers on it. */
export function addStateMetrics(registry: Registry, observed: Observed): void {
  addHealth(registry, observed);
  addWebhooks(registry, observed);
  addStanding(registry, observed);
}

function addHealth(registry: Registry, { health, waiting }: Observed): void {
  const registers = [registry];
  new Gauge({
    name: 'tpedm_up',
    help: '1 where the database and the broker answer, 0 where they do not.',
    labelNames: ['part'],
    registers,
    collect() {
      const { database, broker } = health();
      this.set({ part: 'database' }, Number(database.connected));
      this.set({ part: 'broker' }, Number(broker.connected));
    },
  });
  new Gauge({
    name: 'tpedm_flush_waiting',
    help: 'Events and commands that wait for the database in this process.',
    labelNames: ['write'],
    registers,
    collect() {
      for (const [write, count] of Object.entries(waiting())) this.set({ write }, count);
    },
  });
  new Counter({
    name: 'tpedm_presence_corrections_total',
    help: 'Gateways whose presence a comparison with the broker corrected: the drift.',
    registers,
    collect() {
      this.reset();
      this.inc(health().presence.correctedInAll);
    },
  });
  new Gauge({
    name: 'tpedm_presence_checked_timestamp_seconds',
    help: 'When this process last compared presence with the broker.',
    registers,
    collect() {
      const { checkedAt } = health().presence;
      if (checkedAt === null) this.remove();
      else this.set(Date.parse(checkedAt) / 1000);
    },
  });
  new Gauge({
    name: 'tpedm_presence_drift',
    help: 'How many gateways that last comparison corrected.',
    registers,
    collect() {
      this.set(health().presence.corrected);
    },
  });
}

function addWebhooks(registry: Registry, { health }: Observed): void {
  if (health().webhooks === null) return;
  const registers = [registry];
  new Counter({
    name: 'tpedm_webhooks_total',
    help: 'Webhooks of EMQX by what became of them.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const {
        waiting: _waiting,
        actions: _actions,
        previousSecret: _previous,
        ...outcomes
      } = health().webhooks!;
      this.reset();
      for (const [outcome, count] of Object.entries(outcomes)) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: 'tpedm_webhooks_previous_secret_total',
    help: 'Webhooks that came with the previous secret: while this grows, a node of EMQX has not been given the present one.',
    registers,
    collect() {
      this.reset();
      this.inc(health().webhooks!.previousSecret);
    },
  });
  new Gauge({
    name: 'tpedm_webhooks_waiting',
    help: 'Webhooks that wait for the database.',
    registers,
    collect() {
      this.set(health().webhooks!.waiting);
    },
  });
}

/** Adds what the database knows. While it is away these metrics are missing, since 0 would be wrong. */
function addStanding(registry: Registry, { database }: Observed): void {
  const snapshot = createFleetSnapshot(database);
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    fill: (gauge: Gauge, now: FleetSnapshot) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const now = await snapshot();
        this.reset();
        if (now !== null) fill(this, now);
        // `reset` leaves a gauge without labels at 0.
        else if (labelNames.length === 0) this.remove();
      },
    });
  gauge('tpedm_gateways', 'Registered gateways by how they stand.', ['status'], (gauges, now) => {
    for (const status of ['online', 'offline', 'never_seen'] as const) gauges.set({ status }, now[status]);
  });
  gauge(
    'tpedm_gateways_with_update',
    'Gateways for which the last scan found newer software.',
    [],
    (gauges, now) => gauges.set(now.with_update),
  );
  gauge(
    'tpedm_commands_open',
    'Commands that wait for their gateway (QUEUED) or for its answer (SENT).',
    ['state'],
    (gauges, now) => {
      gauges.set({ state: 'QUEUED' }, now.queued);
      gauges.set({ state: 'SENT' }, now.sent);
    },
  );
  gauge('tpedm_installations_open', 'Installations of software that are under way.', [], (gauges, now) =>
    gauges.set(now.installing),
  );
}
