import { expect } from 'chai';
import type { BrokerClient } from '../../../nodes/manager/broker/broker.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { type AskNowOptions, createAskNow } from '../../../nodes/manager/presence/ask-now.js';
import { opener } from '../../support/databases.js';
import { type EmqxManager, openEmqxManager } from '../../support/emqx-manager.js';
import { nextEvent } from '../../support/manager.js';
import { until } from '../broker/embedded-rig.js';

const MEBIBYTE = 1024 * 1024;

describe('faults: EMQX 5.8 ended a session without a word', () => {
  const open = opener('pglite');
  let test: EmqxManager;
  afterEach(() => test.close());

  async function connected(commandsByMqtt: boolean) {
    test = await openEmqxManager({
      version: '5.8',
      database: await open.options(),
      events: 'webhook',
      commandsByMqtt,
    });
    await test.register('gw');
    const isOnline = nextEvent(test.manager, 'presence', ({ status }) => status === 'online');
    const gateway = await test.connect('gw', { reconnectPeriod: 0 });
    await isOnline;
    const profile = await gateway.nextRequest();
    await gateway.answer(profile.requestId, {});
    return gateway;
  }

  it('is known some seconds after a command that has no answer, long before it times out', async () => {
    const gateway = await connected(true);
    const sending = test.manager.commands.send({ clientid: 'gw', path: '/device/general', method: 'GET' });
    const request = await gateway.nextRequest();
    const isGone = nextEvent(test.manager, 'presence', ({ status }) => status === 'offline');
    gateway.client.publish('/tpedm/gw/output', 'x'.repeat(MEBIBYTE + 1), { qos: 1 }, () => undefined);
    expect(await isGone).to.include({ clientid: 'gw', reason: 'the broker has no such client' });
    expect(await test.manager.commands.get(request.requestId)).to.include({ state: 'SENT' });
    void sending;
  });

  for (const commandsByMqtt of [true, false]) {
    it(`is known with the next command, which ends at once (by ${commandsByMqtt ? 'MQTT' : 'REST'})`, async () => {
      const gateway = await connected(commandsByMqtt);
      gateway.client.publish('/tpedm/gw/output', 'x'.repeat(MEBIBYTE + 1), { qos: 1 }, () => undefined);
      await until(() => test.emqx.clients().every(({ clientid }) => clientid !== 'gw'));
      expect((await test.manager.registry.get('gw'))?.status).to.equal('online');
      const isGone = nextEvent(test.manager, 'presence', ({ status }) => status === 'offline');
      const record = await test.manager.commands.send({
        clientid: 'gw',
        path: '/device/general',
        method: 'GET',
      });
      expect(record).to.include({ state: 'REJECTED', reasonCode: 'OFFLINE' });
      expect(record.reason).to.contain('Nobody listens on /tpedm/gw/input');
      expect(Date.parse(record.endedAt!) - Date.parse(record.createdAt)).to.be.below(5000);
      await isGone;
    });
  }
});

describe('questions to the broker about single gateways', () => {
  const timing = { silentAfterMs: 20, gatewayEveryMs: 10_000, atOnce: 4, mostWaiting: 10 };
  const record = (clientid: string, requestId: string, state: CommandRecord['state']) =>
    ({ clientid, requestId, state }) as CommandRecord;

  function rig(answer: (clientid: string) => Promise<BrokerClient | null>) {
    const asked: string[] = [];
    const lookedInto: string[] = [];
    let comparisons = 0;
    let running = 0;
    let mostRunning = 0;
    const options: AskNowOptions = {
      broker: {
        knowsPresence: true,
        async getClient(clientid) {
          asked.push(clientid);
          running += 1;
          mostRunning = Math.max(mostRunning, running);
          try {
            return await answer(clientid);
          } finally {
            running -= 1;
          }
        },
      },
      lookInto: async (clientid) => void lookedInto.push(clientid),
      lookIntoAll: () => {
        comparisons += 1;
      },
      timing,
    };
    const now = createAskNow(options);
    return { now, asked, lookedInto, comparisons: () => comparisons, mostRunning: () => mostRunning };
  }
  const soon = () => new Promise<null>((resolve) => void setTimeout(resolve, 5, null));

  it('are few at a time, and give way to one comparison when very many fall silent', async () => {
    const { now, asked, comparisons, mostRunning } = rig(soon);
    for (let index = 0; index < 5000; index += 1)
      now.commandChanged(record(`gw-${index}`, `${index}`, 'TIMED_OUT'));
    await until(() => asked.length === timing.atOnce + timing.mostWaiting);
    expect(mostRunning()).to.equal(timing.atOnce);
    expect(comparisons()).to.be.above(0);
    now.close();
  });

  it('are asked once for a gateway whose commands time out one after the other', async () => {
    const { now, asked, lookedInto } = rig(soon);
    for (let index = 0; index < 50; index += 1) now.commandChanged(record('gw', `${index}`, 'TIMED_OUT'));
    await until(() => lookedInto.length === 1);
    expect(asked).to.deep.equal(['gw']);
    now.close();
  });

  it('are not asked for a command that was answered, and are for one that is not', async () => {
    const { now, asked } = rig(soon);
    now.commandChanged(record('answered', '1', 'SENT'));
    now.commandChanged(record('answered', '1', 'SUCCEEDED'));
    now.commandChanged(record('silent', '2', 'SENT'));
    await until(() => asked.length > 0);
    expect(asked).to.deep.equal(['silent']);
    now.close();
  });

  it('end in nothing where the broker is away', async () => {
    const { now, lookedInto } = rig(async () => Promise.reject(new Error('away')));
    expect(await now.standing('gw')).to.equal(null);
    expect(lookedInto).to.deep.equal([]);
    now.close();
  });
});
