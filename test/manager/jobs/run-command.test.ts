import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { JobCondition, JobStep } from '../../../nodes/manager/jobs/definition/definition.js';
import { FORCED } from '../../../nodes/manager/jobs/run/run-execution.js';
import { opener } from '../../support/databases.js';
import { nextEvent } from '../../support/manager.js';
import { runsOut } from '../../support/patience.js';
import { command, GATEWAY, type RunRig, startRunRig } from './run-rig.js';

const PUT = { method: 'PUT', path: '/modbus', requestBody: { enable: true } };
const POST = { ...PUT, method: 'POST' };
const IS_ON: JobCondition = {
  ...{ path: '/modbus', method: 'GET', pointer: '/data/enable', equals: true },
  ...{ withinSeconds: 2, everySeconds: 1 },
};

describe('jobs: a command of a job', () => {
  const fresh = opener('pglite');
  let rig: RunRig;

  beforeEach(async () => {
    rig = await startRunRig(await fresh.options());
  });
  afterEach(() => rig.stop());

  const sent = (method: string) => rig.received.filter((request) => request.method === method);

  /** A gateway with one setting, which a request that is not a GET turns on, if `does`. */
  function gatewayThat(does: { does: boolean; answers: boolean }, isOn = false): void {
    let enable = isOn;
    rig.serve(({ method, path }) => {
      if (path !== '/modbus') return { status: 200 };
      if (method === 'GET') return { status: 200, payload: { data: { enable } } };
      if (does.does) enable = true;
      return does.answers ? { status: 200 } : null;
    });
  }

  it('succeeds, and its record says whose it is', async () => {
    expect(await rig.run([command(PUT)])).to.deep.equal({
      ...{ state: 'SUCCEEDED', reason: null, isUncertain: false, mayRepeat: false },
    });
    const [record] = await rig.manager.commands.ofExecution(GATEWAY, '7/1/0/');
    expect(record).to.deep.include({ job: '7', state: 'SUCCEEDED', requestedBy: 'job 7: a test' });
    expect(rig.told).to.deep.equal([{ step: 0, failure: null }]);
  });

  it('fails with what the gateway says', async () => {
    rig.serve(() => ({ status: 404, payload: { error: { message: 'no such thing' } } }));
    expect(await rig.run([command(PUT)])).to.deep.include({ state: 'FAILED', mayRepeat: false });
    rig.serve(() => ({ status: 500 }));
    expect(await rig.run([command(PUT)], { work: { attempt: 2 } })).to.deep.include({ mayRepeat: true });
    expect(await rig.run([command(POST)], { work: { attempt: 3 } })).to.deep.include({ mayRepeat: false });
  });

  it('goes back to wait for a gateway that is busy, and is sent again in the same attempt', async () => {
    rig.serve(() => ({ status: 503 }));
    expect(await rig.run([command(POST)])).to.deep.include({ waitingFor: 'busy' });
    rig.serve(() => ({ status: 200 }));
    expect(await rig.run([command(POST)])).to.deep.include({ state: 'SUCCEEDED' });
    expect(sent('POST')).to.have.length(2);
    expect(await rig.run([command(POST)])).to.deep.include({ state: 'SUCCEEDED' });
    expect(sent('POST')).to.have.length(2);
  });

  it('goes back to wait for a gateway that is offline, and nothing waits in its queue', async () => {
    await rig.leave();
    expect(await rig.run([command(POST)])).to.deep.include({ waitingFor: 'offline' });
    await rig.comeBack();
    expect(await rig.run([command(POST)])).to.deep.include({ state: 'SUCCEEDED' });
    expect(sent('POST')).to.have.length(1);
  });

  it('is refused where it breaks a rule, or a value is missing', async () => {
    expect(await rig.run([command({ path: '/auth' })])).to.deep.include({
      state: 'REJECTED',
      mayRepeat: false,
    });
    const missing = command({ ...PUT, requestBody: { name: '{{value.none}}' } });
    expect(await rig.run([missing])).to.deep.include({ state: 'REJECTED' });
    const gone = command({ operation: 'no-such-operation' });
    expect(await rig.run([gone], { work: { attempt: 2 } })).to.deep.include({ state: 'REJECTED' });
    const unknown = await rig.run([command(PUT)], { work: { clientid: 'gw-none' } });
    expect(unknown).to.deep.include({ state: 'REJECTED' });
    expect(rig.received).to.deep.equal([]);
  });

  it('has the values of its gateway, and its secrets are in no record', async () => {
    const requestBody = { site: '{{gateway.site}}', word: '{{value.word}}', key: { $secret: 'psk' } };
    rig.serve(({ requestBody: body }) => ({
      status: 200,
      payload: { data: { echo: JSON.stringify(body) } },
    }));
    await rig.run([command({ ...PUT, requestBody })]);
    expect(sent('PUT')[0]?.requestBody).to.deep.equal({ site: 'Bochum', word: 'hello', key: 'open sesame' });
    const records = JSON.stringify(await rig.manager.commands.list({ limit: 500 }));
    expect(records).to.contain('Bochum');
    expect(records).not.to.contain('sesame');
  });

  it('is not known after no answer', async () => {
    rig.serve(() => null);
    const asks = { ...PUT, timeoutSeconds: 1 };
    const put = await rig.run([command(asks)]);
    expect(put).to.deep.include({ state: 'TIMED_OUT', isUncertain: true, mayRepeat: true });
    const post = await rig.run([command({ ...asks, method: 'POST' })], { work: { attempt: 2 } });
    expect(post).to.deep.include({ state: 'TIMED_OUT', isUncertain: true, mayRepeat: false });
  });

  it('is not sent where it is so already', async () => {
    gatewayThat({ does: true, answers: true }, true);
    expect(await rig.run([command(POST, { verify: IS_ON })])).to.deep.include({ state: 'ALREADY_DONE' });
    expect(sent('POST')).to.deep.equal([]);
  });

  it('succeeds when the gateway says so afterwards', async () => {
    gatewayThat({ does: true, answers: true });
    expect(await rig.run([command(POST, { verify: IS_ON })])).to.deep.include({ state: 'SUCCEEDED' });
    expect(sent('GET')).to.have.length(2);
  });

  it('fails when the gateway took it, but is not as wanted', async () => {
    gatewayThat({ does: false, answers: true });
    const result = await rig.run([command(POST, { verify: IS_ON })]);
    expect(result).to.deep.include({ state: 'FAILED', mayRepeat: false });
    expect(result.reason?.text).to.equal('/modbus has false at "/data/enable", not true.');
  });

  it('succeeds without an answer where the gateway says afterwards that it has done it', async () => {
    gatewayThat({ does: true, answers: false });
    const step = command({ ...POST, timeoutSeconds: 1 }, { verify: IS_ON });
    expect(await rig.run([step])).to.deep.include({ state: 'SUCCEEDED', isUncertain: false });
    expect(sent('POST')).to.have.length(1);
  });

  it('may be repeated, whatever it does, where the gateway stayed online and has not done it', async () => {
    gatewayThat({ does: false, answers: false });
    const step = command({ ...POST, timeoutSeconds: 1 }, { verify: IS_ON });
    const result = await rig.run([step]);
    expect(result).to.deep.include({ state: 'TIMED_OUT', isUncertain: false, mayRepeat: true });
    expect(result.reason?.cause?.code).to.equal('run-proved-not-done');
    expect(sent('POST')).to.have.length(1);
  });

  it('stays unknown where the gateway cannot be asked', async () => {
    let isGone = false;
    rig.serve(({ method, path }) => {
      if (path !== '/modbus') return { status: 200 };
      if (method === 'POST') isGone = true;
      return isGone ? null : { status: 200, payload: { data: { enable: false } } };
    });
    const asked = rig.next('/modbus').then(() => rig.next('/modbus'));
    const running = rig.run([command({ ...POST, timeoutSeconds: 1 }, { verify: IS_ON })]);
    await asked;
    await rig.leave();
    expect(await running).to.deep.include({ state: 'TIMED_OUT', isUncertain: true, mayRepeat: false });
  });

  it('is canceled by a person while it waits behind another command', async () => {
    rig.serve(({ method }) => (method === 'PATCH' ? null : { status: 200 }));
    const first = rig.manager.commands.send({ clientid: GATEWAY, ...PUT, method: 'PATCH', check: 'warn' });
    await rig.next('/modbus');
    const queued = nextEvent(rig.manager, 'command', ({ job, state }) => job === '7' && state === 'QUEUED');
    const running = rig.run([command(POST)]);
    await rig.manager.commands.cancel((await queued).requestId, 'Ann');
    expect(await running).to.deep.include({ state: 'CANCELED', isUncertain: false });
    expect((await running).reason?.text).to.equal('Canceled by Ann.');
    await first;
  });

  it('is not known when it is given up after it was sent, and canceled before that', async () => {
    rig.serve(() => null);
    const forced = new AbortController();
    const asked = rig.next('/modbus');
    const running = rig.run([command(POST)], { signal: forced.signal });
    await asked;
    const later = new AbortController();
    const queued = nextEvent(rig.manager, 'command', ({ job, state }) => job === '8' && state === 'QUEUED');
    const waiting = rig.run([command(POST)], { signal: later.signal, work: { job: '8' } });
    await queued;
    later.abort(FORCED);
    expect(await waiting).to.deep.include({ state: 'CANCELED', isUncertain: false });
    forced.abort(FORCED);
    expect(await running).to.deep.include({ state: 'CANCELED', isUncertain: true });
    expect(sent('POST')).to.have.length(1);
  });

  it('that restarts the gateway is done when it is back', async () => {
    const reboot: JobStep = command({ method: 'PUT', path: '/system/reboot', timeoutSeconds: 1 });
    const isThere = async () => (await rig.manager.registry.get(GATEWAY))?.status;
    const asked = rig.next('/system/reboot');
    const running = rig.run([reboot]);
    await asked;
    await rig.leave();
    expect(await Promise.race([running, isThere()])).to.equal('offline');
    await rig.comeBack();
    expect(await running).to.deep.include({ state: 'SUCCEEDED' });
    expect(await isThere()).to.equal('online');
  });

  it('that restarts the gateway is done without an answer when it went and came back', async () => {
    rig.serve(({ path }) => (path === '/system/reboot' ? null : { status: 200 }));
    const reboot = command({ method: 'POST', path: '/system/reboot', timeoutSeconds: 1, untilWell: true });
    const asked = rig.next('/system/reboot');
    const running = rig.run([reboot]);
    await asked;
    await rig.leave();
    await rig.comeBack();
    expect(await running).to.deep.include({ state: 'SUCCEEDED' });
    const stayed = await rig.run([reboot], { work: { attempt: 2 } });
    expect(stayed).to.deep.include({ state: 'TIMED_OUT', isUncertain: true, mayRepeat: false });
  });

  it('that was not answered is not held for done because the broker began anew, with which every gateway went and came back', async () => {
    rig.serve(({ path }) => (path === '/system/reboot' ? null : { status: 200 }));
    const reboot = command({ method: 'PUT', path: '/system/reboot', timeoutSeconds: 1 });
    const asked = rig.next('/system/reboot');
    const running = rig.run([reboot], { options: { brokerBeganSince: () => Promise.resolve(true) } });
    await asked;
    await rig.leave();
    await rig.comeBack();
    expect(await running).to.deep.include({ state: 'TIMED_OUT', isUncertain: true });
  });

  it('waits for no answer longer than it may take, and says that there was none', async () => {
    rig.serve(({ path }) => (path === '/system/reboot' ? null : { status: 200 }));
    const reboot = command({ method: 'PUT', path: '/system/reboot' });
    const result = await rig.run([reboot], { work: { deadline: Date.now() + runsOut(2000) } });
    expect(result).to.deep.include({ state: 'TIMED_OUT', isUncertain: true });
    expect(result).to.have.nested.property('reason.cause.code', 'no-answer');
    const [record] = await rig.manager.commands.ofExecution(GATEWAY, '7/1/0/');
    expect(record?.timeoutMs).to.be.at.most(10_000);
  });

  it('is not sent where what is asked before it has used up the time, and can be begun anew', async () => {
    const reboot = { method: 'PUT', path: '/system/reboot', timeoutSeconds: 1 };
    const steps = { 'what runs': command(reboot), 'whether it is so': command(POST, { verify: IS_ON }) };
    for (const [index, [what, step]] of Object.entries(steps).entries()) {
      // It is silent until the time is over.
      rig.serve(() => null);
      const asked = rig.next(what === 'what runs' ? '/apps' : '/modbus');
      const deadline = Date.now() + runsOut(400);
      const running = rig.run([step], { work: { deadline, attempt: index + 1 } });
      const question = await asked;
      while (Date.now() <= deadline) await delay(20);
      await rig.answer(question, 200);
      const result = await running;
      expect(result, what).to.deep.include({ state: 'TIMED_OUT', isUncertain: false, mayRepeat: true });
      expect(result).to.have.nested.property('reason.cause.code', 'run-no-time-left');
    }
    expect(sent('PUT').length + sent('POST').length).to.equal(0);
  });

  it('fails when the gateway does not come back', async () => {
    const reboot = command({ method: 'PUT', path: '/system/reboot', timeoutSeconds: 1 });
    const asked = rig.next('/system/reboot');
    const running = rig.run([reboot], { work: { deadline: Date.now() + runsOut(2500) } });
    await asked;
    await rig.leave();
    expect(await running).to.deep.include({ state: 'FAILED', mayRepeat: false });
  });
});
