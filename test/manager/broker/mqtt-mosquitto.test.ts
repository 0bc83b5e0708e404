import { expect } from 'chai';
import { connectAsync, type MqttClient } from 'mqtt';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { nextMessage, until } from './embedded-rig.js';
import { isInstalled, LOGIN, type Mosquitto, openMosquitto } from './mosquitto-rig.js';
import { type MqttRig, openMqttRig } from './mqtt-rig.js';

const MANAGER = { ...LOGIN, clientId: 'tpedm-test' };
const REQUEST = { topic: '/tpedm/A/input', payload: '{"path":"/device/general"}' };

describe('a real Mosquitto', () => {
  let mosquitto: Mosquitto;
  let rig: MqttRig | null = null;
  const gateways: MqttClient[] = [];

  before(async function () {
    if (!isInstalled()) this.skip();
    mosquitto = await openMosquitto();
  });
  after(() => mosquitto?.close());
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.endAsync(true);
    await rig?.broker.close();
    rig = null;
  });

  const url = () => mosquitto.url;
  const open = async (more: Partial<Parameters<typeof openMqttRig>[0]> = {}) => {
    rig = await openMqttRig({ url: url(), ...MANAGER, ...more });
    return rig;
  };
  const gateway = async (clientId: string) => {
    const client = await connectAsync(url(), { ...LOGIN, clientId, reconnectPeriod: 0, protocolVersion: 4 });
    client.on('error', () => undefined);
    gateways.push(client);
    return client;
  };

  it('carries a request and its answer', async () => {
    const { broker, until: untilTold, events } = await open();
    expect(broker.health()).to.deep.equal({ connected: true, detail: `connected to ${url()}` });
    const client = await gateway('A');
    await client.subscribeAsync(REQUEST.topic, { qos: 1 });
    const arrived = nextMessage(client);
    expect(await broker.publish(REQUEST)).to.deep.equal({ accepted: true, noSubscriber: false });
    expect((await arrived).packet).to.include({ qos: 1, retain: false });
    await client.publishAsync('/tpedm/A/output', '{"state":200}', { qos: 1 });
    await untilTold(() => events.length === 1);
    expect(events[0]).to.include({ type: 'message', topic: '/tpedm/A/output', qos: 1, clientid: null });
  });

  it('says that the password is wrong', async () => {
    const { broker } = await open({ password: 'wrong' });
    expect(broker.health().connected).to.equal(false);
    expect(broker.health().detail).to.include('wrong username or password');
    expect(broker.health().detail).not.to.include('correct horse');
  });

  it('comes back after a restart of the broker, still subscribed', async () => {
    const { broker, isHealthy, until: untilTold, texts } = await open();
    await mosquitto.stop();
    await isHealthy(false);
    expect(await broker.publish(REQUEST)).to.have.property('accepted', false);
    await mosquitto.start();
    await isHealthy(true);
    const client = await gateway('A');
    await client.publishAsync('/tpedm/A/output', 'after the restart', { qos: 1 });
    await untilTold(() => texts().includes('after the restart'));
    expect(await broker.publish(REQUEST)).to.have.property('accepted', true);
  });

  it('gets what came while it was away, and gets it once when it has acknowledged', async () => {
    await (await open()).broker.close();
    const client = await gateway('A');
    const many = Array.from({ length: 40 }, (_, index) => `queued ${index}`);
    for (const text of many) await client.publishAsync('/tpedm/A/output', text, { qos: 1 });
    const first = await open();
    await first.until(() => first.texts().length === 40);
    expect(first.texts()).to.deep.equal(many);
    // Round trips behind the acknowledgements: Mosquitto has them.
    await first.broker.publish(REQUEST);
    await first.broker.close();
    const second = await open();
    await client.publishAsync('/tpedm/A/output', 'new', { qos: 1 });
    await second.until(() => second.texts().length > 0);
    expect(second.texts()).to.deep.equal(['new']);
  });

  it('loses nothing while the sink fails, also when the broker is restarted meanwhile', async () => {
    const { isHealthy, onEvent } = await open();
    let isAway = true;
    const stored = new Set<string>();
    onEvent(async (event) => {
      if (isAway) throw new TpeError('UNAVAILABLE', 'no database');
      if (event.type === 'message') stored.add(event.payload.toString());
    });
    const client = await gateway('A');
    // More than Mosquitto sends without an acknowledgement.
    const many = Array.from({ length: 60 }, (_, index) => `text ${index}`);
    for (const text of many) await client.publishAsync('/tpedm/A/output', text, { qos: 1 });
    await mosquitto.stop();
    await isHealthy(false);
    await mosquitto.start();
    await isHealthy(true);
    expect(stored.size).to.equal(0);
    isAway = false;
    await until(() => stored.size === many.length);
    expect([...stored]).to.deep.equal(many);
  });

  describe('with two managers in one group', () => {
    const rigs: MqttRig[] = [];
    // A member that is away stays one, and gets its share when it is back.
    let group = 0;
    beforeEach(() => {
      group += 1;
    });
    afterEach(async () => {
      for (const member of rigs.splice(0)) await member.broker.close();
    });
    const join = async (clientId: string, more: Partial<Parameters<typeof openMqttRig>[0]> = {}) => {
      const member = await openMqttRig({
        url: url(),
        ...LOGIN,
        clientId,
        sharedGroup: `workers-${group}`,
        ...more,
      });
      rigs.push(member);
      return member;
    };
    const publish = async (texts: readonly string[]) => {
      const client = await gateway('A');
      for (const text of texts) await client.publishAsync('/tpedm/A/output', text, { qos: 1 });
    };
    const numbered = (word: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${word} ${index}`);

    it('brings each message to one of them', async () => {
      const [a, b] = [await join('worker-a'), await join('worker-b')];
      const all = numbered('message', 60);
      await publish(all);
      await until(() => a.texts().length + b.texts().length >= all.length);
      // Round trips behind the messages: nothing else is on its way.
      for (const { broker } of [a, b]) await broker.publish(REQUEST);
      expect([...a.texts(), ...b.texts()].sort()).to.deep.equal([...all].sort());
      expect(a.texts()).not.to.have.length(0);
      expect(b.texts()).not.to.have.length(0);
    });

    it('brings to the other what one cannot take any more', async () => {
      const [a, b] = [await join('worker-c'), await join('worker-d')];
      await a.broker.close();
      const all = numbered('later', 20);
      await publish(all);
      const again = await join('worker-c');
      await until(() => again.texts().length + b.texts().length >= all.length);
      expect([...again.texts(), ...b.texts()].sort()).to.deep.equal([...all].sort());
    });
  });

  it('speaks TLS with the CA file, and says what is wrong without it', async () => {
    const caFile = mosquitto.caFile;
    const trusted = await open({ url: `mqtts://localhost:${mosquitto.tlsPort}`, caFile });
    expect(trusted.broker.health().connected).to.equal(true);
    await trusted.broker.close();
    const unknown = await open({ url: `mqtts://localhost:${mosquitto.tlsPort}` });
    expect(unknown.broker.health().detail).to.include('unknown CA');
    await unknown.broker.close();
    const otherHost = await open({ url: `mqtts://127.0.0.1:${mosquitto.tlsPort}`, caFile });
    expect(otherHost.broker.health().detail).to.include('for another host name');
    await otherHost.broker.close();
    const noTls = await open({ url: `mqtts://localhost:${mosquitto.port}`, caFile });
    expect(noTls.broker.health().detail).to.match(/no TLS on that port|cut the connection/);
  });
});
