import { expect } from 'chai';
import { INSTALLATION_STEPS } from '../../../nodes/manager/updates/install/installation.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { nextEvent } from '../../support/manager.js';
import { AIG, AIG_302, AIG_302_1_3, type InstallRig, startRig, TO_1_6, TO_1_7 } from './install-rig.js';

eachDatabaseOptions('installing software over a restart of the manager', (freshDatabase) => {
  let rig: InstallRig;
  // A restart takes the gateway's connection with it, so the steps must last a little.
  beforeEach(async () => {
    rig = await startRig(await freshDatabase(), { timeScale: 400, rebootMs: 500 });
  });
  afterEach(() => rig.stop());

  /** How many the gateway has; a second request for one that runs would have failed, too. */
  async function upgradesOf(clientid: string): Promise<unknown> {
    await rig.untilOnline(clientid);
    const jobs = await rig.manager.commands.send({ clientid, method: 'GET', path: '/upgrades' });
    return (jobs.answer?.payload as { count?: unknown } | undefined)?.count;
  }

  for (const step of INSTALLATION_STEPS) {
    it(`goes on in the step "${step}", and asks the gateway for the upgrade once`, async () => {
      const { id } = await rig.install({ clientid: AIG, snapshot: false });
      await rig.inStep(id, step);
      await rig.reopen();
      const ended = await rig.ended(id);
      expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED', reason: null });
      expect(ended.after).to.deep.equal({ tpeVersion: '2.5.0-4404', firmwareVersion: '1.6.0' });
      expect(ended.steps.map(({ name }) => name)).to.deep.equal([...INSTALLATION_STEPS]);
      expect(await upgradesOf(AIG)).to.equal(1);
    });
  }

  it('goes on where the restart comes between the request for the upgrade and its answer', async () => {
    rig.simulator.setFaults(AIG, { slowMs: 300 });
    const { id } = await rig.install({ clientid: AIG, snapshot: false });
    await nextEvent(
      rig.manager,
      'command',
      ({ path, method, state }) => path === '/upgrades' && method === 'POST' && state === 'SENT',
    );
    await rig.reopen();
    rig.simulator.setFaults(AIG, {});
    expect(await rig.ended(id)).to.include({ state: 'SUCCEEDED' });
    expect(await upgradesOf(AIG)).to.equal(1);
  });

  it('goes on through many restarts, over a path', async () => {
    const { id } = await rig.install({ clientid: AIG, packages: [TO_1_6, TO_1_7], snapshot: false });
    let restarts = 0;
    let known = 0;
    for (;;) {
      const moved = nextEvent(
        rig.manager,
        'installation',
        (one) => one.steps.length > known || one.endedAt !== null,
      );
      const { state, steps } = (await rig.manager.installations.get(id))!;
      if (state !== 'QUEUED' && state !== 'IN_PROGRESS') break;
      known = steps.length > known ? steps.length : (await moved).steps.length;
      await rig.reopen();
      restarts += 1;
    }
    const ended = await rig.ended(id);
    expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED' });
    expect(ended.after.firmwareVersion).to.equal('1.7.0');
    expect(restarts).to.be.greaterThan(5);
    expect(await upgradesOf(AIG)).to.equal(2);
  });

  it('goes on with an AIG-302, and with a failure it ends in the same one', async () => {
    const good = await rig.install({ clientid: AIG_302, packages: [AIG_302_1_3] });
    rig.simulator.setFaults(AIG, { upgrade: 'bad_package' });
    const bad = await rig.install({ clientid: AIG, snapshot: false });
    await Promise.all([rig.inStep(good.id, 'install'), rig.inStep(bad.id, 'download')]);
    await rig.reopen();
    expect(await rig.ended(good.id)).to.include({ state: 'SUCCEEDED' });
    expect((await rig.ended(bad.id)).reason).to.match(/package is broken/);
    expect(await rig.sent(AIG_302, 'POST', '/system/upgrade')).to.have.length(1);
  });

  it('ends at once what was canceled while no manager was there to do it', async () => {
    // Else the gateway is done with it before the manager is back, on a busy machine.
    rig.simulator.setFaults(AIG, { upgrade: 'hang' });
    const { id } = await rig.install({ clientid: AIG });
    await rig.inStep(id, 'download');
    await rig.manager.installations.cancel(id, 'Bob');
    await rig.reopen();
    expect(await rig.ended(id)).to.include({ state: 'CANCELED', reason: 'Canceled by Bob.' });
  });
});
