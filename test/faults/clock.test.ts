import { expect } from 'chai';
import { opener } from '../support/databases.js';
import { connectGateway, type TestGateway } from '../support/gateway.js';
import { openTestManager, presenceOf, type TestManager } from '../support/manager.js';
import { patience, runsOut } from '../support/patience.js';

const HOUR_MS = 3_600_000;

describe('faults: the clock is set', () => {
  const open = opener('pglite');
  const now = Date.now;
  let test: TestManager;

  beforeEach(async () => {
    test = await openTestManager(await open.options(), { commandTimeoutMs: patience(60_000) });
  });
  afterEach(async () => {
    Date.now = now;
    await test.manager.close();
  });

  /** Broker and manager read it there; timers run on, as with a real clock. */
  function setClock(byMs: number): void {
    Date.now = () => now() + byMs;
  }

  async function enter(clientid: string): Promise<() => Promise<TestGateway>> {
    const { credential } = await test.manager.registry.register({ clientid });
    return () => connectGateway({ ...credential, port: test.port });
  }

  for (const [words, byMs] of [
    ['back by two hours', -2 * HOUR_MS],
    ['forward by two hours', 2 * HOUR_MS],
  ] as const) {
    it(`${words}: presence follows those who come and go, without waiting for a comparison`, async () => {
      const [connectA, connectB] = [await enter('A'), await enter('B')];
      const online = Promise.all([
        presenceOf(test.manager, 'A', 'online'),
        presenceOf(test.manager, 'B', 'online'),
      ]);
      const [a, b] = [await connectA(), await connectB()];
      await online;
      setClock(byMs);

      const offline = presenceOf(test.manager, 'A', 'offline');
      await a.leave();
      await offline;
      const back = presenceOf(test.manager, 'A', 'online');
      const again = await connectA();
      await back;

      // Taken over by a session that seems to be older, which then ends.
      const taken = new Promise<void>((resolve) => b.client.once('close', () => resolve()));
      const newer = await connectB();
      await taken;
      const gone = presenceOf(test.manager, 'B', 'offline');
      await newer.leave();
      await gone;
      expect((await test.manager.registry.get('A'))?.status).to.equal('online');
      await again.leave();
    });

    it(`${words}: what was asked is answered, and what is asked then too`, async () => {
      const connect = await enter('A');
      const online = presenceOf(test.manager, 'A', 'online');
      const gateway = await connect();
      await online;
      await gateway.answer((await gateway.nextRequest()).requestId, { data: {} });
      const request = { clientid: 'A', method: 'GET', path: '/device/time' } as const;
      const before = test.manager.commands.send(request);
      const first = await gateway.nextRequest();
      setClock(byMs);
      await gateway.answer(first.requestId, { data: 1 });
      expect((await before).state).to.equal('SUCCEEDED');
      const after = test.manager.commands.send(request);
      const second = await gateway.nextRequest();
      await gateway.answer(second.requestId, { data: 2 });
      expect((await after).state).to.equal('SUCCEEDED');
      const offline = presenceOf(test.manager, 'A', 'offline');
      await gateway.leave();
      await offline;
      const queued = await test.manager.commands.submit({
        ...request,
        whenOffline: 'queue',
        queueForMs: runsOut(1000),
      });
      const ended = await test.manager.commands.waitFor(queued.requestId, patience(60_000));
      expect(ended?.state).to.equal('EXPIRED');
    });
  }
});
