import { expect } from 'chai';
import * as fc from 'fast-check';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import { heapInUse } from './heap.js';
import { patience } from './patience.js';

/** How many inputs each door gets: few in the usual tests, many with `npm run test:hostile`. */
export const RUNS = Number(process.env.HOSTILE_RUNS ?? 60);
/** The seed of all that is made up; a failure names it. */
const SEED = Number(process.env.HOSTILE_SEED ?? Date.now() % 2 ** 31);
/** Whatever comes in, the answer to it comes within this time, ms. */
const WITHIN_MS = patience(30_000);

/** Texts that have broken programs before. */
const NASTY_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e\ufeff',
  '__proto__',
  'constructor',
  'toString',
  '$&$1',
  '%00%2e%2e',
  '../../etc/passwd',
  "'; drop table clientid_profile; --",
  '<img src=x onerror=alert(1)>',
  '{{7*7}}',
  '=HYPERLINK("http://x")',
  '#',
  '+',
  '/tpedm/+/input',
  'null',
  'NaN',
  '1e999',
  '9'.repeat(400),
  '٣',
  '2026-13-45T99:99:99Z',
  'x'.repeat(70_000),
  '🛠'.repeat(300),
];
const NASTY_NUMBERS = [0, -0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e21, 1e308, 5e-324];

const leaf = fc.oneof(
  fc.constantFrom<unknown>(...NASTY_TEXTS, ...NASTY_NUMBERS, null, true, false, [], {}),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any value that JSON can carry, nasty ones more often than a fair draw would give. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(nested(500, 'object'), nested(500, 'array')) },
);

function nested(depth: number, kind: 'object' | 'array'): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = kind === 'object' ? { a: value } : [value];
  return value;
}

/** Good values, each spoilt in one to three places: these get further than noise does. */
export function spoilt(...good: readonly unknown[]): fc.Arbitrary<unknown> {
  const change = fc.record({ place: fc.nat(), kind: fc.constantFrom('set', 'drop', 'add'), value: anyJson });
  return fc
    .tuple(fc.constantFrom(...good), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce<unknown>((spoiling, one) => spoil(spoiling, one), value));
}

interface Change {
  place: number;
  kind: string;
  value: unknown;
}

function spoil(value: unknown, { place, kind, value: other }: Change): unknown {
  const copy = structuredClone({ root: value });
  const places = placesIn(copy);
  const [holder, key] = places[place % places.length]!;
  if (kind === 'drop' && holder !== copy) delete holder[key];
  else if (kind === 'add' && typeof holder[key] === 'object' && holder[key] !== null) {
    Object.defineProperty(holder[key], Array.isArray(holder[key]) ? '0' : NASTY_TEXTS[place % 20]!, {
      ...{ value: other, enumerable: true, configurable: true, writable: true },
    });
  } else holder[key] = other;
  return copy.root;
}

type Holder = Record<string, unknown>;

function placesIn(root: Holder): [Holder, string][] {
  const places: [Holder, string][] = [];
  const look = (holder: Holder, depth: number) => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      const value = holder[key];
      if (typeof value === 'object' && value !== null && depth < 10) look(value as Holder, depth + 1);
    }
  };
  look(root, 0);
  return places;
}

/** What came of an input: what was answered, or the error. */
export type Outcome = { kind: 'taken'; value: unknown } | { kind: 'refused'; error: unknown };

/**
 * Gives the door so many inputs, one after the other, and checks for each that an answer comes in time; `check` sees what
 * came of it. At the end the memory may not have grown with what was given.
 */
export async function assault<Input>(
  inputs: fc.Arbitrary<Input>,
  door: (input: Input) => unknown,
  check: (outcome: Outcome, input: Input) => void = isTakenOrClearlyRefused,
  runs = RUNS,
): Promise<void> {
  const once = () =>
    fc.assert(
      fc.asyncProperty(inputs, async (input) => check(await outcomeOf(() => door(input)), input)),
      { numRuns: runs, seed: SEED, endOnFailure: runs > 500 },
    );
  // What is made once, at the first time, does not count.
  await once();
  const before = heapInUse();
  await once();
  const grown = (heapInUse() - before) / (1024 * 1024);
  expect(grown, `MB that ${runs} inputs left behind`).to.be.below(8);
}

async function outcomeOf(door: () => unknown): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${WITHIN_MS} ms`)), WITHIN_MS);
  });
  const answer = (async (): Promise<Outcome> => {
    try {
      return { kind: 'taken', value: await door() };
    } catch (error) {
      return { kind: 'refused', error };
    }
  })();
  try {
    return await Promise.race([answer, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

export function isTakenOrClearlyRefused(outcome: Outcome): void {
  if (outcome.kind === 'refused') isClear(outcome.error);
}

/** A refusal is ours, and says in words for people what was wrong. */
export function isClear(error: unknown): void {
  if (!(error instanceof TpeError)) throw error;
  isClearText(error.message);
}

/** What shows through of programs below us. */
const INSIDES =
  /\[object |undefined|is not a function|Cannot read|invalid input syntax|violates|relation "|\bat .+:\d+:\d+|null value in column/;

export function isClearText(text: unknown): void {
  expect(text).to.be.a('string');
  const words = text as string;
  expect(words.length, words.slice(0, 200)).to.be.within(8, 1500);
  // What is quoted from the input may read as it likes.
  const ours = words.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  expect(ours).not.to.match(INSIDES);
}
