import type { Database } from '../database/database.js';
import { TpeError } from '../tpe-error.js';
import type { Credential, ImportFault, ImportReport } from './device.js';
import { type CheckedRegistration, checkRegistration } from './fields.js';
import { type FileRow, readFile } from './import-file.js';
import { describe, insertRegistrations } from './register.js';
import { quote } from './text.js';

interface GoodRow {
  line: number;
  registration: CheckedRegistration;
}

/** Good rows go in, in one transaction; each bad one is reported. INVALID_INPUT for a file that cannot be read. */
export async function importDevices(
  database: Database,
  text: string,
  format: 'csv' | 'json',
): Promise<ImportReport> {
  const rows = readFile(text, format);
  const faults: ImportFault[] = [];
  const good = goodRows(rows, faults);
  const credentials: Credential[] = [];
  let registered = 0;
  if (good.length > 0) {
    const outcomes = await database.transaction((transaction) =>
      insertRegistrations(
        transaction,
        good.map((row) => row.registration),
      ),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const { line, registration } = good[index]!;
      if (typeof outcome === 'object') {
        registered += 1;
        if (outcome.generated) credentials.push(outcome);
      } else {
        const { clientid } = registration;
        faults.push({ line, clientid, reason: `The client id ${quote(clientid)} ${describe(outcome)}.` });
      }
    }
  }
  faults.sort((a, b) => a.line - b.line);
  return { total: rows.length, registered, faults, credentials };
}

function goodRows(rows: readonly FileRow[], faults: ImportFault[]): GoodRow[] {
  const lines = new Map<string, number>();
  const good: GoodRow[] = [];
  for (const { line, fields, fault } of rows) {
    const clientid = typeof fields.clientid === 'string' ? fields.clientid : null;
    try {
      if (fault !== null) throw new TpeError('INVALID_INPUT', fault);
      const registration = checkRegistration(fields);
      const first = lines.get(registration.clientid);
      if (first !== undefined)
        throw new TpeError('CONFLICT', `The client id stands on line ${first} already.`);
      lines.set(registration.clientid, line);
      good.push({ line, registration });
    } catch (error) {
      if (!(error instanceof TpeError)) throw error;
      faults.push({ line, clientid: clientid?.slice(0, 200).toWellFormed() ?? null, reason: error.message });
    }
  }
  return good;
}
