import { expect } from 'chai';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createGuard } from '../../../nodes/manager/guard/create-guard.js';
import type { Guard } from '../../../nodes/manager/guard/guard.js';
import type { AttemptResult } from '../../../nodes/manager/jobs/execution.js';
import { EXECUTION_STANDING, guardOfJobs } from '../../../nodes/manager/jobs/guard-link.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, DONE, FAILED, type JobRig, openJobRig, setPresence } from './job-rig.js';

const me = { by: 'me' };

eachDatabase('jobs: under the guard', (open) => {
  let database: Database;
  let guard: Guard;
  let rig: JobRig;
  /** The ends of slots come behind it. */
  let ending: Promise<void>;
  beforeEach(async () => {
    database = await open();
    guard = createGuard({
      ...{ database, schedule: createSchedule(database, 'test'), knowsPresence: () => true },
      ...{ broadcast: () => undefined, onFree: () => rig.jobs.wake(), onChanged: () => undefined },
      ...{ onFault: (text) => rig.faults.push(text), owners: { execution: EXECUTION_STANDING } },
    });
    ending = Promise.resolve();
    const link = guardOfJobs(guard);
    rig = await openJobRig(database, {
      guard: { ...link, ended: (owner, how) => ending.then(() => link.ended(owner, how)) },
    });
  });
  afterEach(async () => {
    await rig.jobs.close();
    await guard.close();
    await database.close();
  });

  it('begin nothing from when a stop has been committed until it is lifted; reads go on', async () => {
    await addGateways(database, 3);
    const stop = await guard.stop({ scope: 'fleet', reason: 'smoke' }, 'jo');
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    expect(await rig.jobs.waiting(id)).to.include({ stop: 3 });
    rig.rating = { risk: 'read', classes: [] };
    const reading = await rig.begin({ all: true });
    await rig.when(reading.id, ({ state }) => state === 'COMPLETED');
    expect(rig.begun).to.have.length(3);
    rig.rating = { risk: 'write', classes: [] };
    await guard.lift(stop.id, 'jo');
    rig.jobs.wake();
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('disturb no more gateways of a site at once than it allows, and say who holds the slot', async () => {
    const ids = await addGateways(database, 3);
    await database.query("update clientid_profile set site = 'ruhr'");
    rig.rating = { risk: 'disruptive', classes: [] };
    let end: ((result: AttemptResult) => void) | null = null;
    rig.run = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    const draft = await rig.jobs.create({ name: 'x', do: {}, targets: { ids } }, me);
    await rig.jobs.submit(draft.id, { ...me, confirm: '3' });
    await rig.until(() => end !== null);
    await rig.until(async () => (await rig.jobs.waiting(draft.id)).guard === 2);
    expect(rig.begun).to.have.length(1);
    const [held] = (await guard.holds({})).items;
    expect(held).to.deep.include({
      owner: { kind: 'execution', id: `${draft.id}/${rig.begun[0]!.clientid}/1` },
    });
    const waiting = (await rig.executions(draft.id)).find(({ waitingFor }) => waitingFor === 'guard');
    expect(waiting?.waitingReason).to.contain(rig.begun[0]!.clientid);
    end!(DONE);
    await rig.until(async () => (await guard.holds({})).items[0]?.state !== 'held');
  });

  it('give a slot back at once where nothing was sent, and else not before the gateway is well', async () => {
    const ids = await addGateways(database, 3);
    rig.rating = { risk: 'disruptive', classes: [] };
    rig.run = async ({ clientid }, { onStep }) => {
      if (clientid === 'gw-1') {
        await setPresence(database, ['gw-1'], 'offline');
        return { waitingFor: 'offline', reason: null };
      }
      if (clientid === 'gw-3') await onStep(1, null, null);
      return { state: 'REJECTED', reason: null, isUncertain: false, mayRepeat: false };
    };
    const draft = await rig.jobs.create({ name: 'x', do: {}, targets: { ids } }, me);
    await rig.jobs.submit(draft.id, { ...me, confirm: '3' });
    await rig.when(draft.id, ({ counts }) => counts.REJECTED === 2 && counts.QUEUED === 1);
    const held = async () => (await guard.holds({})).items.map(({ clientid, state }) => [clientid, state]);
    await rig.until(async () => JSON.stringify(await held()) === '[["gw-3","settling"]]');
  });

  it('hold the slot of an attempt, also when the end of the one before comes late', async () => {
    const ids = await addGateways(database, 1);
    rig.rating = { risk: 'disruptive', classes: [] };
    let endsComeNow: (() => void) | null = null;
    ending = new Promise((resolve) => {
      endsComeNow = resolve;
    });
    rig.run = ({ attempt }) => (attempt === 1 ? Promise.resolve(FAILED) : new Promise(() => undefined));
    const note = JSON.stringify({ retryFailed: 1 });
    const draft = await rig.jobs.create({ name: 'x', note, do: {}, targets: { ids } }, me);
    await rig.jobs.submit(draft.id, { ...me, confirm: '1' });
    await rig.until(() => rig.begun.length === 2);
    endsComeNow!();
    const states = async () => (await guard.holds({})).items.map(({ owner, state }) => [owner.id, state]);
    const both = [
      [`${draft.id}/gw-1/2`, 'held'],
      [`${draft.id}/gw-1/1`, 'settling'],
    ];
    await rig.until(async () => JSON.stringify(await states()) === JSON.stringify(both));
    // The sweep of the guard takes it for what it is, too.
    await database.query("update tpe_guard_hold set since = since - interval '1 hour'");
    await guard.sweep();
    expect(await states()).to.deep.equal(both);
  });
});
