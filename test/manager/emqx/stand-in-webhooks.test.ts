import { expect } from 'chai';
import { runsOut } from '../../support/patience.js';
import { closed, openRig, type Rig } from './rig.js';

const OUTPUT = '/tpedm/A/output';

describe('EMQX stand-in: webhooks of 4.4', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig({ version: '4.4' });
  });
  afterEach(() => rig.closeAll());

  it('keeps a client waiting for its CONNACK until the webhook has answered', async () => {
    let answer: (status: number) => void = () => undefined;
    rig.receiver.answerWith(() => new Promise((resolve) => (answer = resolve)));
    let isIn = false;
    const coming = rig.client('A').then(() => (isIn = true));
    await rig.receiver.until(() => rig.receiver.hooks.length === 1);
    const listed = async () => (await rig.rest('GET', '/api/v4/clients/A')).body;
    expect(await listed()).to.deep.equal({ data: [], code: 0 });
    expect(isIn).to.equal(false);
    answer(200);
    await coming;
    expect(await listed()).to.have.nested.property('data[0].connected', true);
  });

  it('lists a client as connected until the webhook has answered to its going', async () => {
    const client = await rig.client('A');
    let answer: (status: number) => void = () => undefined;
    rig.receiver.answerWith(() => new Promise((resolve) => (answer = resolve)));
    await client.endAsync();
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    const listed = async () => (await rig.rest('GET', '/api/v4/clients/A')).body;
    expect(await listed()).to.have.nested.property('data[0].connected', true);
    answer(200);
    await rig.emqx.webhooks.settled();
    expect(await listed()).to.deep.equal({ data: [], code: 0 });
  });

  it('keeps a QoS 1 message waiting for its PUBACK, and the ones behind it', async () => {
    const client = await rig.client('A');
    const answers: ((status: number) => void)[] = [];
    rig.receiver.answerWith(() => new Promise((resolve) => void answers.push(resolve)));
    const done: string[] = [];
    const both = ['1', '2'].map((text) =>
      client.publishAsync(OUTPUT, text, { qos: 1 }).then(() => done.push(text)),
    );
    await rig.receiver.until(() => answers.length === 1);
    expect(done).to.deep.equal([]);
    answers[0]?.(200);
    await both[0];
    await rig.receiver.until(() => answers.length === 2);
    expect(done).to.deep.equal(['1']);
    answers[1]?.(200);
    await both[1];
  });

  it('loses an event that is refused, and never tells it again', async () => {
    rig.receiver.answerWith(() => 503);
    const client = await rig.client('A');
    await client.publishAsync(OUTPUT, 'lost', { qos: 1 });
    expect(rig.emqx.webhooks.dropped).to.have.lengthOf(2);
    rig.receiver.answerWith(() => 200);
    await client.publishAsync(OUTPUT, 'taken', { qos: 1 });
    expect(rig.receiver.hooks.map(({ body }) => body.payload)).to.deep.equal([undefined, 'lost', 'taken']);
    expect(rig.emqx.webhooks.sent.map(({ status }) => status)).to.deep.equal([503, 503, 200]);
  });

  it('lets the client in after five seconds without an answer, and the event is lost', async () => {
    rig.receiver.answerWith(() => new Promise(() => undefined));
    const start = Date.now();
    await rig.client('A');
    expect(Date.now() - start).to.be.at.least(4900);
    expect(rig.emqx.webhooks.dropped.map(({ event, status }) => [event, status])).to.deep.equal([
      ['client_connected', 'timeout'],
    ]);
  });

  it('lets the client in at once where nobody listens', async () => {
    await rig.receiver.close();
    await rig.client('A');
    expect(rig.emqx.webhooks.dropped).to.have.lengthOf(1);
  });

  it('tells of a goodbye only after what the client waited for', async () => {
    let answer: (status: number) => void = () => undefined;
    rig.receiver.answerWith(() => new Promise((resolve) => (answer = resolve)));
    const socket = rig.silent('A', 60);
    await rig.receiver.until(() => rig.receiver.hooks.length === 1);
    rig.receiver.answerWith(() => 200);
    answer(200);
    (await socket).destroy();
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
    expect(rig.receiver.hooks.map(({ body }) => body.action)).to.deep.equal([
      'client_connected',
      'client_disconnected',
    ]);
  });

  it('holds REST up as well, where the topic is one that it tells of', async () => {
    let answer: (status: number) => void = () => undefined;
    rig.receiver.answerWith(() => new Promise((resolve) => (answer = resolve)));
    let isDone = false;
    const call = rig.rest('POST', '/api/v4/mqtt/publish', { topic: OUTPUT, payload: 'x' }).then((got) => {
      isDone = true;
      return got;
    });
    await rig.receiver.until(() => rig.receiver.hooks.length === 1);
    expect(isDone).to.equal(false);
    answer(200);
    expect((await call).body).to.deep.equal({ code: 0 });
  });
});

