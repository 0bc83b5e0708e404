import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { generate } from 'mqtt-packet';
import { opener } from '../../support/databases.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { type EmqxManager, KEY, openEmqxManager } from '../../support/emqx-manager.js';
import { errorOf } from '../../support/errors.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import { nextEvent, presenceOf } from '../../support/manager.js';
import { closed } from './rig.js';

interface Setting {
  version: EmqxVersion;
  events: 'webhook' | 'mqtt';
  commandsByMqtt?: boolean;
  database: 'pglite' | 'postgresql';
}

const SETTINGS: Setting[] = [
  { version: '4.4', events: 'webhook', database: 'pglite' },
  { version: '5.0', events: 'webhook', database: 'pglite' },
  { version: '5.8', events: 'webhook', database: 'postgresql' },
  { version: '6.2', events: 'webhook', commandsByMqtt: true, database: 'pglite' },
  { version: '4.4', events: 'mqtt', database: 'pglite' },
  { version: '5.8', events: 'mqtt', database: 'pglite' },
];
const RELEASES = { '4.4': '4.4.19', '5.0': '5.0.26', '5.8': '5.8.9', '6.2': '6.2.2' };

for (const setting of SETTINGS) {
  const { version, events, database } = setting;
  describe(`a gateway's life beside EMQX ${version}, told by ${events} (${database})`, () => {
    const open = opener(database);
    let test: EmqxManager;
    /** Connected from the beginning: the list of the broker has long had them. */
    let early: TestGateway[];

    before(async () => {
      test = await openEmqxManager({ ...setting, database: await open.options() });
      await test.register('early-1', 'early-2');
      early = [await test.connect('early-1'), await test.connect('early-2')];
      await test.untilTrue();
    });
    after(() => test.close());

    const statusOf = async (clientid: string) => (await test.manager.registry.get(clientid))?.status;

    async function online(clientid: string): Promise<TestGateway> {
      await test.register(clientid);
      const isOnline = presenceOf(test.manager, clientid, 'online');
      const gateway = await test.connect(clientid);
      await isOnline;
      return gateway;
    }

    it('is seen online, takes a command and answers it', async () => {
      await test.register('gw');
      const isOnline = presenceOf(test.manager, 'gw', 'online');
      const gateway = await test.connect('gw');
      expect(await isOnline).to.deep.include({
        reason: 'connected from 127.0.0.1',
        source: events,
        since: new Date(sessionOf('gw')).toISOString(),
        warning: null,
      });
      const asked = test.manager.commands.send({ clientid: 'gw', path: '/device/time', method: 'GET' });
      const request = await gateway.nextRequest();
      expect(request).to.include({ path: '/device/time', qos: 1, retain: false });
      await gateway.answer(request.requestId, { data: version });
      expect((await asked).answer?.payload).to.deep.equal({ data: version });
    });

    it('stays online when another connection takes its place, and goes with that one', async () => {
      const first = await online('taken');
      const isTaken = presenceOf(test.manager, 'taken', 'online');
      const isClosed = closed(first.client);
      const second = await test.connect('taken');
      await isClosed;
      expect((await isTaken).since).to.equal(new Date(sessionOf('taken')).toISOString());
      const isGone = presenceOf(test.manager, 'taken', 'offline');
      await second.leave();
      expect(await isGone).to.include({ reason: 'disconnected by itself', source: events });
      await test.untilTrue();
    });

    it('goes by a lost link, by silence, and by our own will: each with its reason', async () => {
      await test.register('silent');
      const isThere = presenceOf(test.manager, 'silent', 'online');
      const socket = await connectSilently('silent');
      await isThere;
      const [cut] = [await online('cut'), await online('kicked')];
      const gone = Promise.all(
        ['cut', 'silent', 'kicked'].map((clientid) => presenceOf(test.manager, clientid, 'offline')),
      );
      cut.cut();
      expect(await test.manager.broker.disconnectClient('kicked')).to.equal(true);
      expect((await gone).map(({ reason, source }) => [reason, source])).to.deep.equal([
        ['connection lost', events],
        ['keepalive timeout', events],
        ['disconnected by the device manager', events],
      ]);
      socket.destroy();
      await test.untilTrue();
    });

    it('is locked out when it is retired, and comes back when it is registered again', async () => {
      const gateway = await online('retired');
      const isClosed = closed(gateway.client);
      await test.manager.retire('retired');
      await isClosed;
      expect(await bans()).to.deep.equal(['retired']);
      const { code } = (await errorOf(test.connect('retired'))) as Error & { code?: unknown };
      expect(code).to.equal(5);
      await test.manager.registry.register({ clientid: 'other' });
      expect(await bans()).to.deep.equal(['retired']);
      await online('retired');
      expect(await bans()).to.deep.equal([]);
      await test.untilTrue();
    });

    it('is asked what it is a moment after it came', async () => {
      const [gateway] = early as [TestGateway];
      const stored = nextEvent(test.manager, 'device', ({ change }) => change === 'profile');
      const request = await gateway.nextRequest();
      expect(request).to.include({ path: '/device/general', method: 'GET' });
      await gateway.answer(request.requestId, GENERAL);
      expect((await stored).device).to.include({ clientid: 'early-1', modelName: GENERAL.data.modelName });
    });

    if (events === 'webhook') {
      it('stays online when the end of its old connection is told after its new one', async () => {
        const [old, leaver] = [await online('back'), await online('leaver')];
        test.emqx.webhooks.hold();
        old.cut();
        leaver.cut();
        await until(() => test.emqx.webhooks.held().length === 2);
        const isBack = presenceOf(test.manager, 'back', 'online');
        const coming = test.connect('back');
        await until(() => test.emqx.webhooks.held().length === 3);
        const isGone = presenceOf(test.manager, 'leaver', 'offline');
        await test.emqx.webhooks.release((held) => held.toReversed());
        await Promise.all([coming, isBack]);
        expect((await isGone).reason).to.equal('connection lost');
        expect(await statusOf('back')).to.equal('online');
        await test.untilTrue();
      });

      it('ends in the truth whatever the order in which its events come, also twice', async () => {
        const { lives, isOnline } = await liveAll();
        const told = lives.map(async ({ clientid, events: order }) => {
          for (const event of order) await test.manager.takeWebhook(event);
          return clientid;
        });
        const clientids = await Promise.all(told);
        await test.untilTrue();
        for (const clientid of clientids) {
          expect(await statusOf(clientid), clientid).to.equal(isOnline(clientid) ? 'online' : 'offline');
        }
      });
    }

    it('is where it was when EMQX was restarted and it came back, and offline when it did not', async () => {
      const isAway = nextEvent(
        test.manager,
        'health',
        ({ broker }) => !broker.connected && broker.detail.includes('connection refused'),
      );
      await test.emqx.stop();
      await errorOf(test.manager.broker.listClients(1, null));
      await isAway;
      const isBack = nextEvent(test.manager, 'health', ({ broker }) => broker.connected);
      const gone = presenceOf(test.manager, 'early-2', 'offline');
      await test.emqx.restart();
      for (const gateway of early) gateway.client.end(true);
      early[0] = await test.connect('early-1');
      await isBack;
      expect(await gone).to.include({ reason: 'the broker has no such client', source: 'reconcile' });
      await test.untilTrue(async () => test.truth().join() === 'early-1');
      expect(test.manager.health().broker).to.deep.include({ connected: true });
    });

    it('is told of by a broker whose version and place health says', async () => {
      const detail = () => test.manager.health().broker.detail;
      expect(detail()).to.contain(`EMQX ${RELEASES[version]} at ${test.emqx.apiUrl}`);
      if (events !== 'mqtt' && !setting.commandsByMqtt) return;
      // It may be on its way back from the restart before.
      await test.untilTrue(async () => detail().includes('by MQTT at mqtt://127.0.0.1'));
    });

    function sessionOf(clientid: string): number {
      const session = test.emqx.clients().find((client) => client.clientid === clientid);
      return session?.connectedAt ?? Number.NaN;
    }

    /** Resolves when the condition holds; it is of the broker, which tells nobody. */
    async function until(isTrue: () => boolean): Promise<void> {
      while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
    }

    async function connectSilently(clientid: string) {
      const { username, password } = test.login(clientid);
      const socket = connect(Number(new URL(test.emqx.mqttUrl).port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      const hello = { clientId: clientid, username, password: Buffer.from(password), keepalive: 1 };
      socket.write(
        generate({ cmd: 'connect', ...hello, clean: true, protocolVersion: 4, protocolId: 'MQTT' }),
      );
      await once(socket, 'data');
      return socket;
    }

    async function bans(): Promise<string[]> {
      const api = version === '4.4' ? 'v4' : 'v5';
      const response = await fetch(`${test.emqx.apiUrl}/api/${api}/banned`, {
        headers: {
          authorization: `Basic ${Buffer.from(`${KEY.apiKey}:${KEY.apiSecret}`).toString('base64')}`,
        },
      });
      const { data } = (await response.json()) as { data: { who: string }[] };
      return data.map(({ who }) => who);
    }

    /** Lets clients live each kind of life, for every order in which its events may be told, plain and twice. */
    async function liveAll() {
      const kinds = ['returns', 'leaves', 'replaced', 'outlives'] as const;
      const rounds = { returns: 6, leaves: 24, replaced: 24, outlives: 6 };
      const clientids = kinds.flatMap((kind) =>
        Array.from({ length: 2 * rounds[kind] }, (_, index) => `${kind}-${index}`),
      );
      const of = (...wanted: string[]) =>
        clientids.filter((one) => wanted.includes(one.replace(/-\d+$/, '')));
      await test.manager.registry.import(
        JSON.stringify(clientids.map((clientid) => ({ clientid, password: 'long enough for this' }))),
        'json',
      );
      const { emqx } = test;
      const give = test.keepWebhooks();
      for (const step of [
        () => emqx.addClients(clientids),
        () => emqx.removeClients(of('returns', 'leaves')),
        () => emqx.addClients(clientids),
        () => emqx.removeClients(of('leaves', 'replaced'), { reason: 'keepalive_timeout' }),
      ]) {
        await step();
        await emqx.webhooks.settled();
      }
      const bodies = give() as { clientid: string }[];
      const lives = clientids.map((clientid) => {
        const life = bodies.filter((body) => body.clientid === clientid);
        const index = Number(/\d+$/.exec(clientid)?.[0]);
        const orders = permutations(life);
        const order = orders[Math.floor(index / 2) % orders.length]!;
        return { clientid, events: index % 2 === 0 ? order : [...order, ...order.toReversed()] };
      });
      return { lives, isOnline: (clientid: string) => of('returns', 'outlives').includes(clientid) };
    }
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, place) =>
    permutations(items.filter((_, other) => other !== place)).map((rest) => [item, ...rest]),
  );
}
