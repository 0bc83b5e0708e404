import { expect } from 'chai';
import type { GatewayIdentity } from '../../../nodes/manager/gateway-simulator/identity.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { type SimulatorStatus, startSimulator } from '../../../nodes/manager/gateway-simulator/simulator.js';
import { patience } from '../../support/patience.js';
import { type Fleet, openBroker, startFleet } from './fleet.js';

type Json = Record<string, unknown>;
const modelOf = (prefix: string) =>
  virtualIdentities(8).find(({ modelName }) => modelName.startsWith(prefix)) as GatewayIdentity;
const nobody = ({ connected }: SimulatorStatus) => connected === 0;
const everybody = ({ connected, total }: SimulatorStatus) => connected === total;

describe('the connection of a virtual gateway', () => {
  let fleet: Fleet;
  afterEach(() => fleet.stop());
  const dataOf = async (clientid: string, method: string, path: string, body?: unknown) =>
    ((await fleet.ask(clientid, method, path, body)).payload as { data: Json }).data;

  it('drops for a reboot after the answer, and comes back with a new boot time', async () => {
    fleet = await startFleet(1);
    const before = await dataOf('virtual-0001', 'GET', '/device/general');
    const answer = await fleet.ask('virtual-0001', 'PUT', '/system/reboot', { now: true });
    expect(answer.status).to.equal(200);
    await fleet.until(nobody);
    await fleet.until(everybody);
    const after = await dataOf('virtual-0001', 'GET', '/device/general');
    expect(Date.parse(String(after.lastBootTime))).to.be.greaterThan(Date.parse(String(before.lastBootTime)));
    const schedule = await dataOf('virtual-0001', 'PUT', '/system/reboot', { enableScheduler: true });
    expect(schedule).to.include({ enableScheduler: true, lastBootAt: after.lastBootTime });
    expect(fleet.simulator.status().connected).to.equal(1);
  });

  it('is gone for a while when its MQTT application restarts, and for good when that stops', async () => {
    fleet = await startFleet(2);
    expect((await fleet.ask('virtual-0001', 'PUT', '/apps/cloud/restart')).status).to.equal(200);
    await fleet.until(({ connected }) => connected === 1);
    await fleet.until(everybody);
    await fleet.ask('virtual-0001', 'PUT', '/apps/cloud/stop');
    await fleet.ask('virtual-0002', 'PUT', '/system/reset-default?mode=factory');
    await fleet.until(nobody);
    fleet.simulator.find('virtual-0001')?.reboot();
    fleet.simulator.find('virtual-0002')?.connect();
    await fleet.until(({ connected }) => connected === 1);
    expect(fleet.simulator.find('virtual-0001')?.isConnected()).to.equal(false);
  });

  it('can be cut, closed and opened from outside', async () => {
    fleet = await startFleet(2);
    fleet.simulator.find('virtual-0001')?.cut();
    await fleet.until(({ connected }) => connected === 1);
    await fleet.until(everybody);
    fleet.simulator.find('virtual-0001')?.disconnect();
    await fleet.until(({ connected }) => connected === 1);
    fleet.simulator.find('virtual-0001')?.connect();
    await fleet.until(everybody);
    expect((await fleet.ask('virtual-0001', 'GET', '/device/general')).status).to.equal(200);
  });

  it('comes back when the broker does', async () => {
    fleet = await startFleet(20);
    await fleet.broker.close();
    await fleet.until(nobody);
    await fleet.until(({ fault }) => /ECONNREFUSED/.test(fault ?? ''));
    const again = await openBroker(fleet.broker.port);
    await fleet.until(everybody);
    expect(fleet.simulator.status().fault).to.equal(null);
    fleet.broker = again;
  });

  it('is refused with a wrong password, says so, and gets in once that is put right', async () => {
    fleet = await startFleet(2);
    fleet.broker.passwords.set('virtual-0002', 'another');
    fleet.simulator.find('virtual-0002')?.cut();
    await fleet.until(({ fault }) => fault !== null);
    expect(fleet.simulator.status()).to.include({ total: 2, connected: 1 });
    expect(fleet.simulator.find('virtual-0002')?.fault()).to.match(/refused/);
    expect(fleet.simulator.find('virtual-0001')?.fault()).to.equal(null);
    fleet.broker.passwords.set('virtual-0002', 'right');
    await fleet.until(everybody);
    expect(fleet.simulator.status().fault).to.equal(null);
  });

  it('is that of 200 gateways at once, each of which answers', async () => {
    fleet = await startFleet(200);
    const clientids = fleet.simulator.all().map(({ identity }) => identity.clientid);
    const answers = await Promise.all(clientids.map((id) => fleet.ask(id, 'GET', '/device/general')));
    const serials = answers.map(({ payload }) => (payload as { data: Json }).data.serialNumber);
    expect(new Set(serials).size).to.equal(200);
  });

  it('is not needed for a fault to reach it', async () => {
    fleet = await startFleet(1);
    const simulator = startSimulator({
      url: `mqtt://127.0.0.1:${fleet.broker.port}`,
      inputTopic: '/tpedm/{clientid}/input',
      outputTopic: '/tpedm/{clientid}/output',
      gateways: virtualIdentities(120).map((identity) => ({ identity, username: 'any', password: 'right' })),
    });
    try {
      simulator.setFaults('virtual-0120', { errorStatus: 418 });
      expect(simulator.all()).to.have.length(120);
      await fleet.broker.untilClient('virtual-0120');
      expect((await fleet.ask('virtual-0120', 'GET', '/device/general')).status).to.equal(418);
    } finally {
      await simulator.stop();
    }
  });

  it('carries telemetry when asked to', async () => {
    fleet = await startFleet(2, { telemetry: { topic: '/tpedm/{clientid}/telemetry/sample', everyMs: 40 } });
    const heard = await fleet.next('virtual-0002');
    expect(heard.topic).to.equal('/tpedm/virtual-0002/telemetry/sample');
    const [value] = JSON.parse(heard.raw).tags.system.status.cpuUsage.values;
    expect(value.value).to.be.within(0, 100);
    expect(Date.parse(value.updateTimeStamp)).to.be.closeTo(Date.now(), patience(30_000));
  });

  it('ends with the simulator, without a word after it', async () => {
    fleet = await startFleet(3);
    await fleet.ask('virtual-0001', 'PUT', '/system/reboot', { now: true });
    await fleet.simulator.stop();
    // Only the one who asks is left.
    await fleet.broker.untilClients(1);
    expect(fleet.simulator.status().connected).to.equal(0);
  });
});

