import { expect } from 'chai';
import type { Installation } from '../../../nodes/manager/updates/install/installation.js';
import { eachDatabaseOptions } from '../../support/databases.js';
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

const stepsOf = ({ steps }: Installation) => steps.map((step) => `${step.package}:${step.name}`);
const ALL = ['precheck', 'create', 'start', 'download', 'install', 'reboot', 'reconnect', 'verify'];

eachDatabaseOptions('installing software', (freshDatabase) => {
  let rig: InstallRig;
  beforeEach(async () => {
    rig = await startRig(await freshDatabase());
  });
  afterEach(() => rig.stop());

  it('ends in the version that the gateway says it has, and tells of each step on the way', async () => {
    const started = await rig.install({ clientid: AIG, requestedBy: 'Ann' });
    expect(started).to.include({ clientid: AIG, state: 'QUEUED', requestedBy: 'Ann', timeoutMs: 3_600_000 });
    const ended = await rig.ended(started.id);
    expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED', reason: null, progress: 100 });
    expect(ended.before).to.deep.equal({ tpeVersion: '2.4.0-4020', firmwareVersion: '1.5.0' });
    expect(ended.after).to.deep.equal({ tpeVersion: '2.5.0-4404', firmwareVersion: '1.6.0' });
    expect(stepsOf(ended)).to.deep.equal(ALL.map((name) => `0:${name}`));
    for (const step of ended.steps) {
      expect(step.progress).to.equal(100);
      expect(Date.parse(step.endedAt ?? '')).to.be.at.least(Date.parse(step.startedAt));
    }
    expect(await rig.sent(AIG, 'POST', '/upgrades')).to.have.length(1);
    expect(await rig.sent(AIG, 'PUT', '/upgrades/1/start')).to.have.length(1);
    expect(await rig.sent(AIG, 'PUT', '/system/reboot')).to.have.length(0);
    const progress = rig.told.map((installation) => installation.progress);
    expect(progress).to.deep.equal(progress.toSorted((a, b) => a - b));
    expect(new Set(progress).size).to.be.greaterThan(10);
    expect(rig.told.map(({ state }) => state).at(-1)).to.equal('SUCCEEDED');
    expect((await rig.manager.registry.get(AIG))?.firmwareVersion).to.equal('1.6.0');
    expect(await rig.manager.installations.get(started.id)).to.deep.equal(ended);
  });

  it('asks for the restart, once, where the gateway makes no snapshot', async () => {
    const { id } = await rig.install({ clientid: UC, packages: [TPE_2_3], snapshot: false });
    const ended = await rig.ended(id);
    expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED' });
    expect(ended.after.tpeVersion).to.equal('2.3.0-3571');
    const [made] = await rig.sent(UC, 'POST', '/upgrades');
    expect(made!.requestBody).to.deep.equal({
      url: TPE_2_3.yamlUrl,
      install: true,
      deleteFileAfterInstallComplete: true,
      snapshot: false,
    });
    expect(await rig.sent(UC, 'PUT', '/system/reboot')).to.have.length(1);
  });

  it('installs a path of packages one after the other', async () => {
    const { id } = await rig.install({ clientid: AIG, packages: [TO_1_6, TO_1_7], snapshot: false });
    const ended = await rig.ended(id);
    expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED', progress: 100 });
    expect(stepsOf(ended)).to.deep.equal([0, 1].flatMap((index) => ALL.map((name) => `${index}:${name}`)));
    expect(ended.before.firmwareVersion).to.equal('1.5.0');
    expect(ended.after).to.deep.equal({ tpeVersion: '2.5.1-4424', firmwareVersion: '1.7.0' });
    expect(await rig.sent(AIG, 'PUT', '/system/reboot')).to.have.length(2);
  });

  it('leaves out what the gateway has already', async () => {
    const has = { ...TO_1_6, version: 'v1.5', yamlUrl: `${TO_1_6.yamlUrl}.deb` };
    const { id } = await rig.install({ clientid: AIG, packages: [has] });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'ALREADY_INSTALLED', progress: 100 });
    expect(ended.steps[0]!.detail).to.match(/has 1\.5\.0/);
    expect(ended.steps[0]!.cause?.params).to.deep.equal({ version: '1.5.0' });
    expect(ended.cause?.code).to.equal('installation-not-needed');
    const path = await rig.install({ clientid: AIG, packages: [has, TO_1_6] });
    const climbed = await rig.ended(path.id);
    expect(climbed).to.include({ state: 'SUCCEEDED' });
    expect(stepsOf(climbed)).to.deep.equal(['0:precheck', ...ALL.map((name) => `1:${name}`)]);
    expect(await rig.sent(AIG, 'POST', '/upgrades')).to.have.length(1);
  });

  it('upgrades an AIG-302 by its own way', async () => {
    const { id } = await rig.install({ clientid: AIG_302, packages: [AIG_302_1_3] });
    const ended = await rig.ended(id);
    expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED' });
    expect(ended.after.tpeVersion).to.equal('1.3.0');
    expect(stepsOf(ended)).to.include.members(['0:create', '0:install', '0:verify']);
    const [made] = await rig.sent(AIG_302, 'POST', '/system/upgrade');
    expect(made!.requestBody).to.deep.equal({ mode: 'file', url: AIG_302_1_3.yamlUrl, allowReboot: true });
    expect(made!.requestedBy).to.equal(`tpedm: install ${id}`);
  });

  it('is one at a time on a gateway', async () => {
    const first = await rig.install({ clientid: AIG });
    const second = await rig.install({ clientid: AIG });
    expect(second).to.include({ state: 'REJECTED', reasonCode: 'CONFLICT' });
    expect(second.reason).to.contain(first.id);
    expect(second.cause).to.deep.equal({ code: 'installation-beside-id', params: { id: first.id } });
    const elsewhere = await rig.install({ clientid: UC, packages: [TPE_2_3] });
    expect((await rig.ended(first.id)).state).to.equal('SUCCEEDED');
    expect((await rig.ended(elsewhere.id)).state).to.equal('SUCCEEDED');
    const third = await rig.install({ clientid: AIG, packages: [TO_1_7] });
    expect(third.state).to.equal('QUEUED');
    const page = await rig.manager.installations.list({ clientid: AIG, limit: 2 });
    expect(page.map(({ id }) => id)).to.deep.equal([third.id, second.id]);
    const more = await rig.manager.installations.list({ clientid: AIG, before: page.at(-1)!.id });
    expect(more.map(({ id }) => id)).to.deep.equal([first.id]);
  });

  it('is canceled while it loads, on the gateway too', async () => {
    const { id } = await rig.install({ clientid: AIG });
    await rig.inStep(id, 'download');
    expect(await rig.manager.installations.cancel(id, 'Bob')).to.include({ cancelRequestedBy: 'Bob' });
    const ended = await rig.ended(id);
    expect(ended).to.include({ state: 'CANCELED', reason: 'Canceled by Bob.', cancelRequestedBy: 'Bob' });
    const jobs = await rig.manager.commands.send({ clientid: AIG, method: 'GET', path: '/upgrades/1' });
    expect(jobs.answer?.payload).to.have.nested.property('data.state', 'canceled');
    const again = await rig.manager.installations.cancel(id, 'Bob').catch((error: unknown) => error);
    expect(again).to.have.property('code', 'CONFLICT');
    // The gateway is free for the next one.
    const next = await rig.install({ clientid: AIG });
    expect((await rig.ended(next.id)).state).to.equal('SUCCEEDED');
  });

  it('fails with the reason that the gateway gives', async () => {
    for (const [upgrade, reason] of [
      ['bad_package', /package is broken/],
      ['disk_full', /no space left/],
      ['rollback', /rolled back/],
    ] as const) {
      rig.simulator.setFaults(AIG, { upgrade });
      const { id } = await rig.install({ clientid: AIG, packages: [{ ...TO_1_6, size: null }] });
      const ended = await rig.ended(id);
      expect(ended, upgrade).to.include({ state: 'FAILED' });
      expect(ended.reason).to.match(reason);
      await rig.untilOnline(AIG);
    }
    rig.simulator.setFaults(AIG_302, { upgrade: 'bad_package' });
    const { id } = await rig.install({ clientid: AIG_302, packages: [AIG_302_1_3] });
    const ended = await rig.ended(id);
    expect(ended.reason).to.match(/package validation failed/);
    // The words of the gateway have no cause of their own.
    expect(ended.cause?.params.detail).to.have.property('cause', null);
  });
});
