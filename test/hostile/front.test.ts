import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { logInAtDashboard } from '../support/dashboard-socket.js';
import { untilDeployed } from '../support/deploy-flows.js';
import { logInAtEditor } from '../support/editor-login.js';
import { freePort } from '../support/free-port.js';
import type { Route } from '../support/list-routes.js';
import {
  type NodeRedProcess,
  PROJECT_ROOT,
  startNodeRed,
  temporaryFolder,
} from '../support/node-red-process.js';
import { examplePath } from '../support/route-examples.js';

const FLOW = [
  { id: 'tab', type: 'tab', label: 'front' },
  {
    id: 'ui',
    type: 'ui-base',
    name: 'Dashboard',
    path: '/dashboard',
    includeClientData: true,
    acceptsClientConfig: ['ui-notification', 'ui-control'],
  },
  { id: 'theme', type: 'ui-theme', name: 'Theme', colors: {}, sizes: {} },
  {
    ...{ id: 'page', type: 'ui-page', name: 'Page', ui: 'ui', path: '/page', layout: 'grid' },
    theme: 'theme',
  },
  { id: 'group', type: 'ui-group', name: 'Group', page: 'page', width: '6', order: 1 },
  { id: 'text', type: 'ui-text', z: 'tab', name: 'Text', group: 'group', wires: [] },
  { id: 'server', type: 'tpe-server', name: 'Server', broker: 'auto' },
  { id: 'status', type: 'tpe-status', z: 'tab', server: 'server', wires: [[]] },
  { id: 'own', type: 'http in', z: 'tab', url: '/own/:id', method: 'post', wires: [['answer']] },
  // They never answer.
  { id: 'slow', type: 'http in', z: 'tab', url: '/own/:id', method: 'get', wires: [[]] },
  { id: 'slower', type: 'http in', z: 'tab', url: '/own/:id', method: 'put', wires: [[]] },
  { id: 'rest', type: 'http in', z: 'tab', url: '/api/own', method: 'post', wires: [['answer']] },
  // A flow that takes all that nobody else takes opens nothing of the editor.
  { id: 'all', type: 'http in', z: 'tab', url: '/*', method: 'post', wires: [['answer']] },
  { id: 'answer', type: 'http response', z: 'tab', statusCode: '200', wires: [] },
];
const FOREIGN = 'http://evil.example';
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

