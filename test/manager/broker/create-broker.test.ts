import { expect } from 'chai';
import { createBroker } from '../../../nodes/manager/broker/create-broker.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { createThrottledLog } from '../../../nodes/manager/shared/throttled-log.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

describe('broker of the options', () => {
  const dependencies = {
    topics: makeTopics(DEFAULT_TOPICS),
    authenticate: async () => 'accepted' as const,
    log: { info: () => undefined, warn: () => undefined },
  };

  it('is made as asked for, and does nothing before it is opened', async () => {
    const embedded = createBroker({ kind: 'embedded', port: 0 }, dependencies);
    expect([embedded.kind, embedded.knowsPresence]).to.deep.equal(['embedded', true]);
    const mqtt = createBroker({ kind: 'mqtt', url: 'mqtt://127.0.0.1:1' }, dependencies);
    expect([mqtt.kind, mqtt.knowsPresence]).to.deep.equal(['mqtt', false]);
    const emqx = createBroker(
      { kind: 'emqx', apiUrl: 'http://127.0.0.1:1', apiKey: 'key', apiSecret: 'secret', events: 'webhook' },
      dependencies,
    );
    expect([emqx.kind, emqx.knowsPresence]).to.deep.equal(['emqx', true]);
    for (const broker of [embedded, mqtt, emqx]) {
      expect(broker.health()).to.deep.equal({ connected: false, detail: 'not started' });
      expect(await broker.publish({ topic: '/tpedm/A/input', payload: '{}' })).to.have.property(
        'accepted',
        false,
      );
      const error = await broker.listClients(10, null).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(TpeError).and.include({ code: 'UNAVAILABLE' });
      await broker.close();
    }
  });
});

describe('a log that writes once a minute', () => {
  it('writes of each subject once, of a hundred at most, and again in the next minute', () => {
    let now = 0;
    const written: string[] = [];
    const log = createThrottledLog(
      (text) => void written.push(text),
      () => now,
    );
    log('a', 'first');
    log('a', 'second');
    log('b', 'other');
    expect(written).to.deep.equal(['first', 'other']);
    for (let index = 0; index < 1000; index += 1) log(`flood ${index}`, 'flood');
    expect(written).to.have.length(100);
    now += 60_000;
    log('a', 'again');
    expect(written.at(-1)).to.equal('again');
  });
});
