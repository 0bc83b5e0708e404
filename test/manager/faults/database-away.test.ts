import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { connectGateway, GENERAL } from '../../support/gateway.js';
import {
  nextEvent,
  onlineGateway,
  openTestManager,
  presenceOf,
  type TestManager,
} from '../../support/manager.js';
import { metricsIn } from '../../support/metrics.js';
import { patience } from '../../support/patience.js';
import { postgres } from '../../support/postgres.js';

describe('faults: the database is away for a while', () => {
  const open = opener('postgresql');
  let test: TestManager;

  before(async () => {
    test = await openTestManager(await open.options(), { commandTimeoutMs: patience(60_000) });
  });
  after(async () => {
    await (await postgres()).start().catch(() => undefined);
    await test.manager.close();
  });

  it('loses no answer, no connect and no disconnect, tells of it, and refuses what it cannot record', async () => {
    const { manager } = test;
    const server = await postgres();
    const [asked, leaver] = [await onlineGateway(test, 'asked'), await onlineGateway(test, 'leaver')];
    for (const gateway of [asked, leaver]) {
      const request = await gateway.nextRequest();
      const stored = nextEvent(
        manager,
        'device',
        (event) => event.clientid === gateway.clientid && event.change === 'profile',
      );
      await gateway.answer(request.requestId, GENERAL);
      await stored;
    }
    const flying = manager.commands.send({ clientid: 'asked', path: '/device/time', method: 'GET' });
    const request = await asked.nextRequest();
    const { credential } = await manager.registry.register({ clientid: 'late' });

    const away = nextEvent(manager, 'health', (health) => !health.database.connected);
    await server.stop();
    let isAcknowledged = false;
    const answered = asked.answer(request.requestId, { data: 'kept' }).then(() => {
      isAcknowledged = true;
    });
    await leaver.leave();
    expect((await away).database.detail).to.be.a('string').that.is.not.empty;

    const refused = await connectGateway({ ...credential, port: test.port }).catch(
      (error: { code?: number }) => error.code,
    );
    expect(refused, 'CONNACK says that the server is unavailable').to.equal(3);
    const unrecorded = await manager.commands
      .submit({ clientid: 'asked', path: '/device/time', method: 'GET' })
      .catch((error: { code?: string }) => error.code);
    expect(unrecorded).to.equal('UNAVAILABLE');
    const metrics = metricsIn(await manager.metrics.metrics());
    expect(metrics.get('tpedm_up{part="database"}')).to.equal(0);
    expect([...metrics.keys()].filter((name) => /^tpedm_(gateways|.*_open)/.test(name))).to.deep.equal([]);
    expect(isAcknowledged, 'nothing is acknowledged that is not stored').to.equal(false);

    const back = nextEvent(manager, 'health', (health) => health.database.connected);
    const offline = presenceOf(manager, 'leaver', 'offline');
    await server.start();
    expect((await flying).answer?.payload).to.deep.equal({ data: 'kept' });
    await answered;
    await offline;
    await back;
    expect(metricsIn(await manager.metrics.metrics()).get('tpedm_gateways{status="online"}')).to.equal(1);
    expect((await manager.registry.get('leaver'))?.status).to.equal('offline');
    expect((await manager.registry.get('asked'))?.status).to.equal('online');

    const online = presenceOf(manager, 'late', 'online');
    const late = await connectGateway({ ...credential, port: test.port });
    await online;
    await Promise.all([asked.leave(), late.leave()]);
  });
});