describe('hostile: callers whom nobody knows', () => {
  let nodeRed: NodeRedProcess;
  let token: string;
  let routesPort: number;
  const sockets = new Set<{ destroy(): void }>();

  before(async () => {
    const folder = temporaryFolder();
    const settings = join(folder, 'settings.js');
    const ours = JSON.stringify(join(PROJECT_ROOT, 'settings.js'));
    const cors = JSON.stringify({ origin: '*', methods: 'GET,POST' });
    writeFileSync(settings, `module.exports = { ...require(${ours}), httpNodeCors: ${cors} };`);
    routesPort = await freePort();
    const listing = join(PROJECT_ROOT, 'dist/test/support/list-routes.js');
    nodeRed = await startNodeRed({
      ...{ flow: FLOW, settings },
      env: {
        NODE_OPTIONS: `--require ${listing}`,
        ROUTES_PORT: String(routesPort),
        TPE_SIMULATED_GATEWAYS: '0',
      },
    });
    token = (await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword)).token ?? '';
  });
  after(() => nodeRed?.stop());
  afterEach('and the server goes on', async () => {
    expect((await send('GET', '/auth/login')).status, nodeRed.log()).to.equal(200);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  });

  const port = () => Number(new URL(nodeRed.url).port);

  function send(
    method: string,
    path: string,
    { body = '', from = '127.0.0.1', ...headers }: Record<string, string> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: port(),
        method,
        path,
        headers,
        localAddress: from,
        agent: false,
      };
      const request = httpRequest(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          request.destroy();
        });
      });
      request.on('error', reject).end(body);
    });
  }

  /** Begins a request by hand; `ended` resolves with all that came back, when the server has ended the connection. */
  async function begin(
    head: string,
    from = '127.0.0.1',
  ): Promise<{ socket: Socket; ended: Promise<string> }> {
    const socket = connect({ host: '127.0.0.1', port: port(), localAddress: from });
    sockets.add(socket);
    await once(socket, 'connect');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    const ended = once(socket, 'close').then(() => text);
    socket.write(`${head}\r\nHost: 127.0.0.1:${port()}\r\n`);
    return { socket, ended };
  }

  /** As send; where the server is busy with sign-ins of before, again when it says. */
  async function servedAnswer(...given: Parameters<typeof send>): Promise<Answer> {
    for (;;) {
      const answer = await send(...given);
      if (answer.status !== 503) return answer;
      await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers['retry-after'] ?? 1)));
    }
  }

  const signIn = (fields: Record<string, string>) =>
    servedAnswer('POST', '/auth/token', {
      body: new URLSearchParams({
        ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '*' },
        ...fields,
      }).toString(),
      'content-type': FORM,
    });

  async function openComms(from = '127.0.0.1', headers: Record<string, string> = {}): Promise<WebSocket> {
    const socket = new WebSocket(`${nodeRed.url.replace('http', 'ws')}/comms`, {
      localAddress: from,
      headers,
    });
    sockets.add({ destroy: () => socket.terminate() });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('open', resolve).once('close', () => resolve()));
    return socket;
  }

  describe('sign in at the editor', () => {
    it('with a few kB and no more, which are not read', async () => {
      const announced = await begin('POST /auth/token HTTP/1.1');
      announced.socket.write(`Content-Type: ${FORM}\r\nContent-Length: 4900000\r\n\r\nusername=`);
      expect(await announced.ended).to.match(/^HTTP\/1\.1 413 /);
      const chunked = await begin('POST /AUTH/token/ HTTP/1.1');
      chunked.socket.write(`Content-Type: ${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      chunked.socket.write(`2000\r\n${'x'.repeat(0x2000)}\r\n`);
      expect(await chunked.ended).to.match(/^HTTP\/1\.1 413 /);
      for (const fields of [
        { username: 'x'.repeat(201), password: 'p' },
        { username: 'x', password: 'p'.repeat(1001) },
      ]) {
        const { status, text } = await signIn(fields);
        expect(status).to.equal(400);
        expect(JSON.parse(text)).to.include({ error: 'invalid_request' });
      }
      const json = { username: { toString: 'x' }, password: ['p'], grant_type: 'password' };
      const body = JSON.stringify(json);
      expect((await send('POST', '/auth/token', { body, 'content-type': JSON_TYPE })).status).to.equal(400);
    });

    it('as a form and as JSON', async () => {
      const right = { username: 'admin', password: nodeRed.adminPassword };
      expect((await signIn(right)).status).to.equal(200);
      const fields = { ...right, client_id: 'node-red-admin', grant_type: 'password', scope: '*' };
      const answer = await servedAnswer('POST', '/auth/token', {
        body: JSON.stringify(fields),
        'content-type': JSON_TYPE,
      });
      expect(answer.status, answer.text).to.equal(200);
      expect(JSON.parse(answer.text)).to.have.property('access_token');
    });
  });

  describe('send bodies', () => {
    it('to the editor that are small, until they sign in', async () => {
      const large = JSON.stringify({ flows: FLOW, filler: 'x'.repeat(4_000_000) });
      for (const more of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: `Bearer ${nodeRed.token}` },
      ]) {
        const { socket, ended } = await begin('POST /flows HTTP/1.1');
        const headers = { 'content-type': JSON_TYPE, 'content-length': String(large.length), ...more };
        for (const [name, value] of Object.entries(headers)) socket.write(`${name}: ${value}\r\n`);
        socket.write(`\r\n${large.slice(0, 1000)}`);
        expect(await ended).to.match(/^HTTP\/1\.1 401 /);
      }
      const chunked = await begin('POST /flows HTTP/1.1');
      chunked.socket.write(`Content-Type: ${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      chunked.socket.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`);
      expect(await chunked.ended).to.match(/^HTTP\/1\.1 413 /);

      const flows = [
        ...FLOW,
        { id: 'note', type: 'comment', z: 'tab', info: 'x'.repeat(4_000_000), wires: [] },
      ];
      const { status } = await untilDeployed(nodeRed, () =>
        send('POST', '/flows', {
          ...{ body: JSON.stringify(flows), authorization: `Bearer ${token}`, 'content-type': JSON_TYPE },
          'node-red-deployment-type': 'nodes',
        }),
      );
      expect(status).to.equal(204);
    });

    it('to REST never, without the token', async () => {
      for (const path of ['/api/own', '/API/own/', '/api/own?x=1']) {
        for (const more of ['', 'Authorization: Bearer wrong\r\n']) {
          const { socket, ended } = await begin(`POST ${path} HTTP/1.1`);
          socket.write(`${more}Content-Type: ${JSON_TYPE}\r\nContent-Length: 4000000\r\n\r\n{"a":`);
          expect(await ended, path).to.match(/^HTTP\/1\.1 (401|413) /);
        }
      }
    });

    it('to the dashboard that are small, until they sign in', async () => {
      const opened = await send('GET', '/dashboard/socket.io/?EIO=4&transport=polling');
      expect(opened.status).to.equal(200);
      const { sid } = JSON.parse(opened.text.slice(1)) as { sid: string };
      for (const path of [`/dashboard/socket.io/?EIO=4&transport=polling&sid=${sid}`, '/dashboard/login/']) {
        const { socket, ended } = await begin(`POST ${path} HTTP/1.1`);
        socket.write(`Content-Type: text/plain\r\nContent-Length: 5000000\r\n\r\n4`);
        expect(await ended, path).to.match(/^HTTP\/1\.1 413 /);
      }
    });

    it('to the dashboard a few times a minute, however they ask for no session', async () => {
      for (const [at, none] of ['', '&sid=', '&x=?sid=1', '&sid=1&sid=', '#?sid=1'].entries()) {
        const { socket, ended } = await begin('GET /auth/login HTTP/1.1', `127.0.0.${20 + at}`);
        const path = `/dashboard/socket.io/?EIO=4&transport=polling${none}`;
        socket.write('\r\n');
        for (let number = 1; number <= 70; number += 1) {
          const last = number === 70 ? 'Connection: close\r\n' : '';
          socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\n${last}\r\n`);
        }
        expect((await ended).match(/"sid":/g), none).to.have.length(60);
      }
    });

    it('that stand still only for a while, wherever they go', async () => {
      const paths = ['/own/1', '/flows', '/auth/token', '/anything', '/dashboard/login/'];
      const begun = await Promise.all(
        paths.map(async (path) => {
          const { socket, ended } = await begin(`POST ${path} HTTP/1.1`);
          socket.write(`Content-Type: ${JSON_TYPE}\r\nContent-Length: 4000\r\n\r\n{"a":`);
          return ended;
        }),
      );
      for (const [at, ended] of begun.entries()) expect(await ended, paths[at]).to.match(/^HTTP\/1\.1 408 /);
    });

    it('to their own http-in nodes, of any size that Node-RED takes, but not many at once from one address', async () => {
      const body = JSON.stringify({ a: 'x'.repeat(4_000_000) });
      const options = { body, 'content-type': JSON_TYPE };
      expect((await servedAnswer('POST', '/own/1', options)).status).to.equal(200);
      const answers: string[] = [];
      for (let number = 0; number < 8; number += 1) {
        const { socket, ended } = await begin('POST /own/1 HTTP/1.1', '127.0.0.8');
        socket.write(`Content-Type: ${JSON_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n{"a":`);
        void ended.then((text) => answers.push(text));
      }
      while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(answers[0]).to.match(/^HTTP\/1\.1 503 /);
      expect((await servedAnswer('POST', '/own/1', options)).status).to.equal(200);
    });

    it('that are small and become large, to nobody', async () => {
      const bomb = gzipSync(`[${'{},'.repeat(1_500_000)}{}]`);
      expect(bomb.length).to.be.below(8000);
      const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
      const places = ['/flows', '/auth/x', '/auth/token', '/metrics', '/nowhere', '/own/1', '/api/own'];
      for (const path of [...places, '/dashboard/login/', '/dashboard/x']) {
        for (const method of ['POST', 'GET', 'PUT']) {
          for (const type of [JSON_TYPE, FORM]) {
            const { socket, ended } = await begin(`${method} ${path} HTTP/1.1`);
            const head = `Content-Type: ${type}\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n`;
            socket.write(`${head}Cookie: ${cookie}\r\n\r\n`);
            // It is not waited for.
            expect(await ended, `${method} ${path}`).to.match(/^HTTP\/1\.1 (401|413|415) /);
          }
        }
      }
    });

    it('to what takes none, and to the dashboard that are JSON, only small ones', async () => {
      const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
      const large = `Content-Type: ${JSON_TYPE}\r\nContent-Length: 4000000\r\nCookie: ${cookie}\r\n\r\n`;
      for (const call of ['GET /metrics', 'GET /own/1', 'POST /dashboard/x', 'PUT /metrics']) {
        const { socket, ended } = await begin(`${call} HTTP/1.1`);
        socket.write(large);
        expect(await ended, call).to.match(/^HTTP\/1\.1 (401|413) /);
      }
    });

    it('of JSON to their own http-in nodes, of which few are held until they are answered', async () => {
      const body = JSON.stringify({ a: 'x'.repeat(4_000_000) });
      const first = await begin('PUT /own/1 HTTP/1.1', '127.0.0.9');
      const goOn = once(first.socket, 'data');
      const head = `Content-Type: ${JSON_TYPE}\r\nContent-Length: ${body.length}\r\n`;
      first.socket.write(`${head}Expect: 100-continue\r\n\r\n`);
      await goOn;
      first.socket.write(body);
      for (let number = 0; number < 3; number += 1) {
        const next = await begin('POST /own/1 HTTP/1.1', '127.0.0.9');
        next.socket.write(`${head}\r\n`);
        expect(await next.ended).to.match(/^HTTP\/1\.1 503 /);
      }
      first.socket.destroy();
      await first.ended;
      const again = { body, 'content-type': JSON_TYPE, from: '127.0.0.9' };
      // It may be refused, and its connection ended, until the server has seen that.
      while ((await send('POST', '/own/1', again).catch(() => null))?.status !== 200) {
        await new Promise(setImmediate);
      }
    });

    it('that are broken, and hear so without a stack or a path of the server', async () => {
      for (const path of ['/own/1', '/anything', '/flows', '/own/%ff']) {
        for (const [type, body] of [
          [JSON_TYPE, '{"a":'],
          [`${JSON_TYPE}; charset=x-none`, '{}'],
          [FORM, 'a=1&'.repeat(3000)],
        ] as const) {
          const answer = await send('POST', path, { body, 'content-type': type });
          expect(answer.status, `${path} ${type}`).to.be.within(400, 415);
          expect(answer.text).not.to.match(/node_modules|\.js|\n {4}at /);
          if (path !== '/flows' || body.startsWith('{"a')) {
            expect(JSON.parse(answer.text), answer.text).to.have.property('error').that.is.a('string');
          }
        }
      }
      expect(nodeRed.log()).not.to.match(/\n {4}at /);
    });
  });

  describe('open sockets', () => {
    it('at the editor only for a few kB, and only to sign in', async () => {
      const large = await openComms();
      const closed = closeOf(large);
      large.send('x'.repeat(100_000));
      await closed;

      const many = await openComms();
      const end = closeOf(many);
      for (let number = 0; number < 20; number += 1) many.ping('x'.repeat(100));
      many.send(`"${'x'.repeat(7000)}"`);
      await end;

      const good = await openComms();
      const answer = once(good, 'message');
      good.send(JSON.stringify({ auth: token }));
      expect(String((await answer)[0])).to.equal('{"auth":"ok"}');
      const gone = closeOf(good).then(() => 'gone');
      good.send(JSON.stringify({ topic: 'x', data: 'x'.repeat(50_000) }));
      const told = once(good, 'pong').then(() => 'there');
      good.ping();
      expect(await Promise.race([gone, told])).to.equal('there');
      good.send('x'.repeat(2_000_000));
      expect(await gone).to.equal('gone');
    });

    it('at the editor, and end nothing with messages that are none', async () => {
      const wrong = ['null', '1', '[]', '{"auth":{"toString":1}}', '{"auth":1}', '{"subscribe":"a{2,1}"}'];
      for (const message of [...wrong, '{"auth":"ok"}', '{']) {
        const socket = await openComms();
        const closed = closeOf(socket);
        socket.send(message);
        if (message === '{') socket.send('null');
        await closed;
      }
      // In fragments, and in pieces.
      const upgrade = await begin('GET /comms HTTP/1.1');
      upgrade.socket.write('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n');
      upgrade.socket.write('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
      await once(upgrade.socket, 'data');
      for (const byte of [0x01, 0x82, 0, 0, 0, 0, 0x6e, 0x75, 0x80, 0x82, 1, 1, 1, 1, 0x6d, 0x6d]) {
        upgrade.socket.write(Buffer.from([byte]));
      }
      await upgrade.ended;

      const signedIn = await openComms();
      signedIn.send(JSON.stringify({ auth: token }));
      await once(signedIn, 'message');
      const closed = closeOf(signedIn);
      signedIn.send('{"subscribe":1}');
      await closed;
    });

    it('at the editor, and are not taken for signed in by what they have it say', async () => {
      const socket = await openComms();
      const closed = closeOf(socket);
      for (const said of ['\x81\r', '{"auth":"ok"}', '\x81\r{"auth":"ok"}']) {
        const pong = once(socket, 'pong');
        socket.ping(Buffer.from(said, 'latin1'));
        await pong;
      }
      // What is no JSON is dropped, so that only the bound ends the connection.
      for (let number = 0; number < 3; number += 1) socket.send(`{${'x'.repeat(4000)}`);
      await closed;
    });

    it('at the editor in small number, and not for long', async () => {
      const opened = await Promise.all(Array.from({ length: 40 }, () => openComms('127.0.0.7')));
      const open = opened.filter(({ readyState }) => readyState === WebSocket.OPEN);
      expect(open.length).to.equal(20);
      const elsewhere = await openComms();
      expect(elsewhere.readyState).to.equal(WebSocket.OPEN);
      await Promise.all(open.map((socket) => closeOf(socket)));
    });

    it('at the dashboard only for small packets', async () => {
      const url = `${nodeRed.url.replace('http', 'ws')}/dashboard/socket.io/?EIO=4&transport=websocket`;
      const socket = new WebSocket(url);
      sockets.add({ destroy: () => socket.terminate() });
      socket.on('error', () => undefined);
      await once(socket, 'open');
      const closed = closeOf(socket);
      socket.send(`4${'x'.repeat(100_000)}`);
      await closed;
    });

    it('with as many requests as wait for an answer on one, and no more', async () => {
      const { socket, ended } = await begin('GET /own/1 HTTP/1.1');
      socket.write('\r\n');
      const whole = `GET /own/1 HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\n\r\n`;
      socket.write(whole.repeat(400));
      expect(await ended).to.equal('');
    });

    it('that nobody takes, and lose them', async () => {
      const { socket, ended } = await begin('GET /nowhere HTTP/1.1');
      socket.write('Connection: Upgrade\r\nUpgrade: nothing\r\n\r\n');
      expect(await ended).to.equal('');
    });
  });

  describe('are pages of other hosts, and reach', () => {
    const preflight = { origin: FOREIGN, 'access-control-request-method': 'POST' };

    it('nothing of the editor', async () => {
      for (const path of ['/auth/token', '/flows', '/settings', '/AUTH/token', '/tpe/try', '/']) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
          const answer = await send(method, path, preflight);
          expect(answer.status, `${method} ${path}`).to.equal(403);
          expect(answer.headers).not.to.have.property('access-control-allow-origin');
        }
      }
      const fields = { client_id: 'node-red-editor', grant_type: 'password', scope: '*', username: 'admin' };
      for (const origin of [FOREIGN, 'null', nodeRed.url.replace('http', 'https'), 'http://127.0.0.1:1']) {
        const answer = await servedAnswer('POST', '/auth/token', {
          body: new URLSearchParams({ ...fields, password: nodeRed.adminPassword }).toString(),
          'content-type': FORM,
          origin,
        });
        // A proxy may end TLS in front: the scheme says nothing.
        expect(answer.status, origin).to.equal(origin.startsWith('https') ? 200 : 403);
      }
      const socket = await openComms('127.0.0.1', { origin: FOREIGN });
      expect(socket.readyState).to.equal(WebSocket.CLOSED);
    });

    it('nothing when they have their own name point to this machine', async () => {
      const host = `evil.example:${port()}`;
      const answer = await send('POST', '/auth/token', {
        host,
        origin: `http://${host}`,
        'content-type': FORM,
      });
      expect(answer.status).to.equal(403);
      const login = await send('POST', '/dashboard/login/', {
        ...{ host, origin: `http://${host}`, 'content-type': FORM },
        body: new URLSearchParams({ user: 'admin', password: nodeRed.adminPassword }).toString(),
      });
      expect(login.status).to.equal(403);
      const local = `localhost:${port()}`;
      const own = await send('POST', '/auth/token', { host: local, origin: `http://${local}` });
      expect(own.status).not.to.equal(403);
    });

    it('no route of the editor, whatever flows take beside it', async () => {
      const routes = (await (await fetch(`http://127.0.0.1:${routesPort}`)).json()) as Route[];
      const ofNodes = /^(\/own|\/api|\/dashboard|\/\^\(\.\*\)\\\/resources|\/metrics|\/?\*)/;
      const ours = routes.filter(({ path }) => !ofNodes.test(path));
      expect(ours.length).to.be.greaterThan(60);
      for (const { method, path } of ours) {
        for (const asked of [method, 'OPTIONS']) {
          const { status } = await send(asked, examplePath(path), { ...preflight, body: '' });
          expect(status, `${asked} ${path}`).to.equal(403);
        }
      }
    });

    it('http-in nodes as the setting for those says', async () => {
      const answer = await send('OPTIONS', '/own/1', preflight);
      expect(answer.status).to.equal(204);
      expect(answer.headers).to.include({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET,POST',
      });
      expect((await send('POST', '/own/1', preflight)).headers).to.include({
        'access-control-allow-origin': '*',
      });
      expect((await send('GET', '/flows')).headers).not.to.have.property('access-control-allow-origin');
      expect((await send('OPTIONS', '/flows')).headers).not.to.have.property('access-control-allow-origin');
    });

    it('nothing from a browser: they neither sign in nor deploy', async function () {
      if (CHROMIUM === null) return this.skip();
      const elsewhere = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html').end('<title>elsewhere</title>');
      }).listen(0, '127.0.0.1');
      await once(elsewhere, 'listening');
      const url = `http://localhost:${(elsewhere.address() as AddressInfo).port}`;
      const outcomes = await attackFrom(url, nodeRed.url, nodeRed.adminPassword, token);
      elsewhere.close();
      expect(outcomes).to.deep.equal(['form: no', 'json: no', 'deploy: no', 'comms: no']);
      const flows = await send('GET', '/flows', { authorization: `Bearer ${token}` });
      expect(flows.text).to.contain('/api/own');
    });
  });
});

