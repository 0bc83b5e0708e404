import type { ManagerHealth } from '../manager/device-manager.js';

/** Another manager on the database may do the comparison with the broker, and it has done it after this time, ms. */
const COMPARED_WITHIN_MS = 60_000;

/**
 * Creates the function that says whether what is known of gateways is so now. It is not while the broker or the database is away, or the
 * list of the broker is not trusted, and after that, as after a start, not before presence was compared with the broker. Call it with each
 * health of the manager.
 */
export function createKnownPresence(first: ManagerHealth): (health: ManagerHealth) => boolean {
  let doubtedAt = isSound(first) && first.presence.checkedAt !== null ? 0 : Date.now();

  return (health) => {
    if (!isSound(health)) {
      doubtedAt = Date.now();
      return false;
    }
    const { checkedAt } = health.presence;
    const isCompared = checkedAt !== null && Date.parse(checkedAt) >= doubtedAt;
    return isCompared || Date.now() - doubtedAt >= COMPARED_WITHIN_MS;
  };
}

function isSound({ database, broker, presence, presenceAsOf }: ManagerHealth): boolean {
  return database.connected && broker.connected && presenceAsOf === null && presence.unconfirmed === null;
}
