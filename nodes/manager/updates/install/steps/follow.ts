import { Ended } from '../ended.js';
import type { Journey } from '../installation-run.js';
import type { UpgradeReport } from '../upgrade-api/gateway-upgrades.js';
import { upgradesOf } from './precheck.js';

/**
 * Follows the upgrade on the gateway until it is done there, and starts it where it waits for that. A gateway that is
 * offline, or connected but silent, is normal for a while: it replaces the application that answers.
 */
export async function follow(journey: Journey): Promise<void> {
  const { pace } = journey;
  if (journey.installation().step === 'create') await journey.enter('start');
  let heardAt = Date.now();
  let calm: number = pace.installing;
  for (;;) {
    await passOnCancel(journey);
    const before = journey.installation().progress;
    const report = await look(journey);
    if (report === 'offline') heardAt = Date.now();
    else if (report === 'silent') await endSilence(journey, heardAt);
    else {
      heardAt = Date.now();
      if (await take(journey, report)) return;
    }
    const isLoading = report !== 'offline' && report !== 'silent' && report.step === 'download';
    const isCalm = journey.installation().progress === before;
    calm = isCalm ? Math.min(calm * 1.5, pace.installingMost) : pace.installing;
    await journey.pause(isLoading ? pace.loading : calm);
  }
}

async function look(journey: Journey): Promise<UpgradeReport | 'offline' | 'silent'> {
  const upgrades = upgradesOf(journey);
  const id = journey.work.jobId!;
  const reply = await journey.ask(upgrades.one(id));
  if (reply.kind !== 'answered') return reply.kind;
  return upgrades.readOne(id, reply.status, reply.payload) ?? 'silent';
}

/** True when the gateway is done with it. */
async function take(journey: Journey, report: UpgradeReport): Promise<boolean> {
  const { state, step, progress, detail } = report;
  if (report.snapshot !== null && journey.work.restartsByItself !== report.snapshot) {
    journey.work.restartsByItself = report.snapshot;
    await journey.save();
  }
  switch (state) {
    case 'created':
      return await start(journey);
    case 'running':
    case 'suspended':
      if (step === 'install' || journey.installation().step === 'start') await journey.enter(step);
      await journey.progress(progress, detail);
      return false;
    case 'failed':
      throw new Ended('FAILED', null, `The upgrade failed on the gateway: ${detail}`);
    case 'canceled': {
      const by = journey.cancelRequestedBy();
      throw new Ended('CANCELED', null, by === null ? 'Canceled on the gateway.' : `Canceled by ${by}.`);
    }
    case 'succeeded':
    case 'gone':
      await journey.enter('install');
      await journey.progress(100, state === 'gone' ? detail : null);
      return true;
  }
}

/** A job that stays as it was made is told to start; it may have begun in that moment, so whatever is answered is right. */
async function start(journey: Journey): Promise<false> {
  const { work, pace } = journey;
  const request = upgradesOf(journey).start(work.jobId!);
  if (request === null || Date.now() - (work.madeAt ?? 0) < pace.start) return false;
  const reply = await journey.ask(request);
  if (reply.kind === 'answered') await journey.progress(0, reply.error);
  return false;
}

/** Told once: what it answers is how it is. */
async function passOnCancel(journey: Journey): Promise<void> {
  const { work } = journey;
  const by = journey.cancelRequestedBy();
  if (by === null || work.cancelAnswer !== null) return;
  const request = upgradesOf(journey).cancel(work.jobId!);
  const reply = request === null ? null : await journey.ask(request);
  if (reply !== null && reply.kind !== 'answered') return;
  work.cancelAnswer = reply === null ? 'this kind of gateway cannot' : (reply.error ?? 'done');
  await journey.save();
  if (work.cancelAnswer === 'done') return;
  await journey.progress(0, `${by} wants to cancel it, but the gateway goes on: ${work.cancelAnswer}`);
}

async function endSilence(journey: Journey, heardAt: number): Promise<void> {
  const silentMs = Date.now() - heardAt;
  if (silentMs < journey.pace.silence) return;
  const text = `The gateway is connected, but has not told of the upgrade (job ${journey.work.jobId}) for ${Math.round(silentMs / 1000)} s.`;
  throw new Ended('TIMED_OUT', 'TIMED_OUT', text);
}