describe('EMQX stand-in: webhooks of 5 and 6', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());
  const events = () => rig.receiver.hooks.map(({ body }) => body.event);

  it('does not let a client wait', async () => {
    rig = await openRig({ version: '5.8' });
    rig.receiver.answerWith(() => new Promise(() => undefined));
    const client = await rig.client('A');
    await client.publishAsync(OUTPUT, '1', { qos: 1 });
    await rig.receiver.until(() => rig.receiver.hooks.length === 2);
  });

  for (const [why, status] of [
    ['429', 429],
    ['503', 503],
    ['a connection that was cut', null],
  ] as const) {
    it(`repeats after ${why}, in order, until it is taken`, async () => {
      rig = await openRig({ version: '5.0', webhook: { presence: { window: 1 } } });
      let refusals = 3;
      rig.receiver.answerWith(() => (refusals-- > 0 ? status : 200));
      const client = await rig.client('A');
      await client.endAsync();
      await rig.receiver.until(() => rig.receiver.hooks.length === 5);
      const [connected, disconnected] = ['client.connected', 'client.disconnected'];
      expect(events()).to.deep.equal([connected, connected, connected, connected, disconnected]);
      await rig.emqx.webhooks.settled();
      expect(rig.emqx.webhooks.dropped).to.deep.equal([]);
    });
  }

  it('repeats where nobody listens', async () => {
    rig = await openRig({ version: '6.2' });
    await rig.receiver.close();
    await rig.client('A');
    const { sent } = rig.emqx.webhooks;
    while (sent.length < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ status }) => status)).to.include('refused');
    expect(rig.emqx.webhooks.dropped).to.deep.equal([]);
  });

  it('drops the oldest of those that wait, when its buffer is full', async () => {
    rig = await openRig({ version: '5.8', webhook: { presence: { window: 1, bufferBytes: 2048 } } });
    let answer: (status: number) => void = () => undefined;
    rig.receiver.answerWith(() => new Promise((resolve) => (answer = resolve)));
    await rig.emqx.addClients(['A']);
    await rig.receiver.until(() => rig.receiver.hooks.length === 1);
    await rig.emqx.addClients(['B', 'C', 'D', 'E']);
    const dropped = rig.emqx.webhooks.dropped.map(({ clientid, status }) => [clientid, status]);
    expect(dropped).to.deep.equal([['B', 'overflow']]);
    rig.receiver.answerWith(() => 200);
    answer(200);
    await rig.emqx.webhooks.settled();
    expect(rig.receiver.hooks.map(({ body }) => body.clientid)).to.deep.equal(['A', 'C', 'D', 'E']);
  });

  it('does not send what is too old', async () => {
    rig = await openRig({ version: '5.8', webhook: { presence: { window: 1, ttlMs: runsOut(30) } } });
    rig.receiver.answerWith(() => 503);
    await rig.emqx.addClients(['A', 'B']);
    await rig.emqx.webhooks.settled();
    const dropped = rig.emqx.webhooks.dropped.map(({ clientid, status }) => [clientid, status]);
    expect(dropped).to.deep.equal([
      ['A', 'expired'],
      ['B', 'expired'],
    ]);
  });

  it('sends what was not taken one by one and in order, and then the rest side by side', async () => {
    rig = await openRig({
      version: '5.8',
      webhook: { presence: { window: 4, connections: 4, healthCheckMs: runsOut(100) } },
    });
    const first = ['A', 'B', 'C', 'D'];
    const refused = new Map(first.map((clientid) => [clientid, 3]));
    const taken: unknown[] = [];
    rig.receiver.answerWith(({ body }) => {
      const left = refused.get(String(body.clientid)) ?? 0;
      refused.set(String(body.clientid), left - 1);
      if (left > 0) return 503;
      taken.push(body.clientid);
      return 200;
    });
    await rig.emqx.addClients([...first, 'E', 'F']);
    await rig.emqx.webhooks.settled();
    expect(taken.slice(0, 4)).to.deep.equal(first);
    expect(taken.slice(4)).to.have.members(['E', 'F']);
  });

  for (const status of [400, 401, 404, 500, 502]) {
    it(`loses an event that is answered with ${status}`, async () => {
      rig = await openRig({ version: '5.8' });
      rig.receiver.answerWith(() => status);
      await rig.client('A');
      await rig.receiver.until(() => rig.receiver.hooks.length === 1);
      await rig.emqx.webhooks.settled();
      expect(rig.emqx.webhooks.dropped.map(({ event, status: answer }) => [event, answer])).to.deep.equal([
        ['client.connected', status],
      ]);
    });
  }

  it('5.8 and 6.2 say in a disconnect to which connection it belongs, 5.0 does not', async () => {
    for (const version of ['5.0', '5.8', '6.2'] as const) {
      rig = await openRig({ version });
      await (await rig.client('A')).endAsync();
      await rig.receiver.until(() => rig.receiver.hooks.length === 2);
      const [connected, disconnected] = rig.receiver.hooks;
      const wanted = version === '5.0' ? undefined : connected?.body.connected_at;
      expect(disconnected?.body.connected_at, version).to.equal(wanted);
      if (version !== '6.2') await rig.closeAll();
    }
  });

  it('sends the columns of our rule where payloads are base64', async () => {
    rig = await openRig({ version: '5.8', webhook: { payloads: 'base64' } });
    const client = await rig.client('A', { username: 'gw' });
    await client.publishAsync(OUTPUT, Buffer.from([0xff, 0]), { qos: 1 });
    await rig.receiver.until(() => events().includes('message.publish'));
    const body = rig.receiver.hooks.map((hook) => hook.body).find(({ event }) => event === 'message.publish');
    expect(body).to.have.all.keys(
      ...['event', 'id', 'clientid', 'username', 'topic', 'qos', 'flags', 'payload', 'payload_encoding'],
      ...['publish_received_at', 'timestamp', 'node'],
    );
    expect(body).to.include({ payload: '/wA=', payload_encoding: 'base64', clientid: 'A', username: 'gw' });
  });

  it('tells of no message outside the topics of the gateways', async () => {
    rig = await openRig({ version: '5.8' });
    const manager = await rig.client('M', { username: 'tpedm', password: 'manager' });
    await manager.publishAsync('/tpedm/A/input', 'request', { qos: 1 });
    await manager.publishAsync(OUTPUT, 'answer', { qos: 1 });
    await rig.receiver.until(() => events().includes('message.publish'));
    await rig.emqx.webhooks.settled();
    expect(events().filter((event) => event === 'message.publish')).to.have.lengthOf(1);
  });
});

