import { isAtLeast } from '../../versions.js';
import { Ended } from '../ended.js';
import type { Journey } from '../installation-run.js';
import { installedVersion } from '../package-version.js';
import { ASK_PROFILE, profileOf, versionsOf } from '../upgrade-api/profile-of.js';
import { upgradesOf } from './precheck.js';

/** Reads the version back: what the gateway says is the proof. Ended where it is not what was installed. */
export async function verify(journey: Journey): Promise<void> {
  const { pace } = journey;
  await journey.enter('verify');
  const software = journey.software();
  const { after } = journey.installation();
  const before = installedVersion(software, after);
  const until = Math.max(journey.takenUpAt, startOf(journey)) + pace.settle;
  for (;;) {
    const profile = profileOf(await journey.ask(ASK_PROFILE));
    if (profile !== null) {
      const versions = versionsOf(profile);
      const installed = installedVersion(software, versions);
      if (installed !== null && isAtLeast(installed, software.version)) {
        return await journey.change({ after: versions });
      }
      if (Date.now() >= until) {
        await journey.change({ after: versions });
        throw new Ended('FAILED', null, await whyNot(journey, before, installed));
      }
    }
    await journey.pause(pace.restarting);
  }
}

function startOf(journey: Journey): number {
  return Date.parse(journey.installation().steps.at(-1)!.startedAt);
}

async function whyNot(journey: Journey, before: string | null, installed: string | null): Promise<string> {
  const { version, category } = journey.software();
  const layer = category === 'mil' ? 'firmware' : 'ThingsPro Edge';
  const words = await wordsOfGateway(journey);
  const because = words === null ? '' : ` The gateway says: ${words}`;
  if (installed === null) return `The gateway does not say which ${layer} it has now.${because}`;
  return installed === before
    ? `The gateway has restarted and still has ${layer} ${installed}, not ${version}: the upgrade was rolled back.${because}`
    : `The gateway has ${layer} ${installed} now, not ${version}.${because}`;
}

async function wordsOfGateway(journey: Journey): Promise<string | null> {
  const upgrades = upgradesOf(journey);
  const id = journey.work.jobId!;
  const reply = await journey.ask(upgrades.one(id));
  if (reply.kind !== 'answered') return null;
  const report = upgrades.readOne(id, reply.status, reply.payload);
  return report?.state === 'failed' ? report.detail : null;
}
