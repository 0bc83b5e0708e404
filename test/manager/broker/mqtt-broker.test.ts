import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, PublishPacket } from 'aedes';
import { expect } from 'chai';
import { connectAsync } from 'mqtt';
import { createMqttPublisher } from '../../../nodes/manager/broker/mqtt/publisher.js';
import { publishReason } from '../../../nodes/manager/broker/publish-reasons.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { nextMessage, until } from './embedded-rig.js';
import { type MqttRig, openMqttRig, openPlainBroker, type PlainBroker } from './mqtt-rig.js';

const MANAGER = 'tpedm-test';
const REQUEST = { topic: '/tpedm/A/input', payload: '{"path":"/device/general"}' };

describe('any MQTT broker', () => {
  let plain: PlainBroker;
  let rig: MqttRig;
  afterEach(async () => {
    await rig.broker.close();
    await plain.close();
  });

  async function open(options: Parameters<typeof openPlainBroker>[0] = {}): Promise<void> {
    plain = await openPlainBroker(options);
    rig = await openMqttRig({ url: plain.url, clientId: MANAGER });
  }

  it('carries a request at QoS 1 without retain, and the answer back', async () => {
    await open();
    expect(rig.broker.health()).to.deep.equal({
      connected: true,
      detail: `connected to mqtt://127.0.0.1:${plain.port}`,
    });
    const gateway = await plain.gateway('A');
    await gateway.subscribeAsync(REQUEST.topic, { qos: 1 });
    const arrived = nextMessage(gateway);
    expect(await rig.broker.publish(REQUEST)).to.deep.equal({ accepted: true, noSubscriber: false });
    const { topic, text, packet } = await arrived;
    expect({ topic, payload: text }).to.deep.equal(REQUEST);
    expect(packet).to.include({ qos: 1, retain: false });

    const payload = Buffer.from([0, 255, 7]);
    await gateway.publishAsync('/tpedm/A/output', payload, { qos: 1 });
    await rig.until(() => rig.events.length === 1);
    const event = rig.events[0]!;
    expect(event).to.deep.include({
      type: 'message',
      clientid: null,
      topic: '/tpedm/A/output',
      payload,
      qos: 1,
    });
    expect(event).to.include({ retain: false, source: 'mqtt' });
  });

  it('gives receipts in the order of the messages, and refuses a wildcard itself', async () => {
    await open();
    const messages = ['/tpedm/A/input', '/tpedm/+/input', '/tpedm/B/input'].map((topic) => ({
      topic,
      payload: '{}',
    }));
    const receipts = await rig.broker.publishMany(messages);
    expect(receipts.map(({ accepted }) => accepted)).to.deep.equal([true, false, true]);
    expect(rig.broker.health().connected).to.equal(true);
  });

  it('says of what it cannot know that it cannot', async () => {
    await open();
    expect(rig.broker.knowsPresence).to.equal(false);
    for (const ask of [
      () => rig.broker.listClients(10, null),
      () => rig.broker.getClient('A'),
      () => rig.broker.disconnectClient('A'),
    ]) {
      const error = await ask().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(TpeError);
      expect(error).to.include({ code: 'UNAVAILABLE' });
      expect((error as Error).message).to.include('EMQX with its REST API');
    }
  });

  it('acknowledges when the sink has a message, many side by side, in the order they came', async () => {
    await open();
    const stores = new Map<string, () => void>();
    rig.onEvent(async (event) => {
      if (event.type === 'message') await new Promise<void>((done) => stores.set(event.topic, done));
    });
    const acknowledged: number[] = [];
    plain.aedes.on('ack', (_packet, client: Client) => {
      if (client.id === MANAGER) acknowledged.push(stores.size);
    });
    const gateway = await plain.gateway('A');
    for (const clientid of ['A', 'B', 'C'])
      await gateway.publishAsync(`/tpedm/${clientid}/output`, 'x', { qos: 1 });
    await until(() => stores.size === 3);
    stores.get('/tpedm/C/output')!();
    stores.get('/tpedm/B/output')!();
    // A round trip on the same connection: an acknowledgement would have gone before it.
    await rig.broker.publish(REQUEST);
    expect(acknowledged).to.have.length(0);
    stores.get('/tpedm/A/output')!();
    await until(() => acknowledged.length === 3);
  });

  it('takes the messages of one gateway one after the other', async () => {
    await open();
    const running = new Set<string>();
    const order: string[] = [];
    rig.onEvent(async (event) => {
      if (event.type !== 'message') return;
      expect(running.has(event.topic)).to.equal(false);
      running.add(event.topic);
      await new Promise((done) => setTimeout(done, 1));
      running.delete(event.topic);
      order.push(event.payload.toString());
    });
    const gateway = await plain.gateway('A');
    const many = Array.from({ length: 50 }, (_, index) => String(index));
    for (const text of many) gateway.publish('/tpedm/A/output', text, { qos: 1 });
    await rig.until(() => order.length === 50);
    expect(order).to.deep.equal(many);
  });

  it('loses nothing while the sink fails, and stays connected', async () => {
    await open();
    let isAway = true;
    const stored: string[] = [];
    rig.onEvent(async (event) => {
      if (isAway) throw new TpeError('UNAVAILABLE', 'no database');
      if (event.type === 'message') stored.push(event.payload.toString());
    });
    const gateway = await plain.gateway('A');
    for (const text of ['1', '2', '3']) await gateway.publishAsync('/tpedm/A/output', text, { qos: 1 });
    await rig.until(() => rig.events.length >= 2);
    isAway = false;
    await rig.until(() => stored.length === 3);
    expect(stored).to.deep.equal(['1', '2', '3']);
    expect(rig.broker.health().connected).to.equal(true);
    expect(rig.warnings.join()).to.include('no database');
  });

  it('gets again what it had not acknowledged when the connection broke', async () => {
    await open();
    rig.onEvent(() => new Promise(() => undefined));
    const gateway = await plain.gateway('A');
    await gateway.publishAsync('/tpedm/A/output', 'kept', { qos: 1 });
    await rig.until(() => rig.texts().length === 1);
    await rig.broker.close();
    rig = await openMqttRig({ url: plain.url, clientId: MANAGER });
    await rig.until(() => rig.texts().includes('kept'));
  });

  it('comes back when the connection was cut, and is subscribed again', async () => {
    await open();
    plain.cut();
    const lost = await rig.isHealthy(false);
    expect(lost.detail).to.include(`mqtt://127.0.0.1:${plain.port}: the broker`);
    expect(await rig.broker.publish(REQUEST)).to.have.property('accepted', false);
    await rig.isHealthy(true);
    const gateway = await plain.gateway('A');
    await gateway.publishAsync('/tpedm/A/output', 'after', { qos: 1 });
    await rig.until(() => rig.texts().includes('after'));
  });

  it('never sends a request later than asked', async () => {
    let hold = true;
    const seen: string[] = [];
    await open({
      authorizePublish: (
        _client: Client | null,
        packet: PublishPacket,
        done: (error?: Error | null) => void,
      ) => {
        if (packet.topic.startsWith('/tpedm/')) seen.push(packet.topic);
        if (!hold) done(null);
      },
    });
    const receipt = rig.broker.publish(REQUEST);
    await until(() => seen.length === 1);
    plain.cut();
    expect(await receipt).to.deep.equal({
      accepted: false,
      reason: publishReason('mqtt-connection-lost'),
    });
    hold = false;
    await rig.isHealthy(true);
    await rig.broker.publish({ topic: '/tpedm/B/input', payload: '{}' });
    expect(seen).to.deep.equal(['/tpedm/A/input', '/tpedm/B/input']);
  });

  it('does not wait for an acknowledgement for ever', async () => {
    await open({ authorizePublish: () => undefined });
    const client = await connectAsync(plain.url, { clientId: 'publisher', reconnectPeriod: 0 });
    const receipt = await createMqttPublisher(client, 50).publish(REQUEST);
    expect(receipt).to.deep.equal({
      accepted: false,
      reason: publishReason('mqtt-broker-does-not-acknowledge'),
    });
    expect(Object.keys((client as unknown as { outgoing: object }).outgoing)).to.deep.equal([]);
    client.end(true);
  });

  it('passes on the client events of EMQX, and lets broken ones go', async () => {
    await open();
    const tell = (word: string, payload: string) =>
      new Promise<void>((done) => {
        const topic = `$SYS/brokers/emqx@node1/clients/A/${word}`;
        plain.aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () =>
          done(),
        );
      });
    // The subscription to them follows that to the answers.
    await rig.broker.publish(REQUEST);
    await tell('connected', 'no JSON');
    await tell('connected', '{"clientid":"A","username":"undefined","connected_at":1760160813688}');
    await tell(
      'disconnected',
      '{"clientid":"A","reason":"tcp_closed","connected_at":1760160813688,"disconnected_at":1760160904121}',
    );
    await rig.until(() => rig.events.length === 2);
    expect(rig.events.map(({ type }) => type)).to.deep.equal(['connected', 'disconnected']);
    expect(rig.events[0]).to.include({ clientid: 'A', username: null, source: 'mqtt' });
  });

  it('shares with a group what its session had for itself before', async () => {
    await open();
    await rig.broker.close();
    rig = await openMqttRig({ url: plain.url, clientId: MANAGER, sharedGroup: 'workers' });
    const gateway = await plain.gateway('A');
    // This broker knows no groups, so what comes now came by the old subscription.
    await gateway.publishAsync('/tpedm/A/output', 'twice', { qos: 1 });
    await rig.broker.publish(REQUEST);
    expect(rig.texts()).to.deep.equal([]);
  });

  it('works where the client events are refused', async () => {
    await open({
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic.startsWith('$SYS') ? null : subscription),
    });
    await rig.broker.publish(REQUEST);
    const gateway = await plain.gateway('A');
    await gateway.publishAsync('/tpedm/A/output', 'x', { qos: 1 });
    await rig.until(() => rig.texts().includes('x'));
    expect(rig.broker.health().connected).to.equal(true);
  });

  it('stops asking for client events where that costs the connection', async () => {
    let asked = 0;
    await open({
      authorizeSubscribe: (_client, subscription, done) => {
        if (!subscription.topic.startsWith('$SYS')) return done(null, subscription);
        asked += 1;
        done(new Error('go away'));
      },
    });
    await until(() => asked >= 2);
    const gateway = await plain.gateway('A');
    await gateway.publishAsync('/tpedm/A/output', 'x', { qos: 1 });
    await rig.until(() => rig.texts().includes('x'));
    await rig.isHealthy(true);
    await until(async () => (await rig.broker.publish(REQUEST)).accepted);
    expect(asked).to.be.at.most(4);
  });

  it('says that the broker refuses the subscription to the answers', async () => {
    await open({ authorizeSubscribe: (_client, _subscription, done) => done(null, null) });
    expect(rig.broker.health().connected).to.equal(false);
    expect(rig.broker.health().detail).to.include('refuses the subscription to /tpedm/+/output');
  });

  it('says that the password is wrong, and gets in when it is right', async () => {
    let isRight = false;
    await open({
      authenticate: (_client, _username, _password, done) => done(isRight ? null : refused(4), isRight),
    });
    expect(rig.broker.health()).to.deep.equal({
      connected: false,
      detail: `mqtt://127.0.0.1:${plain.port}: wrong username or password`,
    });
    isRight = true;
    await rig.isHealthy(true);
  });
});