describe('EMQX stand-in: what tests do with webhooks', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());

  it('turns the goodbye of an old connection and the coming of the new one round', async () => {
    for (const version of ['4.4', '5.0', '5.8'] as const) {
      rig = await openRig({ version });
      const old = await rig.client('A');
      await rig.emqx.webhooks.settled();
      rig.emqx.webhooks.hold();
      const isGone = closed(old);
      old.stream.destroy();
      await isGone;
      while (rig.emqx.webhooks.held().length < 1) await new Promise((resolve) => setImmediate(resolve));
      const coming = rig.client('A');
      while (rig.emqx.webhooks.held().length < 2) await new Promise((resolve) => setImmediate(resolve));
      await rig.emqx.webhooks.release((held) => held.toReversed());
      await coming;
      const [, second, third] = rig.receiver.hooks.map(({ body }) => String(body.action ?? body.event));
      expect([second, third], version).to.deep.equal(
        version === '4.4'
          ? ['client_connected', 'client_disconnected']
          : ['client.connected', 'client.disconnected'],
      );
      if (version !== '5.8') await rig.closeAll();
    }
  });

  it('sends twice, and leaves out', async () => {
    rig = await openRig({ version: '5.8' });
    rig.emqx.webhooks.hold();
    await rig.emqx.addClients(['A', 'B']);
    await rig.emqx.webhooks.release(([first]) => (first ? [first, first] : []));
    await rig.emqx.webhooks.settled();
    expect(rig.receiver.hooks.map(({ body }) => body.clientid)).to.deep.equal(['A', 'A']);
  });

  it('4.4: what is held for too long is lost', async () => {
    rig = await openRig({ version: '4.4', webhook: { patienceMs: runsOut(50) } });
    rig.emqx.webhooks.hold();
    await rig.client('A');
    await rig.emqx.webhooks.release();
    expect(rig.receiver.hooks).to.deep.equal([]);
    expect(rig.emqx.webhooks.dropped).to.have.lengthOf(1);
  });
});
