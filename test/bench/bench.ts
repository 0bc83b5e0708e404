import { benchAgainst } from './against.js';
import { benchHelp, readBenchArguments } from './arguments.js';
import { dropDatabases } from './database.js';
import type { PartFigure } from './figure.js';
import { describeRun, keep, writeJson } from './kept-runs.js';
import { LOAD_GENERATOR } from './load.js';
import { PARTS } from './parts.js';
import { figureTable } from './table.js';

// What is measured as durable waits for the disk.
process.env.POSTGRES_FSYNC ??= 'on';

async function main(): Promise<void> {
  const asked = readBenchArguments(process.argv.slice(2), Object.keys(PARTS));
  if (asked.kind === 'help') {
    console.log(benchHelp(Object.fromEntries(Object.entries(PARTS).map(([name, { says }]) => [name, says]))));
  } else if (asked.kind === 'fault') {
    console.error(`${asked.text} "npm run bench -- --help" says more.`);
    process.exitCode = 1;
  } else if (asked.against !== null) benchAgainst(asked.against, asked.parts, asked.pairs);
  else await measure(asked.parts, asked.json);
}

async function measure(parts: readonly string[], json: string | null): Promise<void> {
  console.log(
    LOAD_GENERATOR === 'wrk'
      ? 'webhooks are sent by wrk'
      : 'webhooks are sent by autocannon, in a process of its own: wrk is not installed, and takes less of the machine',
  );
  const figures: PartFigure[] = [];
  for (const part of parts) {
    console.log(`${part} ...`);
    for (const figure of await PARTS[part]!.measure()) figures.push({ part, ...figure });
  }
  await dropDatabases();
  const run = describeRun(figures);
  const { cpu, memory, node } = run.machine;
  console.log(`\n${figureTable(figures)}`);
  console.log(`\n${cpu}, ${memory}, Node.js ${node}, commit ${run.commit}; kept in ${keep(run)}`);
  if (json !== null) writeJson(json, run);
}

main().then(
  // The PostgreSQL of the bench would keep the process.
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
