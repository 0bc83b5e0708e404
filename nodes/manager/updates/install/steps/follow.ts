import type { Reason } from '../../../shared/reason.js';
import { InstallationOutcome } from '../installation-outcome.js';
import { installationReason } from '../installation-reasons.js';
import type { InstallationRun } from '../installation-run.js';
import type { UpgradeReport } from '../upgrade-api/gateway-upgrades.js';
import { upgradesOf } from './precheck.js';

/**
 * Follows the upgrade on the gateway until it is done there, and starts it if it waits for that. The gateway may be offline, or connected
 * but silent, for a while, since the upgrade replaces the application that answers.
 */
export async function follow(run: InstallationRun): Promise<void> {
  const { timing } = run;
  if (run.installation().step === 'create') await run.enter('start');
  let heardAt = Date.now();
  let calm: number = timing.installing;
  for (;;) {
    await passOnCancel(run);
    const before = run.installation().progress;
    const report = await look(run);
    if (report === 'offline') heardAt = Date.now();
    else if (report === 'silent') await endSilence(run, heardAt);
    else {
      heardAt = Date.now();
      if (await take(run, report)) return;
    }
    const isLoading = report !== 'offline' && report !== 'silent' && report.step === 'download';
    const isCalm = run.installation().progress === before;
    calm = isCalm ? Math.min(calm * 1.5, timing.installingMost) : timing.installing;
    await run.pause(isLoading ? timing.loading : calm);
  }
}

async function look(run: InstallationRun): Promise<UpgradeReport | 'offline' | 'silent'> {
  const upgrades = upgradesOf(run);
  const id = run.work.jobId!;
  const reply = await run.ask(upgrades.one(id));
  if (reply.kind !== 'answered') return reply.kind;
  return upgrades.readOne(id, reply.status, reply.payload) ?? 'silent';
}

/** Applies a report of the gateway. Resolves with true if the upgrade is done there; throws if it failed or was canceled. */
async function take(run: InstallationRun, report: UpgradeReport): Promise<boolean> {
  const { state, step, progress, detail } = report;
  if (report.snapshot !== null && run.work.restartsByItself !== report.snapshot) {
    run.work.restartsByItself = report.snapshot;
    await run.save();
  }
  switch (state) {
    case 'created':
      return await start(run);
    case 'running':
    case 'suspended':
      if (step === 'install' || run.installation().step === 'start') await run.enter(step);
      await run.progress(progress, detail);
      return false;
    case 'failed':
      throw new InstallationOutcome('FAILED', null, failed(detail));
    case 'canceled':
      throw new InstallationOutcome('CANCELED', null, canceled(run.cancelRequestedBy()));
    case 'succeeded':
    case 'gone':
      await run.enter('install');
      await run.progress(100, state === 'gone' ? detail : null);
      return true;
  }
}

function failed(detail: Reason | null): Reason {
  return installationReason('installation-failed', {
    detail: detail ?? installationReason('installation-failed-untold'),
  });
}

function canceled(by: string | null): Reason {
  return by === null
    ? installationReason('installation-canceled-on-gateway')
    : installationReason('installation-canceled-by', { who: by });
}

/** Tells a job to start if it has not begun by itself. It may begin at that very moment, so an error in the answer is no failure. */
async function start(run: InstallationRun): Promise<false> {
  const { work, timing } = run;
  const request = upgradesOf(run).start(work.jobId!);
  if (request === null || Date.now() - (work.madeAt ?? 0) < timing.start) return false;
  const reply = await run.ask(request);
  if (reply.kind === 'answered') await run.progress(0, reply.error);
  return false;
}

/** Tells the gateway once to cancel the upgrade. Its answer is kept and final. */
async function passOnCancel(run: InstallationRun): Promise<void> {
  const { work } = run;
  const by = run.cancelRequestedBy();
  if (by === null || work.cancelAnswer !== null) return;
  const request = upgradesOf(run).cancel(work.jobId!);
  const reply = request === null ? null : await run.ask(request);
  if (reply !== null && reply.kind !== 'answered') return;
  const refusal = reply === null ? installationReason('installation-cannot-cancel') : reply.error;
  work.cancelAnswer = refusal?.text ?? 'done';
  await run.save();
  if (refusal === null) return;
  await run.progress(0, installationReason('installation-goes-on', { who: by, reason: refusal }));
}

async function endSilence(run: InstallationRun, heardAt: number): Promise<void> {
  const silentMs = Date.now() - heardAt;
  if (silentMs < run.timing.silence) return;
  const params = { job: run.work.jobId!, seconds: Math.round(silentMs / 1000) };
  throw new InstallationOutcome('TIMED_OUT', 'TIMED_OUT', installationReason('installation-silent', params));
}
