import { expect } from 'chai';
import { connectAsync, type MqttClient } from 'mqtt';
import type { EmqxOptions, MqttOptions } from '../../../nodes/manager/broker/options.js';
import { errorOf } from '../../support/errors.js';
import { freePort } from '../../support/free-port.js';
import { nextMessage, until } from './embedded-rig.js';
import { type EmqxRig, json, KEY, openEmqxRig, openRestServer, type RestServer, v5 } from './emqx-rig.js';
import { isInstalled, LOGIN, type Mosquitto, openMosquitto } from './mosquitto-rig.js';
import { openPlainBroker, type PlainBroker } from './mqtt-rig.js';

const REQUEST = { topic: '/tpedm/A/input', payload: '{"path":"/device/general"}' };
const ACCEPTED = { accepted: true, noSubscriber: false };
const EVENT = '$SYS/brokers/emqx@127.0.0.1/clients/A/connected';
const CONNECTED = JSON.stringify({ clientid: 'A', connected_at: 1760160813688, username: 'a' });

describe('EMQX with an MQTT connection beside its REST API', () => {
  let rest: RestServer;
  let plain: PlainBroker;
  let rig: EmqxRig | null = null;
  let mayHaveEvents: boolean;
  let subscribed: string[];

  beforeEach(async () => {
    mayHaveEvents = true;
    subscribed = [];
    rest = await openRestServer(
      v5(({ path }) => (path === '/api/v5/publish' ? json({ id: '1' }) : undefined)),
    );
    plain = await openPlainBroker({
      authorizeSubscribe(_client, subscription, callback) {
        subscribed.push(subscription.topic);
        callback(null, subscription.topic.startsWith('$SYS') && !mayHaveEvents ? null : subscription);
      },
    });
  });
  afterEach(async () => {
    await rig?.broker.close();
    rig = null;
    await plain.close();
    await rest.close();
  });

  async function open(options: Partial<EmqxOptions> = {}, mqtt: Partial<MqttOptions> = {}) {
    rig = await openEmqxRig({
      apiUrl: rest.url,
      mqtt: { url: plain.url, clientId: 'tpedm', ...mqtt },
      ...options,
    });
    return rig;
  }
  const published = () => rest.seen.filter(({ method }) => method === 'POST').length;

  it('sends commands by MQTT, and subscribes to nothing where webhooks bring the rest', async () => {
    const { broker } = await open();
    expect(broker.health()).to.deep.equal({
      connected: true,
      detail: `EMQX 5.8.9 at ${rest.url}; commands by MQTT at ${plain.url}`,
    });
    const gateway = await plain.gateway('A');
    await gateway.subscribeAsync(REQUEST.topic, { qos: 1 });
    const arrived = nextMessage(gateway);
    expect(await broker.publishMany([REQUEST])).to.deep.equal([ACCEPTED]);
    expect((await arrived).packet).to.include({ qos: 1, retain: false });
    expect(published()).to.equal(0);
    expect(subscribed).to.deep.equal([REQUEST.topic]);
  });

  it('gets nothing from a session of before, when webhooks bring the rest', async () => {
    const before = await open({ events: 'mqtt' });
    await before.broker.close();
    const { broker, events } = await open();
    const gateway = await plain.gateway('A');
    await gateway.publishAsync('/tpedm/A/output', '{}', { qos: 1 });
    await broker.publish(REQUEST);
    expect(events).to.deep.equal([]);
  });

  it('sends by REST while MQTT is away, and says so', async () => {
    const port = await freePort();
    const { broker } = await open({}, { url: `mqtt://127.0.0.1:${port}` });
    expect(await broker.publish(REQUEST)).to.deep.equal(ACCEPTED);
    expect(published()).to.equal(1);
    expect(broker.health().connected).to.equal(true);
    expect(broker.health().detail).to.include('commands by REST, since MQTT is away').and.include('refused');
  });

  it('takes answers and client events by MQTT', async () => {
    const { broker, events, until: untilTold } = await open({ events: 'mqtt' });
    expect(broker.health().detail).to.include(`commands and answers by MQTT at ${plain.url}`);
    await until(() => subscribed.length === 3);
    const gateway = await plain.gateway('A');
    await gateway.publishAsync('/tpedm/A/output', '{"state":200}', { qos: 1 });
    plain.aedes.publish(
      { cmd: 'publish', topic: EVENT, payload: Buffer.from(CONNECTED), qos: 0, retain: false, dup: false },
      () => undefined,
    );
    await untilTold(() => events.length === 2);
    expect(events.map(({ type }) => type)).to.have.members(['message', 'connected']);
  });

  it('is not whole without the connection that brings the answers', async () => {
    const port = await freePort();
    const { broker } = await open({ events: 'mqtt' }, { url: `mqtt://127.0.0.1:${port}` });
    expect(broker.health().connected).to.equal(false);
    expect(broker.health().detail).to.include('EMQX 5.8.9').and.include('no answers');
  });

  it('says that the client events are refused, since presence hangs on them', async () => {
    mayHaveEvents = false;
    const { broker, warnings, until: untilTold } = await open({ events: 'mqtt' });
    await untilTold(() => broker.health().detail.includes('without its client events'));
    expect(broker.health().connected).to.equal(true);
    expect(warnings.join()).to.include('$SYS/brokers/+/clients/#');
  });

  it('never sends by REST what it sent by MQTT without an answer', async () => {
    plain.aedes.authorizePublish = (_client, packet, callback) => {
      if (packet.topic === REQUEST.topic) plain.cut();
      else callback(null);
    };
    const { broker } = await open();
    const [receipt] = await broker.publishMany([REQUEST]);
    expect(receipt).to.have.nested.property('reason.text').that.includes('connection was lost');
    expect(published()).to.equal(0);
  });

  it('rejects what no retry can mend', async () => {
    const cases: [Partial<EmqxOptions>, string][] = [
      [{ events: 'mqtt' }, 'mqtt'],
      [{ apiUrl: '' }, 'apiUrl'],
      [{ apiUrl: 'emqx:18083' }, 'apiUrl'],
      [{ apiUrl: `http://${KEY.apiKey}:${KEY.apiSecret}@emqx:18083` }, 'apiUrl'],
      [{ apiKey: ' ' }, 'apiKey'],
      [{ apiKey: 'key:secret' }, 'apiKey'],
      [{ apiSecret: '' }, 'apiSecret'],
      [{ caFile: '/nowhere/ca.pem' }, 'caFile'],
      [{ mqtt: { url: 'http://emqx' } }, 'url'],
      ...['', ' ', 'a/b', 'a+', '#', 'two words', 'bell\u0007'].map(
        (sharedGroup): [Partial<EmqxOptions>, string] => [
          { mqtt: { url: plain.url, sharedGroup } },
          'sharedGroup',
        ],
      ),
    ];
    for (const [options, field] of cases) {
      const { broker } = await openEmqxRig({ apiUrl: rest.url, ...options }, false);
      const error = await errorOf(broker.open(async () => undefined));
      expect(error, JSON.stringify(options)).to.include({ code: 'INVALID_INPUT' });
      expect(error).to.have.nested.property('details.field', field);
      expect(error.message).not.to.include(KEY.apiSecret);
      await broker.close();
    }
    expect(rest.seen).to.have.length(0);
  });
});

