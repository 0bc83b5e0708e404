import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/editor-files.js';
import { benchCommands } from './commands.js';
import { benchDashboardPage } from './dashboard-page.js';
import { benchFleet } from './fleet.js';
import { benchIntakeBesideScan } from './intake-beside-scan.js';
import { benchLists } from './lists.js';
import { benchScan } from './scan.js';
import { benchWebhookIntake, benchWorkers } from './webhook-intake.js';

export interface BenchLine {
  what: string;
  value: number;
  unit?: string;
  goal?: string;
}

// What is measured as durable waits for the disk.
process.env.POSTGRES_FSYNC ??= 'on';

const BENCHES = {
  webhooks: benchWebhookIntake,
  'several workers': benchWorkers,
  commands: benchCommands,
  lists: benchLists,
  fleet: benchFleet,
  scan: benchScan,
  'intake beside a scan': benchIntakeBesideScan,
  'a page of the dashboard': benchDashboardPage,
};

/** Runs all benches one after the other, or those whose name has the argument in it; prints a table, and keeps the figures in coverage/bench.json. */
async function main(): Promise<void> {
  const lines: BenchLine[] = [];
  const [wanted = ''] = process.argv.slice(2);
  for (const [name, bench] of Object.entries(BENCHES).filter(([name]) => name.includes(wanted))) {
    console.log(`${name} ...`);
    lines.push(...(await bench()));
  }
  const width = Math.max(...lines.map(({ what }) => what.length));
  for (const { what, value, unit = '', goal } of lines) {
    const shown = Number.isInteger(value) ? String(value) : value.toFixed(1);
    console.log(
      `${what.padEnd(width)}  ${shown.padStart(8)} ${unit}${goal === undefined ? '' : ` (goal: ${goal})`}`,
    );
  }
  const [cpu] = cpus();
  const machine = {
    at: new Date().toISOString(),
    cpu: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
  };
  mkdirSync(join(PACKAGE_ROOT, 'coverage'), { recursive: true });
  const kept = { machine, lines };
  writeFileSync(join(PACKAGE_ROOT, 'coverage/bench.json'), `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`\n${machine.cpu}, ${machine.memory}, Node.js ${machine.node}; kept in coverage/bench.json`);
}

main().then(
  // The PostgreSQL of the bench would keep the process.
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
