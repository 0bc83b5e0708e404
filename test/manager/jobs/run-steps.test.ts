import { expect } from 'chai';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { JobStep } from '../../../nodes/manager/jobs/definition/definition.js';
import { FORCED } from '../../../nodes/manager/jobs/run/run-execution.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { fakeRecord } from '../../support/fake-manager.js';
import { nextEvent } from '../../support/manager.js';
import { command, GATEWAY, type RunRig, startRunRig } from './run-rig.js';

const put = (path: string, more: Partial<JobStep> = {}): JobStep => ({
  ...command({ method: 'PUT', path, timeoutSeconds: 1 }),
  ...(more as object),
});
const readUntil = (equals: unknown, withinSeconds = 3): JobStep => ({
  ...{ kind: 'readUntil', name: 'look', always: false },
  condition: { path: '/state', pointer: '/data/state', equals, withinSeconds, everySeconds: 1 },
});

describe('jobs: the steps of a job', () => {
  const fresh = opener('pglite');
  let rig: RunRig;

  beforeEach(async () => {
    rig = await startRunRig(await fresh.options());
  });
  afterEach(() => rig.stop());

  const paths = () => rig.received.map(({ path }) => path);
  const failing = (path: string, status = 400) =>
    rig.serve((request) => ({ status: request.path === path ? status : 200 }));

  it('are carried out in order, each noted before it begins', async () => {
    const result = await rig.run([put('/one'), put('/two'), put('/three')]);
    expect(result).to.deep.include({ state: 'SUCCEEDED' });
    expect(paths()).to.deep.equal(['/one', '/two', '/three']);
    expect(rig.told.map(({ step }) => step)).to.deep.equal([0, 1, 2]);
  });

  it('go on where an attempt was', async () => {
    await rig.run([put('/one'), put('/two'), put('/three')], { work: { step: 2 } });
    expect(paths()).to.deep.equal(['/three']);
  });

  it('end with the first failure, but for those that are done in any case', async () => {
    failing('/two');
    const steps = [put('/one'), put('/two'), put('/three'), put('/close', { always: true })];
    const result = await rig.run(steps);
    expect(result).to.deep.include({ state: 'FAILED', mayRepeat: false });
    expect(result.reason?.text).to.contain('400');
    expect(paths()).to.deep.equal(['/one', '/two', '/close']);
    expect(rig.told.at(-1)).to.deep.include({ step: 3, failure: result.reason?.text });
  });

  it('keep the first failure where a step that is done in any case fails too', async () => {
    rig.serve(({ path }) => ({ status: path === '/one' ? 404 : 500 }));
    const result = await rig.run([put('/one'), put('/close', { always: true })]);
    expect(result.reason?.text).to.contain('404');
    expect(paths()).to.deep.equal(['/one', '/close']);
  });

  it('go on with those that are done in any case after a crash behind the failure', async () => {
    const failure = { text: 'The gateway answered 400.', cause: null };
    const steps = [put('/one'), put('/two'), put('/close', { always: true })];
    const result = await rig.run(steps, { work: { step: 1, failure } });
    expect(paths()).to.deep.equal(['/close']);
    expect(result).to.deep.include({ state: 'FAILED', reason: failure, mayRepeat: false });
  });

  it('are tried again for their own time where they are done in any case, and the gateway is offline', async () => {
    failing('/one');
    const closing = command({ method: 'PUT', path: '/close', timeoutSeconds: 20 }, { always: true });
    const result = await rig.run([put('/one'), closing], {
      async onStep(step) {
        if (step !== 1) return;
        await rig.leave();
        const isRefused = nextEvent(
          rig.manager,
          'command',
          ({ path, state }) => path === '/close' && state === 'REJECTED',
        );
        void isRefused.then(() => rig.comeBack());
      },
    });
    expect(result).to.deep.include({ state: 'FAILED' });
    expect(result.reason?.text).to.contain('400');
    expect(paths()).to.deep.equal(['/one', '/close']);
  });

  it('leave one record where they are done in any case and the gateway stays offline', async () => {
    failing('/one');
    const closing = command({ method: 'PUT', path: '/close', timeoutSeconds: 5 }, { always: true });
    const result = await rig.run([put('/one'), closing], {
      onStep: (step) => (step === 1 ? rig.leave() : Promise.resolve()),
    });
    expect(result).to.deep.include({ state: 'FAILED' });
    expect(await rig.manager.commands.ofExecution(GATEWAY, '7/1/1/')).to.have.length(1);
  });

  it('are given up by a person, but for those that are done in any case', async () => {
    rig.serve(({ path }) => (path === '/one' ? null : { status: 200 }));
    const forced = new AbortController();
    const asked = rig.next('/one');
    const steps = [put('/one'), put('/two'), put('/close', { always: true })];
    const running = rig.run(steps, { signal: forced.signal });
    const request = await asked;
    forced.abort(FORCED);
    // The gateway is free for the next one when it has answered.
    await rig.answer(request, 200);
    expect(await running).to.deep.include({ state: 'CANCELED', isUncertain: true });
    expect(paths()).to.deep.equal(['/one', '/close']);
  });

  it('go on with those that are done in any case where a manager takes up what was given up, and take back what waits', async () => {
    rig.serve(({ path }) => (path === '/before' ? null : { status: 200 }));
    const blocks = rig.next('/before');
    const before = rig.manager.commands.send({
      clientid: GATEWAY,
      method: 'PUT',
      path: '/before',
      check: 'warn',
    });
    const request = await blocks;
    const steps = [put('/one'), put('/close', { always: true })];
    const isQueued = nextEvent(
      rig.manager,
      'command',
      ({ path, state }) => path === '/one' && state === 'QUEUED',
    );
    const left = new AbortController();
    const first = errorOf(rig.run(steps, { signal: left.signal, closing: left.signal }));
    await isQueued;
    left.abort();
    await first;
    const forced = new AbortController();
    forced.abort(FORCED);
    const failure = { text: 'It was given up.', cause: null };
    const going = rig.run(steps, { signal: forced.signal, work: { failure } });
    await nextEvent(rig.manager, 'command', ({ path, state }) => path === '/one' && state === 'CANCELED');
    await rig.answer(request, 200);
    await Promise.all([before, going]);
    expect(paths()).to.deep.equal(['/before', '/close']);
  });

  it('do not give up one that is done in any case', async () => {
    rig.serve(({ path }) => (path === '/close' ? null : { status: 200 }));
    const forced = new AbortController();
    const asked = rig.next('/close');
    const closing = command({ method: 'PUT', path: '/close', timeoutSeconds: 60 }, { always: true });
    const running = rig.run([put('/one'), closing, put('/three')], { signal: forced.signal });
    const request = await asked;
    forced.abort(FORCED);
    await rig.answer(request, 200);
    expect(await running).to.deep.include({ state: 'CANCELED', isUncertain: false });
    expect(paths()).to.deep.equal(['/one', '/close']);
  });

  it('are not waited for as those of a gateway that is offline, where it is online and does not listen', async () => {
    const { text, cause } = commandReason('nobody-listens', { topic: 'x' });
    const refused = fakeRecord({ clientid: GATEWAY, method: 'PUT' }, '1', {
      ...{ state: 'REJECTED', reasonCode: 'OFFLINE', reason: text, cause },
    });
    const commands = { ...rig.manager.commands, send: async () => refused };
    expect(await rig.run([put('/one')], { options: { commands } })).to.include({ waitingFor: 'busy' });
    const options = { commands, knowsPresence: () => false };
    expect(await rig.run([put('/one')], { options })).to.include({ waitingFor: 'offline' });
    await rig.leave();
    expect(await rig.run([put('/one')], { options: { commands } })).to.include({ waitingFor: 'offline' });
  });

  it('stay as they are when the manager closes', async () => {
    rig.serve(() => null);
    const closing = new AbortController();
    const asked = rig.next('/one');
    const running = errorOf(
      rig.run([put('/one'), put('/close', { always: true })], { signal: closing.signal }),
    );
    await asked;
    closing.abort(new TpeError('CLOSED', 'closing'));
    expect((await running) as TpeError).to.deep.include({ code: 'CLOSED' });
    expect(paths()).to.deep.equal(['/one']);
  });

  it('may not be repeated where one before the failure would be done twice', async () => {
    rig.serve(({ path }) => ({ status: path === '/two' ? 500 : 200 }));
    const twice = command({ method: 'POST', path: '/one' });
    expect(await rig.run([put('/one'), put('/two')])).to.deep.include({ mayRepeat: true });
    expect(await rig.run([twice, put('/two')], { work: { attempt: 2 } })).to.deep.include({
      mayRepeat: false,
    });
  });

  it('are not begun when the time of the gateway is over', async () => {
    const result = await rig.run([put('/one')], { work: { deadline: Date.now() - 1 } });
    expect(result).to.deep.include({ state: 'TIMED_OUT', isUncertain: false, mayRepeat: true });
    expect(paths()).to.deep.equal([]);
  });

  it('have ended as what they sent before did, when the time of the gateway is over', async () => {
    const late = { deadline: Date.now() - 1 };
    rig.serve(({ path }) => ({ status: path === '/no' ? 404 : 200 }));
    for (const path of ['/yes', '/no']) {
      const step = command({ method: 'POST', path });
      const before = await rig.run([step], { work: { attempt: path === '/no' ? 1 : 2 } });
      const after = await rig.run([step], { work: { ...late, attempt: path === '/no' ? 1 : 2 } });
      expect(after).to.deep.equal(before);
    }
    expect(paths()).to.deep.equal(['/yes', '/no']);
  });

  it('are not known, when they have sent something without an answer and the time of the gateway is over', async () => {
    rig.serve(() => null);
    for (const [index, method] of (['POST', 'PUT'] as const).entries()) {
      const step = command({ method, path: `/${method}`, timeoutSeconds: 60 });
      const closing = new AbortController();
      const asked = rig.next(`/${method}`);
      const running = errorOf(rig.run([step], { signal: closing.signal, work: { attempt: index + 1 } }));
      const request = await asked;
      closing.abort(new TpeError('CLOSED', 'closing'));
      await running;
      const result = await rig.run([step], { work: { deadline: Date.now() - 1, attempt: index + 1 } });
      expect(result).to.deep.include({ state: 'TIMED_OUT', isUncertain: true, mayRepeat: method === 'PUT' });
      await rig.answer(request, 200);
    }
    expect(paths()).to.deep.equal(['/POST', '/PUT']);
  });

  it('read until it is as wanted', async () => {
    let asked = 0;
    rig.serve(({ path }) => {
      if (path !== '/state') return { status: 200 };
      asked += 1;
      return asked === 1
        ? { status: 404 }
        : { status: 200, payload: { data: { state: asked === 2 ? 'busy' : 'hello' } } };
    });
    expect(await rig.run([readUntil('{{value.word}}'), put('/then')])).to.deep.include({
      state: 'SUCCEEDED',
    });
    expect(paths()).to.deep.equal(['/state', '/state', '/state', '/then']);
  });

  it('read until the time is over, and say what it is instead', async () => {
    rig.serve(({ path }) =>
      path === '/state' ? { status: 200, payload: { data: { state: 'busy' } } } : { status: 200 },
    );
    const result = await rig.run([readUntil('idle', 1), put('/then')]);
    expect(result).to.deep.include({ state: 'FAILED', mayRepeat: true });
    expect(result.reason?.text).to.equal('/state has "busy" at "/data/state", not "idle".');
    expect(paths()).not.to.contain('/then');
  });

  it('read through the absence of a gateway', async () => {
    rig.serve(() => ({ status: 200, payload: { data: { state: 'idle' } } }));
    await rig.leave();
    const running = rig.run([readUntil('idle', 20)]);
    await rig.comeBack();
    expect(await running).to.deep.include({ state: 'SUCCEEDED' });
  });

  it('wait until the gateway is online', async () => {
    const waitOnline: JobStep = {
      ...{ kind: 'waitOnline', name: 'wait', always: false },
      ...{ settleSeconds: 0, withinSeconds: 20 },
    };
    await rig.leave();
    const running = rig.run([waitOnline, put('/then')]);
    await rig.comeBack();
    expect(await running).to.deep.include({ state: 'SUCCEEDED' });
    await rig.leave();
    const late = await rig.run([{ ...waitOnline, withinSeconds: 1 } as JobStep], { work: { attempt: 2 } });
    expect(late).to.deep.include({ state: 'TIMED_OUT', isUncertain: false, mayRepeat: true });
  });

  it('wait in their place when the gateway goes away between them, and go on there', async () => {
    const away = rig.next('/one').then(() => rig.leave());
    const steps = [command({ method: 'POST', path: '/one', timeoutSeconds: 1 }), put('/two')];
    rig.serve(({ path }) => (path === '/one' ? null : { status: 200 }));
    const running = rig.run([{ ...steps[0]!, always: false } as JobStep]);
    await away;
    await running;
    expect(await rig.run(steps, { work: { step: 1 } })).to.deep.include({ waitingFor: 'offline' });
    await rig.comeBack();
    expect(await rig.run(steps, { work: { step: 1 } })).to.deep.include({ state: 'SUCCEEDED' });
    expect(paths()).to.deep.equal(['/one', '/two']);
  });
});

