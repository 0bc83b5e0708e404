import { Ended } from '../ended.js';
import type { StepName } from '../installation.js';
import type { Journey } from '../installation-run.js';
import { create } from './create-job.js';
import { follow } from './follow.js';
import { precheck, stopIfCanceled } from './precheck.js';
import { restart } from './restart.js';
import { verify } from './verify.js';

/** What is done for a package, by the steps in which it shows; each goes on where it was. */
const STAGES: readonly { steps: readonly StepName[]; run(journey: Journey): Promise<unknown> }[] = [
  { steps: ['create'], run: create },
  { steps: ['start', 'download', 'install'], run: follow },
  { steps: ['reboot', 'reconnect'], run: restart },
  { steps: ['verify'], run: verify },
];

/** Sees an installation through from where it is: the end that it comes to, good or bad. Rejects with CLOSED. */
export async function drive(journey: Journey): Promise<Ended> {
  try {
    const count = journey.installation().packages.length;
    for (let index = journey.installation().package; index < count; index += 1) {
      const isLast = index === count - 1;
      const isInstalled = await onePackage(journey);
      if (!isLast) stopIfCanceled(journey);
      await journey.nextPackage(!isInstalled);
    }
    return journey.work.skipped === count
      ? new Ended('ALREADY_INSTALLED', null, 'The gateway has it already.')
      : new Ended('SUCCEEDED', null, '');
  } catch (error) {
    if (error instanceof Ended) return error;
    throw error;
  }
}

/** False when the gateway had it already. */
async function onePackage(journey: Journey): Promise<boolean> {
  const { step } = journey.installation();
  let from = STAGES.findIndex(({ steps }) => step !== null && steps.includes(step));
  if (from === -1) {
    if (!(await precheck(journey))) return false;
    from = 0;
  }
  for (const { run } of STAGES.slice(from)) await run(journey);
  return true;
}
