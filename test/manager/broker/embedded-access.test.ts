import { expect } from 'chai';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { nextMessage, openRig, PASSWORD, type Rig, refusalOf } from './embedded-rig.js';

describe('embedded broker: who may do what', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('lets in MQTT 3.1 and 3.1.1 clients with their password and refuses the others with code 4', async () => {
    rig = await openRig();
    expect((await rig.connect('three', { protocolId: 'MQIsdp', protocolVersion: 3 })).connected).to.equal(
      true,
    );
    expect((await rig.connect('x'.repeat(100))).connected).to.equal(true);
    expect(await refusalOf(rig.connect('a', { password: 'wrong' }))).to.equal(4);
    expect(await refusalOf(rig.connect('b', { username: undefined, password: undefined }))).to.equal(4);
    expect(await refusalOf(rig.connect('c', { password: undefined }))).to.equal(4);
    expect(rig.warnings.join('\n')).to.include('"a" from 127.0.0.1 was refused: wrong password');
    expect(rig.warnings.join('\n')).not.to.include(PASSWORD);
  });

  it('refuses MQTT 5 with the code for it', async () => {
    rig = await openRig();
    expect(await refusalOf(rig.connect('five', { protocolVersion: 5 }))).to.be.oneOf([1, 132]);
  });

  it('refuses client ids that cannot be one topic level, whatever the registry would say', async () => {
    rig = await openRig({}, { authenticate: async () => 'accepted' });
    for (const clientid of ['', '+', '#', 'a/b', 'a\u0001', '$SYS', 'x'.repeat(101)]) {
      expect(await refusalOf(rig.connect(clientid)), JSON.stringify(clientid)).to.equal(2);
    }
    const odd = [
      '🏭-1',
      '<script>alert(1)</script>'.replace('/', ''),
      `'; drop table mqtt_user; --`,
      '__proto__',
    ];
    for (const clientid of odd) {
      const client = await rig.connect(clientid);
      await client.publishAsync(`/tpedm/${clientid}/output`, 'x', { qos: 1 });
      await rig.seen({ type: 'message', clientid, topic: `/tpedm/${clientid}/output` });
      expect((await rig.broker.getClient(clientid))?.clientid).to.equal(clientid);
    }
  });

  it('tells a disabled gateway 5, and all 3 while the registry is away', async () => {
    let registry: () => Promise<'disabled'> = async () => 'disabled';
    rig = await openRig({}, { authenticate: () => registry() });
    expect(await refusalOf(rig.connect('a'))).to.equal(5);
    registry = () => Promise.reject(new TpeError('UNAVAILABLE', 'no database'));
    expect(await refusalOf(rig.connect('a'))).to.equal(3);
    const told = rig.events.map((event) => [event.type, event.type === 'refused' && event.reason]);
    expect(told).to.deep.equal([
      ['refused', 'disabled'],
      ['refused', 'unavailable'],
    ]);
  });

  it('slows down guessing for one client id at one address, and leaves the others alone', async () => {
    let asked = 0;
    rig = await openRig(
      {},
      {
        authenticate: async (_clientid, _username, password) => {
          asked += 1;
          return password === PASSWORD ? 'accepted' : 'wrong_password';
        },
      },
    );
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await refusalOf(rig.connect('victim', { password: `guess ${attempt}` }))).to.equal(4);
    }
    expect(await refusalOf(rig.connect('victim', { password: 'guess 6' }))).to.equal(3);
    expect(asked).to.equal(5);
    expect((await rig.connect('other')).connected).to.equal(true);
  });

  it('drops what a client publishes on topics of others, without disconnecting it', async () => {
    rig = await openRig({}, { topics: { telemetry: ['plant/{clientid}/#', 'alarms/+'] } });
    const [a, b] = await Promise.all([rig.connect('A'), rig.connect('B')]);
    const got: string[] = [];
    b.on('message', (topic) => void got.push(topic));
    await b.subscribeAsync('/tpedm/B/input', { qos: 1 });
    for (const topic of [
      '/tpedm/B/input',
      '/tpedm/A/input',
      '/tpedm/B/output',
      'plant/B/x',
      'free/topic',
      '$SYS/x',
      '$tpedm/nowhere',
    ]) {
      await a.publishAsync(topic, 'evil', { qos: 1 });
      await a.publishAsync(topic, 'evil', { qos: 2 });
    }
    await a.publishAsync('/tpedm/A/output', 'own', { qos: 1 });
    await a.publishAsync('plant/A/x', 'own', { qos: 1 });
    await a.publishAsync('alarms/fire', 'own', { qos: 2 });
    const taken = rig.events.flatMap((event) =>
      event.type === 'message' ? [[event.topic, event.clientid]] : [],
    );
    expect(taken).to.deep.equal([
      ['/tpedm/A/output', 'A'],
      ['plant/A/x', 'A'],
      ['alarms/fire', 'A'],
    ]);
    expect(a.connected).to.equal(true);
    expect(rig.warnings.filter((text) => text.includes('may not publish'))).to.have.length(1);
    // What was refused would have come before this.
    const arrived = nextMessage(b);
    await rig.broker.publish({ topic: '/tpedm/B/input', payload: 'from us' });
    await arrived;
    expect(got).to.deep.equal(['/tpedm/B/input']);
  });

  it('grants the own request topic and refuses every filter that reaches further', async () => {
    rig = await openRig();
    const client = await rig.connect('A');
    const own = await client.subscribeAsync('/tpedm/A/input', { qos: 1 });
    expect(own[0]?.qos).to.equal(1);
    for (const filter of [
      '#',
      '/#',
      '+/+/+/+',
      '/tpedm/+/input',
      '/tpedm/OTHER/input',
      '/tpedm/A/#',
      '$SYS/#',
    ]) {
      const refused = await client.subscribeAsync(filter, { qos: 1 }).catch((error: unknown) => error);
      expect(refused, filter).to.be.instanceOf(Error);
      expect((refused as Error).message).to.include('Subscribe error');
    }
    expect(client.connected).to.equal(true);
  });

  it('holds a will to the same rules', async () => {
    rig = await openRig({}, { topics: { telemetry: ['plant/#'] } });
    const will = (topic: string) => ({
      will: { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: true },
    });
    for (const [clientid, topic] of [
      ['A', '/tpedm/B/input'],
      ['B', '/tpedm/A/output'],
      ['C', 'plant/+'],
      ['D', '/tpedm/D/output'],
    ] as const) {
      (await rig.connect(clientid, will(topic))).stream.destroy();
      await rig.seen({ type: 'disconnected', clientid });
    }
    await rig.seen({ type: 'message', clientid: 'D', topic: '/tpedm/D/output', retain: true });
    expect(rig.events.filter((event) => event.type === 'message')).to.have.length(1);
  });
});