/** However it comes. */
function closeOf(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** What an attacker would do in a page elsewhere; tells what came of each. */
const ATTACK = `async ([at, password, token]) => {
  const fields = { client_id: 'node-red-editor', grant_type: 'password', scope: '*', username: 'admin', password };
  const type = { 'content-type': 'application/json' };
  const tried = async (name, path, options) => {
    const answer = await fetch(at + path, { method: 'POST', ...options }).catch(() => null);
    return name + ': ' + (answer !== null && answer.ok ? 'yes' : 'no');
  };
  const comms = new Promise((resolve) => {
    const socket = new WebSocket(at.replace('http', 'ws') + '/comms');
    socket.onopen = () => resolve('comms: yes');
    socket.onclose = () => resolve('comms: no');
  });
  return [
    await tried('form', '/auth/token', { body: new URLSearchParams(fields) }),
    await tried('json', '/auth/token', { body: JSON.stringify(fields), headers: type }),
    await tried('deploy', '/flows', { body: '[]', headers: { ...type, authorization: 'Bearer ' + token } }),
    await comms,
  ];
}`;

async function attackFrom(url: string, ...given: string[]): Promise<unknown> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await page.evaluate(`(${ATTACK})(${JSON.stringify(given)})`);
  } finally {
    await browser.close();
  }
}
