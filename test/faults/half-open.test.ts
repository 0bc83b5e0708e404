import { expect } from 'chai';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { openPlainBroker } from '../manager/broker/mqtt-rig.js';
import { opener } from '../support/databases.js';
import { errorOf } from '../support/errors.js';
import { openTestManager } from '../support/manager.js';
import { patience } from '../support/patience.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { openWebhookManager } from '../support/webhook-manager.js';

describe('faults: connections that die without a word', () => {
  const open = opener('postgresql');
  let proxy: TcpProxy;
  afterEach(() => proxy.close());

  it('to the database: webhooks are answered in time, kept, and written on a new connection', async () => {
    const options = await open.options();
    if (options.kind !== 'postgresql') throw new Error('not PostgreSQL');
    const url = new URL(options.url);
    proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const test = await openWebhookManager({ kind: 'postgresql', url: url.href });
    await test.manager.registry.register({ clientid: 'A' });
    const connectedAt = (at: number) => ({
      ...{ action: 'client_connected', clientid: 'A', username: 'A', connected_at: at },
      ...{ keepalive: 60, proto_ver: 4, ipaddress: '10.0.0.9' },
    });
    // So that it has a connection for webhooks.
    await test.manager.takeWebhook(connectedAt(Date.now() - 60_000));
    proxy.freeze();
    const begun = Date.now();
    const error = await errorOf(test.manager.takeWebhook(connectedAt(begun)));
    expect(error).to.have.property('code', 'UNAVAILABLE');
    expect(Date.now() - begun, 'EMQX 4 keeps the gateway waiting for it').to.be.below(patience(10_000));

    // Behind the proxy's back: the connection of the manager is as it was.
    const database = await openDatabase(options);
    const session = 'select session_connected_at as at from tpe_presence where clientid = $1';
    while ((await database.query(session, ['A']))[0]?.at !== begun) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await database.close();
    await test.close();
  });

  it('to the broker: it is noticed, made anew, and answers come again', async () => {
    const broker = await openPlainBroker();
    proxy = await startTcpProxy(Number(new URL(broker.url).port));
    const { manager } = await openTestManager(await open.options(), {
      broker: { kind: 'mqtt', url: `mqtt://127.0.0.1:${proxy.port}`, clientId: 'tpedm' },
    });
    expect(manager.broker.health().connected).to.equal(true);
    const before = proxy.count();
    proxy.freeze();
    const lost = new Promise<void>((resolve) =>
      manager.broker.onHealth(({ connected }) => {
        if (!connected) resolve();
      }),
    );
    await lost;
    await new Promise<void>((resolve) =>
      manager.broker.onHealth(({ connected }) => {
        if (connected) resolve();
      }),
    );
    expect(proxy.count()).to.be.greaterThan(before);
    await manager.close();
    await broker.close();
  });
});
