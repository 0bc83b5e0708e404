import { expect } from 'chai';
import { openDeviceManager } from '../../../nodes/manager/composition/open-device-manager.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { DeviceManager } from '../../../nodes/manager/device-manager.js';
import { enrollVirtualGateways } from '../../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { type Simulator, startSimulator } from '../../../nodes/manager/gateway-simulator/simulator.js';
import { opener } from '../../support/databases.js';
import { type Emqx, startEmqx } from '../../support/emqx/index.js';
import { KEY } from '../../support/emqx-manager.js';
import { FAST_TIMING } from '../../support/fast-timing.js';
import { nextEvent } from '../../support/manager.js';
import { runsOut } from '../../support/patience.js';
import { postgres } from '../../support/postgres.js';
import { AIG, TO_1_6 } from './install-rig.js';

const LOGIN = { username: 'tpedm', password: 'the login of the manager' };

describe('installing software: several managers on one database (postgresql)', () => {
  const open = opener('postgresql');
  let database: DatabaseOptions;
  let emqx: Emqx;
  let simulator: Simulator;
  let first: DeviceManager;
  let second: DeviceManager;

  const openManager = (instance: string) =>
    openDeviceManager({
      database,
      broker: {
        kind: 'emqx',
        apiUrl: emqx.apiUrl,
        ...KEY,
        events: 'mqtt',
        mqtt: { url: emqx.mqttUrl, ...LOGIN },
      },
      instance,
      installTiming: FAST_TIMING,
      packageHosts: ['packages.example.com'],
      commandTimeoutMs: runsOut(1500),
      log: { info: () => undefined, warn: () => undefined },
    });

  beforeEach(async () => {
    database = await open.options();
    emqx = await startEmqx({
      version: '5.8',
      mqttPort: 0,
      apiPort: 0,
      ...KEY,
      accounts: [LOGIN],
      sysEvents: true,
      authenticate: (clientid, username, password) =>
        second.registry.authenticate(clientid, username ?? '', password),
    });
    first = await openManager('first');
    second = await openManager('second');
    const identities = virtualIdentities(3).filter(({ clientid }) => clientid === AIG);
    const { gateways } = await enrollVirtualGateways(first.registry, identities);
    const profile = nextEvent(second, 'device', ({ change }) => change === 'profile');
    simulator = startSimulator({
      url: emqx.mqttUrl,
      gateways,
      inputTopic: '/tpedm/{clientid}/input',
      outputTopic: '/tpedm/{clientid}/output',
      latencyMs: [0, 5],
      rebootMs: 500,
      retryMs: 100,
      timeScale: 400,
    });
    await profile;
  });
  afterEach(async () => {
    await simulator.stop();
    await first.close();
    await second.close();
    await emqx.stop();
  });

  const install = () =>
    first.installations.start({
      clientid: AIG,
      packages: [TO_1_6],
      requestedBy: 'a test',
      snapshot: false,
    });
  const inStep = (manager: DeviceManager, step: string) =>
    nextEvent(manager, 'installation', (installation) => installation.step === step);

  it('one manager tells what the other does, waits for it, and knows of no other installation beside it', async () => {
    const { id } = await install();
    const ended = second.installations.waitFor(id, Infinity);
    await inStep(second, 'download');
    const beside = await second.installations.start({
      clientid: AIG,
      packages: [TO_1_6],
      requestedBy: 'a test',
    });
    expect(beside).to.include({ state: 'REJECTED', reasonCode: 'CONFLICT' });
    expect(await ended).to.include({ state: 'SUCCEEDED', instance: 'first' });
  });

  it('one manager cancels what the other does', async () => {
    const { id } = await install();
    await inStep(second, 'download');
    await second.installations.cancel(id, 'Bob');
    expect(await second.installations.waitFor(id, Infinity)).to.include({
      state: 'CANCELED',
      reason: 'Canceled by Bob.',
    });
  });

  it('one manager goes on with what the other left when it died', async () => {
    const { id } = await install();
    await inStep(first, 'install');
    await first.close();
    await forgetLife('first');
    const ended = await second.installations.waitFor(id, Infinity);
    expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED', instance: 'second' });
    expect(ended?.after.firmwareVersion).to.equal('1.6.0');
    const jobs = await second.commands.send({ clientid: AIG, method: 'GET', path: '/upgrades' });
    expect(jobs.answer?.payload).to.have.nested.property('count', 1);
  });

  /** As if it had not been seen for minutes. */
  async function forgetLife(instance: string): Promise<void> {
    if (database.kind !== 'postgresql') throw new Error('not a database of the test server');
    await (await postgres()).admin(
      `update tpe_instance set seen_at = now() - interval '5 minutes' where instance = '${instance}'`,
      new URL(database.url).pathname.slice(1),
    );
  }
});
