import { redactStored } from '../commands/redact-stored.js';
import { messageOf } from '../shared/tpe-error.js';
import type { Parts } from './parts.js';
import { followBroker } from './reactions.js';

/**
 * Opens the parts in order: what this manager knows, then its place among the others, then what was under way, and the broker last,
 * since with it events come in. Rejects with the fault of the part that failed; then all but the database is closed.
 */
export async function openParts(parts: Parts): Promise<void> {
  const { catalogue, users, tokens, others, commands, updates, installations, broker } = parts;
  // With this process its virtual gateways begin anew, whatever the broker is.
  void parts.restarts.note(Date.now());
  try {
    await catalogue.open();
    await users.reload();
    await tokens.reload();
    await others.start();
    await commands.start();
    await updates.start();
    await broker.open(parts.intake);
  } catch (error) {
    await closeInOrder([updates.close, installations.close, commands.close, others.close]);
    throw error;
  }
  startWork(parts);
  followBroker(parts);
}

/** What goes on by itself from now on; what fails of it is told in the log. */
function startWork(parts: Parts): void {
  const { database, schedule, catalogue, presence, retention, installations, closing, log } = parts;
  presence.start();
  redactStored(database, schedule, catalogue, closing.signal).catch((error) => {
    if (!closing.signal.aborted)
      log(`Secrets in older records could not be hidden, and will be at the next start: ${messageOf(error)}`);
  });
  retention.start();
  installations
    .resume()
    .catch((error) => log(`Installations in progress could not be resumed: ${messageOf(error)}`));
}

/** Closes the parts in order: who sends, who takes in, who writes, and the database last. Rejects with the first fault. */
export async function closeParts(parts: Parts): Promise<void> {
  await closeInOrder([
    () => parts.closing.abort(),
    parts.updates.close,
    parts.installations.close,
    () => parts.webhooks?.close(),
    parts.profiles.close,
    parts.asked.close,
    parts.broker.close,
    parts.refusedLogins.close,
    parts.presence.close,
    parts.commands.close,
    parts.others.close,
    parts.audit.close,
    parts.retention.close,
    parts.database.close,
  ]);
}

/** Each whatever became of the one before; rejects with the first fault. */
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
