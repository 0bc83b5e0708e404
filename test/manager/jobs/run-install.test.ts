import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { JobStep } from '../../../nodes/manager/jobs/definition/definition.js';
import { createRunExecution } from '../../../nodes/manager/jobs/run/create-run-execution.js';
import { FORCED } from '../../../nodes/manager/jobs/run/run-execution.js';
import type { RunOptions } from '../../../nodes/manager/jobs/run/run-options.js';
import { repositoryReason } from '../../../nodes/manager/updates/repository/repository-reasons.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { nextEvent, presenceOf } from '../../support/manager.js';
import { runsOut } from '../../support/patience.js';
import { AIG, type InstallRig, startRig, TO_1_6 } from '../updates/install-rig.js';
import { runOptionsOf, workOf } from './run-rig.js';

const install = (more: Partial<Extract<JobStep, { kind: 'install' }>['install']> = {}): JobStep => ({
  ...{ kind: 'install', name: 'install it', always: false },
  install: { packages: [{ ...TO_1_6 }], ...more },
});
const NEWEST: JobStep = {
  ...{ kind: 'install', name: 'install it', always: false },
  install: { to: 'newest' },
};

eachDatabase('jobs: an installation of a job', (open) => {
  let rig: InstallRig;

  beforeEach(async () => {
    rig = await startRig(await open.options());
  });
  afterEach(() => rig.stop());

  function run(
    step: JobStep,
    {
      attempt = 1,
      deadline,
      signal = new AbortController().signal,
      ...options
    }: Partial<RunOptions> & { attempt?: number; deadline?: number; signal?: AbortSignal } = {},
  ) {
    const carryOut = createRunExecution({ ...runOptionsOf(rig.manager), ...options });
    return carryOut(workOf({ clientid: AIG, attempt, ...(deadline !== undefined && { deadline }) }), {
      definition: { name: 'a test', do: {}, targets: {} },
      steps: [step],
      signal,
      closing: new AbortController().signal,
      onStep: async () => undefined,
    });
  }

  const installations = () => rig.manager.installations.ofExecution(AIG, '7/');

  it('is begun once and proved, and not begun where the gateway has it', async () => {
    expect(await run(install())).to.deep.include({ state: 'SUCCEEDED' });
    expect(await run(install())).to.deep.include({ state: 'SUCCEEDED' });
    expect((await installations()).map(({ job }) => job)).to.deep.equal(['7']);
    expect(await run(install(), { attempt: 2 })).to.deep.include({ state: 'ALREADY_DONE' });
  });

  it('goes on where it was after the manager was closed and opened', async () => {
    const first = errorOf(run(install()));
    await presenceOf(rig.manager, AIG, 'offline');
    await rig.reopen();
    expect(await first).to.deep.include({ code: 'CLOSED' });
    expect(await run(install())).to.deep.include({ state: 'SUCCEEDED' });
    expect(await installations()).to.have.length(1);
  });

  it('is found when its time is over: what it ended with counts, and one that is open is not known', async () => {
    const first = run(install());
    await presenceOf(rig.manager, AIG, 'offline');
    expect(await run(install(), { deadline: Date.now() - 1 })).to.deep.include({
      ...{ state: 'TIMED_OUT', isUncertain: true, mayRepeat: true },
    });
    expect(await first).to.deep.include({ state: 'SUCCEEDED' });
    expect(await run(install(), { deadline: Date.now() - 1 })).to.deep.include({ state: 'SUCCEEDED' });
    expect(await installations()).to.have.length(1);
  });

  it('is not begun where the repository has used up the time, and can be begun anew', async () => {
    const plan = async () => {
      while (Date.now() <= deadline) await delay(20);
      return { path: [TO_1_6] };
    };
    const deadline = Date.now() + runsOut(1000);
    const result = await run(NEWEST, { deadline, updates: { plan } });
    expect(result).to.deep.include({ state: 'TIMED_OUT', isUncertain: false, mayRepeat: true });
    expect(result).to.have.nested.property('reason.cause.code', 'run-no-time-left');
    expect(await installations()).to.deep.equal([]);
  });

  it('is held by a stop of its job, as all that it sends is', async () => {
    const stop = await rig.manager.guard.stop({ scope: 'job', value: '7', reason: '' }, 'Ann');
    const told = nextEvent(rig.manager, 'installation', ({ reason }) => reason !== null);
    const running = run(install());
    const held = await told;
    expect(held).to.include({ state: 'QUEUED', startedAt: null });
    expect(held.cause?.code).to.equal('stopped-job');
    await rig.manager.guard.lift(stop.id, 'Ann');
    expect(await running).to.deep.include({ state: 'SUCCEEDED' });
    const sent = (await rig.manager.commands.list({ clientid: AIG, limit: 500 })).filter(
      ({ requestedBy }) => requestedBy === `tpedm: install ${held.id}`,
    );
    expect(sent.length).to.be.greaterThan(1);
    expect(new Set(sent.map(({ job }) => job))).to.deep.equal(new Set(['7']));
  });

  it('may be repeated after a failure', async () => {
    rig.gateway(AIG).setFaults({ upgrade: 'bad_package' });
    expect(await run(install())).to.deep.include({ state: 'FAILED', mayRepeat: true });
  });

  it('waits for a gateway that is offline, or busy with another one', async () => {
    const offline = presenceOf(rig.manager, AIG, 'offline');
    rig.gateway(AIG).disconnect();
    await offline;
    expect(await run(install())).to.deep.include({ waitingFor: 'offline' });
    const online = presenceOf(rig.manager, AIG, 'online');
    rig.gateway(AIG).connect();
    await online;
    const other = await rig.install({ clientid: AIG });
    expect(await run(install())).to.deep.include({ waitingFor: 'busy' });
    await rig.ended(other.id);
    expect(await run(install())).to.deep.include({ state: 'ALREADY_DONE' });
    expect(await installations()).to.have.length(3);
  });

  it('is refused from a place that is not allowed', async () => {
    const elsewhere = { packages: [{ ...TO_1_6, yamlUrl: 'https://elsewhere.example.net/a.yaml' }] };
    expect(await run(install(elsewhere))).to.deep.include({ state: 'REJECTED', mayRepeat: false });
    expect(await run(install({ packages: [{}] }), { attempt: 2 })).to.deep.include({ state: 'REJECTED' });
  });

  it('takes what the repository has for the gateway', async () => {
    const nothing = await run(NEWEST, { updates: { plan: async () => ({ path: [] }) } });
    expect(nothing).to.deep.include({ state: 'ALREADY_DONE' });
    const fault = repositoryReason('repository-overloaded');
    const away = await run(NEWEST, { updates: { plan: async () => ({ fault }) } });
    expect(away).to.deep.include({ state: 'FAILED', reason: fault, mayRepeat: true });
    const found = await run(NEWEST, { updates: { plan: async () => ({ path: [TO_1_6] }) } });
    expect(found).to.deep.include({ state: 'SUCCEEDED' });
    const none = await run(NEWEST, { attempt: 2 });
    expect(none).to.deep.include({ state: 'FAILED', mayRepeat: true });
    expect(none.reason?.cause?.code).to.equal('scan-no-repository');
  });

  it('is taken back as far as the gateway can when it is given up', async () => {
    const forced = new AbortController();
    const running = run(install(), { signal: forced.signal });
    const { id } = await new Promise<{ id: string }>((resolve) =>
      rig.manager.events.once('installation', resolve),
    );
    forced.abort(FORCED);
    expect(await running).to.deep.include({ state: 'CANCELED' });
    expect((await rig.ended(id)).cancelRequestedBy).to.equal('the job, given up');
  });

  it('leaves the commands of the installation to the installation', async () => {
    await run(install());
    expect(await rig.manager.commands.ofExecution(AIG, '7/1/')).to.deep.equal([]);
  });
});
