import { expect } from 'chai';
import type { CommandRequest } from '../../../nodes/manager/commands/command.js';
import { openDeviceManager } from '../../../nodes/manager/composition/open-device-manager.js';
import type { DeviceManager } from '../../../nodes/manager/device-manager.js';
import { enrollVirtualGateways } from '../../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import {
  type SimulatedGateway,
  type Simulator,
  startSimulator,
} from '../../../nodes/manager/gateway-simulator/simulator.js';
import type { SendOptions, WellTiming } from '../../../nodes/manager/well/well.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { nextEvent, openTestManager, portOf, presenceOf } from '../../support/manager.js';
import { patience, runsOut } from '../../support/patience.js';
import { openBroker } from '../gateway-simulator/fleet.js';

const AIG = 'virtual-0003';
const AIG_302 = 'virtual-0008';
const REBOOT = { method: 'PUT', path: '/system/reboot', requestBody: { now: true } };

const TIMING: WellTiming = {
  leave: 400,
  settle: 300,
  settleOtherwise: 50,
  within: patience(20_000),
  answer: patience(2000),
  retry: 40,
  retryMost: 150,
};

function startGateways(port: number, gateways: SimulatedGateway[]): Simulator {
  return startSimulator({
    url: `mqtt://127.0.0.1:${port}`,
    ...{ inputTopic: '/tpedm/{clientid}/input', outputTopic: '/tpedm/{clientid}/output' },
    ...{ latencyMs: [0, 5], rebootMs: 200, retryMs: 100, gateways },
  });
}

