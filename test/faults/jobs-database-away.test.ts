import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { opener } from '../support/databases.js';
import { patience } from '../support/patience.js';
import { postgres } from '../support/postgres.js';
import { expectSameCounts, postsOf } from './job-proof.js';
import { type JobSite, openJobSite } from './job-site.js';

/** For how long the database is away, ms: a minute with `npm run test:faults`. */
const AWAY_MS = process.env.FAULT_ROUNDS === undefined ? 8000 : 60_000;
const GATEWAYS = Array.from({ length: 6 }, (_, index) => `gw-${index}`);
const post = (stamp: string) => ({
  ...{ path: '/events', method: 'POST', check: 'warn' },
  timeoutSeconds: Math.ceil(patience(120)),
  requestBody: { stamp },
});
const STEPS = {
  name: 'steps',
  do: { steps: [{ command: post('one') }, { command: post('two') }] },
  targets: { all: true },
  rollout: { maxInProgress: 4 },
};

describe('jobs: the database is away', () => {
  const open = opener('postgresql');
  let site: JobSite;

  beforeEach(async () => {
    site = await openJobSite(await open.options(), { instances: ['one', 'two'], gateways: GATEWAYS });
  });
  afterEach(async () => {
    await (await postgres()).start().catch(() => undefined);
    await site?.close();
  });

  async function away(): Promise<void> {
    const server = await postgres();
    await server.stop();
    await delay(AWAY_MS);
    for (const { instance, healths, log } of site.managers) {
      const { database } = healths.at(-1)!;
      expect(database.connected, instance).to.equal(false);
      expect(database.detail, instance).to.be.a('string').that.is.not.empty;
      expect(log.join('\n'), instance).to.contain('Jobs could not be looked after, retrying');
    }
    await server.start();
  }

  async function expectAllOnce(id: string): Promise<void> {
    const job = await site.when(id, ({ state }) => state === 'COMPLETED');
    expect(job, JSON.stringify(job)).to.include({ outcome: 'SUCCEEDED', total: GATEWAYS.length });
    for (const clientid of GATEWAYS) {
      expect(postsOf(site.received, clientid), clientid).to.deep.equal(['one', 'two']);
    }
    await expectSameCounts(site, id);
  }

  it('while gateways are asked: it says what is wrong, goes on afterwards, and sends nothing twice', async () => {
    for (const gateway of site.gateways.values()) gateway.says = () => ({ afterMs: 1500 });
    const id = await site.begin(STEPS);
    await site.until('four to be asked', () => site.received.length >= 4);
    await away();
    await expectAllOnce(id);
  });

  it('while gateways are asked, and a manager is killed meanwhile: the same', async () => {
    for (const gateway of site.gateways.values()) gateway.says = () => ({ afterMs: 1500 });
    const id = await site.begin(STEPS);
    await site.until('four to be asked', () => site.received.length >= 4);
    await away();
    await site.managers[1]!.kill();
    await site.managers[1]!.begin();
    await expectAllOnce(id);
  });
});
