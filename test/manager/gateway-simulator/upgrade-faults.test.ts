import { expect } from 'chai';
import type { GatewayFaults } from '../../../nodes/manager/gateway-simulator/faults.js';
import type { GatewayIdentity } from '../../../nodes/manager/gateway-simulator/identity.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import type { SimulatorStatus } from '../../../nodes/manager/gateway-simulator/simulator.js';
import { type Fleet, requestText, startFleet } from './fleet.js';

type Json = Record<string, unknown>;
const modelOf = (prefix: string) =>
  virtualIdentities(8).find(({ modelName }) => modelName.startsWith(prefix)) as GatewayIdentity;
const nobody = ({ connected }: SimulatorStatus) => connected === 0;
const everybody = ({ connected, total }: SimulatorStatus) => connected === total;
const url = 'https://packages.example.com/Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml';

describe('an upgrade of a virtual gateway that goes wrong', () => {
  let fleet: Fleet;
  afterEach(() => fleet.stop());
  const aig = modelOf('AIG-301');

  async function data(clientid: string, method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await fleet.ask(clientid, method, path, body);
    expect(answer.status, answer.raw.slice(0, 200)).to.be.within(200, 299);
    return (answer.payload as { data: Json }).data;
  }

  async function begin(faults: GatewayFaults, snapshot: boolean): Promise<void> {
    fleet = await startFleet([aig], { timeScale: 2000 });
    fleet.simulator.setFaults(aig.clientid, faults);
    await data(aig.clientid, 'POST', '/upgrades', { url, install: true, snapshot });
    await data(aig.clientid, 'PUT', '/upgrades/1/start');
  }

  async function untilOver(): Promise<Json> {
    for (;;) {
      await fleet.until(everybody);
      const gone = fleet.until(nobody).then(() => null);
      const job = await Promise.race([data(aig.clientid, 'GET', '/upgrades/1'), gone]);
      if (job !== null && ['succeed', 'failed', 'canceled'].includes(String(job.state))) return job;
      if (job === null) fleet.forget(aig.clientid);
    }
  }

  it('has no room left, which the gateway also tells before', async () => {
    await begin({ upgrade: 'disk_full' }, false);
    const [disk] = (await data(aig.clientid, 'GET', '/device/general')).disk as Json[];
    expect(Number(disk!.free) - Number(disk!.protect)).to.be.within(0, 50_000_000);
    const settings = await data(aig.clientid, 'GET', '/system/upgrade');
    expect(settings).to.include({ targetDiskName: 'System', enableSnapshot: true });
    expect((settings.disks as Json[])[0]!.free).to.equal(disk!.free);
    expect(await untilOver()).to.include({ state: 'failed', errorMessage: 'no space left on device' });
  });

  it('is refused for its package', async () => {
    await begin({ upgrade: 'bad_package' }, false);
    expect(await untilOver()).to.include({ state: 'failed', errorMessage: 'package is broken' });
  });

  it('is rolled back: the gateway is away meanwhile, and its versions are the old ones', async () => {
    await begin({ upgrade: 'rollback' }, true);
    const job = await untilOver();
    expect(job.state).to.equal('failed');
    expect(job.errorMessage).to.match(/rolled back/);
    await fleet.until(everybody);
    expect(await data(aig.clientid, 'GET', '/device/general')).to.include({
      firmwareVersion: aig.firmwareVersion,
      thingsproVersion: aig.tpeVersion,
    });
  });

  it('runs for ever without a step forward, until it is canceled', async () => {
    await begin({ upgrade: 'hang' }, false);
    const progressOf = (job: Json) => (job.tasks as Json[]).map(({ progress }) => progress);
    let seen: unknown[] = [];
    for (;;) {
      const job = await data(aig.clientid, 'GET', '/upgrades/1');
      expect(job.state).to.be.oneOf(['pending', 'running']);
      const device = (job.tasks as Json[]).findIndex(({ name }) => name === 'device');
      if ((job.tasks as Json[])[device - 1]!.progress === 100) {
        if (seen.length > 0 && String(seen) === String(progressOf(job))) break;
        seen = progressOf(job);
      }
    }
    expect(await data(aig.clientid, 'PUT', '/upgrades/1/cancel')).to.include({ state: 'canceled' });
  });

  it('shows its versions after the next restart where it made no snapshot', async () => {
    await begin({}, false);
    expect(await untilOver()).to.include({ state: 'succeed' });
    expect(await data(aig.clientid, 'GET', '/device/general')).to.include({
      firmwareVersion: aig.firmwareVersion,
    });
    await data(aig.clientid, 'PUT', '/system/reboot', { now: true });
    await fleet.until(nobody);
    await fleet.until(everybody);
    expect(await data(aig.clientid, 'GET', '/device/general')).to.include({
      firmwareVersion: '1.6.0',
      thingsproVersion: '2.5.0-4404',
    });
  });

  it('is carried out where only the answers are lost', async () => {
    fleet = await startFleet([aig], { timeScale: 2000 });
    fleet.simulator.setFaults(aig.clientid, { lostAnswers: true });
    const body = { path: '/upgrades', method: 'POST', requestBody: { url, install: true }, requestId: '7' };
    fleet.tell(aig.clientid, requestText(body));
    // Asked again and again: the answers to what came before are lost too.
    const heard = fleet.next(aig.clientid);
    const asking = setInterval(() => {
      fleet.tell(aig.clientid, requestText({ method: 'GET', path: '/upgrades/1' }));
      fleet.simulator.setFaults(aig.clientid, {});
    }, 100);
    const answer = await heard;
    clearInterval(asking);
    expect(answer).to.include({ requestId: '4711', status: 200 });
  });

  it('fails on an AIG-302 with a message of its own', async () => {
    const aig302 = modelOf('AIG-302');
    fleet = await startFleet([aig302], { timeScale: 2000 });
    fleet.simulator.setFaults(aig302.clientid, { upgrade: 'disk_full' });
    await data(aig302.clientid, 'POST', '/system/upgrade', {
      mode: 'file',
      url: 'https://packages.example.com/aig-302_1.3.0-20260106.tar',
      allowReboot: true,
    });
    for (;;) {
      const task = await data(aig302.clientid, 'GET', '/system/upgrade/task');
      if (task.status === 'fail') return expect(task.message).to.equal('no space left on device');
      expect(task.status).to.be.oneOf(['queued', 'running']);
    }
  });
});
