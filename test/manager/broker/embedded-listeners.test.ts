import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectAsync } from 'mqtt';
import { createEmbeddedBroker } from '../../../nodes/manager/broker/embedded/embedded-broker.js';
import type { ClientConnected, ClientDisconnected } from '../../../nodes/manager/broker/events.js';
import type { EmbeddedOptions } from '../../../nodes/manager/broker/options.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.js';
import { freePort } from '../../support/free-port.js';
import { openRig, PASSWORD, type Rig } from './embedded-rig.js';

describe('embedded broker: listeners', () => {
  let folder: string;
  let certFile: string;
  let keyFile: string;
  let rig: Rig | null = null;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tpe-broker-'));
    certFile = join(folder, 'cert.pem');
    keyFile = join(folder, 'key.pem');
    writeFileSync(certFile, SERVER_CERTIFICATE);
    writeFileSync(keyFile, SERVER_KEY);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await rig?.close();
    rig = null;
  });

  const login = { clientId: 'A', username: 'user', password: PASSWORD, reconnectPeriod: 0 };

  it('speaks MQTT over TLS and over WebSocket beside TCP, each on its port', async () => {
    rig = await openRig({ tls: { port: 0, certFile, keyFile }, webSocket: { port: 0 } });
    const { tcp, tls, webSocket } = rig.broker.ports!;
    expect(rig.broker.health()).to.deep.equal({
      connected: true,
      detail: `listening on 127.0.0.1:${tcp}, TLS 127.0.0.1:${tls}, WebSocket 127.0.0.1:${webSocket}`,
    });
    const ca = CA_CERTIFICATE;
    for (const [clientId, url, lost] of [
      ['secure', `mqtts://localhost:${tls}`, 'ssl_closed'],
      ['web', `ws://127.0.0.1:${webSocket}/mqtt`, 'tcp_closed'],
    ] as const) {
      const client = await connectAsync(url, { ...login, clientId, ca }, false);
      client.on('error', () => undefined);
      const begun = (await rig.seen({ type: 'connected', clientid: clientId })) as ClientConnected;
      expect(begun.ipAddress).to.equal('127.0.0.1');
      await client.subscribeAsync(`/tpedm/${clientId}/input`, { qos: 1 });
      const arrived = new Promise<string>((resolve) =>
        client.once('message', (_topic, text) => resolve(String(text))),
      );
      await rig.broker.publish({ topic: `/tpedm/${clientId}/input`, payload: 'ask' });
      expect(await arrived).to.equal('ask');
      const answer = Buffer.alloc(300_000, 'z');
      await client.publishAsync(`/tpedm/${clientId}/output`, answer, { qos: 1 });
      await rig.seen({ type: 'message', clientid: clientId });
      client.stream.destroy();
      const end = (await rig.seen({ type: 'disconnected', clientid: clientId })) as ClientDisconnected;
      expect(end.reason).to.equal(lost);
    }
  });

  it('tells a WebSocket client its refusal too', async () => {
    rig = await openRig({ webSocket: { port: 0 } });
    const url = `ws://127.0.0.1:${rig.broker.ports!.webSocket}`;
    const refused = await connectAsync(url, { ...login, password: 'wrong' }, false).catch(
      (error: unknown) => error,
    );
    expect((refused as { code?: number }).code).to.equal(4);
  });

  it('ends a WebSocket client that sends too much, and goes on', async () => {
    rig = await openRig({ webSocket: { port: 0 } });
    const client = await connectAsync(`ws://127.0.0.1:${rig.broker.ports!.webSocket}`, login, false);
    client.on('error', () => undefined);
    client.publish('/tpedm/A/output', Buffer.alloc(2_000_000), { qos: 1 });
    await rig.seen({ type: 'disconnected', clientid: 'A' });
    expect((await rig.connect('B')).connected).to.equal(true);
  });

  it('answers a browser that comes by HTTP', async () => {
    rig = await openRig({ webSocket: { port: 0 } });
    const response = await fetch(`http://127.0.0.1:${rig.broker.ports!.webSocket}/`);
    expect(response.status).to.equal(426);
  });

  it('says in one line which port is taken, and leaves no other one open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const free = await freePort();
    for (const options of [
      { port },
      { port: free, tls: { port, certFile, keyFile } },
      { port: free, webSocket: { port } },
    ]) {
      const error = await faultOf(options);
      expect(error.code).to.equal('CONFLICT');
      expect(error.message).to.include(`127.0.0.1:${port}`).and.include('another port').and.not.include('\n');
    }
    rig = await openRig({ port: free });
    expect(rig.port).to.equal(free);
    taken.close();
  });

  it('says what is wrong with an address or a certificate', async () => {
    const address = await faultOf({ host: '192.0.2.1' });
    expect(address.code).to.equal('INVALID_INPUT');
    expect(address.message).to.include('192.0.2.1').and.include('no such address');
    const missing = await faultOf({ tls: { port: 0, certFile: join(folder, 'none.pem'), keyFile } });
    expect(missing.message).to.include('none.pem').and.include('cannot be read');
    const broken = join(folder, 'broken.pem');
    writeFileSync(broken, 'no certificate');
    const unusable = await faultOf({ tls: { port: 0, certFile: broken, keyFile } });
    expect(unusable.code).to.equal('INVALID_INPUT');
    expect(unusable.message).to.include('broken.pem').and.include('cannot be used');
  });

  async function faultOf(options: Partial<EmbeddedOptions>): Promise<TpeError> {
    const broker = createEmbeddedBroker(
      { port: 0, ...options },
      {
        topics: makeTopics(DEFAULT_TOPICS),
        authenticate: async () => 'accepted',
        log: { info: () => undefined, warn: () => undefined },
      },
    );
    try {
      await broker.open(async () => undefined);
    } catch (error) {
      expect(error).to.be.instanceOf(TpeError);
      expect(broker.ports).to.equal(null);
      return error as TpeError;
    } finally {
      await broker.close();
    }
    throw new Error('it opened');
  }
});
