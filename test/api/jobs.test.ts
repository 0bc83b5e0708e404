import { expect } from 'chai';
import type { Caller } from '../../nodes/api/caller.js';
import { type Change, subscribeToChanges } from '../../nodes/api/changes.js';
import type { Procedure } from '../../nodes/api/procedure.js';
import {
  type AnswerOf,
  type InputOf,
  PROCEDURES,
  type ProcedureName,
} from '../../nodes/api/procedures/index.js';
import { runProcedure } from '../../nodes/api/run-procedure.js';
import type { ExecutionQuery } from '../../nodes/manager/jobs/job.js';
import { opener } from '../support/databases.js';
import { errorOf } from '../support/errors.js';
import { filledBody } from '../support/filled-body.js';
import { nextEvent, openTestManager, type TestManager } from '../support/manager.js';
import { metricsIn } from '../support/metrics.js';

const ADA: Caller = {
  ...{
    id: '7',
    name: 'ada',
    role: 'administrator',
    address: null,
    door: 'dashboard',
    requestedBy: 'dashboard: ada',
  },
  ...{ hasLogin: true, isSignedIn: true, ownPassword: null },
};
const READ = { command: { method: 'GET', path: '/device/time' } };
const WRITE = { command: { method: 'PUT', path: '/system/nothing', requestBody: {}, check: 'warn' } };

