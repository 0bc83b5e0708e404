import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../support/certificates.js';
import { logInAtEditor } from '../support/editor-login.js';
import { startEmqx } from '../support/emqx/index.js';
import { freePort } from '../support/free-port.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const MOSQUITTO = '/usr/sbin/mosquitto';

/** A real Mosquitto that lets nobody in without a certificate of its authority. */
async function startMosquitto(port: number): Promise<{ folder: string; child: ChildProcess }> {
  const folder = temporaryFolder();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const lines = [
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    'allow_anonymous true',
    `listener ${port} 127.0.0.1`,
    `certfile ${file('cert.pem', SERVER_CERTIFICATE)}`,
    `keyfile ${file('key.pem', SERVER_KEY)}`,
    `cafile ${file('ca.pem', CA_CERTIFICATE)}`,
    'require_certificate true',
  ];
  const child = spawn(MOSQUITTO, ['-c', file('mosquitto.conf', `${lines.join('\n')}\n`)], {
    stdio: 'ignore',
  });
  while (!(await answers(port))) expect(child.exitCode, 'mosquitto').to.equal(null);
  return { folder, child };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== null));
    socket.once('error', () => setTimeout(() => resolve(false), 20));
  });
}

describe('flows: a TLS configuration of Node-RED', () => {
  let broker: Awaited<ReturnType<typeof startMosquitto>>;
  let nodeRed: NodeRedProcess;
  let port: number;

  before(async function () {
    skipWithout(this, 'mosquitto', existsSync(MOSQUITTO));
    port = await freePort();
    broker = await startMosquitto(port);
    const of = (name: string) => join(broker.folder, `${name}.pem`);
    const at = { z: 'tab', x: 0, y: 0 };
    const tls = {
      type: 'tls-config',
      certname: '',
      keyname: '',
      caname: '',
      servername: '',
      verifyservercert: true,
    };
    const server = {
      type: 'tpe-server',
      registry: 'embedded',
      broker: 'mqtt',
      url: `mqtts://localhost:${port}`,
    };
    const asking = {
      type: 'tpe-command',
      server: 'server',
      action: 'send',
      whenOffline: 'fail',
      timeout: '20',
    };
    const flow = [
      { id: 'tab', type: 'tab', label: 'tls' },
      { id: 'tls-own', ...tls, name: 'own', cert: of('cert'), key: of('key'), ca: of('ca') },
      { id: 'tls-none', ...tls, name: 'none', cert: '', key: '', ca: of('ca') },
      { id: 'server', ...server, tls: 'tls-own' },
      { id: 'fleet', ...at, type: 'tpe-simulator', server: 'server', count: '2', wires: [[]] },
      { id: 'in', ...at, type: 'http in', url: '/api/ask', method: 'post', wires: [['name']] },
      {
        ...{ id: 'name', ...at, type: 'change', wires: [['ask']] },
        rules: [{ t: 'set', p: 'clientid', pt: 'msg', to: 'payload.clientid', tot: 'msg' }],
      },
      {
        id: 'ask',
        ...at,
        ...asking,
        timeoutType: 'num',
        path: '/device/general',
        pathType: 'str',
        wires: [['out'], ['out']],
      },
      { id: 'out', ...at, type: 'http response', wires: [] },
    ];
    nodeRed = await startNodeRed({ flow });
  });
  after(async () => {
    await nodeRed?.stop();
    const ended = broker && once(broker.child, 'exit');
    broker?.child.kill();
    await ended;
  });

  async function ask(clientid: string): Promise<{ data?: object; code?: string }> {
    const answer = await fetch(`${nodeRed.url}/api/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${nodeRed.token}` },
      body: JSON.stringify({ clientid }),
    });
    return (await answer.json()) as { data?: object; code?: string };
  }

  it('carries commands and answers, also of the virtual gateways, with its certificate', async () => {
    let answer = await ask('virtual-0001');
    // The gateways have just been started.
    while (answer.code !== undefined) answer = await ask('virtual-0001');
    expect(answer.data).to.have.property('serialNumber');
  });

  it('is tried by the Test button, which says what the broker thinks of it', async () => {
    const { token } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
    const test = async (config: object) => {
      const answer = await fetch(`${nodeRed.url}/tpe-server/test`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ id: 'new', credentials: {}, config: { broker: 'mqtt', ...config } }),
      });
      return JSON.stringify(await answer.json());
    };
    const url = `mqtts://localhost:${port}`;
    expect(await test({ url, tls: 'tls-own' })).to.contain('accepted the connection and the subscription');
    expect(await test({ url, tls: 'tls-none' })).to.contain('refused the connection');
    expect(await test({ url })).to.contain('refused the connection');
    expect(await test({ url, tls: 'gone' })).to.contain('is missing or disabled');
    expect(await test({ url: `mqtt://localhost:${port}`, tls: 'tls-own' })).to.contain(
      'must begin with mqtts://',
    );
  });

  it('is for the REST API of EMQX too: with its certificate, and with nothing else', async () => {
    const emqx = await startEmqx({ version: '5.8', apiKey: 'key', apiSecret: 'secret' });
    const door = createTlsServer(
      { cert: SERVER_CERTIFICATE, key: SERVER_KEY, ca: CA_CERTIFICATE, requestCert: true },
      (socket) => {
        const { port: apiPort, hostname } = new URL(emqx.apiUrl);
        const inner = connect(Number(apiPort), hostname);
        socket.pipe(inner).pipe(socket);
        for (const end of [socket, inner]) end.on('error', () => [socket, inner].map((one) => one.destroy()));
      },
    );
    door.on('tlsClientError', () => undefined);
    try {
      door.listen(0, '127.0.0.1');
      await once(door, 'listening');
      const apiUrl = `https://localhost:${(door.address() as AddressInfo).port}`;
      const { token } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
      const test = async (config: object) => {
        const answer = await fetch(`${nodeRed.url}/tpe-server/test`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({
            id: 'new',
            credentials: { apiKey: 'key', apiSecret: 'secret' },
            config: { broker: 'emqx', apiUrl, ...config },
          }),
        });
        return JSON.stringify(await answer.json());
      };
      expect(await test({ apiTls: 'tls-own' })).to.contain('EMQX 5.8');
      expect(await test({ apiTls: 'tls-none' })).not.to.contain('EMQX 5.8');
      expect(await test({})).not.to.contain('EMQX 5.8');
      expect(await test({ apiTls: 'gone' })).to.contain('API TLS: the selected TLS configuration');
      expect(await test({ apiTls: 'tls-own', apiUrl: emqx.apiUrl })).to.contain('must begin with https://');
    } finally {
      door.close();
      await emqx.stop();
    }
  });
});
