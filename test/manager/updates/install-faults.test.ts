import { expect } from 'chai';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { INSTALLATION_STEPS } from '../../../nodes/manager/updates/install/installation.js';
import type { SoftwarePackage } from '../../../nodes/manager/updates/software-package.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { FAST_TIMING } from '../../support/fast-timing.js';
import { GENERAL } from '../../support/gateway.js';
import { nextEvent, onlineGateway, portOf, presenceOf } from '../../support/manager.js';
import { runsOut } from '../../support/patience.js';
import {
  AIG,
  AIG_302,
  AIG_302_1_3,
  type InstallRig,
  startRig,
  TO_1_6,
  TO_1_7,
  TPE_2_3,
  UC,
} from './install-rig.js';

describe('installing software: what goes wrong', () => {
  const open = opener('pglite');
  let rig: InstallRig;
  let database: DatabaseOptions;
  beforeEach(async () => {
    database = await open.options();
    rig = await startRig(database);
  });
  afterEach(() => rig.stop());

  const commandSent = (clientid: string, method: string, path: string) =>
    nextEvent(
      rig.manager,
      'command',
      (command) =>
        command.clientid === clientid &&
        command.method === method &&
        command.path === path &&
        command.state === 'SENT',
    );

  it('an answer that is lost: the upgrade is found on the gateway, and not asked for again', async () => {
    const sent = commandSent(AIG, 'POST', '/upgrades').then(() =>
      rig.simulator.setFaults(AIG, { lostAnswers: true }),
    );
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await sent;
    const unanswered = await nextEvent(
      rig.manager,
      'command',
      (command) => command.path === '/upgrades' && command.method === 'POST' && command.state === 'TIMED_OUT',
    );
    rig.simulator.setFaults(AIG, {});
    expect(await rig.ended(id)).to.include({ state: 'SUCCEEDED' });
    const [only, ...others] = await rig.sent(AIG, 'POST', '/upgrades');
    expect(only!.requestId).to.equal(unanswered.requestId);
    expect(others).to.be.empty;
  });

  it('a request that is lost: it is made again when it is sure that it never arrives', async () => {
    const sent = commandSent(AIG, 'POST', '/upgrades').then(() =>
      rig.simulator.setFaults(AIG, { silent: true }),
    );
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await sent;
    await nextEvent(rig.manager, 'command', ({ state }) => state === 'TIMED_OUT');
    rig.simulator.setFaults(AIG, {});
    expect(await rig.ended(id)).to.include({ state: 'SUCCEEDED' });
    expect(await rig.sent(AIG, 'POST', '/upgrades')).to.have.length(2);
    const jobs = await rig.manager.commands.send({ clientid: AIG, method: 'GET', path: '/upgrades' });
    expect(jobs.answer?.payload).to.have.nested.property('count', 1);
  });

  it('an upgrade that never ends: it is over when its time is', async () => {
    rig.simulator.setFaults(AIG, { upgrade: 'hang' });
    const { id } = await rig.install({ clientid: AIG, snapshot: false, timeoutMs: runsOut(2500) });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'TIMED_OUT', reasonCode: 'TIMED_OUT' });
    expect(ended.reason)
      .to.match(/install/)
      .and.to.match(/job 1/);
    expect(ended.steps.at(-1)).to.include({ name: 'install' });
    expect(ended.steps.at(-1)!.endedAt).to.equal(ended.endedAt);
  });

  it('a gateway that leaves for good: its absence is no failure, but its time ends', async () => {
    const { id } = await rig.install({ clientid: AIG, snapshot: false, timeoutMs: runsOut(2500) });
    await rig.inStep(id, 'download');
    const offline = presenceOf(rig.manager, AIG, 'offline');
    rig.gateway(AIG).disconnect();
    await offline;
    const asked = (await rig.manager.commands.list({ clientid: AIG })).length;
    expect(await rig.ended(id)).to.include({ state: 'TIMED_OUT', step: null });
    // It was not asked while it was away.
    expect((await rig.manager.commands.list({ clientid: AIG })).length).to.be.at.most(asked + 1);
  });

  it('a gateway that is connected and says nothing any more', async () => {
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await rig.inStep(id, 'download');
    rig.simulator.setFaults(AIG, { silent: true });
    const ended = await rig.ended(id);
    // Its upgrade goes on behind the silence, and so it leaves and comes back now and then.
    expect(ended.state).to.equal('TIMED_OUT');
    expect(ended.reason).to.match(/connected, but has not told/);
  });

  it('a gateway that breaks its JSON, answers twice, and under other ids for a while', async () => {
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await rig.inStep(id, 'download');
    for (const faults of [{ brokenJson: true }, { wrongRequestId: true }, { errorStatus: 500 }]) {
      rig.simulator.setFaults(AIG, faults);
      await commandSent(AIG, 'GET', '/upgrades/1');
    }
    rig.simulator.setFaults(AIG, { duplicateAnswers: true });
    expect(await rig.ended(id)).to.include({ state: 'SUCCEEDED' });
  });

  it('a version that is not the one that the package should bring', async () => {
    const wrong: SoftwarePackage = { ...TO_1_6, version: '1.6.7' };
    const { id } = await rig.install({ clientid: AIG, packages: [wrong], snapshot: false });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'FAILED', reason: 'The gateway has firmware 1.6.0 now, not 1.6.7.' });
    expect(ended.after.firmwareVersion).to.equal('1.6.0');
  });

  it('a restart after which all is as before', async () => {
    // It brings nothing that it names.
    const nothing: SoftwarePackage = {
      ...TPE_2_3,
      version: '2.9.0-1',
      yamlUrl: 'https://packages.example.com/patch_armhf.yaml',
    };
    const { id } = await rig.install({ clientid: UC, packages: [nothing] });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'FAILED' });
    expect(ended.cause?.params).to.deep.equal({
      ...{ layer: 'ThingsPro Edge', installed: '2.2.1-3369', version: '2.9.0-1' },
    });
    expect(ended.reason).to.match(/still has ThingsPro Edge 2\.2\.1-3369, not 2\.9\.0-1: .*rolled back/);
  });

  it('a second package that does not fit: what was installed stays, and the reason says which', async () => {
    const { id } = await rig.install({
      clientid: AIG,
      packages: [TO_1_6, { ...TO_1_7, minFirmwareVersion: '1.6.5' }],
      snapshot: false,
    });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'FAILED', package: 1 });
    expect(ended.reason).to.match(/needs firmware 1\.6\.5 or newer, the gateway has 1\.6\.0/);
    expect(ended.after.firmwareVersion).to.equal('1.6.0');
  });

  it('a canceled path: the package that cannot be stopped is seen through, the next is left out', async () => {
    const second = {
      ...AIG_302_1_3,
      version: '1.4.0',
      yamlUrl: 'https://packages.example.com/aig-302_1.4.0-20260301.tar',
    };
    const { id } = await rig.install({ clientid: AIG_302, packages: [AIG_302_1_3, second] });
    await rig.inStep(id, 'install');
    await rig.manager.installations.cancel(id, 'Bob');
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'CANCELED', reason: 'Canceled by Bob.' });
    expect(ended.after.tpeVersion).to.equal('1.3.0');
    expect(await rig.sent(AIG_302, 'POST', '/system/upgrade')).to.have.length(1);
  });

  it('a gateway that is retired meanwhile', async () => {
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await rig.inStep(id, 'download');
    await rig.manager.retire(AIG);
    expect(await rig.ended(id)).to.include({ state: 'CANCELED', reasonCode: 'NOT_FOUND' });
  });

  it('upgrades that somebody else steers: suspended, taken up again, canceled on the gateway', async () => {
    await rig.stop();
    // A download of three seconds leaves time for who steers it.
    rig = await startRig(await open.options(), { timeScale: 60 });
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await rig.inStep(id, 'download');
    const act = (action: string) =>
      rig.manager.commands.send({ clientid: AIG, method: 'PUT', path: `/upgrades/1/${action}` });
    const detail = (wanted: RegExp) =>
      nextEvent(rig.manager, 'installation', ({ steps }) => wanted.test(steps.at(-1)?.detail ?? ''));
    const isSuspended = detail(/^suspended on the gateway$/);
    await act('suspend');
    await isSuspended;
    const isResumed = detail(/MB/);
    await act('resume');
    await isResumed;
    await act('cancel');
    expect(await rig.ended(id)).to.include({ state: 'CANCELED', reason: 'Canceled on the gateway.' });
  });

  describe('before anything is done', () => {
    const rejected = async (...args: Parameters<InstallRig['install']>) => {
      const { id } = await rig.install(...args);
      const ended = await rig.ended(id);
      expect(ended).to.include({ state: 'REJECTED', package: 0 });
      expect(await rig.sent(args[0].clientid, 'POST', '/upgrades')).to.be.empty;
      return ended;
    };

    it('gateways that are unknown or offline', async () => {
      const unknown = await rejected({ clientid: 'nobody' });
      expect(unknown).to.include({ reasonCode: 'NOT_FOUND' });
      expect(unknown.steps).to.be.empty;
      const offline = presenceOf(rig.manager, AIG, 'offline');
      rig.gateway(AIG).disconnect();
      await offline;
      expect(await rejected({ clientid: AIG })).to.include({ reasonCode: 'OFFLINE' });
    });

    it('a gateway that does not answer', async () => {
      rig.simulator.setFaults(AIG, { silent: true });
      const ended = await rejected({ clientid: AIG });
      expect(ended).to.include({ reasonCode: 'TIMED_OUT' });
      expect(ended.reason).to.contain('/device/general');
      expect(ended.cause?.code).to.equal('installation-no-answer');
    });

    it('no room on the disk', async () => {
      rig.simulator.setFaults(AIG, { upgrade: 'disk_full' });
      const ended = await rejected({ clientid: AIG });
      expect(ended).to.include({ reasonCode: 'CONFLICT' });
      expect(ended.reason).to.match(/"System": 20 MB are free, the package needs 682 MB/);
    });

    it('a cellular link over which nothing shall be loaded', async () => {
      const test = { manager: rig.manager, port: portOf(rig.manager), log: [] };
      const gateway = await onlineGateway(test, 'scripted');
      let allowOverCellular = false;
      let name = 'wwan0';
      const answers: Record<string, () => unknown> = {
        '/device/general': () => GENERAL.data,
        '/system/upgrade': () => ({ allowOverCellular }),
        '/device/network/wan': () => ({ name, displayName: name }),
        '/upgrades': () => [{ id: 4, state: 'running' }],
      };
      void (async () => {
        for (;;) {
          const { path, requestId } = await gateway.nextRequest();
          await gateway.answer(requestId, { data: answers[path]?.() });
        }
      })();
      const scripted = { clientid: 'scripted', packages: [TPE_2_3] };
      expect((await rejected(scripted)).reason).to.match(/cellular.*allowOverCellular/);
      allowOverCellular = true;
      expect((await rejected({ ...scripted, allowCellular: false })).reason).to.match(
        /cellular.*not allowed/,
      );
      // What stands in the way then is the other upgrade.
      expect((await rejected(scripted)).reason).to.match(/job 4/);
      name = 'eth0';
      expect((await rejected({ ...scripted, allowCellular: false })).reason).to.match(/job 4/);
      await gateway.leave();
    });

    it('a package that needs a newer firmware', async () => {
      const ended = await rejected({ clientid: AIG, packages: [TO_1_7] });
      expect(ended.reason).to.match(/"to 1\.7" needs firmware 1\.6 or newer, the gateway has 1\.5\.0/);
    });

    it('another upgrade on the gateway', async () => {
      const send = (method: string, path: string, requestBody = {}) =>
        rig.manager.commands.send({ clientid: UC, method, path, requestBody });
      const body = { url: TPE_2_3.yamlUrl, install: true };
      await send('POST', '/upgrades', body);
      await send('PUT', '/upgrades/1/start');
      const { id } = await rig.install({ clientid: UC, packages: [TPE_2_3] });
      const ended = await rig.ended(id);
      expect(ended).to.include({ state: 'REJECTED', reasonCode: 'CONFLICT' });
      expect(ended.reason).to.match(/job 1/);
    });

    it('URLs that are none for packages', async () => {
      for (const yamlUrl of [
        'http://packages.example.com/a.yaml',
        'https://u:p@packages.example.com/a.yaml',
        'x',
      ]) {
        const ended = await rejected({ clientid: AIG, packages: [{ ...TO_1_6, yamlUrl }] });
        expect(ended).to.include({ reasonCode: 'INVALID_INPUT' });
        expect(ended.reason).to.contain('Packages are not loaded from');
        expect(JSON.stringify(ended.cause)).to.contain('installation-url-refused').and.not.contain('u:p@');
      }
    });

    it('requests that make no sense are not even recorded', async () => {
      const bad: Record<string, unknown>[] = [
        { packages: [] },
        { packages: 'all' },
        { packages: [{}] },
        { packages: [TO_1_6, TO_1_6] },
        { packages: [{ ...TO_1_6, version: '1\u00006' }] },
        { packages: [{ ...TO_1_6, packageName: '\ud800' }] },
        { packages: [{ ...TO_1_6, category: 'app' }] },
        { packages: [{ ...TO_1_6, size: -1 }] },
        { timeoutMs: 0 },
        { timeoutMs: Number.NaN },
        { clientid: '' },
        { clientid: 'a/b' },
      ];
      for (const more of bad) {
        const error = await errorOf(rig.install({ clientid: AIG, ...more } as never));
        expect(error, JSON.stringify(more)).to.have.property('code', 'INVALID_INPUT');
      }
      expect(await rig.manager.installations.list({})).to.be.empty;
      expect(await rig.manager.installations.get('x')).to.equal(null);
      expect(await rig.manager.installations.waitFor('99', runsOut(10))).to.equal(null);
      for (const query of [{ limit: 0 }, { limit: 501 }, { before: 'x' }, { state: 'DONE' as never }]) {
        expect(await errorOf(rig.manager.installations.list(query))).to.have.property(
          'code',
          'INVALID_INPUT',
        );
      }
      expect(await errorOf(rig.manager.installations.cancel('99', 'Bob'))).to.have.property(
        'code',
        'NOT_FOUND',
      );
    });
  });

  it('is told step by step, however long the pace is, and the end at once', async () => {
    await rig.stop();
    rig = await startRig(await open.options(), {}, { installTiming: { ...FAST_TIMING, tell: 600_000 } });
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'SUCCEEDED', reason: null });
    expect(rig.told.at(-1)).to.deep.equal(ended);
    const steps = rig.told.map(({ step }) => step).filter((step) => step !== null);
    // A busy machine may look at the gateway too seldom to see a short step.
    const inOrder = INSTALLATION_STEPS.filter((step) => steps.includes(step));
    expect(steps, 'nothing within a step').to.deep.equal(inOrder);
    expect(steps).to.include.members(['precheck', 'create', 'install', 'verify']);
  });
});
