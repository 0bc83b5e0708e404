import { isDeepStrictEqual } from 'node:util';
import { exactJson } from '../../shared/exact-json.js';
import { levelsOf } from '../../shared/json-pointer.js';
import { pause } from '../../shared/pause.js';
import type { Reason } from '../../shared/reason.js';
import { REDACTED } from '../../shared/secret-text.js';
import { throwIfClosed } from '../../shared/unless-closed.js';
import type { JobCondition } from '../definition/definition.js';
import type { AttemptResult } from '../execution.js';
import { commandOutcome, isWaiting, reasonOf } from './command-outcome.js';
import { filledRequest, sourcesOf } from './filled-request.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';
import { partKey, sendPart } from './sent-once.js';

/** What a gateway says of a condition. */
export type Reading =
  | { kind: 'holds' }
  | { kind: 'differs'; reason: Reason }
  /** It was not asked or did not answer: it is offline, busy or silent; `result` is what that means for the reading. */
  | { kind: 'away'; result: AttemptResult }
  /** It cannot be asked so. */
  | { kind: 'refused'; reason: Reason };

const DEFAULT_WITHIN_S = 60;
const DEFAULT_EVERY_S = 5;
const READ_TIMEOUT_MS = 30_000;
const MAX_SHOWN = 100;

/** How long a condition is asked for again until it holds, ms. */
export function withinMsOf({ withinSeconds = DEFAULT_WITHIN_S }: JobCondition): number {
  return withinSeconds * 1000;
}

/** Asks the gateway once whether a condition holds. Rejects with INVALID_INPUT if a value of it is missing. */
export async function readCondition(run: StepRun, condition: JobCondition): Promise<Reading> {
  const sources = await sourcesOf(run);
  const { request } = filledRequest(run, condition, sources);
  const wanted = run.filling.resolveSecrets(run.filling.fillIn(condition.equals, sources), run.secret);
  const key = partKey(run, `read-${nextReading()}`);
  const record = await sendPart(run, { ...request, timeoutMs: READ_TIMEOUT_MS }, key);
  const { pointer } = condition;
  const { path } = record;
  if (record.state === 'SUCCEEDED') {
    const found = valueAt(record.answer?.payload, pointer);
    if (found === undefined)
      return { kind: 'differs', reason: runReason('run-nothing-there', { path, pointer }) };
    if (isSame(found, wanted.value)) return { kind: 'holds' };
    const shown = { found: short(found), wanted: wanted.secrets.length > 0 ? REDACTED : short(wanted.value) };
    return { kind: 'differs', reason: runReason('run-not-as-wanted', { path, pointer, ...shown }) };
  }
  const result = commandOutcome(record);
  const reason = runReason('run-read-refused', { path, reason: reasonOf(record) ?? record.state });
  if (isWaiting(result) || result.state === 'TIMED_OUT' || result.state === 'CANCELED')
    return { kind: 'away', result };
  return { kind: result.state === 'REJECTED' ? 'refused' : 'differs', reason };
}

/** Asks again and again until the condition holds, or `until`, ms since the epoch; resolves with the last reading. */
export async function readUntilHolds(
  run: StepRun,
  condition: JobCondition,
  until: number,
  isEnough: (reading: Reading) => Promise<boolean> = () => Promise.resolve(false),
): Promise<Reading> {
  const everyMs = (condition.everySeconds ?? DEFAULT_EVERY_S) * 1000;
  for (;;) {
    const reading = await readCondition(run, condition);
    if (reading.kind === 'holds' || reading.kind === 'refused') return reading;
    if ((await isEnough(reading)) || Date.now() + everyMs > until) return reading;
    await pause(everyMs, { signal: run.signal });
    throwIfClosed(run.signal);
  }
}

/** Why a condition was not found to hold. */
export function reasonOfReading(reading: Exclude<Reading, { kind: 'holds' }>): Reason | null {
  return reading.kind === 'away' ? reading.result.reason : reading.reason;
}

let readings = 0;

/** Readings do nothing, so each has a new key, also after a crash. */
function nextReading(): string {
  readings += 1;
  return `${Date.now().toString(36)}-${readings.toString(36)}`;
}

/** The value at a JSON Pointer; undefined if there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const key of levelsOf(pointer)) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (!Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** Whether two values are the same in JSON. A number that JavaScript cannot hold is the text of its digits in an answer. */
function isSame(found: unknown, wanted: unknown): boolean {
  return isDeepStrictEqual(plain(found), plain(wanted));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_name, one) => (typeof one === 'bigint' ? String(one) : one)));
}

function short(value: unknown): string {
  const text = exactJson(value) ?? '';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
