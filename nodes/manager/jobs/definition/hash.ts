import { createHash, type Hash } from 'node:crypto';
import { sortInPieces } from '../../registry/files/sort-in-pieces.js';
import { isPlainObject } from '../../shared/validate.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { JobPace, JobStep, JobTargets } from './definition.js';

/** What a job does and to whom. Its name and its note are not in it, since they change nothing. */
export interface HashedJob {
  steps: readonly JobStep[];
  targets: JobTargets;
  pace: JobPace;
  values: ReadonlyMap<string, Record<string, unknown>> | null;
}

/** The SHA-256 of a job over its canonical JSON, hex. The order of fields and of the rows of `perTarget` does not count. */
export async function hashOf({ steps, targets, pace, values }: HashedJob): Promise<string> {
  const hash = createHash('sha256');
  await addInPieces(hash, { steps, targets, pace });
  const clientids = await sortInPieces([...(values?.keys() ?? [])], (one, other) => one < other);
  for (const clientid of clientids) {
    await yieldToEventLoop();
    hash.update(`\n${canonicalJson([clientid, values?.get(clientid)])}`);
  }
  return hash.digest('hex');
}

/** The hash of a job with its gateways, which are added in the order of the job. */
export interface TargetsHash {
  add(clientid: string): void;
  /** Hex. Nothing can be added behind it. */
  digest(): string;
}

/** Begins the hash of a job with its gateways. `hash` is that of the job alone. */
export function createTargetsHash(hash: string): TargetsHash {
  const all = createHash('sha256').update(hash);
  return {
    add: (clientid) => void all.update(`\n${JSON.stringify(clientid)}`),
    digest: () => all.digest('hex'),
  };
}

/** Items of a list that are written at once, which takes some tenths of a millisecond. */
const PIECE = 1000;

/** Adds the canonical JSON of a value that may have long lists. */
async function addInPieces(hash: Hash, value: unknown): Promise<void> {
  if (!isPlainObject(value) && !isLong(value)) {
    hash.update(canonicalJson(value));
    return;
  }
  let before = isLong(value) ? '[' : '{';
  if (isLong(value)) {
    for (let begin = 0; begin < value.length; begin += PIECE) {
      await yieldToEventLoop();
      hash.update(before + canonicalJson(value.slice(begin, begin + PIECE)).slice(1, -1));
      before = ',';
    }
    hash.update(']');
    return;
  }
  for (const [name, one] of fieldsOf(value)) {
    hash.update(`${before}${JSON.stringify(name)}:`);
    await addInPieces(hash, one);
    before = ',';
  }
  hash.update(before === '{' ? '{}' : '}');
}

function isLong(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > PIECE;
}

/** JSON with the fields of objects in order of their names, and without blanks. A BigInt is a number with all its digits. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = fieldsOf(value).map(([name, one]) => `${JSON.stringify(name)}:${canonicalJson(one)}`);
  return `{${fields.join(',')}}`;
}

function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