describe('waiting until a gateway is well again', () => {
  const fresh = opener('pglite');
  let manager: DeviceManager;
  let simulator: Simulator;

  beforeEach(async () => {
    ({ manager } = await openTestManager(await fresh.options(), {
      wellTiming: TIMING,
      commandTimeoutMs: runsOut(1500),
    }));
    const identities = virtualIdentities(8).filter(({ clientid }) => [AIG, AIG_302].includes(clientid));
    const { gateways } = await enrollVirtualGateways(manager.registry, identities);
    const known = identities.map(({ clientid }) =>
      nextEvent(manager, 'device', (event) => event.clientid === clientid && event.change === 'profile'),
    );
    simulator = startGateways(portOf(manager), gateways);
    await Promise.all(known);
  });
  afterEach(async () => {
    await simulator.stop();
    await manager.close();
  });

  const send = (request: Partial<CommandRequest>, options: SendOptions = {}) =>
    manager.well.sendUntilWell({ clientid: AIG, ...REBOOT, ...request }, options);
  const put = (path: string, clientid = AIG) => manager.commands.send({ clientid, method: 'PUT', path });
  const asked = async (path: string) =>
    (await manager.commands.list({ limit: 500 })).filter((command) => command.path === path);

  it('ends when a gateway that rebooted is online for a while, and runs what ran before', async () => {
    const seen: string[] = [];
    manager.events.on('presence', ({ status }) => seen.push(status));
    const { record, well } = await send({});
    expect(record.state).to.equal('SUCCEEDED');
    expect(seen).to.deep.equal(['offline', 'online']);
    expect(well).to.deep.include({ well: true });
    expect(well!.tookMs).to.be.at.least(200 + TIMING.settle);
    expect((await manager.registry.get(AIG))?.status).to.equal('online');
    expect(await asked('/apps')).to.have.length(2);
  });

  it('goes on while an application does not run that ran before', async () => {
    const stopped = presenceOf(manager, AIG, 'online').then(() => put('/apps/function/stop'));
    let isStarted = false;
    const { well } = await send(
      {},
      {
        onWaiting() {
          stopped
            .then(() => untilAskedInVain())
            .then(async () => {
              isStarted = true;
              await put('/apps/function/start');
            });
        },
      },
    );
    expect(well).to.deep.include({ well: true });
    expect(isStarted).to.equal(true);
  });

  /** Resolves when the gateway has told that an application does not run. */
  async function untilAskedInVain(): Promise<void> {
    await nextEvent(
      manager,
      'command',
      ({ path, answer }) => path === '/apps' && JSON.stringify(answer?.payload ?? '').includes('init'),
    );
  }

  it('says which application a gateway came back without', async () => {
    void presenceOf(manager, AIG, 'online').then(() => put('/apps/function/stop'));
    const { record, well } = await send({}, { withinMs: runsOut(3000) });
    expect(record.state).to.equal('SUCCEEDED');
    expect(well).to.deep.include({ well: false });
    expect((well as { reason: unknown }).reason).to.deep.equal({
      text: 'The gateway is online, but these applications ran before and do not run after 3 s: function.',
      cause: { code: 'well-apps-missing', params: { seconds: 3, apps: 'function' } },
    });
  });

  it('does not wait for an application that the command stops', async () => {
    const { well } = await send({ path: '/apps/function/stop', requestBody: {} });
    expect(well).to.deep.include({ well: true });
    expect(await manager.well.before(AIG)).to.satisfy(
      ({ apps }: { apps: string[] }) => apps.includes('cloud') && !apps.includes('function'),
    );
  });

  it('says so of a gateway that never comes back', async () => {
    const { record, well } = await send(
      { path: '/system/reset-default?mode=factory', requestBody: {} },
      { withinMs: runsOut(1500) },
    );
    expect(record.state).to.equal('SUCCEEDED');
    expect(well).to.deep.include({ well: false });
    expect((well as { reason: { cause: unknown } }).reason.cause).to.deep.equal({
      code: 'well-offline',
      params: { seconds: 2 },
    });
  });

  it('asks no more than an answer of a gateway without a list of applications', async () => {
    expect(await manager.well.before(AIG_302)).to.deep.include({ apps: null });
    const { well } = await send({ clientid: AIG_302 });
    expect(well).to.deep.include({ well: true });
  });

  it('does not wait where the gateway refuses, was not reached, or only reads', async () => {
    simulator.setFaults(AIG, { errorStatus: 500 });
    const refused = await send({});
    expect([refused.record.state, refused.well]).to.deep.equal(['FAILED', null]);
    const offline = presenceOf(manager, AIG, 'offline');
    simulator.find(AIG)!.disconnect();
    await offline;
    const missed = await send({});
    expect([missed.record.state, missed.well]).to.deep.equal(['REJECTED', null]);
    const read = await send({ clientid: AIG_302, method: 'GET', path: '/device/general', requestBody: {} });
    expect([read.record.state, read.well]).to.deep.equal(['SUCCEEDED', null]);
    expect(await asked('/device/general')).to.satisfy(
      (all: { requestedBy: string }[]) =>
        all.filter(({ requestedBy }) => requestedBy === 'unknown').length === 1,
    );
  });

  it('waits for a restarting command without an answer too, and for no other', async () => {
    simulator.setFaults(AIG, { lostAnswers: true });
    void presenceOf(manager, AIG, 'online').then(() => simulator.setFaults(AIG, {}));
    const { record, well } = await send({});
    expect(record.state).to.equal('TIMED_OUT');
    expect(well).to.deep.include({ well: true });
    simulator.setFaults(AIG, { silent: true });
    const other = await send({ path: '/apps/function/start', requestBody: {} });
    expect([other.record.state, other.well]).to.deep.equal(['TIMED_OUT', null]);
  });

  it('begins anew with each break, and says so of a gateway that keeps none of its connections', async () => {
    manager.events.on('presence', ({ clientid, status }) => {
      if (clientid === AIG && status === 'online') simulator.find(AIG)?.cut();
    });
    const { well } = await send({}, { withinMs: runsOut(2500), settleMs: 2000 });
    expect((well as { reason: { cause: { code: string } } }).reason.cause.code).to.be.oneOf([
      'well-unsteady',
      'well-offline',
    ]);
  });

  it('can be asked for what somebody else did to the gateway, with what was read before', async () => {
    const ran = await manager.well.before(AIG);
    expect(ran.apps).to.include('cloud');
    expect(ran.onlineSince).to.equal((await manager.registry.get(AIG))?.since);
    // It went and came back before anybody waited.
    const back = presenceOf(manager, AIG, 'online');
    simulator.find(AIG)!.reboot();
    await back;
    const again = await manager.well.untilWell({ clientid: AIG, ran: JSON.parse(JSON.stringify(ran)) });
    expect(again).to.deep.include({ well: true });
    const stayed = await manager.well.untilWell({ clientid: AIG, ran: await manager.well.before(AIG) });
    expect(stayed.well).to.equal(true);
    expect(stayed.tookMs).to.be.at.least(TIMING.leave + TIMING.settle);
  });

  it('ends when the gateway is retired, and for one that nobody knows', async () => {
    const waiting = send({}, { onWaiting: () => void manager.retire(AIG) });
    expect((await waiting).well).to.deep.include({ well: false });
    const unknown = await manager.well.untilWell({
      clientid: 'nobody',
      ran: { apps: null, onlineSince: null },
    });
    expect(unknown).to.deep.include({ well: false });
    expect((unknown as { reason: { text: string } }).reason.text).to.equal('The gateway was retired.');
    expect(await manager.well.before('nobody')).to.deep.equal({ apps: null, onlineSince: null });
  });

  it('ends with CLOSED for who gives up, and for all when the manager closes', async () => {
    const giving = new AbortController();
    const given = await errorOf(send({}, { signal: giving.signal, onWaiting: () => giving.abort() }));
    expect(given).to.include({ code: 'CLOSED' });
    const ran = { apps: null, onlineSince: null };
    const waiting = errorOf(manager.well.untilWell({ clientid: AIG, ran }));
    await manager.close();
    expect(await waiting).to.include({ code: 'CLOSED' });
    expect(await errorOf(manager.well.untilWell({ clientid: AIG, ran }))).to.include({ code: 'CLOSED' });
  });
});

