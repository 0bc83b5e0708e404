import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { createEmqxBroker } from '../../../nodes/manager/broker/emqx/emqx-broker.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { opener } from '../../support/databases.js';
import { startEmqx } from '../../support/emqx/index.js';
import { KEY, openEmqxManager } from '../../support/emqx-manager.js';
import { nextEvent, presenceOf } from '../../support/manager.js';

/** Of a node that is away. */
const NOBODY = 'mqtt://127.0.0.1:1';
const ACCOUNT = { username: 'tpedm', password: 'manager' };

describe('faults: the MQTT of EMQX comes back', () => {
  for (const addresses of ['one address', 'one of two']) {
    it(`is taken up as soon as REST finds EMQX again, however long the pauses had become (${addresses})`, async () => {
      const first = await startEmqx({
        version: '5.8',
        apiKey: KEY.apiKey,
        apiSecret: KEY.apiSecret,
        accounts: [ACCOUNT],
      });
      const ports = {
        mqttPort: Number(new URL(first.mqttUrl).port),
        apiPort: Number(new URL(first.apiUrl).port),
      };
      const broker = createEmqxBroker(
        {
          apiUrl: first.apiUrl,
          ...KEY,
          events: 'mqtt',
          mqtt: {
            url: addresses === 'one address' ? first.mqttUrl : `${first.mqttUrl}, ${NOBODY}`,
            clientId: 'm',
            ...ACCOUNT,
          },
        },
        { topics: makeTopics(DEFAULT_TOPICS), log: { info: () => undefined, warn: () => undefined } },
      );
      await broker.open(async () => undefined);
      expect(broker.health().connected).to.equal(true);
      const isAway = new Promise<void>((resolve) => {
        broker.onHealth(({ detail }) => {
          if (!detail.startsWith('EMQX 5')) resolve();
        });
      });
      await first.stop();
      // MQTT alone: nobody takes the REST port, and each failure makes the pause longer.
      const attempts = await listen(ports.mqttPort);
      await attempts.until(addresses === 'one address' ? 5 : 4);
      await attempts.close();
      // REST is asked now and then: what it has not missed it does not find again.
      await isAway;
      const again = await startEmqx({
        version: '5.8',
        ...ports,
        apiKey: KEY.apiKey,
        apiSecret: KEY.apiSecret,
        accounts: [ACCOUNT],
      });
      let restAt = 0;
      const isWhole = new Promise<number>((resolve) => {
        broker.onHealth(({ connected, detail }) => {
          if (restAt === 0 && detail.startsWith('EMQX 5')) restAt = Date.now();
          if (connected) resolve(Date.now());
        });
      });
      const wholeAt = await isWhole;
      expect(wholeAt - restAt).to.be.below(5000);
      await broker.close();
      await again.stop();
    });
  }

  const open = opener('pglite');
  it('looks for what was lost in the gap, where events come by MQTT', async () => {
    const test = await openEmqxManager({ version: '5.8', database: await open.options(), events: 'mqtt' });
    try {
      await test.register('stays', 'goes', 'comes');
      const there = ['stays', 'goes'].map((clientid) => presenceOf(test.manager, clientid, 'online'));
      await test.emqx.addClients(['stays', 'goes']);
      await Promise.all(there);
      const isAway = nextEvent(test.manager, 'health', ({ broker }) => !broker.connected);
      const changes = [
        presenceOf(test.manager, 'goes', 'offline'),
        presenceOf(test.manager, 'comes', 'online'),
      ];
      await test.emqx.stop();
      await isAway;
      await test.startBroker();
      await test.emqx.addClients(['stays', 'comes'], { isSilent: true });
      expect((await Promise.all(changes)).map(({ source }) => source)).to.deep.equal([
        'reconcile',
        'reconcile',
      ]);
    } finally {
      await test.close();
    }
  });
});

/** Takes each connection of that port and closes it. */
async function listen(port: number) {
  let count = 0;
  const server: Server = createServer((socket: Socket) => {
    count += 1;
    socket.destroy();
    server.emit('attempt');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async until(attempts: number) {
      while (count < attempts) await once(server, 'attempt');
    },
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
