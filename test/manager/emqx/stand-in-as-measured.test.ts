import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { generate, type Packet, parser } from 'mqtt-packet';
import { shippedSettings } from '../../support/emqx/action-settings.js';
import { BOOT_MS } from '../../support/emqx/index.js';
import { runsOut } from '../../support/patience.js';
import { openRig, type Rig } from './rig.js';

/** CONNECT from a bare socket; resolves with CONNACK, and gathers what comes after it. */
async function bare(rig: Rig, clientId: string, protocolVersion: 4 | 5) {
  const socket: Socket = connect(Number(new URL(rig.emqx.mqttUrl).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const packets: Packet[] = [];
  const reading = parser({ protocolVersion });
  reading.on('packet', (packet) => void packets.push(packet));
  socket.on('data', (bytes) => void reading.parse(bytes));
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(
    generate({
      cmd: 'connect',
      clientId,
      keepalive: 60,
      clean: true,
      protocolVersion,
      protocolId: 'MQTT',
      username: 'u',
      password: Buffer.from('p'),
    }),
  );
  while (packets.length === 0) await once(socket, 'data');
  return { socket, packets, closed };
}

const PUBLISH_TOO_LARGE = Buffer.concat([
  Buffer.from([0x30, 0x80, 0x80, 0x80, 0x01]),
  Buffer.alloc(1_100_000),
]);
const IMPOSSIBLE_LENGTH = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]);
const WILDCARD_TOPIC = Buffer.from([0x30, 0x05, 0x00, 0x03, 0x61, 0x2f, 0x23]);
const WILDCARD_TOPIC_V5 = Buffer.from([0x30, 0x06, 0x00, 0x03, 0x61, 0x2f, 0x23, 0x00]);
const secondConnect = (protocolVersion: 4 | 5) =>
  generate({
    cmd: 'connect',
    clientId: 'A',
    keepalive: 60,
    clean: true,
    protocolVersion,
    protocolId: 'MQTT',
  });