describe('waiting until a gateway is well again, beside a broker that does not tell who is connected', () => {
  it('goes by the answers of the gateway', async () => {
    const broker = await openBroker();
    const manager = await openDeviceManager({
      database: await opener('pglite').options(),
      broker: { kind: 'mqtt', url: `mqtt://127.0.0.1:${broker.port}` },
      instance: 'test',
      log: { info: () => undefined, warn: () => undefined },
      wellTiming: { ...TIMING, answer: 1000 },
    });
    const identities = virtualIdentities(8).filter(({ clientid }) => clientid === AIG);
    const { gateways } = await enrollVirtualGateways(manager.registry, identities);
    const subscribed = broker.untilClient(AIG);
    const simulator = startGateways(broker.port, gateways);
    try {
      await subscribed;
      const { record, well } = await manager.well.sendUntilWell({ clientid: AIG, ...REBOOT });
      expect(record.state).to.equal('SUCCEEDED');
      expect(well).to.deep.include({ well: true });
      expect(well!.tookMs).to.be.at.least(200 + TIMING.settle);
      const gone = await manager.well.sendUntilWell(
        { clientid: AIG, method: 'PUT', path: '/system/reset-default?mode=factory' },
        { withinMs: runsOut(1500) },
      );
      expect(gone.well).to.deep.include({ well: false });
    } finally {
      await simulator.stop();
      await manager.close();
      await broker.close();
    }
  });
});

describe('waiting until a gateway is well again, with several managers on one database', () => {
  it('hears of the gateway from the manager that it is connected to', async () => {
    const options = await opener('postgresql').options();
    const near = await openTestManager(options, { wellTiming: TIMING });
    const far = await openTestManager(options, { wellTiming: TIMING, instance: 'far' });
    const identities = virtualIdentities(8).filter(({ clientid }) => clientid === AIG);
    const { gateways } = await enrollVirtualGateways(near.manager.registry, identities);
    const online = presenceOf(far.manager, AIG, 'online');
    const simulator = startGateways(near.port, gateways);
    try {
      await online;
      const ran = { apps: null, onlineSince: (await far.manager.registry.get(AIG))!.since };
      const offline = presenceOf(far.manager, AIG, 'offline');
      const waiting = far.manager.well.untilWell({ clientid: AIG, ran, withinMs: runsOut(1500) });
      simulator.find(AIG)!.disconnect();
      await offline;
      expect((await waiting) as object).to.deep.include({ well: false });
      expect(((await waiting) as { reason: { cause: { code: string } } }).reason.cause.code).to.equal(
        'well-offline',
      );
      const ended = far.manager.well.untilWell({ clientid: AIG, ran });
      await near.manager.retire(AIG);
      expect(((await ended) as { reason: { text: string } }).reason.text).to.equal(
        'The gateway was retired.',
      );
    } finally {
      await simulator.stop();
      await far.manager.close();
      await near.manager.close();
    }
  });
});
