import { expect } from 'chai';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import type { InstallationRun } from '../../../nodes/manager/updates/install/installation-run.js';
import { restart } from '../../../nodes/manager/updates/install/steps/restart.js';
import { DEFAULT_TIMING } from '../../../nodes/manager/updates/install/timing.js';
import { GENERAL } from '../../support/gateway.js';
import { TPE_2_3 } from './install-rig.js';

const HOUR = 3_600_000;
const BOOTED = '2026-01-02T03:04:05Z';
const ago = (ms: number) => Date.now() - ms;
const LIMIT = DEFAULT_TIMING.restart;

/** A gateway as it answers while it is asked. */
interface Gateway {
  /** How long ago it was told to restart; null: it waits behind another command. */
  toldMs: number | null;
  tpeVersion?: string;
}

/** What becomes of an installation that was done an hour ago: in most of that time, no manager was there. */
async function becomes({ toldMs, tpeVersion = '2.2.1-3369' }: Gateway): Promise<string> {
  const steps: string[] = [];
  const command: Partial<CommandRecord> = {
    state: 'SUCCEEDED',
    sentAt: toldMs === null ? null : new Date(ago(toldMs)).toISOString(),
    answer: { status: 200 } as CommandRecord['answer'],
  };
  const profile = { ...GENERAL.data, thingsproVersion: tpeVersion, lastBootTime: BOOTED };
  const run: Partial<InstallationRun> = {
    timing: DEFAULT_TIMING,
    work: {
      ...{ doneAt: ago(HOUR), bootTime: BOOTED, wasAway: false, restartsByItself: false },
    } as InstallationRun['work'],
    software: () => TPE_2_3,
    ask: async () => ({ kind: 'answered', status: 200, payload: { data: profile }, error: null }),
    once: async () => command as CommandRecord,
    forget: async () => void steps.push('tells it again'),
    progress: async () => undefined,
    enter: async (step) => void steps.push(step),
    pause: async () => {
      throw new Error('waits');
    },
  };
  await restart(run as InstallationRun).catch((error: unknown) => steps.push((error as Error).message));
  return steps.join(', ');
}

describe('installing software: how long a gateway may take to restart', () => {
  it('counts from when it was told, not from when the package was installed: the manager may have been away', async () => {
    expect(await becomes({ toldMs: 1000 })).to.equal('waits');
    expect(await becomes({ toldMs: LIMIT - 5000 })).to.equal('waits');
  });

  it('has not begun while the command waits behind another one', async () => {
    expect(await becomes({ toldMs: null })).to.equal('waits');
  });

  it('is over so long after it was told', async () => {
    expect(await becomes({ toldMs: LIMIT + 1000 })).to.match(/does not restart/);
  });

  it('makes no difference to one that has the new version: only then it goes on without a restart', async () => {
    expect(await becomes({ toldMs: 1000, tpeVersion: TPE_2_3.version })).to.equal('waits');
    expect(await becomes({ toldMs: LIMIT + 1000, tpeVersion: TPE_2_3.version })).to.equal('reconnect');
  });
});
