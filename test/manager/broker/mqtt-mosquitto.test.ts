import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectAsync, type MqttClient } from 'mqtt';
import { TpeError } from '../../../nodes/manager/tpe-error.js';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.js';
import { nextMessage, until } from './embedded-rig.js';
import { type MqttRig, openMqttRig } from './mqtt-rig.js';

const MOSQUITTO = '/usr/sbin/mosquitto';
const LOGIN = { username: 'tpedm', password: 'correct horse' };
const MANAGER = { ...LOGIN, clientId: 'tpedm-test' };
const REQUEST = { topic: '/tpedm/A/input', payload: '{"path":"/device/general"}' };

describe('a real Mosquitto', () => {
  let folder: string;
  let port: number;
  let tlsPort: number;
  let server: ChildProcess | null = null;
  let rig: MqttRig | null = null;
  const gateways: MqttClient[] = [];

  before(async function () {
    if (!existsSync(MOSQUITTO)) {
      console.log('      mosquitto is not installed: skipped');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'tpe-mosquitto-'));
    [port, tlsPort] = [await freePort(), await freePort()];
    configure();
    await start();
  });
  after(async () => {
    await stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.endAsync(true);
    await rig?.broker.close();
    rig = null;
  });

  const url = () => `mqtt://127.0.0.1:${port}`;
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
    await stop();
    await isHealthy(false);
    expect(await broker.publish(REQUEST)).to.have.property('accepted', false);
    await start();
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
    await stop();
    await isHealthy(false);
    await start();
    await isHealthy(true);
    expect(stored.size).to.equal(0);
    isAway = false;
    await until(() => stored.size === many.length);
    expect([...stored]).to.deep.equal(many);
  });

  it('speaks TLS with the CA file, and says what is wrong without it', async () => {
    const caFile = join(folder, 'ca.pem');
    const trusted = await open({ url: `mqtts://localhost:${tlsPort}`, caFile });
    expect(trusted.broker.health().connected).to.equal(true);
    await trusted.broker.close();
    const unknown = await open({ url: `mqtts://localhost:${tlsPort}` });
    expect(unknown.broker.health().detail).to.include('unknown CA');
    await unknown.broker.close();
    const otherHost = await open({ url: `mqtts://127.0.0.1:${tlsPort}`, caFile });
    expect(otherHost.broker.health().detail).to.include('for another host name');
    await otherHost.broker.close();
    const noTls = await open({ url: `mqtts://localhost:${port}`, caFile });
    expect(noTls.broker.health().detail).to.match(/no TLS on that port|cut the connection/);
  });

  function configure(): void {
    writeFileSync(join(folder, 'cert.pem'), SERVER_CERTIFICATE);
    writeFileSync(join(folder, 'key.pem'), SERVER_KEY);
    writeFileSync(join(folder, 'ca.pem'), CA_CERTIFICATE);
    execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), LOGIN.username, LOGIN.password]);
    const lines = [
      'per_listener_settings false',
      'allow_anonymous false',
      `password_file ${join(folder, 'passwords')}`,
      'persistence true',
      `persistence_location ${folder}/`,
      // Run by root it would change to its own user, who may not read this folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      `listener ${port} 127.0.0.1`,
      `listener ${tlsPort}`,
      `certfile ${join(folder, 'cert.pem')}`,
      `keyfile ${join(folder, 'key.pem')}`,
    ];
    writeFileSync(join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
  }

  async function start(): Promise<void> {
    const child = spawn(MOSQUITTO, ['-c', join(folder, 'mosquitto.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (text) => {
      complaint += text;
    });
    server = child;
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`mosquitto did not start: ${complaint}`);
    }
  }

  async function stop(): Promise<void> {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 20));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
