import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { canReadMemory, memoryOf, peakMemoryOf } from '../../support/memory-watch.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../../support/node-red-process.js';
import { patience } from '../../support/patience.js';
import { postgres } from '../../support/postgres.js';
import { restCaller } from '../../support/rest-caller.js';

/** The virtual gateways of the bundled flow. */
const GATEWAYS = 12;
const IDLE_MB = 260;
const IDLE_BESIDE_MB = 130;
const PEAK_MB = 400;
const PAUSE_MS = 250;

interface Row {
  connection_status: boolean;
}

describe('start: memory of the whole product, with its own broker', () => {
  const dataDir = temporaryFolder();

  before(function () {
    if (canReadMemory()) return;
    console.log('      this system has no /proc, which tells the memory of a process: skipped');
    this.skip();
  });

  async function startWithGateways(options: Parameters<typeof startNodeRed>[0]): Promise<NodeRedProcess> {
    const nodeRed = await startNodeRed(options);
    await restCaller(nodeRed).until(
      '/api/device',
      ({ status, data }) =>
        status === 200 &&
        (data as Row[]).filter(({ connection_status }) => connection_status).length === GATEWAYS,
    );
    return nodeRed;
  }

  /** Resolves once it holds so little; what a start leaves behind is collected soon after it. */
  async function comesDownTo({ pid }: NodeRedProcess, megabytes: number): Promise<void> {
    const deadline = Date.now() + patience(60_000);
    while (memoryOf(pid) > megabytes && Date.now() < deadline) await delay(PAUSE_MS);
    expect(memoryOf(pid)).to.be.at.most(megabytes);
  }

  for (const which of ['first start, which makes the database', 'later start']) {
    it(`of a ${which} with its own database, is never above ${PEAK_MB} MB, and idle below ${IDLE_MB} MB`, async () => {
      const nodeRed = await startWithGateways({ dataDir });
      await comesDownTo(nodeRed, IDLE_MB);
      expect(peakMemoryOf(nodeRed.pid)).to.be.below(PEAK_MB);
      expect(await nodeRed.stop()).to.equal(0);
    });
  }

  it(`beside PostgreSQL, is idle below ${IDLE_BESIDE_MB} MB`, async () => {
    const server = await postgres();
    await server.admin('create database small_at_home');
    const nodeRed = await startWithGateways({ env: { DATABASE_URL: server.url('small_at_home') } });
    await comesDownTo(nodeRed, IDLE_BESIDE_MB);
    expect(await nodeRed.stop()).to.equal(0);
  });
});