describe('EMQX stand-in: as was measured on 4.4.19 and 5.8.9', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());
  const told = () =>
    rig.receiver.hooks.map(({ body }) => [
      String(body.event ?? body.action).replace(/^client[._]/, ''),
      body.reason ?? null,
    ]);

  for (const [name, bytes] of [
    ['a packet over the limit', PUBLISH_TOO_LARGE],
    ['an impossible remaining length', IMPOSSIBLE_LENGTH],
  ] as const) {
    it(`5.8 cuts off an MQTT 3.1.1 client over ${name}, without a word, and has it no more`, async () => {
      rig = await openRig({ version: '5.8' });
      const { socket, closed } = await bare(rig, 'A', 4);
      socket.write(bytes);
      await closed;
      expect((await rig.rest('GET', '/api/v5/clients/A')).status).to.equal(404);
      await rig.emqx.webhooks.settled();
      expect(told()).to.deep.equal([['connected', null]]);
    });

    it(`5.8 tells an MQTT 5 client, and the webhook, of ${name}`, async () => {
      rig = await openRig({ version: '5.8' });
      const { socket, packets, closed } = await bare(rig, 'A', 5);
      socket.write(bytes);
      await closed;
      await rig.receiver.until(() => rig.receiver.hooks.length === 2);
      expect(packets[1]).to.include({ cmd: 'disconnect', reasonCode: 149 });
      expect(told()[1]).to.deep.equal(['disconnected', 'frame_too_large']);
    });

    it(`4.4 tells the webhook of ${name}`, async () => {
      rig = await openRig({ version: '4.4' });
      const { socket, closed } = await bare(rig, 'A', 4);
      socket.write(bytes);
      await closed;
      await rig.receiver.until(() => rig.receiver.hooks.length === 2);
      expect(told()[1]).to.deep.equal(['disconnected', 'frame_too_large']);
    });
  }

  for (const [name, bytesOf, reason, code] of [
    [
      'an invalid topic name',
      (version: 4 | 5) => (version === 5 ? WILDCARD_TOPIC_V5 : WILDCARD_TOPIC),
      'topic_name_invalid',
      144,
    ],
    ['a second CONNECT', secondConnect, 'protocol_error', 130],
  ] as const) {
    for (const version of ['4.4', '5.8'] as const) {
      for (const protocolVersion of [4, 5] as const) {
        it(`${version} ends a connection of MQTT ${protocolVersion} over ${name} as ${reason}`, async () => {
          rig = await openRig({ version });
          const { socket, packets, closed } = await bare(rig, 'A', protocolVersion);
          socket.write(bytesOf(protocolVersion));
          await closed;
          await rig.receiver.until(() => rig.receiver.hooks.length === 2);
          expect(told()[1]).to.deep.equal(['disconnected', reason]);
          if (protocolVersion === 5) expect(packets[1]).to.include({ cmd: 'disconnect', reasonCode: code });
          else expect(packets).to.have.length(1);
        });
      }
    }
  }

  for (const [verdict, code, reasonCode] of [
    ['wrong_password', 4, 134],
    ['unknown', 5, 135],
    ['wrong_username', 5, 135],
  ] as const) {
    it(`5.8 refuses a login that is ${verdict} with ${code}, and MQTT 5 with ${reasonCode}`, async () => {
      rig = await openRig({ version: '5.8', authenticate: async () => verdict });
      expect((await bare(rig, 'A', 4)).packets[0]).to.include({ cmd: 'connack', returnCode: code });
      expect((await bare(rig, 'A', 5)).packets[0]).to.include({ cmd: 'connack', reasonCode });
    });
  }

  it('5.8 refuses who comes back before it has dealt with the end of his old connection', async () => {
    rig = await openRig({ version: '5.8', webhook: { roundTripMs: 0 }, cleanedInMs: runsOut(3000) });
    const fleet = await rig.emqx.addClients(3);
    await rig.emqx.removeClients(fleet);
    const last = fleet.at(-1)!;
    expect((await bare(rig, last, 4)).packets[0]).to.include({ returnCode: 3 });
    expect((await bare(rig, last, 5)).packets[0]).to.include({ reasonCode: 137 });
    let answer: Packet | undefined;
    do answer = (await bare(rig, last, 4)).packets[0];
    while (answer?.cmd === 'connack' && answer.returnCode !== 0);
  });

  it('4.4 ends the session of a client id that is banned', async () => {
    rig = await openRig({ version: '4.4' });
    const { closed } = await bare(rig, 'A', 4);
    await rig.rest('POST', '/api/v4/banned', { as: 'clientid', who: 'A', by: 'x', reason: 'r' });
    await closed;
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    expect(told()[1]).to.deep.equal(['disconnected', 'kicked']);
  });

  it('5.8 answers to a path that it does not know with a page', async () => {
    rig = await openRig({ version: '5.8' });
    const answer = await rig.rest('GET', '/api/v5/nothing');
    expect(answer.status).to.equal(404);
    expect(answer.headers['content-type']).to.equal('text/html');
    expect(answer.text).to.contain('404 - NOT FOUND');
  });

  it('5.8 crashes over an object in place of a list of messages', async () => {
    rig = await openRig({ version: '5.8' });
    const answer = await rig.rest('POST', '/api/v5/publish/bulk', {});
    expect(answer.status).to.equal(500);
    expect(answer.text).to.contain('empty_batch');
  });

  it('5.8 words its faults as it does', async () => {
    rig = await openRig({ version: '5.8' });
    const unknown = await rig.rest('POST', '/api/v5/publish', { topic: 'x', payload: 'x', foo: 1 });
    expect(unknown.body).to.deep.equal({
      code: 'BAD_REQUEST',
      message:
        '{"unmatched":"clientid,payload_encoding,...","unknown":"foo","reason":"unknown_fields","path":"root","kind":"validation_error"}',
    });
    const qos = await rig.rest('POST', '/api/v5/publish', { topic: 'x', payload: 'x', qos: 3 });
    expect(qos.body).to.have.property(
      'message',
      '{"value":3,"reason":"Unable to parse string","path":"root.qos","kind":"validation_error"}',
    );
    const limit = await rig.rest('GET', '/api/v5/clients?limit=10001');
    expect(limit.body).to.have.property(
      'message',
      '{"value":10001,"reason":{"expected":"1..10000"},"path":"limit","kind":"validation_error"}',
    );
    const until = '2020-01-01T00:00:00Z';
    const ban = await rig.rest('POST', '/api/v5/banned', { as: 'clientid', who: 'X', until });
    expect(ban.body)
      .to.have.property('message')
      .that.matches(/^\[67,97,110,110,111,116,32,[\d,"]+\]$/);
  });

  it('waits for the next look at the health of a target that was away', async () => {
    rig = await openRig({ version: '5.8', webhook: { presence: { healthCheckMs: 700 } } });
    await rig.receiver.close();
    await rig.client('A');
    const begin = Date.now();
    // Three tries at once, as its HTTP client makes them, and one after the look.
    while (rig.emqx.webhooks.sent.length < 4) await sleep(5);
    expect(Date.now() - begin).to.be.at.least(600);
  });

  it('lets nobody in, and knows no call, before it has booted', async () => {
    rig = await openRig({ version: '5.8' });
    const isUp = rig.emqx.restart();
    const refused = await untilListening(() => bare(rig, 'A', 4));
    expect(refused.packets[0]).to.include({ returnCode: 5 });
    const answer = await rig.rest('GET', '/api/v5/nodes');
    expect(answer.status).to.equal(404);
    expect(answer.headers['content-type']).to.equal('text/html');
    await isUp;
    expect(BOOT_MS).to.be.above(0);
    expect((await bare(rig, 'A', 4)).packets[0]).to.include({ returnCode: 0 });
    expect((await rig.rest('GET', '/api/v5/nodes')).status).to.equal(200);
  });

  it('has one round trip for each webhook, so that serial ones take their time', async () => {
    rig = await openRig({ version: '5.8', webhook: { presence: { window: 1 }, roundTripMs: 2 } });
    const begin = Date.now();
    await rig.emqx.addClients(200);
    await rig.emqx.webhooks.settled();
    expect(Date.now() - begin).to.be.at.least(400);
  });

  it('tells events by as many connections as docker/ gives it', async () => {
    const { connections, window } = shippedSettings('tpedm_presence');
    expect(window).to.be.above(connections);
    rig = await openRig({ version: '5.8' });
    let running = 0;
    let most = 0;
    const told = new EventEmitter().setMaxListeners(0);
    rig.receiver.answerWith(async () => {
      running += 1;
      most = Math.max(most, running);
      told.emit('running');
      while (most < connections) await once(told, 'running');
      running -= 1;
      return 200;
    });
    await rig.emqx.addClients(400);
    await rig.emqx.webhooks.settled();
    expect(most).to.equal(connections);
  });

  it('5.8 lists what it lists of a client, and sends the headers that it sends', async () => {
    rig = await openRig({ version: '5.8' });
    await rig.client('A');
    const { body } = await rig.rest('GET', '/api/v5/clients/A');
    expect(body).to.deep.include({ auth_expire_at: null, peersni: null, mqueue_max: 10_000 });
    await rig.receiver.until(() => rig.receiver.hooks.length === 1);
    expect(rig.receiver.hooks[0]?.headers).to.include({
      accept: 'application/json',
      'cache-control': 'no-cache',
      'keep-alive': 'timeout=5',
    });
  });
});

async function untilListening<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    const done = await attempt().catch(() => null);
    if (done !== null) return done;
  }
}