eachDatabase('jobs: a manager that closes in the middle of an attempt', (open) => {
  let rig: RunRig;

  beforeEach(async () => {
    rig = await startRunRig(await open.options());
  });
  afterEach(() => rig.stop());

  const steps = [
    command({ method: 'POST', path: '/one' }),
    command({ method: 'POST', path: '/two', timeoutSeconds: 60 }),
    command({ method: 'POST', path: '/three' }),
  ];
  const paths = () => rig.received.map(({ path }) => path);

  it('goes on with the same attempt at the same step, and sends nothing twice', async () => {
    rig.serve(({ path }) => (path === '/two' ? null : { status: 200 }));
    const asked = rig.next('/two');
    const first = errorOf(rig.run(steps));
    const request = await asked;
    await rig.reopen();
    expect((await first) as TpeError).to.deep.include({ code: 'CLOSED' });
    expect(rig.told.at(-1)?.step).to.equal(1);
    await rig.comeBack();
    const going = rig.run(steps, { work: { step: 1 } });
    await rig.answer(request, 200);
    expect(await going).to.deep.include({ state: 'SUCCEEDED' });
    expect(paths()).to.deep.equal(['/one', '/two', '/three']);
  });

  it('takes the end that came before it went on', async () => {
    rig.serve(({ path }) => ({ status: path === '/two' ? 404 : 200 }));
    await rig.run(steps);
    await rig.reopen();
    await rig.comeBack();
    expect(await rig.run(steps, { work: { step: 1 } })).to.deep.include({ state: 'FAILED' });
    expect(paths()).to.deep.equal(['/one', '/two']);
  });

  it('does nothing twice where two managers believe that it is theirs', async () => {
    const results = await Promise.all([rig.run(steps), rig.run(steps), rig.run(steps)]);
    expect(results.map((result) => 'state' in result && result.state)).to.deep.equal(
      Array.from({ length: 3 }, () => 'SUCCEEDED'),
    );
    expect(paths()).to.deep.equal(['/one', '/two', '/three']);
    expect(await rig.manager.commands.ofExecution(GATEWAY, '7/1/')).to.have.length(3);
  });
});
