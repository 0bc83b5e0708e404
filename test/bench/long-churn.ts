import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../support/editor-files.js';
import { type Churned, churn, FLAT } from './churn.js';
import { newDatabase } from './database.js';

/** `npm run churn -- --minutes 60`: fails where memory grows, a call fails, or something is not true at the end. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      gateways: { type: 'string', default: '1000' },
      database: { type: 'string', default: 'embedded' },
    },
  });
  const env: NodeJS.ProcessEnv = {};
  if (values.database === 'postgresql') {
    const { options, database } = await newDatabase('churn');
    await database.close();
    env.DATABASE_URL = options.url;
  }
  report(await churn(Number(values.minutes), Number(values.gateways), env));
}

function report({ curve, growth, faults, untrue }: Churned): void {
  mkdirSync(join(PACKAGE_ROOT, 'coverage'), { recursive: true });
  writeFileSync(join(PACKAGE_ROOT, 'coverage/churn.json'), `${JSON.stringify({ curve, growth }, null, 2)}\n`);
  const events = curve.reduce((total, minute) => total + minute.events, 0);
  const commands = curve.reduce((total, minute) => total + minute.commands, 0);
  console.log(`\n${curve.length} minutes, ${events} events, ${commands} commands that succeeded`);
  console.log(
    `heap of the last quarter against the second: ${growth.toFixed(2)} x (flat: at most ${FLAT} x)`,
  );
  console.log(`calls that failed: ${faults.length}${faults.length === 0 ? '' : ` (${faults[0]})`}`);
  console.log(untrue.length === 0 ? 'the truth was kept' : `the truth was not kept: ${untrue.join('; ')}`);
  if (growth > FLAT || faults.length > 0 || untrue.length > 0) process.exitCode = 1;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
