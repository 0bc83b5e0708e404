import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { connect, type MqttClient } from 'mqtt';
import { closed, MANAGER, openRig, type Rig } from './rig.js';

const OUTPUT = '/tpedm/+/output';

/** What a client got, with a way to wait for more. */
function listen(client: MqttClient) {
  const texts: string[] = [];
  const topics: string[] = [];
  const news = new EventEmitter();
  client.on('message', (topic, payload) => {
    texts.push(payload.toString());
    topics.push(topic);
    news.emit('message');
  });
  return {
    texts,
    topics,
    async until(isTrue: () => boolean) {
      while (!isTrue()) await once(news, 'message');
    },
  };
}

describe('EMQX stand-in: sessions', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());
  const manager = (clientId: string, clean = true) => rig.client(clientId, { ...MANAGER, clean });

  for (const [version, clean, reason] of [
    ['5.0', true, 'discarded'],
    ['5.0', false, 'takenover'],
    ['6.2', true, 'discarded'],
    ['4.4', true, null],
    ['4.4', false, null],
  ] as const) {
    it(`${version}, clean ${clean}: a second connection with the same id ${reason ? `ends the first as ${reason}` : 'replaces the first without a word'}`, async () => {
      rig = await openRig({ version });
      const first = await rig.client('A', { clean });
      const isReplaced = closed(first);
      await rig.client('A', { clean });
      await isReplaced;
      await rig.emqx.webhooks.settled();
      const told = rig.receiver.hooks.map(({ body }) => [
        String(body.action ?? body.event)
          .replace('client_', '')
          .replace('client.', ''),
        body.reason ?? null,
      ]);
      const goodbye = reason === null ? [] : [['disconnected', reason]];
      expect(told).to.deep.equal([['connected', null], ...goodbye, ['connected', null]]);
      expect(rig.emqx.clients()).to.have.lengthOf(1);
    });
  }

  it('confines a gateway to its own topics, and the accounts to none', async () => {
    rig = await openRig({ version: '5.8' });
    const gateway = await rig.client('A');
    const refused = await gateway
      .subscribeAsync(['/tpedm/B/input', '#', '$SYS/#'])
      .catch((error: Error) => error);
    expect(String(refused)).to.contain('Unspecified error');
    await gateway.subscribeAsync('/tpedm/A/input');
    const all = await manager('M');
    await all.subscribeAsync('/tpedm/#', { qos: 1 });
    const heard = listen(all);
    await gateway.publishAsync('/tpedm/B/output', 'forged', { qos: 1 });
    await gateway.publishAsync('/tpedm/A/telemetry/x', 'true', { qos: 1 });
    await heard.until(() => heard.texts.length === 1);
    expect(heard.texts).to.deep.equal(['true']);
    await rig.emqx.webhooks.settled();
    const messages = rig.receiver.hooks.filter(({ body }) => body.event === 'message.publish');
    expect(messages.map(({ body }) => body.topic)).to.deep.equal(['/tpedm/A/telemetry/x']);
  });

  it('lets a client id of + out of its own topics, as EMQX does', async () => {
    rig = await openRig({ version: '5.8' });
    const gateway = await rig.client('+');
    const granted = await gateway.subscribeAsync('/tpedm/B/input', { qos: 1 });
    expect(granted.map(({ qos }) => qos)).to.deep.equal([1]);
  });

  it('hands each message of a shared subscription to one member, in turn, and to none twice', async () => {
    rig = await openRig({ version: '5.8' });
    const members = await Promise.all(['M1', 'M2', 'M3'].map((id) => manager(id)));
    const heard = members.map(listen);
    await Promise.all(members.map((member) => member.subscribeAsync(`$share/tpedm/${OUTPUT}`, { qos: 1 })));
    const gateway = await rig.client('A');
    for (let index = 0; index < 30; index += 1) {
      await gateway.publishAsync('/tpedm/A/output', String(index), { qos: 1 });
    }
    await Promise.all(heard.map((member) => member.until(() => member.texts.length === 10)));
    const all = heard.flatMap(({ texts }) => texts).map(Number);
    expect(all.sort((left, right) => left - right)).to.deep.equal(
      Array.from({ length: 30 }, (_, index) => index),
    );
  });

  it('gives the rest to the others when a member goes', async () => {
    rig = await openRig({ version: '5.8' });
    const stays = await manager('M1');
    const goes = await manager('M2');
    // It takes them, and never acknowledges.
    goes.handleMessage = () => undefined;
    const heard = listen(stays);
    for (const member of [stays, goes]) await member.subscribeAsync(`$share/g/${OUTPUT}`, { qos: 1 });
    const gateway = await rig.client('A');
    for (const text of ['1', '2', '3', '4']) await gateway.publishAsync('/tpedm/A/output', text, { qos: 1 });
    await heard.until(() => heard.texts.length === 2);
    goes.end(true);
    await heard.until(() => heard.texts.length === 4);
    expect(heard.texts.toSorted()).to.deep.equal(['1', '2', '3', '4']);
  });

  it('keeps messages for a session that is away, and tells it that it was there', async () => {
    rig = await openRig({ version: '5.8' });
    const first = await manager('M', false);
    await first.subscribeAsync([`$share/g/${OUTPUT}`, '/tpedm/+/telemetry/#'], { qos: 1 });
    await first.endAsync();
    const gateway = await rig.client('A');
    await gateway.publishAsync('/tpedm/A/output', '1', { qos: 1 });
    await gateway.publishAsync('/tpedm/A/telemetry/t', '2', { qos: 1 });
    expect(rig.emqx.clients().map(({ clientid, connected }) => [clientid, connected])).to.deep.include([
      'M',
      false,
    ]);
    const again = connect(rig.emqx.mqttUrl, { ...MANAGER, clientId: 'M', clean: false, reconnectPeriod: 0 });
    const heard = listen(again);
    const isPresent = await new Promise((resolve) => {
      again.once('connect', ({ sessionPresent }) => resolve(sessionPresent));
    });
    expect(isPresent).to.equal(true);
    await heard.until(() => heard.texts.length === 2);
    expect(heard.texts).to.deep.equal(['1', '2']);
    await again.endAsync(true);
  });

  it('takes QoS 2 once, however often it is sent, and gives QoS 2', async () => {
    rig = await openRig({ version: '5.8' });
    const all = await manager('M');
    const heard = listen(all);
    await all.subscribeAsync(OUTPUT, { qos: 2 });
    const gateway = await rig.client('A');
    await gateway.publishAsync('/tpedm/A/output', '1', { qos: 2 });
    await gateway.publishAsync('/tpedm/A/output', '2', { qos: 2 });
    await heard.until(() => heard.texts.length === 2);
    expect(heard.texts).to.deep.equal(['1', '2']);
  });

  it('sends a retained message to who subscribes later, but not to a group', async () => {
    rig = await openRig({ version: '5.8' });
    const gateway = await rig.client('A');
    await gateway.publishAsync('/tpedm/A/output', 'kept', { qos: 1, retain: true });
    const late = await manager('M');
    const heard = listen(late);
    await late.subscribeAsync(`$share/g/${OUTPUT}`);
    await late.subscribeAsync('/tpedm/A/output');
    await gateway.publishAsync('/tpedm/A/output', 'new', { qos: 1 });
    await heard.until(() => heard.texts.length === 3);
    expect(heard.texts).to.deep.equal(['kept', 'new', 'new']);
  });

  it('ends a connection whose packet is too long or none', async () => {
    rig = await openRig({ version: '5.0' });
    const publish = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x01]);
    for (const [bytes, reason] of [
      [Buffer.concat([publish, Buffer.alloc(1_100_000)]), 'frame_too_large'],
      [Buffer.from([0xf0, 0x00]), 'malformed_packet'],
    ] as const) {
      const socket = await rig.silent('A', 60);
      socket.write(bytes);
      await once(socket, 'close');
      await rig.receiver.until(() => rig.receiver.hooks.some(({ body }) => body.reason === reason));
    }
  });

  for (const [version, more] of [
    ['4.4', { connack: 0 }],
    ['5.8', { protocol: 'mqtt' }],
  ] as const) {
    it(`${version} tells of clients on $SYS, to the accounts alone`, async () => {
      rig = await openRig({ version, sysEvents: true });
      const all = await manager('M');
      const heard = listen(all);
      await all.subscribeAsync([
        '$SYS/brokers/+/clients/+/connected',
        '$SYS/brokers/+/clients/+/disconnected',
      ]);
      const gateway = await rig.client('A', { username: 'gw', keepalive: 20 });
      await gateway.endAsync();
      await heard.until(() => heard.texts.length === 2);
      const topic = `$SYS/brokers/${rig.emqx.node}/clients/A`;
      expect(heard.topics).to.deep.equal([`${topic}/connected`, `${topic}/disconnected`]);
      const [connected, disconnected] = heard.texts.map((text) => JSON.parse(text));
      const client = [
        'clientid',
        'username',
        'ipaddress',
        'sockport',
        'proto_name',
        'proto_ver',
        'connected_at',
        'ts',
      ];
      const protocol = version === '4.4' ? [] : ['protocol'];
      expect(connected).to.have.all.keys(
        ...client,
        ...Object.keys(more),
        ...['keepalive', 'clean_start', 'expiry_interval'],
      );
      expect(connected).to.include({ ...more, username: 'gw', keepalive: 20 });
      expect(disconnected).to.have.all.keys(...client, ...protocol, 'reason', 'disconnected_at');
      expect(disconnected.connected_at).to.equal(connected.connected_at);
    });
  }

  it('stops without a word, and comes back empty, with its bans', async () => {
    rig = await openRig({ version: '5.8' });
    await rig.rest('POST', '/api/v5/banned', { as: 'clientid', who: 'X' });
    const gateway = await rig.client('A', { clean: false });
    await rig.emqx.webhooks.settled();
    const isGone = closed(gateway);
    await rig.emqx.stop();
    await isGone;
    const refused = await rig
      .rest('GET', '/api/v5/clients')
      .catch((error: NodeJS.ErrnoException) => error.code);
    expect(refused).to.equal('ECONNREFUSED');
    await rig.emqx.restart();
    expect(rig.emqx.clients()).to.deep.equal([]);
    const banned = await rig.client('X').catch((error: unknown) => error);
    expect(banned).to.include({ code: 5 });
    await rig.client('A', { clean: false });
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    expect(rig.receiver.hooks.map(({ body }) => body.event)).to.deep.equal([
      'client.connected',
      'client.connected',
    ]);
  });
});
