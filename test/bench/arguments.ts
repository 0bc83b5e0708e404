import { parseArgs } from 'node:util';

/** What `npm run bench` is asked for. */
export type BenchArguments =
  | { kind: 'help' }
  | { kind: 'fault'; text: string }
  | {
      kind: 'run';
      /** Names of the parts to run, in the order in which all run. */
      parts: string[];
      /** The revision to compare with; null to measure this tree alone. */
      against: string | null;
      /** How many pairs of runs a comparison makes. */
      pairs: number;
      /** A further file for the figures; null for none. */
      json: string | null;
    };

const PAIRS = 2;
const MAX_PAIRS = 50;

/** Reads the words behind `npm run bench --`; `known` are the names of all parts. */
export function readBenchArguments(words: readonly string[], known: readonly string[]): BenchArguments {
  let read: ReturnType<typeof parse>;
  try {
    read = parse(words);
  } catch (error) {
    return { kind: 'fault', text: (error as Error).message };
  }
  const { values, positionals } = read;
  if (values.help) return { kind: 'help' };
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    return {
      kind: 'fault',
      text: `There is no part ${unknown.join(', ')}. The parts are: ${known.join(', ')}.`,
    };
  }
  const pairs = Number(values.pairs ?? PAIRS);
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > MAX_PAIRS) {
    return { kind: 'fault', text: `--pairs takes a number from 1 to ${MAX_PAIRS}.` };
  }
  const parts = positionals.length === 0 ? [...known] : known.filter((name) => positionals.includes(name));
  return { kind: 'run', parts, against: values.against ?? null, pairs, json: values.json ?? null };
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      against: { type: 'string' },
      pairs: { type: 'string' },
      json: { type: 'string' },
    },
  });
}

/** The answer to `--help`; `parts` says of each part what it measures. */
export function benchHelp(parts: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(parts).map((name) => name.length));
  const list = Object.entries(parts).map(([name, says]) => `  ${name.padEnd(width)}  ${says}`);
  return `npm run bench                          measures all parts
npm run bench -- PART ...              measures these parts
npm run bench -- --against REV         compares with the commit, tag or branch REV
npm run bench -- --against REV PART    compares these parts

Parts:
${list.join('\n')}

  --pairs N    with --against: how many times both trees are measured, by turns (default ${PAIRS})
  --json FILE  writes the figures into this file as well
  --help       prints this

Figures are printed beside the goals of the project, and kept in bench-results/, a JSON file for each run. No figure
makes the bench fail. What is called a ratio was measured by turns in the same run: machines differ, ratios less.

Webhooks are sent by a process of its own: wrk if it is installed (Debian has a package of that name), else
autocannon. PostgreSQL is the embedded one of the tests with fsync on; BENCH_DATABASE_URL gives another server, by
the URL of a superuser, in which databases named tpedm_bench_... are made anew and dropped.

--against checks REV out into a temporary folder and builds it there, with the packages that are installed here if
its package-lock.json is the same, else with those of "npm ci". Both trees are measured by the code of this tree's
bench if that compiles against REV, else REV is measured by its own.`;
}