describe('procedures of jobs, stops and the guard', () => {
  const open = opener('pglite');
  let test: TestManager;

  before(async () => {
    test = await openTestManager(await open.options());
    for (const clientid of ['gw-1', 'gw-2']) await test.manager.registry.register({ clientid, site: 'Brea' });
  });
  after(() => test.manager.close());

  async function ask<Name extends ProcedureName>(
    name: Name,
    input: InputOf<Name>,
    role: Caller['role'] = 'administrator',
  ): Promise<AnswerOf<Name>> {
    const procedure = PROCEDURES[name] as unknown as Procedure<unknown, AnswerOf<Name>>;
    return await runProcedure(procedure, procedure.parse(input), { ...ADA, role }, async () => test.manager);
  }
  const jobOf = (more: object = {}) => ({
    ...{ name: 'x', do: READ, targets: { all: true }, rollout: { maxPerMinute: 0.1, maxInProgress: 1 } },
    ...more,
  });
  const running = (id: string) =>
    nextEvent(test.manager, 'job', ({ job }) => job.id === id && job.state === 'RUNNING');

  it('a job is begun at once with what its preview said, and its list does not grow with its gateways', async () => {
    const { hash, confirmation } = await ask('jobs.preview', { definition: jobOf() });
    expect(confirmation).to.equal(null);
    const { id } = await ask('jobs.start', { definition: jobOf(), previewHash: hash });
    await running(id);
    const { items } = await ask('jobs.list', { limit: 1, state: 'RUNNING' });
    expect(items[0]).to.include({ id, total: 2 }).and.not.have.any.keys('definition', 'pace');
    expect(await ask('jobs.one', { id })).to.have.property('definition');
    expect(await ask('jobs.sites', { id })).to.have.length(1);
    expect((await ask('jobs.ofGateway', { clientid: 'gw-1' })).map(({ job }) => job)).to.deep.equal([id]);
    const log = await ask('jobs.log', { id });
    expect(log.map(({ action }) => action)).to.deep.equal(['job.start']);
    expect(log[0]?.detail).to.include({ job: id, name: 'x', gateways: 2, risk: 'read' });
    await ask('jobs.cancel', { id });
    expect(await ask('jobs.one', { id: '999999' })).to.equal(null);
  });

  it('no act, and no page of a job, reads the client ids that it names', async () => {
    const { jobs } = test.manager;
    const { get } = jobs;
    let reads = 0;
    jobs.get = (id) => {
      reads += 1;
      return get(id);
    };
    try {
      const ids = Array.from({ length: 5000 }, (_one, index) => `gw-${index + 1}`);
      const { id } = await ask('jobs.create', { definition: jobOf({ targets: { ids } }) });
      await ask('jobs.change', { id, change: { note: 'y' } });
      expect(JSON.stringify(await ask('jobs.one', { id }))).to.have.length.below(5000);
      await ask('jobs.submit', { id });
      await running(id);
      await ask('jobs.pause', { id });
      await ask('jobs.resume', { id });
      await ask('jobs.cancel', { id });
      const log = await ask('jobs.log', { id });
      expect(log.map(({ detail }) => detail.gateways)).to.deep.equal([5000, 5000, 5000, 5000, 5000, 5000]);
      expect(reads).to.equal(0);
    } finally {
      jobs.get = get;
    }
  });

  it('begins none that fills too much for all its gateways', async () => {
    const ids = Array.from({ length: 20_000 }, (_one, index) => `gw-${index + 1}`);
    const command = { ...READ.command, requestBody: filledBody(1000), check: 'warn' };
    const { id } = await ask('jobs.create', { definition: jobOf({ do: { command }, targets: { ids } }) });
    expect(await errorOf(ask('jobs.preview', { id }))).to.include({ code: 'INVALID_INPUT' });
    expect(await errorOf(ask('jobs.submit', { id }))).to.include({ code: 'CONFLICT' });
    await ask('jobs.remove', { id });
  });

  it('a draft is looked at again as it was recorded, with the values of its gateways, until it is begun', async () => {
    const ids = ['gw-1', 'gw-2', 'gw-9'];
    const definition = jobOf({
      do: { command: { method: 'GET', path: '/device/{{value.part}}' } },
      targets: { ids },
      perTarget: [{ clientid: 'gw-1', part: 'time' }],
    });
    const { id } = await ask('jobs.create', { definition });
    expect(await ask('jobs.one', { id }, 'viewer')).to.deep.include({
      named: { count: 3, first: ids },
    });
    expect((await ask('jobs.one', { id }))?.definition.targets).to.deep.equal({});
    expect(await ask('jobs.definition', { id }, 'viewer')).to.deep.include({ targets: { ids } });
    const asked = await ask('jobs.preview', { definition }, 'viewer');
    expect(asked.leftOut.map(({ clientids }) => clientids)).to.have.deep.members([['gw-2'], ['gw-9']]);
    expect(await ask('jobs.preview', { id }, 'viewer')).to.deep.equal(asked);
    await ask('jobs.submit', { id, previewHash: asked.hash });
    await running(id);
    expect(await errorOf(ask('jobs.preview', { id }))).to.include({ code: 'CONFLICT' });
    expect(await errorOf(ask('jobs.preview', { id: '99999' }))).to.include({ code: 'NOT_FOUND' });
    for (const input of [{}, { id, definition }])
      expect(await errorOf((async () => ask('jobs.preview', input))())).to.include({ code: 'INVALID_INPUT' });
    await ask('jobs.cancel', { id });
  });

  it('refuses texts that no database stores', async () => {
    const { id } = await ask('jobs.create', { definition: jobOf() });
    const asked = [
      ask('jobs.create', { definition: jobOf(), idempotencyKey: 'a\u0000' }),
      ask('jobs.submit', { id, previewHash: 'a\u0000' }),
      ask('jobs.retry', { id, which: 'reason', code: 'a\u0000' }),
      ask('jobs.retry', { id, which: 'model', model: 'a\u0000' }),
      ask('jobs.skip', { id, clientids: ['a\u0000'] }),
    ];
    for (const one of asked) expect(await errorOf(one)).to.include({ code: 'INVALID_INPUT' });
    await ask('jobs.remove', { id });
  });

  it('leaves no draft of a job that could not begin', async () => {
    const drafts = async () => (await ask('jobs.list', { limit: 100, state: 'DRAFT' })).items.length;
    const before = await drafts();
    const risky = jobOf({ do: WRITE });
    const { confirmation } = await ask('jobs.preview', { definition: risky });
    expect(confirmation).to.equal('2');
    for (const given of [{}, { confirm: '3' }])
      expect(await errorOf(ask('jobs.start', { definition: risky, previewHash: 'x', ...given }))).to.include({
        code: 'CONFLICT',
      });
    expect(await drafts()).to.equal(before);
  });

  it('a stop is lifted by typing what it holds back, and whoever looks at stops and jobs is told', async () => {
    const changes: Change[] = [];
    const end = subscribeToChanges(test.manager, (change) => changes.push(change));
    const { id } = await ask('jobs.create', { definition: jobOf({ do: WRITE }) });
    const stop = await ask('stops.stop', { scope: 'site', value: 'Brea', reason: 'smoke' }, 'operator');
    expect(await ask('stops.active', {}, 'viewer')).to.deep.equal([stop]);
    expect(await errorOf(ask('stops.lift', { id: stop.id, confirm: 'Brea' }, 'operator'))).to.include({
      code: 'FORBIDDEN',
    });
    expect(await errorOf(ask('stops.lift', { id: stop.id, confirm: 'fleet' }))).to.include({
      code: 'CONFLICT',
    });
    expect(await ask('stops.active', {})).to.have.length(1);
    const lifted = await ask('stops.lift', { id: stop.id, confirm: 'Brea' });
    expect(lifted.liftedBy).to.equal('dashboard: ada');
    expect(await errorOf(ask('stops.lift', { id: stop.id, confirm: 'Brea' }))).to.include({
      code: 'CONFLICT',
    });
    await ask('guard.setLimit', { scope: 'site', value: 'Brea', max: 1 });
    end();
    const told = <Name extends ProcedureName>(name: Name, input: InputOf<Name>) => {
      const { invalidatedBy } = PROCEDURES[name] as unknown as Procedure<unknown, unknown>;
      return changes.filter((change) => invalidatedBy!(change, input)).length;
    };
    expect(told('jobs.one', { id })).to.be.greaterThan(0);
    expect(told('jobs.one', { id: '999999' })).to.equal(0);
    expect(told('jobs.list', { limit: 1 })).to.be.greaterThan(0);
    expect(told('stops.active', {})).to.equal(2);
    expect(told('jobs.waiting', { id: '999999' })).to.equal(2);
    expect(told('guard.limits', {})).to.equal(1);
    const entries = await test.manager.audit.list({ action: 'stop.' });
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).to.deep.equal([
      'stop.lift failed',
      'stop.lift done',
      'stop.lift failed',
      'stop.lift refused',
      'stop.set done',
    ]);
    expect(entries[1]?.detail).to.include({ stop: stop.id, scope: 'site', value: 'Brea' });
  });

  it('an answer makes only those lists outdated that can have gateways under way', () => {
    const { invalidatedBy } = PROCEDURES['jobs.executions'];
    for (const kind of ['command', 'installation'] as const) {
      const isTold = (query: ExecutionQuery) =>
        invalidatedBy!({ kind, clientid: 'gw-1' }, { id: '1', limit: 25, ...query } as never);
      for (const query of [{}, { state: 'IN_PROGRESS' }, { part: 'inProgress' }, { site: 'Brea' }] as const)
        expect(isTold(query), JSON.stringify(query)).to.equal(true);
      for (const query of [{ state: 'FAILED' }, { part: 'done' }, { waitingFor: 'offline' }] as const)
        expect(isTold(query), JSON.stringify(query)).to.equal(false);
    }
  });

  it('a stop of a job is in the audit of each gateway of the job', async () => {
    const { hash } = await ask('jobs.preview', { definition: jobOf({ targets: { ids: ['gw-2'] } }) });
    const { id } = await ask('jobs.start', {
      definition: jobOf({ targets: { ids: ['gw-2'] } }),
      previewHash: hash,
    });
    await running(id);
    const stop = await ask('stops.stop', { scope: 'job', value: id, reason: '' });
    const found = async (clientid: string) =>
      (await ask('audit.list', { limit: 10, action: 'stop.set', clientid })).items.map(({ job }) => job);
    expect(await found('gw-2')).to.deep.equal([id]);
    expect(await found('gw-1')).to.deep.equal([]);
    await ask('stops.lift', { id: stop.id, confirm: id });
    await ask('jobs.cancel', { id });
  });

  it('what jobs do and what the guard holds is in the metrics', async () => {
    const value = async (name: string) => metricsIn(await test.manager.metrics.metrics()).get(name);
    const { hash } = await ask('jobs.preview', { definition: jobOf() });
    const { id } = await ask('jobs.start', { definition: jobOf(), previewHash: hash });
    await running(id);
    await ask('jobs.pause', { id });
    expect(await value('tpedm_job_executions{state="QUEUED"}')).to.equal(2);
    expect(await value('tpedm_job_executions{state="FAILED"}')).to.equal(0);
    expect(await value('tpedm_job_waiting{for="paused"}')).to.equal(2);
    expect(await value('tpedm_job_waiting{for="offline"}')).to.equal(0);
    expect(await value('tpedm_job_start_lag_seconds')).to.equal(0);
    expect(await value('tpedm_guard_holds{scope="fleet"}')).to.equal(0);
    expect(await value('tpedm_guard_stuck')).to.equal(0);
    const stop = await ask('stops.stop', { scope: 'model', value: 'UC', reason: '' });
    await test.manager.guard.take({ clientid: 'gw-1', owner: { kind: 'flow', id: 'f' } });
    expect(await value('tpedm_stops_active')).to.equal(1);
    expect(await value('tpedm_guard_holds{scope="fleet"}')).to.equal(1);
    expect(await value('tpedm_guard_holds{scope="site"}')).to.equal(1);
    await ask('guard.release', { clientid: 'gw-1', owner: { kind: 'flow', id: 'f' }, reason: 'done' });
    await ask('stops.lift', { id: stop.id, confirm: 'UC' });
    await ask('jobs.cancel', { id });
  });
});
