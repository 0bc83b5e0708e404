import { once } from 'node:events';
import { expect } from 'chai';
import { generate } from 'mqtt-packet';
import type { ClientConnected, ClientDisconnected } from '../../../nodes/manager/broker/events.js';
import { patience } from '../../support/patience.js';
import { closeOf, connectPacket, nextMessage, openRig, type Rig, until } from './embedded-rig.js';

describe('embedded broker: sessions', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  const connected = async (clientid: string) =>
    (await rig.seen({ type: 'connected', clientid })) as ClientConnected;
  const disconnected = async (clientid: string) =>
    (await rig.seen({ type: 'disconnected', clientid })) as ClientDisconnected;

  it('tells of a connect with all that is known of it', async () => {
    const before = Date.now();
    const client = await rig.connect('A', { keepalive: 33, clean: false });
    const event = await connected('A');
    expect(event).to.deep.equal({
      type: 'connected',
      clientid: 'A',
      connectedAt: event.connectedAt,
      username: 'user',
      ipAddress: '127.0.0.1',
      protocolVersion: 4,
      keepalive: 33,
      cleanStart: false,
      node: null,
      source: 'embedded broker',
    });
    expect(event.connectedAt).to.be.within(before, Date.now() + 5);
    const known = await rig.broker.getClient('A');
    expect(known).to.include({ connected: true, connectedAt: event.connectedAt, keepalive: 33 });
    expect(known?.port).to.equal((client.stream as unknown as { localPort: number }).localPort);
  });

  it('says `normal` after a DISCONNECT and `tcp_closed` without one, each with its own session', async () => {
    await (await rig.connect('polite')).endAsync();
    (await rig.connect('rude')).stream.destroy();
    for (const [clientid, reason] of [
      ['polite', 'normal'],
      ['rude', 'tcp_closed'],
    ] as const) {
      const end = await disconnected(clientid);
      expect(end.reason).to.equal(reason);
      expect(end.connectedAt).to.equal((await connected(clientid)).connectedAt);
      expect(end.disconnectedAt).to.be.at.least(end.connectedAt!);
      expect(await rig.broker.getClient(clientid)).to.equal(null);
    }
  });

  it('says `keepalive_timeout` for a client that fell silent', async () => {
    const socket = await rig.raw();
    socket.write(connectPacket('silent', { keepalive: 1 }));
    expect((await disconnected('silent')).reason).to.equal('keepalive_timeout');
  });

  it('says `kicked` for one that we disconnected', async () => {
    const client = await rig.connect('A');
    await connected('A');
    const closed = closeOf(client);
    expect(await rig.broker.disconnectClient('A')).to.equal(true);
    await closed;
    expect((await disconnected('A')).reason).to.equal('kicked');
    expect(await rig.broker.disconnectClient('A')).to.equal(false);
    expect(await rig.broker.disconnectClient('nobody')).to.equal(false);
  });

  it('ends the old session of a client id before the new one begins, and only the old one', async () => {
    const first = await rig.connect('A');
    const closed = closeOf(first);
    const second = await rig.connect('A');
    await closed;
    await second.subscribeAsync('/tpedm/A/input');
    const told = rig.events.map((event) => event.type);
    expect(told).to.deep.equal(['connected', 'disconnected', 'connected']);
    const [one, end, two] = rig.events as [ClientConnected, ClientDisconnected, ClientConnected];
    expect(end.reason).to.equal('takenover');
    expect(end.connectedAt).to.equal(one.connectedAt);
    expect(two.connectedAt).to.be.greaterThan(one.connectedAt);
    expect((await rig.broker.getClient('A'))?.connectedAt).to.equal(two.connectedAt);
    expect(second.connected).to.equal(true);
  });

  it('leaves one session when many connect with one client id at once', async () => {
    const many = 20;
    const tries = await Promise.allSettled(
      Array.from({ length: many }, () => rig.connect('A', { connectTimeout: patience(20_000) })),
    );
    const opened = tries.filter((attempt) => attempt.status === 'fulfilled');
    expect(opened.length).to.be.greaterThan(0);
    const winner = (await rig.broker.getClient('A'))!;
    const ends = () => rig.events.filter((event) => event.type === 'disconnected');
    const begins = () => rig.events.filter((event) => event.type === 'connected') as ClientConnected[];
    expect(begins().length - ends().length).to.equal(1);
    const times = begins().map((event) => event.connectedAt);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(new Set(times).size).to.equal(times.length);
    expect(winner.connectedAt).to.equal(times.at(-1));
    for (const event of ends()) expect((event as ClientDisconnected).reason).to.equal('takenover');
  });

  it('tells the events of one client in order, even while the sink is slow', async () => {
    const order: string[] = [];
    const held: (() => void)[] = [];
    rig.onEvent(async (event) => {
      await new Promise<void>((resolve) => held.push(resolve));
      order.push(event.type);
    });
    const client = await rig.connect('A');
    client.publish('/tpedm/A/output', '1', { qos: 0 });
    await client.endAsync();
    for (const expected of [1, 2, 3]) {
      await until(() => held.length === expected);
      held.at(-1)!();
    }
    await until(() => order.length === 3);
    expect(order).to.deep.equal(['connected', 'message', 'disconnected']);
  });

  it('goes on when the sink refuses presence, and says so', async () => {
    rig.onEvent(async () => {
      throw new Error('no database');
    });
    const client = await rig.connect('A');
    await client.endAsync();
    await disconnected('A');
    await until(() => rig.warnings.length > 0);
    expect(rig.warnings[0]).to.include('"A"').and.include('no database');
    rig.onEvent(async () => undefined);
    expect((await rig.connect('A')).connected).to.equal(true);
  });

  it('lists its clients in order of client id, a page at a time', async () => {
    const clientids = Array.from(
      { length: 25 },
      (_, index) => `gw-${String((index * 7) % 25).padStart(2, '0')}`,
    );
    await Promise.all(clientids.map((clientid) => rig.connect(clientid)));
    const listed: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const page = await rig.broker.listClients(10, cursor);
      listed.push(...page.clients.map((client) => client.clientid));
      cursor = page.next;
      pages += 1;
    } while (cursor !== null);
    expect(listed).to.deep.equal([...clientids].sort());
    expect(pages).to.equal(3);
    await rig.broker.disconnectClient('gw-00');
    expect((await rig.broker.listClients(10000, null)).clients).to.have.length(24);
    expect(await rig.broker.listClients(10, 'gw-24')).to.deep.equal({ clients: [], next: null });
  });

  it('publishes at QoS 1 without retain to the one that listens, and says when nobody does', async () => {
    const request = { topic: '/tpedm/A/input', payload: '{"path":"/device/general"}' };
    expect(await rig.broker.publish(request)).to.deep.equal({ accepted: true, noSubscriber: true });
    const client = await rig.connect('A');
    expect(await rig.broker.publish(request)).to.deep.equal({ accepted: true, noSubscriber: true });
    await client.subscribeAsync('/tpedm/A/input', { qos: 1 });
    const arrived = nextMessage(client);
    expect(await rig.broker.publish(request)).to.deep.equal({ accepted: true, noSubscriber: false });
    const { topic, text, packet } = await arrived;
    expect([topic, text]).to.deep.equal([request.topic, request.payload]);
    expect(packet).to.include({ qos: 1, retain: false });
    await client.unsubscribeAsync('/tpedm/A/input');
    expect(await rig.broker.publish(request)).to.include({ noSubscriber: true });
  });

  it('gives receipts in the order of the messages', async () => {
    const client = await rig.connect('B');
    await client.subscribeAsync('/tpedm/B/input', { qos: 1 });
    const receipts = await rig.broker.publishMany(
      ['A', 'B', 'C'].map((clientid) => ({ topic: `/tpedm/${clientid}/input`, payload: '{}' })),
    );
    expect(receipts.map((receipt) => receipt.accepted && receipt.noSubscriber)).to.deep.equal([
      true,
      false,
      true,
    ]);
  });

  it('queues nothing for a gateway that is away, even with a persistent session', async () => {
    const before = await rig.connect('A', { clean: false });
    await before.subscribeAsync('/tpedm/A/input', { qos: 1 });
    await before.endAsync();
    await disconnected('A');
    expect(await rig.broker.publish({ topic: '/tpedm/A/input', payload: 'late' })).to.include({
      noSubscriber: true,
    });
    const client = await rig.connect('A', { clean: false });
    const got: string[] = [];
    client.on('message', (_topic, payload) => void got.push(payload.toString()));
    await client.subscribeAsync('/tpedm/A/input', { qos: 1 });
    await rig.broker.publish({ topic: '/tpedm/A/input', payload: 'now' });
    await until(() => got.length > 0);
    expect(got).to.deep.equal(['now']);
  });

  it('refuses to fill up for a client that does not read', async () => {
    const socket = await rig.raw();
    socket.write(connectPacket('deaf', { keepalive: 0 }));
    socket.write(
      generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '/tpedm/deaf/input', qos: 1 }] }),
    );
    await once(socket, 'data');
    await until(async () => {
      const receipt = await rig.broker.publish({ topic: '/tpedm/deaf/input', payload: '{}' });
      return receipt.accepted && !receipt.noSubscriber;
    });
    socket.pause();
    const payload = 'x'.repeat(256 * 1024);
    let refused: unknown;
    await until(async () => {
      const receipt = await rig.broker.publish({ topic: '/tpedm/deaf/input', payload });
      refused = receipt.accepted ? undefined : receipt.reason.text;
      return refused !== undefined;
    });
    expect(refused).to.include('does not read');
  });

  it('leaves nobody online when it closes, within two seconds, also with sockets half open', async () => {
    const socket = await rig.raw();
    socket.write(connectPacket('half-open', { keepalive: 0 }));
    const mute = await rig.raw();
    await rig.connect('A');
    await connected('half-open');
    socket.pause();
    mute.pause();
    const started = Date.now();
    await rig.broker.close();
    expect(Date.now() - started).to.be.below(patience(4000));
    const ends = rig.events.filter((event): event is ClientDisconnected => event.type === 'disconnected');
    expect(ends.map(({ clientid, reason }) => `${clientid} ${reason}`).sort()).to.deep.equal([
      'A server_shutdown',
      'half-open server_shutdown',
    ]);
    expect(rig.broker.health()).to.deep.equal({ connected: false, detail: 'closed' });
    expect(await rig.broker.publish({ topic: '/tpedm/A/input', payload: '' })).to.include({
      accepted: false,
    });
  });

  it('closes within two seconds even when the sink does not answer', async () => {
    await rig.connect('A');
    await connected('A');
    rig.onEvent(() => new Promise(() => undefined));
    const started = Date.now();
    await rig.broker.close();
    expect(Date.now() - started).to.be.below(patience(4000));
  });
});
