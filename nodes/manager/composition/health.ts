import type { Broker } from '../broker/broker.js';
import type { Database } from '../database/database.js';
import type { ManagerHealth } from '../device-manager.js';
import type { WebhookReceiver } from '../intake/webhook-receiver.js';
import type { PresenceAsOfWatch } from '../presence/as-of.js';
import type { PresenceKeeper } from '../presence/presence-keeper.js';

export interface HealthParts {
  database: Pick<Database, 'kind'>;
  broker: Pick<Broker, 'health'>;
  presence: Pick<PresenceKeeper, 'health'>;
  presenceAsOf: Pick<PresenceAsOfWatch, 'asOf'>;
  webhooks: Pick<WebhookReceiver, 'counts'> | null;
}

export interface Health {
  now(): ManagerHealth;
  /** Notes why the database does not respond, in words for a person; null: it responds again. */
  setDatabaseFault(fault: string | null): void;
}

/** Creates the health of the manager from that of its parts. The database counts as healthy until a failure is reported. */
export function createHealth(parts: HealthParts): Health {
  const { database, broker, presence, presenceAsOf, webhooks } = parts;
  let databaseFault: string | null = null;
  let databaseAwaySince: string | null = null;
  return {
    now: () => ({
      database: { connected: databaseFault === null, detail: databaseFault ?? database.kind },
      broker: broker.health(),
      databaseAwaySince,
      presenceAsOf: presenceAsOf.asOf(),
      presence: presence.health(),
      webhooks: webhooks?.counts() ?? null,
    }),
    setDatabaseFault(fault) {
      databaseFault = fault;
      databaseAwaySince = fault === null ? null : (databaseAwaySince ?? new Date().toISOString());
    },
  };
}
