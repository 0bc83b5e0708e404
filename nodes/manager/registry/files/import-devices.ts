import type { Database } from '../../database/database.js';
import { refuseUnsure } from '../../shared/files/decode-text.js';
import { foldedName } from '../../shared/folded-name.js';
import { createPieceSize } from '../../shared/piece-size.js';
import type { Reason } from '../../shared/reason.js';
import { quotable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Credential, ImportFault, ImportPreview, ImportReport } from '../device.js';
import { type CheckedRegistration, checkRegistration } from '../fields.js';
import { conflictsOf, insertRegistrations, type Outcome, type Refusal, whyRefused } from '../register.js';
import { gatewayFileReason } from './gateway-file-reasons.js';
import { type GivenFile, type ImportFile, readFile } from './import-file.js';
import { type FileRow, told } from './import-rows.js';
import { createSetSizes } from './set-sizes.js';
import { sortInPieces } from './sort-in-pieces.js';

/** Keeps each statement far below its time limit, and lets other work run between them. */
const ROWS_PER_STATEMENT = 500;
const WRITTEN = { first: 100, least: 25, most: ROWS_PER_STATEMENT };
/** The most rows in the sample of a preview. */
const MAX_SHOWN = 20;

interface GoodRow {
  line: number;
  registration: CheckedRegistration;
}

/**
 * Registers the valid rows of a file in one transaction. Resolves with a report that has each other row, and with the client ids that were
 * registered. Rejects with INVALID_INPUT for a file that cannot be read or whose encoding is not certain.
 */
export async function importDevices(
  database: Database,
  file: GivenFile,
): Promise<{ report: ImportReport; clientids: string[] }> {
  const read = await readFile(file);
  refuseUnsure(read.decoded);
  const { rows, faults } = read;
  const good = await goodRows(rows, read);
  const outcomes = good.length === 0 ? new Map<GoodRow, Outcome>() : await insert(database, good);
  const credentials: Credential[] = [];
  const clientids: string[] = [];
  for (const row of good) {
    await yieldToEventLoop();
    const outcome = outcomes.get(row);
    if (typeof outcome === 'object') {
      clientids.push(outcome.clientid);
      if (outcome.generated) credentials.push(outcome);
    } else {
      faults.push(refusal(row, outcome ?? 'registered already'));
    }
  }
  const report = { total: rows.length, registered: clientids.length, ...toldOf(read), credentials };
  return { report, clientids };
}

/**
 * Reports what importDevices would do, by the same steps except the writing. A file whose encoding is not certain is read in the most
 * likely one, so that a person can judge it. Rejects with INVALID_INPUT for a file that cannot be read.
 */
export async function previewImport(database: Database, file: GivenFile): Promise<ImportPreview> {
  const read = await readFile(file);
  const { rows, faults } = read;
  const good: GoodRow[] = [];
  for (const batch of batchesOf(await goodRows(rows, read))) {
    const conflicts = await conflictsOf(
      database,
      batch.map(({ registration }) => registration),
    );
    for (const [place, row] of batch.entries()) {
      const conflict = conflicts[place] ?? null;
      if (conflict === null) good.push(row);
      else faults.push(refusal(row, conflict));
    }
    await yieldToEventLoop();
  }
  const sample = good.slice(0, MAX_SHOWN).map(toShown);
  return { total: rows.length, good: good.length, ...toldOf(read), sample };
}

/** Makes the part that a preview and a report share, with faults and notes in the order of the lines. */
function toldOf({
  faults,
  notes,
  format,
  decoded,
}: ImportFile): Pick<ImportReport, 'faults' | 'notes' | 'format' | 'encoding'> {
  const { encoding, isSure, others } = decoded;
  faults.sort((a, b) => a.line - b.line);
  notes.sort((a, b) => a.line - b.line);
  return { faults, notes, format, encoding: encoding === null ? null : { name: encoding, isSure, others } };
}

function toShown({ registration }: GoodRow): ImportPreview['sample'][number] {
  const { clientid, username, site, note, tags, redundancy, password } = registration;
  return { clientid, username, site, note, tags, redundancy, hasPassword: password !== null };
}

/** Picks the valid rows, and adds a fault for each other row. */
async function goodRows(
  rows: readonly FileRow[],
  { faults, notes }: Pick<ImportFile, 'faults' | 'notes'>,
): Promise<GoodRow[]> {
  const lines = new Map<string, number>();
  const alike = new Map<string, string>();
  const sets = createSetSizes();
  const good: GoodRow[] = [];
  for (const row of rows) {
    await yieldToEventLoop();
    try {
      const registration = checkRow(row, lines);
      lines.set(registration.clientid, row.line);
      good.push({ line: row.line, registration });
      sets.add(row.line, registration.redundancy);
      const reason = likeAnother(registration.clientid, alike);
      if (reason !== null) notes.push(told(row.line, registration.clientid, reason));
    } catch (error) {
      if (!(error instanceof TpeError)) throw error;
      faults.push(told(row.line, shown(row.fields.clientid), error.reason));
    }
  }
  const ofSets = sets.note();
  if (ofSets !== null) notes.push(ofSets);
  return good;
}

/** Warns of two client ids that look the same to a person: they are two gateways, which is usually a mistake. */
function likeAnother(clientid: string, alike: Map<string, string>): Reason | null {
  const key = foldedName(clientid);
  const other = alike.get(key);
  alike.set(key, clientid);
  if (other === undefined) return null;
  const both = { clientid: quotable(clientid), other: quotable(other) };
  return gatewayFileReason('client-id-like-another', both);
}

function checkRow({ fields, fault }: FileRow, lines: ReadonlyMap<string, number>): CheckedRegistration {
  if (fault !== null) throw new TpeError('INVALID_INPUT', fault);
  const registration = checkRegistration(fields);
  const first = lines.get(registration.clientid);
  if (first === undefined) return registration;
  const clientid = quotable(registration.clientid);
  throw new TpeError('CONFLICT', gatewayFileReason('client-id-on-two-lines', { clientid, line: first }));
}

/** Writes the rows in order of client id, so that two imports at the same time cannot deadlock. */
async function insert(database: Database, good: readonly GoodRow[]): Promise<Map<GoodRow, Outcome>> {
  const ordered = await sortInPieces(good, (a, b) => a.registration.clientid < b.registration.clientid);
  return await database.transaction(async (transaction) => {
    const outcomes = new Map<GoodRow, Outcome>();
    const pieces = createPieceSize(WRITTEN);
    for (let start = 0; start < ordered.length; ) {
      const batch = ordered.slice(start, start + pieces.now());
      start += batch.length;
      const registrations = batch.map((row) => row.registration);
      const results = await pieces.timed(batch.length, () => insertRegistrations(transaction, registrations));
      for (const [index, row] of batch.entries()) outcomes.set(row, results[index]!);
      await yieldToEventLoop();
    }
    return outcomes;
  });
}

function* batchesOf(rows: readonly GoodRow[]): Generator<GoodRow[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    yield rows.slice(start, start + ROWS_PER_STATEMENT);
  }
}

function refusal({ line, registration: { clientid } }: GoodRow, outcome: Refusal): ImportFault {
  return told(line, clientid, whyRefused(clientid, outcome));
}

function shown(clientid: unknown): string | null {
  return typeof clientid === 'string' ? clientid.slice(0, 200).toWellFormed() : null;
}