describe('an upgrade of a virtual gateway', () => {
  let fleet: Fleet;
  afterEach(() => fleet.stop());
  const uc = modelOf('UC-81');
  const aig = modelOf('AIG-301');
  const aig302 = modelOf('AIG-302');

  async function data(clientid: string, method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await fleet.ask(clientid, method, path, body);
    expect(answer.status, answer.raw.slice(0, 200)).to.be.within(200, 299);
    return (answer.payload as { data: Json }).data;
  }
  const statusOf = async (...asked: Parameters<Fleet['ask']>) => (await fleet.ask(...asked)).status;

  /** Asks until the job is in this state. */
  async function untilJob(clientid: string, id: unknown, state: string): Promise<Json> {
    for (;;) {
      const job = await data(clientid, 'GET', `/upgrades/${id}`);
      if (job.state === state) return job;
      expect(job.state, `before ${state}`).to.be.oneOf(['created', 'pending', 'running']);
    }
  }

  /** Reads again and again, through all absences, until it is so. */
  async function readBack(clientid: string, path: string, isSo: (data: Json) => boolean): Promise<Json> {
    for (;;) {
      await fleet.until(everybody);
      const gone = fleet.until(nobody).then(() => null);
      const read = await Promise.race([data(clientid, 'GET', path), gone]);
      if (read !== null && isSo(read)) return read;
      fleet.forget(clientid);
    }
  }

  it('waits for its start, loads, installs, loses MQTT meanwhile, and is read back', async () => {
    // 830 s of a real gateway in about a second.
    fleet = await startFleet([aig], { timeScale: 700 });
    const url = 'https://packages.example.com/Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml';
    const before = await data(aig.clientid, 'GET', '/device/general');
    expect(before).to.include({ firmwareVersion: '1.5.0', thingsproVersion: '2.4.0-4020' });
    const made = await data(aig.clientid, 'POST', '/upgrades', { url, install: true });
    expect(made).to.include({ id: 1, state: 'created', startedAt: null, completedTask: 0, totalTask: 11 });
    expect(made.parameter).to.include({ url, install: true, deleteFileAfterInstallComplete: true });
    expect(await statusOf(aig.clientid, 'PUT', '/upgrades/1/resume')).to.equal(400);
    const started = await data(aig.clientid, 'PUT', '/upgrades/1/start');
    expect(started.state).to.be.oneOf(['pending', 'running']);
    expect(await statusOf(aig.clientid, 'PUT', '/upgrades/1/start')).to.equal(400);
    expect(await statusOf(aig.clientid, 'POST', '/upgrades', { url, install: true })).to.equal(400);
    const running = await untilJob(aig.clientid, 1, 'running');
    expect((running.tasks as Json[])[0]).to.include({ type: 'download', totalSize: 214_501_856 });
    await fleet.until(nobody);
    const done = await readBack(aig.clientid, '/upgrades/1', ({ state }) => state === 'succeed');
    expect(done).to.include({ lastState: 'running', completedTask: 0 });
    for (const task of done.tasks as Json[]) expect(task).to.include({ state: 'succeed', progress: 100 });
    const after = await data(aig.clientid, 'GET', '/device/general');
    expect(after).to.include({ firmwareVersion: '1.6.0', thingsproVersion: '2.5.0-4404' });
    const jobs = (await data(aig.clientid, 'GET', '/jobs')) as unknown as Json[];
    expect(jobs[0]).to.include({ resourceType: 'installation', resourceID: 1, state: 'succeed' });
    expect(await statusOf(aig.clientid, 'DELETE', '/upgrades/1')).to.equal(204);
    expect(await statusOf(aig.clientid, 'DELETE', '/upgrades/1')).to.equal(400);
    expect(await data(aig.clientid, 'GET', '/upgrades/1')).to.include({ isDeleted: true });
  });

  it('begins by itself on the UC line, and only loads where it is told so', async () => {
    fleet = await startFleet([uc], { timeScale: 1000 });
    const url = 'https://packages.example.com/package_2.3.0-3571-tpe_armhf.yaml';
    await data(uc.clientid, 'POST', '/upgrades', { url, install: false });
    const loaded = await untilJob(uc.clientid, 1, 'succeed');
    expect(loaded.tasks).to.have.length(1);
    expect(await data(uc.clientid, 'GET', '/device/general')).to.include({ thingsproVersion: uc.tpeVersion });
    expect(await data(uc.clientid, 'POST', '/upgrades', { id: 1 })).to.deep.include({ totalTask: 10 });
    await fleet.until(nobody);
    const after = await readBack(
      uc.clientid,
      '/device/general',
      (now) => now.thingsproVersion !== uc.tpeVersion,
    );
    expect(after).to.include({ thingsproVersion: '2.3.0-3571', firmwareVersion: uc.firmwareVersion });
  });

  it('can be held, taken up again, and given up', async () => {
    fleet = await startFleet([aig], { timeScale: 100 });
    const act = (action: string) => data(aig.clientid, 'PUT', `/upgrades/1/${action}`);
    const url = 'https://packages.example.com/Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml';
    await data(aig.clientid, 'POST', '/upgrades', { url, install: true });
    await act('start');
    await untilJob(aig.clientid, 1, 'running');
    const held = await act('suspend');
    expect(held.state).to.equal('suppended');
    const progressOf = (job: Json) => (job.tasks as Json[])[0]!.progress;
    expect(progressOf(await data(aig.clientid, 'GET', '/upgrades/1'))).to.equal(progressOf(held));
    expect(await act('resume')).to.include({ state: 'running' });
    expect(await act('cancel')).to.include({ state: 'canceled', lastState: 'running' });
    expect(await statusOf(aig.clientid, 'PUT', '/upgrades/1/resume')).to.equal(400);
    expect(await statusOf(aig.clientid, 'PUT', '/upgrades/1/dance')).to.equal(400);
    expect(await statusOf(aig.clientid, 'GET', '/upgrades/2')).to.equal(404);
  });

  it('fails with a package that does not fit, and leaves the versions as they were', async () => {
    fleet = await startFleet([aig], { timeScale: 2000 });
    const misfits = [
      ['Upgrade_AIG-301_2.6.0-4499_IMG_1.7.0_to_1.8.0.yaml', /1\.7/],
      ['Upgrade_AIG-501_2.6.0-4499_IMG_1.5.0_to_1.6.0.yaml', /AIG-501/],
      ['package_2.2.1-3369-aig_amd64.yaml', /amd64/],
    ] as const;
    for (const [index, [name, reason]] of misfits.entries()) {
      const id = index + 1;
      await data(aig.clientid, 'POST', '/upgrades', {
        url: `https://packages.example.com/${name}`,
        install: true,
      });
      await data(aig.clientid, 'PUT', `/upgrades/${id}/start`);
      expect((await untilJob(aig.clientid, id, 'failed')).errorMessage).to.match(reason);
    }
    const general = await data(aig.clientid, 'GET', '/device/general');
    expect(general).to.include({ firmwareVersion: aig.firmwareVersion, thingsproVersion: aig.tpeVersion });
    for (const body of [{ url: 'https://packages.example.com/x.exe' }, { url: 7 }, {}, { id: 9 }]) {
      expect(await statusOf(aig.clientid, 'POST', '/upgrades', body)).to.equal(400);
    }
  });

  it('is one task at a time on an AIG-302', async () => {
    fleet = await startFleet([aig302], { timeScale: 600 });
    expect(await statusOf(aig302.clientid, 'GET', '/system/upgrade/task')).to.equal(404);
    const url = 'https://packages.example.com/aig-302_1.3.0-20260106.tar';
    const asked = await fleet.ask(aig302.clientid, 'POST', '/system/upgrade', {
      mode: 'file',
      url,
      allowReboot: true,
    });
    expect(asked.status).to.equal(202);
    const busy = await fleet.ask(aig302.clientid, 'POST', '/system/upgrade', { mode: 'file', url });
    expect(busy.status).to.equal(409);
    expect(busy.payload).to.have.nested.property('error.code', 'CONFLICT');
    await fleet.until(nobody);
    const isDone = ({ status }: Json) => status === 'success';
    expect(await readBack(aig302.clientid, '/system/upgrade/task', isDone)).to.include({
      status: 'success',
      mode: 'file',
    });
    await readBack(aig302.clientid, '/device/general', (now) => now.softwareVersion === '1.3.0');
    expect(await statusOf(aig302.clientid, 'POST', '/system/upgrade', { mode: 'magic' })).to.equal(400);
  });
});
