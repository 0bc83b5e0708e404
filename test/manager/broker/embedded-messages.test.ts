import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { generate, type Packet, parser } from 'mqtt-packet';
import type { ClientDisconnected, GatewayMessage } from '../../../nodes/manager/broker/events.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { patience } from '../../support/patience.js';
import { closeOf, connectPacket, openRig, type Rig, until } from './embedded-rig.js';

const OUTPUT = '/tpedm/A/output';

describe('embedded broker: messages of gateways', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  const messages = () => rig.events.filter((event): event is GatewayMessage => event.type === 'message');
  const texts = () => messages().map(({ payload }) => payload.toString());
  const ended = async () => ((await rig.seen({ type: 'disconnected' })) as ClientDisconnected).reason;

  it('hands them on with publisher, topic, bytes, QoS and retain', async () => {
    const client = await rig.connect('A');
    const payload = Buffer.from([0, 255, 1, 254]);
    for (const qos of [0, 1, 2] as const)
      await client.publishAsync(OUTPUT, payload, { qos, retain: qos === 2 });
    await until(() => messages().length === 3);
    for (const [qos, message] of messages().entries()) {
      expect(message).to.deep.include({ clientid: 'A', topic: OUTPUT, payload, source: 'embedded broker' });
      expect([message.qos, message.retain]).to.deep.equal([qos, qos === 2]);
      expect(message.receivedAt).to.be.within(Date.now() - patience(60_000), Date.now());
    }
  });

  it('acknowledges when the sink has a message and not before', async () => {
    for (const [qos, acknowledgement] of [
      [1, 'puback'],
      [2, 'pubrec'],
    ] as const) {
      let store: () => void = () => undefined;
      rig.onEvent(async (event) => {
        if (event.type === 'message') await new Promise<void>((resolve) => (store = resolve));
      });
      const client = await rig.connect(`A`);
      const got: string[] = [];
      client.on('packetreceive', (packet) => void got.push(packet.cmd));
      const published = client.publishAsync(OUTPUT, `at ${qos}`, { qos });
      await until(() => texts().includes(`at ${qos}`));
      // A PINGREQ behind it on the same wire is answered, so an acknowledgement would be here too.
      client.stream.write(
        generate({ cmd: 'subscribe', messageId: 99, subscriptions: [{ topic: '/tpedm/A/input', qos: 1 }] }),
      );
      await until(() => got.includes('suback'));
      expect(got).not.to.include(acknowledgement);
      store();
      await published;
      expect(got).to.include(acknowledgement);
      await client.endAsync(true);
    }
  });

  it('does not acknowledge what the sink refuses: the client is cut off, resends it, and nothing is lost', async () => {
    let isAway = true;
    const stored: string[] = [];
    rig.onEvent(async (event) => {
      if (event.type !== 'message') return;
      if (isAway) throw new TpeError('UNAVAILABLE', 'no database');
      stored.push(event.payload.toString());
    });
    const client = await rig.connect('A', { reconnectPeriod: 20, clean: false });
    const acknowledged: string[] = [];
    const publishing = ['1', '2', '3'].map(async (text) => {
      await client.publishAsync(OUTPUT, text, { qos: 1 });
      acknowledged.push(text);
    });
    expect(await ended()).to.equal('internal_error');
    expect(acknowledged).to.deep.equal([]);
    isAway = false;
    await Promise.all(publishing);
    expect(stored).to.deep.equal(['1', '2', '3']);
    expect(rig.warnings.join()).to.include('could not be stored and will be sent again: no database');
    await client.endAsync(true);
  });

  it('loses a QoS 0 message that the sink refuses, and keeps the connection', async () => {
    rig.onEvent(async (event) => {
      if (event.type === 'message' && event.qos === 0) throw new TpeError('BUSY', 'full');
    });
    const client = await rig.connect('A');
    await client.publishAsync(OUTPUT, 'zero', { qos: 0 });
    await client.publishAsync(OUTPUT, 'one', { qos: 1 });
    expect(texts()).to.deep.equal(['zero', 'one']);
    expect(client.connected).to.equal(true);
  });

  it('keeps the order of a client while others go on', async () => {
    let free: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (free = resolve));
    const stored: string[] = [];
    rig.onEvent(async (event) => {
      if (event.type !== 'message') return;
      if (event.clientid === 'A') await gate;
      stored.push(`${event.clientid}${event.payload}`);
    });
    const [a, b] = await Promise.all([rig.connect('A'), rig.connect('B')]);
    const many = Array.from({ length: 300 }, (_, index) => String(index));
    const publishing = many.map((text) => a.publishAsync(OUTPUT, text, { qos: 1 }));
    await b.publishAsync('/tpedm/B/output', '!', { qos: 1 });
    expect(stored).to.deep.equal(['B!']);
    free();
    await Promise.all(publishing);
    expect(stored.slice(1)).to.deep.equal(many.map((text) => `A${text}`));
  });

  it('stops reading a client whose messages wait, and takes all of them in the end', async () => {
    let free: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (free = resolve));
    rig.onEvent(async (event) => {
      if (event.type === 'message') await gate;
    });
    const socket = await rig.raw();
    socket.write(connectPacket('A', { keepalive: 0 }));
    await rig.seen({ type: 'connected' });
    const count = 64;
    const payload = Buffer.alloc(512 * 1024, 'x');
    let written = 0;
    for (let index = 0; index < count; index += 1) {
      socket.write(
        generate({ cmd: 'publish', topic: OUTPUT, payload, qos: 0, retain: false, dup: false }),
        () => {
          written += 1;
        },
      );
    }
    await rig.seen({ type: 'message' });
    // Other clients are served meanwhile, so the broker had its chance to read on.
    const other = await rig.connect('B');
    for (let index = 0; index < 20; index += 1) await other.subscribeAsync('/tpedm/B/input');
    expect(written).to.be.below(count);
    free();
    await until(() => messages().length === count);
    expect(written).to.equal(count);
  });

  it('takes what a client said before it left', async () => {
    const socket = await rig.raw();
    const publish = (text: string) =>
      generate({ cmd: 'publish', topic: OUTPUT, payload: text, qos: 0, retain: false, dup: false });
    const many = Array.from({ length: 500 }, (_, index) => `text ${index}`);
    socket.end(Buffer.concat([connectPacket('A', { keepalive: 0 }), ...many.slice(0, 40).map(publish)]));
    expect(await ended()).to.equal('tcp_closed');
    expect(texts()).to.deep.equal(many.slice(0, 40));
  });

  it('does not replay a retained message', async () => {
    const client = await rig.connect('A');
    await client.publishAsync(OUTPUT, 'retained', { qos: 1, retain: true });
    await client.publishAsync('/tpedm/A/input', 'retained', { qos: 1, retain: true });
    const got: string[] = [];
    client.on('message', (topic) => void got.push(topic));
    await client.subscribeAsync('/tpedm/A/input', { qos: 1 });
    await rig.broker.publish({ topic: '/tpedm/A/input', payload: 'asked' });
    await until(() => got.length > 0);
    await client.publishAsync(OUTPUT, 'behind', { qos: 1 });
    expect(got).to.deep.equal(['/tpedm/A/input']);
  });

  it('takes 1 MB, and drops but acknowledges what is larger, without disconnecting', async () => {
    const client = await rig.connect('A');
    const fits = Buffer.alloc(1024 * 1024 - 100, 'a');
    await client.publishAsync(OUTPUT, fits, { qos: 1 });
    for (const qos of [0, 1, 2] as const)
      await client.publishAsync(OUTPUT, Buffer.alloc(2_000_000, 'b'), { qos });
    await client.publishAsync(OUTPUT, 'after', { qos: 1 });
    expect(messages().map(({ payload }) => payload.length)).to.deep.equal([fits.length, 5]);
    expect(messages()[0]?.payload.equals(fits)).to.equal(true);
    expect(rig.warnings.join()).to.match(/"A" from 127\.0\.0\.1 published 2000\d+ bytes, over the limit/);
  });

  it('closes connections that speak no MQTT and goes on', async () => {
    const good = await rig.connect('good');
    const hello = connectPacket('bad', { keepalive: 0 });
    const hostile: [string, Buffer][] = [
      ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
      ['TLS', Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])],
      [
        'a publish before connect',
        generate({ cmd: 'publish', topic: 'x', payload: 'x', qos: 0, retain: false, dup: false }),
      ],
      ['a connect of 200 MB', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x60])],
      ['an endless length', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
      ['a connect cut short', Buffer.concat([Buffer.from([0x10, 4]), Buffer.from('MQTT')])],
      ['two connects', Buffer.concat([hello, hello])],
      ['reserved packet', Buffer.concat([hello, Buffer.from([0xf0, 0])])],
      ['QoS 3', Buffer.concat([hello, Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1])])],
      ['an empty topic', Buffer.concat([hello, Buffer.from([0x30, 2, 0, 0])])],
      ['a wildcard topic', Buffer.concat([hello, Buffer.from([0x30, 3, 0, 1, 0x23])])],
      ['a topic longer than the packet', Buffer.concat([hello, Buffer.from([0x30, 3, 0xff, 0xff, 0x61])])],
      ['a subscribe without filter', Buffer.concat([hello, Buffer.from([0x82, 2, 0, 1])])],
      ['a subscribe of 1 MB', Buffer.concat([hello, Buffer.from([0x82, 0x80, 0x80, 0x40])])],
      [
        'a deep topic',
        Buffer.concat([
          hello,
          generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '/'.repeat(300), qos: 0 }] }),
        ]),
      ],
    ];
    for (const [name, bytes] of hostile) {
      const socket = await rig.raw();
      const closed = once(socket, 'close');
      socket.resume();
      socket.write(bytes);
      await closed.catch(() => expect.fail(name));
    }
    await good.publishAsync('/tpedm/good/output', 'still here', { qos: 1 });
    expect(texts()).to.deep.equal(['still here']);
  });

  it('says `protocol_error` of a client that sent what cannot be read', async () => {
    const socket = await rig.raw();
    socket.write(connectPacket('A', { keepalive: 0 }));
    await rig.seen({ type: 'connected' });
    socket.write(Buffer.from([0xf0, 0]));
    expect(await ended()).to.equal('protocol_error');
  });

  it('survives whatever bytes come', async () => {
    const hello = connectPacket('A', { keepalive: 0 });
    const packet = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
      .map(([first, body]) => Buffer.concat([Buffer.from([first, body.length]), body]));
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(packet, { minLength: 1, maxLength: 5 }),
        async (greets, packets) => {
          const socket = await rig.raw();
          socket.resume();
          const closed = once(socket, 'close');
          socket.end(Buffer.concat([...(greets ? [hello] : []), ...packets]));
          await closed;
        },
      ),
      { numRuns: 150 },
    );
    const good = await rig.connect('good');
    await good.publishAsync('/tpedm/good/output', 'still here', { qos: 1 });
    expect(texts()).to.include('still here');
  });

  it('answers in the order of the messages, the dropped ones among them', async () => {
    let store: () => void = () => undefined;
    rig.onEvent(async (event) => {
      if (event.type === 'message') await new Promise<void>((resolve) => (store = resolve));
    });
    const socket = await rig.raw();
    const got = packetsOf(socket);
    const publish = (messageId: number, topic: string) =>
      generate({ cmd: 'publish', messageId, topic, payload: 'x', qos: 1, retain: false, dup: false });
    socket.write(
      Buffer.concat([
        connectPacket('A', { keepalive: 0 }),
        publish(1, OUTPUT),
        publish(2, 'foreign'),
        publish(3, OUTPUT),
      ]),
    );
    await until(() => messages().length === 1);
    store();
    await until(() => messages().length === 2);
    store();
    await until(() => got.length === 4);
    expect(got.map(({ cmd, messageId }) => `${cmd} ${messageId ?? ''}`.trim())).to.deep.equal([
      'connack',
      'puback 1',
      'puback 2',
      'puback 3',
    ]);
  });

  it('keeps a client that publishes nothing but foreign telemetry', async () => {
    const client = await rig.connect('A');
    let isClosed = false;
    void closeOf(client).then(() => {
      isClosed = true;
    });
    for (let index = 0; index < 50; index += 1)
      await client.publishAsync(`unforeseen/${index}`, 'x', { qos: 1 });
    expect(isClosed).to.equal(false);
    expect(rig.warnings).to.have.length(1);
  });
});

function packetsOf(socket: Socket): Packet[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', (packet) => void packets.push(packet));
  socket.on('data', (bytes) => void reader.parse(bytes));
  return packets;
}