describe('any MQTT broker: what cannot be reached', () => {
  const healthOf = async (url: string, caFile?: string) => {
    const rig = await openMqttRig({ url, clientId: MANAGER, caFile });
    const { detail, connected } = rig.broker.health();
    expect(connected).to.equal(false);
    expect(await rig.broker.publish(REQUEST)).to.deep.equal({
      accepted: false,
      reason: publishReason('mqtt-broker-away', { words: detail }),
    });
    await rig.broker.close();
    return detail;
  };

  it('says in words what is wrong, without the password', async () => {
    expect(await healthOf('mqtt://user:secret@127.0.0.1:1')).to.equal(
      'mqtt://127.0.0.1:1: connection refused: no broker listens there',
    );
    expect(await healthOf('ws://127.0.0.1:1/mqtt')).to.include('connection refused');
    expect(await healthOf('mqtt://no-such-host.invalid')).to.match(/no host of that name|looked up/);
  });

  it('says that a plain port has no TLS, and that a web server is no broker', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await healthOf(`mqtts://127.0.0.1:${port}`)).to.match(/no TLS on that port|TLS handshake failed/);
    expect(await healthOf(`ws://127.0.0.1:${port}`)).to.include('400');
    server.close();
  });

  it('rejects what no retry can mend', async () => {
    for (const url of ['', 'broker', 'http://host', 'mqtt://', 'mqtt:host']) {
      const error = await openMqttRig({ url }).catch((reason: unknown) => reason);
      expect(error, url).to.be.instanceOf(TpeError).and.include({ code: 'INVALID_INPUT' });
    }
    const noCertificate = join(tmpdir(), `tpe-no-ca-${process.pid}.pem`);
    writeFileSync(noCertificate, 'not a certificate');
    for (const caFile of ['/no/such/ca.pem', noCertificate]) {
      const error = await openMqttRig({ url: 'mqtts://127.0.0.1:1', caFile }).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(TpeError).and.include({ code: 'INVALID_INPUT' });
      expect((error as Error).message).to.include(caFile);
    }
  });
});

function refused(returnCode: number) {
  return Object.assign(new Error('refused'), { returnCode });
}
