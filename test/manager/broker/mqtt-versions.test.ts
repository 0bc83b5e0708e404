import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { connectAsync, type MqttClient } from 'mqtt';
import { ackWords, farewellWords } from '../../../nodes/manager/broker/connection-errors.js';
import { createMqttPublisher } from '../../../nodes/manager/broker/mqtt/publisher.js';
import { createVersionChoice } from '../../../nodes/manager/broker/mqtt/version.js';
import { type Emqx, startEmqx } from '../../support/emqx/index.js';
import { isInstalled, LOGIN, openMosquitto } from './mosquitto-rig.js';
import { type MqttRig, openMqttRig, openPlainBroker } from './mqtt-rig.js';

const REQUEST = { topic: '/tpedm/A/input', payload: '{"path":"/device/general"}' };
const LISTENED_TO = { accepted: true, noSubscriber: false };
const NOBODY = { accepted: true, noSubscriber: true };
const ACCOUNT = { username: 'tpedm', password: 'manager' };

describe('the version of MQTT that a broker is spoken to in', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function emqx(): Promise<Emqx> {
    const broker = await startEmqx({ version: '5.8', apiKey: 'k', apiSecret: 's', accounts: [ACCOUNT] });
    closers.push(broker.stop);
    return broker;
  }
  async function open(url: string, more: Partial<Parameters<typeof openMqttRig>[0]> = {}): Promise<MqttRig> {
    const rig = await openMqttRig({ url, clientId: 'tpedm-test', ...more });
    closers.push(rig.broker.close);
    return rig;
  }
  async function gateway(url: string, login: object = {}): Promise<MqttClient> {
    const client = await connectAsync(url, {
      clientId: 'A',
      protocolVersion: 4,
      reconnectPeriod: 0,
      ...login,
    });
    closers.push(() => client.endAsync(true));
    return client;
  }

  it('is 5 with EMQX, which says that nobody listens', async () => {
    const { mqttUrl } = await emqx();
    const { broker } = await open(mqttUrl, ACCOUNT);
    expect(await broker.publish(REQUEST)).to.deep.equal(NOBODY);
    const client = await gateway(mqttUrl);
    await client.subscribeAsync(REQUEST.topic, { qos: 1 });
    expect(await broker.publish(REQUEST)).to.deep.equal(LISTENED_TO);
  });

  it('is 5 with Mosquitto, which says so too', async function () {
    if (!isInstalled()) this.skip();
    const mosquitto = await openMosquitto();
    closers.push(mosquitto.close);
    const { broker } = await open(mosquitto.url, LOGIN);
    expect(await broker.publish(REQUEST)).to.deep.equal(NOBODY);
    const client = await gateway(mosquitto.url, LOGIN);
    await client.subscribeAsync(REQUEST.topic, { qos: 1 });
    expect(await broker.publish(REQUEST)).to.deep.equal(LISTENED_TO);
    // More than it takes without an acknowledgement.
    const many = await broker.publishMany(Array.from({ length: 300 }, () => REQUEST));
    expect(new Set(many.map((receipt) => receipt.accepted))).to.deep.equal(new Set([true]));
    expect(broker.health().connected).to.equal(true);
  });

  it('is 3.1.1 with a broker that refuses 5, at once', async () => {
    const plain = await openPlainBroker();
    closers.push(plain.close);
    const versions: number[] = [];
    plain.aedes.on(
      'client',
      (client) => void versions.push((client as unknown as { version: number }).version),
    );
    const { broker, warnings } = await open(plain.url);
    expect(broker.health().connected).to.equal(true);
    expect(await broker.publish(REQUEST)).to.deep.equal(LISTENED_TO);
    expect(versions).to.deep.equal([4]);
    expect(warnings).to.deep.equal([]);
  });

  it('is 3.1.1 with a broker that only closes the connection when it hears of 5', async () => {
    const plain = await openPlainBroker();
    closers.push(plain.close);
    const front = await openFront((first) => (levelOf(first) === 5 ? null : plain.port));
    closers.push(front.close);
    const { broker, isHealthy } = await open(front.url);
    await isHealthy(true);
    expect(await broker.publish(REQUEST)).to.deep.equal(LISTENED_TO);
  });

  it('is found for each of several addresses alone', async () => {
    const plain = await openPlainBroker();
    closers.push(plain.close);
    const old = await openFront((first) => (levelOf(first) === 5 ? null : plain.port));
    closers.push(old.close);
    const dead = await openFront(() => null);
    dead.close();
    // What becomes of the attempts between, at an address where nobody is, says nothing of the old broker.
    const { broker, isHealthy } = await open(`${old.url}, ${dead.url}`);
    await isHealthy(true);
    expect(await broker.publish(REQUEST)).to.deep.equal(LISTENED_TO);
  });

  it('is 5 again with a broker behind a proxy, which closed every connection while the broker was away', async () => {
    const { mqttUrl } = await emqx();
    const levels: number[] = [];
    const port = Number(new URL(mqttUrl).port);
    const front = await openFront((first) => {
      levels.push(levelOf(first));
      // Away until 3.1.1 is tried, and there from then on.
      return levels.includes(4) ? port : null;
    });
    closers.push(front.close);
    const { broker, isHealthy } = await open(front.url, ACCOUNT);
    await isHealthy(true);
    expect(levels).to.deep.equal([5, 5, 4, 5]);
    expect(await broker.publish(REQUEST)).to.deep.equal(NOBODY);
  });

  it('is 3.1.1 with a broker that takes every CONNECT for one of 3.1.1', async () => {
    const plain = await openPlainBroker();
    closers.push(plain.close);
    // As if the level were not looked at: it is answered in the old form, and what follows is misread.
    const levels: number[] = [];
    const front = await openFront((first, socket) => {
      levels.push(levelOf(first));
      if (levelOf(first) === 4) return plain.port;
      socket.write(Buffer.from([0x20, 2, 0, 0]));
      return 'kept';
    });
    closers.push(front.close);
    const { broker } = await open(front.url);
    expect(await broker.publish(REQUEST)).to.deep.equal(LISTENED_TO);
    expect(levels).to.deep.equal([5, 4]);
  });

  it('sends no more without an acknowledgement than the broker takes', async () => {
    let underWay = 0;
    let most = 0;
    const plain = await openPlainBroker({
      authorizePublish(_client, _packet, done) {
        underWay += 1;
        most = Math.max(most, underWay);
        setTimeout(() => {
          underWay -= 1;
          done(null);
        }, 2);
      },
    });
    closers.push(plain.close);
    const client = await gateway(plain.url);
    const publisher = createMqttPublisher(client, 20_000, () => ({
      receiveMaximum: 3,
      maximumPacketSize: null,
    }));
    const receipts = await Promise.all(Array.from({ length: 50 }, () => publisher.publish(REQUEST)));
    expect(receipts).to.deep.equal(Array.from({ length: 50 }, () => LISTENED_TO));
    expect(most).to.equal(3);
  });

  it('tells a request that the broker does not take in words, and keeps the connection', async () => {
    const { mqttUrl } = await emqx();
    const { broker } = await open(mqttUrl, ACCOUNT);
    const receipt = await broker.publish({ ...REQUEST, payload: 'x'.repeat(1024 * 1024) });
    expect(receipt).to.have.property('accepted', false);
    expect(receipt)
      .to.have.nested.property('reason.text')
      .that.matches(/^it has 10486\d\d bytes, and the MQTT broker takes 1048576 at most/);
    expect(await broker.publish(REQUEST)).to.deep.equal(NOBODY);
  });

  it('has words for what a broker refuses, with its own where it gives a reason', () => {
    expect(ackWords(135, undefined)).to.equal('this account may not publish there');
    expect(ackWords(151, 'quota of today')).to.equal('the quota is used up ("quota of today")');
    expect(ackWords(131, undefined)).to.equal('reason code 131');
    expect(farewellWords(142, undefined)).to.equal('another client connected with the same client id');
    expect(farewellWords(undefined, 'x'.repeat(1000))).to.have.length.below(300);
  });

  it('says why the broker took leave', async () => {
    const broker = await emqx();
    const { isHealthy } = await open(broker.mqttUrl, ACCOUNT);
    const login = Buffer.from('k:s').toString('base64');
    await fetch(`${broker.apiUrl}/api/v5/clients/tpedm-test`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${login}` },
    });
    const { detail } = await isHealthy(false);
    expect(detail).to.include('an administrator of the broker ended the connection');
    await isHealthy(true);
  });

  it('has its answers kept while it is away, as with 3.1.1', async () => {
    const { mqttUrl } = await emqx();
    const first = await open(mqttUrl, ACCOUNT);
    await first.broker.close();
    const client = await gateway(mqttUrl);
    await client.publishAsync('/tpedm/A/output', 'kept', { qos: 1 });
    const second = await open(mqttUrl, ACCOUNT);
    await second.until(() => second.texts().includes('kept'));
  });
});

describe('the choice of the version', () => {
  function behind(...outcomes: Parameters<ReturnType<typeof createVersionChoice>['ended']>[0][]) {
    const choice = createVersionChoice();
    const atOnce = outcomes.map((outcome) => choice.ended(outcome));
    return { version: choice.next(), atOnce: atOnce.at(-1), isOnlyATrial: choice.isOnlyATrial() };
  }

  it('stays with 5 while nobody is reached, and when a connection ends', () => {
    expect(behind('unreached', 'unreached', 'answered', 'unheard', 'answered').version).to.equal(5);
  });
  it('tries 5 again after a connection that a refusal had made one of 3.1.1', () => {
    expect(behind('refused')).to.deep.equal({ version: 4, atOnce: true, isOnlyATrial: false });
    expect(behind('refused', 'answered').version).to.equal(5);
    expect(behind('refused', 'refused')).to.deep.equal({ version: 5, atOnce: false, isOnlyATrial: false });
  });
  it('believes in 3.1.1 only when 5 is not heard by a broker that is there', () => {
    expect(behind('unheard', 'unheard')).to.deep.equal({ version: 4, atOnce: false, isOnlyATrial: true });
    expect(behind('unheard', 'unheard', 'answered')).to.deep.include({ version: 5, atOnce: true });
    const settled = ['unheard', 'unheard', 'answered', 'unheard'] as const;
    expect(behind(...settled)).to.deep.equal({ version: 4, atOnce: true, isOnlyATrial: false });
    expect(behind(...settled, 'answered')).to.deep.include({ version: 4, atOnce: false });
    expect(behind(...settled, 'unheard', 'unheard').version).to.equal(5);
    expect(behind('unheard', 'unheard', 'unheard').version).to.equal(5);
  });
});

/** The level in the first bytes of a CONNECT: 4 is 3.1.1. */
function levelOf(first: Buffer): number {
  const name = first.indexOf('MQTT');
  return first[name + 4] ?? 0;
}

/** Hands a connection on to a port, or closes it without a word, by its first bytes. */
async function openFront(route: (first: Buffer, socket: Socket) => number | null | 'kept') {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      const port = route(first, socket);
      if (port === 'kept') return;
      if (port === null) return socket.destroy();
      const behind = connect(port, '127.0.0.1');
      behind.on('error', () => undefined);
      behind.write(first);
      socket.pipe(behind).pipe(socket);
      socket.once('close', () => behind.destroy());
      behind.once('close', () => socket.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `mqtt://127.0.0.1:${port}`, close: () => void server.close() };
}
