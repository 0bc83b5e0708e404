import type { CommandRecord } from '../../../commands/command.js';
import type { Reason } from '../../../shared/reason.js';
import { commandReason, commandReasonOrState } from '../command-reason.js';
import { InstallationOutcome } from '../installation-outcome.js';
import { installationReason } from '../installation-reasons.js';
import type { InstallationRun } from '../installation-run.js';
import { isOfPackage, stopIfCanceled, upgradesOf } from './precheck.js';

/** How often the upgrade is requested in all, if the requests get lost. */
const MAX_TRIES = 3;

/**
 * Has the gateway create the upgrade, only once. If the answer is missing, it looks for the upgrade among those of the gateway, and asks
 * again only when it is certain that the request never arrived.
 */
export async function create(run: InstallationRun): Promise<void> {
  await run.enter('create');
  const { work } = run;
  const upgrades = upgradesOf(run);
  while (work.jobId === null) {
    if (work.requests.create === undefined) stopIfCanceled(run);
    const request = upgrades.create(run.packageUrl(), run.installation().snapshot);
    const command = await run.once('create', request);
    const id = command.state === 'SUCCEEDED' ? upgrades.readCreated(command.answer?.payload) : null;
    if (id !== null) return await made(run, id);
    await withoutId(run, command);
  }
}

async function made(run: InstallationRun, id: string): Promise<void> {
  Object.assign(run.work, { jobId: id, madeAt: Date.now() });
  await run.save();
}

/** Looks for an upgrade whose id was not answered. It may exist all the same, unless the gateway refused it. */
async function withoutId(run: InstallationRun, command: CommandRecord): Promise<void> {
  const { state, answer } = command;
  const reason = commandReasonOrState(command);
  if (state === 'CANCELED') {
    const canceled = installationReason('installation-command-canceled', { reason });
    throw new InstallationOutcome('CANCELED', null, canceled);
  }
  if (answer !== null && answer.status >= 400 && answer.status < 500) throw notTaken(reason);
  const isSent = !wasNotSent(command);
  if (isSent && state === 'REJECTED' && command.reasonCode !== 'UNAVAILABLE') throw notTaken(reason);
  const lostAt = isSent ? Date.parse(command.sentAt ?? command.createdAt) + run.timing.lost : 0;
  for (;;) {
    const askedAt = Date.now();
    const found = await find(run);
    if (found !== null && found !== '') return await made(run, found);
    if (found === '' && answer !== null) {
      throw notTaken(commandReason(command) ?? installationReason('installation-not-taken-unclear'));
    }
    if (found === '' && askedAt > lostAt) return await forget(run, reason, isSent);
    const detail = isSent ? installationReason('installation-looking-for-job') : commandReason(command);
    await run.progress(0, detail);
    await run.pause(run.timing.retry);
  }
}

const NOT_SENT: readonly (string | null)[] = ['OFFLINE', 'BUSY', 'STOPPED', 'GUARDED'];

/** Whether the request certainly did not reach the gateway: nobody listened, its turn never came, or it was held. */
function wasNotSent({ state, reasonCode }: CommandRecord): boolean {
  return state === 'EXPIRED' || (state === 'REJECTED' && NOT_SENT.includes(reasonCode));
}

function notTaken(reason: Reason): InstallationOutcome {
  return new InstallationOutcome('FAILED', null, installationReason('installation-not-taken', { reason }));
}

/** Lets the request be made again; throws if it was made too often. */
async function forget(run: InstallationRun, reason: Reason, isSent: boolean): Promise<void> {
  const { work } = run;
  if (isSent) work.tries += 1;
  await run.forget('create');
  if (!isSent) {
    await run.progress(0, reason);
    await run.pause(run.timing.retry);
  }
  if (work.tries >= MAX_TRIES) {
    const params = { times: MAX_TRIES, reason };
    const notArrived = installationReason('installation-not-arrived', params);
    throw new InstallationOutcome('FAILED', 'TIMED_OUT', notArrived);
  }
}

/** Finds this installation's upgrade among those of the gateway. Resolves with its id; '' if there is none, null if that is unknown. */
async function find(run: InstallationRun): Promise<string | null> {
  const upgrades = upgradesOf(run);
  const reply = await run.ask(upgrades.list);
  if (reply.kind !== 'answered') return null;
  const listed = upgrades.readList(reply.status, reply.payload);
  if (listed === null) return null;
  const ours = listed.filter(
    ({ id, url }) => isOfPackage(run.software(), url) && !run.work.seen.includes(id),
  );
  return ours.at(-1)?.id ?? '';
}