describe('two managers of one EMQX in one group', () => {
  let mosquitto: Mosquitto;
  let rest: RestServer;
  const rigs: EmqxRig[] = [];
  const clients: MqttClient[] = [];

  before(async function () {
    if (!isInstalled()) this.skip();
    mosquitto = await openMosquitto();
    rest = await openRestServer(v5(() => undefined));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
    for (const { broker } of rigs.splice(0)) await broker.close();
  });
  after(async () => {
    await rest?.close();
    await mosquitto?.close();
  });

  it('share the answers: each comes to one of them, also over a restart of the broker', async () => {
    const join = async (clientId: string) => {
      const mqtt = { url: mosquitto.url, ...LOGIN, clientId, sharedGroup: 'workers' };
      const rig = await openEmqxRig({ apiUrl: rest.url, events: 'mqtt', mqtt });
      rigs.push(rig);
      return rig;
    };
    const [a, b] = [await join('worker-a'), await join('worker-b')];
    const publish = async (texts: readonly string[]) => {
      const client = await connectAsync(mosquitto.url, { ...LOGIN, clientId: 'A', reconnectPeriod: 0 });
      clients.push(client);
      client.on('error', () => undefined);
      for (const text of texts) await client.publishAsync('/tpedm/A/output', text, { qos: 1 });
    };
    const all = Array.from({ length: 80 }, (_, index) => `message ${index}`);
    await publish(all.slice(0, 40));
    await until(() => a.texts().length + b.texts().length >= 40);
    // Round trips behind the acknowledgements: what a broker did not see acknowledged, it rightly sends again.
    for (const { broker } of [a, b]) await broker.publish(REQUEST);
    await mosquitto.stop();
    await Promise.all([a, b].map((rig) => rig.until(() => !rig.broker.health().connected)));
    await mosquitto.start();
    await Promise.all([a, b].map((rig) => rig.until(() => rig.broker.health().connected)));
    await publish(all.slice(40));
    await until(() => a.texts().length + b.texts().length >= 80);
    // Round trips behind the messages: nothing else is on its way.
    for (const { broker } of [a, b]) await broker.publish(REQUEST);
    expect([...a.texts(), ...b.texts()].sort()).to.deep.equal([...all].sort());
    expect(a.texts()).not.to.have.length(0);
    expect(b.texts()).not.to.have.length(0);
  });
});
