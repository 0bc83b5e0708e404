import type { Broker } from '../broker/broker.js';
import type { Database } from '../database/database.js';
import type { ManagerHealth } from '../device-manager.js';
import type { WebhookDoor } from '../intake/webhook-door.js';
import type { PresenceAsOfWatch } from '../presence/as-of.js';
import type { PresenceKeeper } from '../presence/presence-keeper.js';

export interface HealthParts {
  database: Pick<Database, 'kind'>;
  broker: Pick<Broker, 'health'>;
  presence: Pick<PresenceKeeper, 'health'>;
  presenceAsOf: Pick<PresenceAsOfWatch, 'asOf'>;
  webhooks: Pick<WebhookDoor, 'counts'> | null;
}

export interface Health {
  now(): ManagerHealth;
  /** Why the database does not answer, in words; null: it answers again. */
  setDatabaseFault(fault: string | null): void;
}

/** How the manager is, put together from its parts; the database is taken to answer until somebody tells otherwise. */
export function createHealth(parts: HealthParts): Health {
  const { database, broker, presence, presenceAsOf, webhooks } = parts;
  let databaseFault: string | null = null;
  return {
    now: () => ({
      database: { connected: databaseFault === null, detail: databaseFault ?? database.kind },
      broker: broker.health(),
      presenceAsOf: presenceAsOf.asOf(),
      presence: presence.health(),
      webhooks: webhooks?.counts() ?? null,
    }),
    setDatabaseFault(fault) {
      databaseFault = fault;
    },
  };
}
