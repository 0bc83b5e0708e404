import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { type AttemptResult, WAITING_FOR } from '../../../nodes/manager/jobs/execution.js';
import { wordsOfOthers } from '../../../nodes/manager/shared/reason.js';
import { eachDatabase } from '../../support/databases.js';
import {
  addGateways,
  countNow,
  DONE,
  FAILED,
  type JobRig,
  openJobRig,
  refusalOf,
  setPresence,
} from './job-rig.js';

const me = { by: 'me' };

eachDatabase('jobs: what people do with them', (open) => {
  let database: Database;
  let rig: JobRig;
  let goOn: (result: AttemptResult) => void;
  beforeEach(async () => {
    database = await open();
    rig = await openJobRig(database);
  });
  afterEach(async () => {
    await rig.jobs.close();
    await database.close();
  });

  /** Has attempts wait until `goOn`. */
  function hold(): void {
    const held = new Promise<AttemptResult>((resolve) => {
      goOn = resolve;
    });
    rig.run = () => held;
  }

  it('pauses: what is under way goes on, nothing more begins; goes on afterwards', async () => {
    await addGateways(database, 5);
    hold();
    const { id } = await rig.begin({ all: true }, { maxInProgress: 2 });
    await rig.until(() => rig.begun.length === 2);
    const paused = await rig.jobs.pause(id, me);
    expect(paused).to.include({ state: 'PAUSED', pauseReason: 'requested' });
    expect(await rig.jobs.waiting(id)).to.include({ paused: 3 });
    goOn(DONE);
    await rig.when(id, ({ counts }) => counts.SUCCEEDED === 2);
    expect(rig.begun).to.have.length(2);
    expect((await refusalOf(rig.jobs.pause(id, me))).code).to.equal('CONFLICT');
    await rig.jobs.resume(id, me);
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('refuses an act on an older version, or in another state, and says which it is', async () => {
    const { id, version } = await rig.jobs.create({ name: 'x', do: {}, targets: { ids: ['a'] } }, me);
    const changed = await rig.jobs.change(id, { name: 'y' }, { ...me, version });
    expect(changed.version).to.be.above(version);
    const late = await refusalOf(rig.jobs.submit(id, { ...me, version }));
    expect(late).to.include({ code: 'CONFLICT' });
    expect(late.details).to.include({ state: 'DRAFT', version: changed.version });
    expect((await refusalOf(rig.jobs.pause(id, me))).reason.cause).to.deep.include({ code: 'job-not-now' });
    await rig.jobs.remove(id, me);
    expect((await refusalOf(rig.jobs.remove(id, me))).code).to.equal('NOT_FOUND');
    expect((await refusalOf(rig.jobs.pause('no id', me))).code).to.equal('NOT_FOUND');
  });

  it('cancels what waits and waits for what is under way', async () => {
    await addGateways(database, 5);
    hold();
    const { id } = await rig.begin({ all: true }, { maxInProgress: 2 });
    await rig.until(() => rig.begun.length === 2);
    expect(await rig.jobs.cancel(id, me)).to.include({ state: 'CANCELING' });
    await rig.when(id, ({ counts }) => counts.CANCELED === 3);
    goOn(DONE);
    const job = await rig.when(id, ({ state }) => state === 'CANCELED');
    expect(job.counts).to.include({ SUCCEEDED: 2, CANCELED: 3 });
    expect(await countNow(database, id)).to.deep.equal({ SUCCEEDED: 2, CANCELED: 3 });
  });

  it('gives up by force what is under way, when its number is typed', async () => {
    await addGateways(database, 3);
    hold();
    const { id } = await rig.begin({ all: true });
    await rig.until(() => rig.begun.length === 3);
    const asked = await refusalOf(rig.jobs.cancel(id, { ...me, force: true }));
    expect(asked.details).to.deep.equal({ confirmation: '3' });
    await rig.jobs.cancel(id, { ...me, force: true, confirm: '3' });
    await rig.when(id, ({ state }) => state === 'CANCELED');
    expect((await rig.executions(id)).map(({ state, isUncertain }) => [state, isUncertain])).to.deep.equal(
      Array.from({ length: 3 }, () => ['CANCELED', true]),
    );
    await rig.until(() =>
      [...rig.signals.values()].every(({ aborted, reason }) => aborted && reason === 'force'),
    );
  });

  it('by force takes back installations that can be, and says on how many gateways it cannot', async () => {
    await addGateways(database, 4);
    const ends = new Map<string, (result: AttemptResult) => void>();
    rig.run = ({ clientid }) => new Promise((resolve) => ends.set(clientid, resolve));
    const { id } = await rig.begin({ all: true });
    await rig.until(() => ends.size === 4);
    const steps = { 'gw-1': null, 'gw-2': 'download', 'gw-3': 'install' };
    for (const [clientid, step] of Object.entries(steps)) {
      await database.query(
        `insert into tpe_installation (clientid, packages, state, step, allow_cellular, timeout_ms, requested_by, instance, execution)
         values ($1, '[]', 'IN_PROGRESS', $2, true, 1000, 'me', 'test', $3)`,
        [clientid, step, `${id}/1/0/install`],
      );
    }
    const canceling = await rig.jobs.cancel(id, { ...me, force: true, confirm: '4' });
    expect(canceling.state).to.equal('CANCELING');
    expect(canceling.reason).to.equal(
      'canceled by me; the installation could not be taken back on 1 gateways',
    );
    const installations = await database.query<{ id: string }>(
      "select id::text as id from tpe_installation where clientid in ('gw-1', 'gw-2') order by clientid",
    );
    expect(rig.takenBack.toSorted()).to.deep.equal(installations.map((one) => one.id));
    expect(await countNow(database, id)).to.deep.equal({ CANCELED: 1, IN_PROGRESS: 3 });
    await database.query("delete from tpe_installation where clientid in ('gw-1', 'gw-2')");
    const takenBack: AttemptResult = { ...DONE, state: 'CANCELED' };
    for (const clientid of ['gw-1', 'gw-2']) ends.get(clientid)!(takenBack);
    await rig.when(id, ({ counts }) => counts.IN_PROGRESS === 1);
    const refused = await refusalOf(rig.jobs.cancel(id, { ...me, force: true, confirm: '1' }));
    expect(refused.reason.cause).to.deep.include({ code: 'job-installing', params: { count: 1 } });
    ends.get('gw-3')!(DONE);
    const job = await rig.when(id, ({ state }) => state === 'CANCELED');
    expect(job.counts).to.include({ SUCCEEDED: 1, CANCELED: 3 });
  });

  it('skips gateways that wait', async () => {
    const ids = await addGateways(database, 3, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    expect(await rig.jobs.skip(id, ['gw-1', 'gw-2', 'nobody'], me)).to.equal(2);
    expect(await rig.jobs.ofGateway('gw-1')).to.deep.equal([]);
    expect(await rig.jobs.skip(id, ids, me)).to.equal(1);
    expect(await rig.when(id, ({ state }) => state === 'COMPLETED')).to.have.nested.property(
      'counts.CANCELED',
      3,
    );
  });

  it('tries failed ones again, all or those of one reason, and one that is uncertain only by its name', async () => {
    await addGateways(database, 3);
    rig.run = async ({ clientid }) =>
      clientid === 'gw-2' ? { ...FAILED, isUncertain: true, mayRepeat: false } : FAILED;
    const { id } = await rig.begin({ ids: ['gw-1', 'gw-2'] });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    rig.run = async () => DONE;
    expect(await rig.jobs.failures(id)).to.have.length(1);
    expect((await rig.jobs.failures(id))[0]).to.include({ count: 2, retriedAlone: 1 });
    for (const [isRetriedAlone, clientid] of [
      [true, 'gw-2'],
      [false, 'gw-1'],
    ] as const) {
      const { items } = await rig.jobs.executions(id, { isRetriedAlone });
      expect(items.map((one) => one.clientid)).to.deep.equal([clientid]);
    }
    expect(await rig.jobs.retry(id, { which: 'reason', code: 'other' }, me)).to.equal(0);
    expect(await rig.jobs.retry(id, { which: 'failed' }, me)).to.equal(1);
    const again = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(again.counts).to.include({ SUCCEEDED: 1, FAILED: 1 });
    const one = { which: 'one', clientid: 'gw-2' } as const;
    expect((await refusalOf(rig.jobs.retry(id, one, me))).details).to.deep.equal({ confirmation: 'gw-2' });
    expect(await rig.jobs.retry(id, { ...one, confirm: 'gw-2' }, me)).to.equal(1);
    expect(await rig.when(id, ({ state }) => state === 'COMPLETED')).to.include({ outcome: 'SUCCEEDED' });
    const found = await rig.jobs.execution(id, 'gw-1');
    expect(found?.attempts.map(({ no, state }) => [no, state])).to.deep.equal([
      [1, 'FAILED'],
      [2, 'SUCCEEDED'],
    ]);
    expect((await refusalOf(rig.jobs.retry(id, one, me))).code).to.equal('CONFLICT');
  });

  it('tries those of one line of the failures again: one reason, one model, one firmware', async () => {
    const ids = await addGateways(database, 5);
    rig.run = async ({ clientid }) =>
      clientid === 'gw-5'
        ? { ...FAILED, reason: { text: 'Disk is full', cause: { code: 'disk-full', params: {} } } }
        : FAILED;
    const { id } = await rig.begin({ ids });
    await rig.when(id, ({ state }) => state === 'PAUSED' || state === 'COMPLETED');
    await rig.jobs.resume(id, me).catch(() => undefined);
    await rig.when(id, ({ state, counts }) => state === 'COMPLETED' || counts.FAILED === 5);
    const models = { 'gw-1': ['A', '1'], 'gw-2': ['A', '2'], 'gw-3': ['B', '1'], 'gw-5': ['A', '1'] };
    for (const [clientid, [model, version]] of Object.entries(models))
      await database.query(
        'update tpe_job_execution set model = $1, version = $2 where job = $3::bigint and clientid = $4',
        [model, version, id, clientid],
      );
    rig.run = async () => DONE;
    const done = async () =>
      (await rig.executions(id)).flatMap(({ clientid, state }) => (state === 'SUCCEEDED' ? [clientid] : []));
    const lines = await rig.jobs.failures(id);
    expect(lines).to.have.length(5);
    for (const { model, version, clientids } of lines) {
      const { items } = await rig.jobs.executions(id, { model: model ?? '', firmware: version ?? '' });
      expect(items.map(({ clientid }) => clientid)).to.include.members(clientids);
      expect(items.every((one) => one.model === model && one.version === version)).to.equal(true);
    }
    const nextDone: string[] = [];
    for (const { cause, reason, model, version, clientids } of lines) {
      const code = cause?.code ?? reason ?? '';
      const which = { which: 'reason', code, model: model ?? '', firmware: version ?? '' } as const;
      expect(await rig.jobs.retry(id, which, me), JSON.stringify(which)).to.equal(1);
      nextDone.push(...clientids);
      await rig.when(id, ({ counts }) => counts.SUCCEEDED === nextDone.length);
      expect(await done()).to.have.members(nextDone);
    }
  });

  it('stops by itself after three failures in a row, and counts anew when it goes on', async () => {
    await addGateways(database, 8);
    rig.run = async () => FAILED;
    const { id } = await rig.begin({ all: true }, { maxInProgress: 1 });
    const stopped = await rig.when(id, ({ state }) => state === 'PAUSED');
    expect(stopped).to.include({ pauseReason: 'failures', reason: '3 gateways failed one after the other.' });
    expect(stopped.counts).to.include({ FAILED: 3, QUEUED: 5 });
    await rig.jobs.resume(id, me);
    await rig.when(id, ({ state, counts }) => state === 'PAUSED' && counts.FAILED === 6);
    rig.run = async () => DONE;
    await rig.jobs.resume(id, me);
    expect(await rig.when(id, ({ state }) => state === 'COMPLETED')).to.include({ outcome: 'PARTLY' });
  });

  it('stops by itself when more than a tenth of ten have failed', async () => {
    await addGateways(database, 30);
    let count = 0;
    rig.run = async () => {
      count += 1;
      return count % 5 === 0 ? FAILED : DONE;
    };
    const { id } = await rig.begin({ all: true }, { maxInProgress: 1 });
    const stopped = await rig.when(id, ({ state }) => state === 'PAUSED');
    expect(stopped).to.include({ reason: '2 of 10 gateways failed.' });
  });

  it('tries again by itself where nothing is done twice, as often as it may', async () => {
    await addGateways(database, 2);
    rig.run = async ({ clientid }) => ({ ...FAILED, mayRepeat: clientid === 'gw-1' });
    const { id } = await rig.begin({ all: true }, { retryFailed: 1, backoffSeconds: 1 });
    await rig.until(async () => (await rig.jobs.execution(id, 'gw-1'))?.execution.waitingFor === 'retry');
    expect((await rig.jobs.execution(id, 'gw-1'))?.execution.until).not.to.equal(null);
    await database.query("update tpe_job_execution set next_at = now() where waiting_for = 'retry'");
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    const attempts = (await rig.executions(id)).map(({ clientid, attempts }) => [clientid, attempts]);
    expect(Object.fromEntries(attempts)).to.deep.equal({ 'gw-1': 2, 'gw-2': 1 });
  });

  it('asks for the number of gateways where harm can be done', async () => {
    await addGateways(database, 3);
    rig.rating = { risk: 'disruptive', classes: [] };
    const { id } = await rig.jobs.create({ name: 'x', do: {}, targets: { all: true, expect: 3 } }, me);
    expect((await refusalOf(rig.jobs.submit(id, me))).details).to.deep.equal({ confirmation: '3' });
    await rig.jobs.submit(id, { ...me, confirm: '3' });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    const other = await rig.jobs.create({ name: 'x', do: {}, targets: { all: true, expect: 30 } }, me);
    expect((await refusalOf(rig.jobs.submit(other.id, { ...me, confirm: '3' }))).reason.cause?.code).to.equal(
      'job-number-unexpected',
    );
  });

  it('can be made slower while it runs, and never quicker than it was submitted', async () => {
    await addGateways(database, 2, { online: false });
    const { id } = await rig.begin({ all: true }, { maxPerMinute: 100 });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    const slow = await rig.jobs.change(id, { name: 'slow', rollout: { maxPerMinute: 1 } }, me);
    expect(slow).to.include({ name: 'slow' }).and.have.nested.property('pace.maxPerMinute', 1);
    await rig.jobs.change(id, { rollout: { maxPerMinute: 100 } }, me);
    expect((await refusalOf(rig.jobs.change(id, { rollout: { maxPerMinute: 101 } }, me))).code).to.equal(
      'CONFLICT',
    );
    expect((await refusalOf(rig.jobs.change(id, { targets: { all: true } }, me))).code).to.equal('CONFLICT');
    expect((await refusalOf(rig.jobs.change(id, { rollout: { maxPerMinute: 'x' } }, me))).code).to.equal(
      'INVALID_INPUT',
    );
  });

  it('holds for a stop, of all or of a site, and says so of each', async () => {
    await addGateways(database, 4);
    rig.stops.push({ scope: 'site', value: 'site-1', by: 'jo' });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ counts }) => counts.SUCCEEDED === 3);
    const held = (await rig.jobs.execution(id, 'gw-1'))?.execution;
    expect(held).to.include({ waitingFor: 'stop', waitingReason: 'jo has stopped it.' });
    expect(await rig.jobs.waiting(id)).to.include({ stop: 1, rate: 0 });
    rig.stops.length = 0;
    rig.jobs.wake();
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('finds gateways by what they wait for, as it counts them', async () => {
    await addGateways(database, 6, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    const agrees = async (expected: Record<string, number>) => {
      const counts = await rig.jobs.waiting(id);
      expect(counts).to.include(expected);
      for (const waitingFor of WAITING_FOR) {
        const { items } = await rig.jobs.executions(id, { waitingFor });
        expect(items.length, waitingFor).to.equal(counts[waitingFor]);
        expect(items.every((one) => one.waitingFor === waitingFor)).to.equal(true);
      }
    };
    await agrees({ offline: 6 });
    rig.stops.push({ scope: 'site', value: 'site-1', by: 'jo' });
    await agrees({ stop: 1, offline: 5 });
    await rig.jobs.pause(id, me);
    await agrees({ stop: 1, paused: 5, offline: 0 });
    rig.stops.push({ scope: 'model', value: 'AIG-301', by: 'jo' });
    await agrees({ stop: 6 });
    rig.stops.splice(0, 2, { scope: 'job', value: id, by: 'jo' });
    await agrees({ stop: 6 });
    rig.stops.splice(0, 1, { scope: 'job', value: '999', by: 'jo' });
    await agrees({ paused: 6 });
  });

  it('tells the guard how it left the gateway: one that may still restart settles for longer', async () => {
    await addGateways(database, 1);
    rig.rating = { risk: 'disruptive', classes: [] };
    for (const [untilWell, end] of [
      [true, 'done'],
      [false, 'restarts'],
    ] as const) {
      rig.slotEnds.clear();
      const given = { name: 'x', do: { command: { operation: 'x', untilWell } }, targets: { all: true } };
      const { id } = await rig.jobs.create(given, me);
      await rig.jobs.submit(id, { ...me, confirm: '1' });
      await rig.until(() => rig.slotEnds.size > 0);
      expect(rig.slotEnds.get('gw-1')).to.equal(end);
    }
  });

  it('refuses more open jobs and more gateways than there may be, and says so', async () => {
    const given = { name: 'x', do: {}, targets: { all: true } };
    const { id } = await rig.jobs.create(given, me);
    await database.query(
      `insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by)
       select name, note, definition, targets, steps, pace, hash, risk, classes, requested_by
       from tpe_job, generate_series(1, 199)`,
    );
    const many = await refusalOf(rig.jobs.create(given, me));
    expect(many).to.include({ code: 'BUSY', message: '200 jobs are open already: end some of them.' });
    await rig.jobs.remove(id, me);
    const ids = Array.from({ length: 100_001 }, (_one, index) => `gw-${index}`);
    const { id: other } = await rig.jobs.create({ ...given, targets: { ids } }, me);
    const large = await refusalOf(rig.jobs.submit(other, me));
    expect(large).to.include({
      ...{
        code: 'CONFLICT',
        message:
          'The job is for more than 100000 gateways: make several of it, each with a filter of its own.',
      },
    });
  });

  it('waits for a slot of the guard, and gives it back', async () => {
    await addGateways(database, 2);
    rig.rating = { risk: 'disruptive', classes: [] };
    rig.refused.add('gw-1');
    const draft = await rig.jobs.create({ name: 'x', do: {}, targets: { all: true } }, me);
    await rig.jobs.submit(draft.id, { ...me, confirm: '2' });
    await rig.when(draft.id, ({ counts }) => counts.SUCCEEDED === 1);
    await rig.until(async () => (await rig.jobs.waiting(draft.id)).guard === 1);
    expect((await rig.jobs.execution(draft.id, 'gw-1'))?.execution).to.include({
      ...{ waitingFor: 'guard', waitingReason: 'its partner is away', attempts: 0 },
    });
    await rig.until(() => rig.held.size === 0);
    rig.refused.clear();
    await database.query("update tpe_job_execution set next_at = now() where waiting_for = 'guard'");
    rig.jobs.wake();
    await rig.when(draft.id, ({ state }) => state === 'COMPLETED');
    await rig.until(() => rig.held.size === 0);
  });

  it('lists failures by what they have in common', async () => {
    await addGateways(database, 3);
    rig.run = async ({ clientid }) =>
      clientid === 'gw-1' ? DONE : { ...FAILED, reason: wordsOfOthers('404') };
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(await rig.jobs.failures(id)).to.deep.equal([
      {
        ...{ state: 'FAILED', reason: '404', cause: null, model: 'AIG-301', version: '1.6', count: 2 },
        ...{ retriedAlone: 0 },
        clientids: ['gw-2', 'gw-3'],
      },
    ]);
    const inPart = async (part: 'failed' | 'done') =>
      (await rig.jobs.executions(id, { part })).items.map(({ clientid }) => clientid);
    expect([await inPart('failed'), await inPart('done')]).to.deep.equal([['gw-2', 'gw-3'], ['gw-1']]);
    expect((await rig.jobs.executions(id, { state: 'FAILED', limit: 1 })).next).not.to.equal(null);
    const changes = await rig.jobs.executions(id, { sinceChange: 0 });
    const numbers = changes.items.map(({ changedNo }) => changedNo);
    expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b));
    expect((await rig.jobs.executions(id, { sinceChange: numbers.at(-1)! })).items).to.deep.equal([]);
  });

  it('ends as REMOVED or EXPIRED what waits for a gateway that is retired, or away for too long', async () => {
    await addGateways(database, 3, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query("delete from clientid_profile where clientid = 'gw-1'");
    await rig.jobs.gatewayRetired('gw-1');
    await database.query("update tpe_job_execution set deadline = now() where clientid = 'gw-2'");
    await rig.when(id, ({ counts }) => counts.EXPIRED === 1 && counts.REMOVED === 1);
    await setPresence(database, ['gw-3'], 'online');
    rig.jobs.gatewayOnline(['gw-3']);
    expect(await rig.when(id, ({ state }) => state === 'COMPLETED')).to.include({ outcome: 'PARTLY' });
  });
});
