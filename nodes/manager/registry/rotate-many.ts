import { breathe } from '../database/breathe.js';
import type { Database } from '../database/database.js';
import { TpeError } from '../tpe-error.js';
import { rotate } from './credentials.js';
import type { Credential } from './device.js';

/** What came of new passwords for several gateways. */
export interface RotationReport {
  /** One for each gateway that has a new password: shown here and never again. */
  credentials: Credential[];
  /** The gateways that kept the one they have, and why. */
  faults: { clientid: string; reason: string }[];
}

/** So many at once: each is a transaction of its own. */
export const MOST_ROTATED = 1000;

/** New passwords for several gateways, each by itself; one that fails keeps no other from it. INVALID_INPUT for too many. */
export async function rotateMany(database: Database, clientids: readonly string[]): Promise<RotationReport> {
  const gateways = [...new Set(clientids)];
  if (gateways.length > MOST_ROTATED) {
    const text = `These are ${gateways.length} gateways, and ${MOST_ROTATED} at once get new passwords: do it in parts.`;
    throw new TpeError('INVALID_INPUT', text, { field: 'clientids' });
  }
  const report: RotationReport = { credentials: [], faults: [] };
  for (const clientid of gateways) {
    await breathe();
    try {
      report.credentials.push(await rotate(database, clientid));
    } catch (error) {
      if (!(error instanceof TpeError)) throw error;
      report.faults.push({ clientid, reason: error.message });
    }
  }
  return report;
}
