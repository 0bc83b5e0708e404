import { redactStored } from '../commands/redact-stored.js';
import { messageOf } from '../shared/tpe-error.js';
import type { Parts } from './parts.js';
import { followBroker } from './reactions.js';

/**
 * Opens the parts in order: stored state, then the cluster, then unfinished work, and the broker last, since it brings events.
 * Rejects with the error of the part that failed; then all but the database is closed.
 */
export async function openParts(parts: Parts): Promise<void> {
  const { catalogue, users, tokens, cluster, commands, updates, installations, broker } = parts;
  // The virtual gateways of this process have restarted with it, whatever the broker is.
  void parts.restarts.noteManager();
  try {
    await catalogue.open();
    await users.reload();
    await tokens.reload();
    await cluster.start();
    await commands.start();
    await updates.start();
    await broker.open(parts.intake);
  } catch (error) {
    await closeInOrder([updates.close, installations.close, commands.close, cluster.close]);
    throw error;
  }
  startWork(parts);
  followBroker(parts);
}

/** Starts the background work; its failures are logged. */
function startWork(parts: Parts): void {
  const { database, schedule, catalogue, presence, retention, installations, closing, log } = parts;
  presence.start();
  void parts.statusCopy.catchUp();
  redactStored(database, schedule, catalogue, closing.signal).catch((error) => {
    if (!closing.signal.aborted)
      log(`Secrets in older records could not be hidden, and will be at the next start: ${messageOf(error)}`);
  });
  retention.start();
  parts.guard.start();
  parts.jobs.start();
  parts.alarms.start();
  parts.reader.start();
  installations
    .resume()
    .catch((error) => log(`Installations in progress could not be resumed: ${messageOf(error)}`));
}

/** Closes the parts in order: senders, receivers, writers, and the database last. Rejects with the first error. */
export async function closeParts(parts: Parts): Promise<void> {
  await closeInOrder([
    () => parts.closing.abort(),
    parts.updates.close,
    parts.jobs.close,
    parts.alarms.close,
    parts.reader.close,
    parts.installations.close,
    () => parts.webhooks?.close(),
    parts.profiles.close,
    parts.asked.close,
    parts.broker.close,
    parts.refusedLogins.close,
    parts.presence.close,
    parts.statusCopy.close,
    parts.commands.close,
    parts.guard.close,
    parts.cluster.close,
    parts.audit.close,
    parts.retention.close,
    parts.database.close,
  ]);
}

/** Closes each part even if the one before failed, then rejects with the first error. */
async function closeInOrder(closes: (() => void | Promise<void>)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const close of closes) {
    try {
      await close();
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}
