import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { WebSocket, WebSocketServer } from 'ws';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { openDashboard } from '../support/dashboard-page.js';
import { stackWithSecrets } from '../support/docker-stack.js';
import { openEditor } from '../support/editor-page.js';
import { freePort } from '../support/free-port.js';
import { NGINX, type NginxProcess, startNginx } from '../support/nginx.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { hasProgram, skipWithout } from '../support/programs.js';

const HOST = 'tpedm.example.com';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('docker: nginx', () => {
  const ca = () => readFileSync(join(stackWithSecrets(), 'generated/certs/ca.crt'));
  let upstream: Server;
  let proxy: NginxProcess;
  const seen: { url: string; headers: IncomingHttpHeaders; length: number }[] = [];

  before(async function () {
    skipWithout(this, 'nginx', existsSync(NGINX));
    skipWithout(this, 'openssl', hasProgram('openssl'));
    upstream = createServer((incoming, response) => {
      let length = 0;
      incoming
        .on('data', (chunk: Buffer) => {
          length += chunk.length;
        })
        .on('end', () => {
          seen.push({ url: incoming.url ?? '', headers: incoming.headers, length });
          response.statusCode = incoming.url === '/nothing-here' ? 404 : 200;
          response.end(`Node-RED's own answer to ${incoming.url}`);
        });
    });
    new WebSocketServer({ server: upstream }).on('connection', (socket) => {
      socket.on('message', (data) => socket.send(`heard ${data}`));
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    proxy = await startNginx(portOf(upstream));
  });
  beforeEach(() => {
    seen.length = 0;
  });
  after(async () => {
    await proxy?.stop();
    upstream?.close();
  });

  function get(path: string, options: RequestOptions = {}, body = ''): Promise<Answer> {
    return answerOf(
      request({ host: '127.0.0.1', port: proxy.httpsPort, path, servername: HOST, ca: ca(), ...options }),
      body,
    );
  }

  it('sends everybody to TLS, with the whole address', async () => {
    const { status, headers } = await answerOf(
      httpRequest({
        host: '127.0.0.1',
        port: proxy.httpPort,
        path: '/dashboard/page?a=1&b=%20',
        headers: { host: HOST },
      }),
    );
    expect(status).to.equal(308);
    expect(headers.location).to.equal(`https://${HOST}/dashboard/page?a=1&b=%20`);
    expect(seen).to.deep.equal([]);
  });

  it('passes requests on with the address of the caller, whatever the caller says of itself', async () => {
    const { status, body } = await get('/dashboard/page?a=%2f1', {
      headers: {
        host: HOST,
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'http',
        forwarded: 'for=203.0.113.9',
      },
    });
    expect(status).to.equal(200);
    expect(body).to.equal("Node-RED's own answer to /dashboard/page?a=%2f1");
    expect(seen[0]!.headers).to.include({
      host: HOST,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    });
    expect(seen[0]!.headers).not.to.have.property('forwarded');
  });

  it('tells browsers to come by TLS only, and tells nobody its version', async () => {
    for (const path of ['/', '/nothing-here', '/api/emqx/hook']) {
      const { headers } = await get(path);
      expect(headers['strict-transport-security'], path).to.equal('max-age=31536000');
      expect(headers['x-frame-options'], path).to.equal('SAMEORIGIN');
      expect(headers['x-content-type-options'], path).to.equal('nosniff');
      expect(headers['referrer-policy'], path).to.equal('same-origin');
      expect(headers['permissions-policy'], path).to.include('usb=()');
      expect(headers['content-security-policy'], path)
        .to.include("default-src 'self'")
        .and.include("frame-ancestors 'self'");
      expect(headers.server, path).to.equal('nginx');
    }
  });

  it('leaves what is not there to Node-RED', async () => {
    const { status, body } = await get('/nothing-here');
    expect(status).to.equal(404);
    expect(body).to.equal("Node-RED's own answer to /nothing-here");
  });

  it('lets a WebSocket through', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${proxy.httpsPort}/dashboard/socket.io/`, {
      ca: ca(),
    });
    await once(socket, 'open');
    socket.send('hello');
    const [data] = await once(socket, 'message');
    expect(String(data)).to.equal('heard hello');
    socket.close();
    await once(socket, 'close');
  });

  it('keeps the webhook from the world, however it is spelled', async () => {
    const spellings = [
      '/api/emqx/hook',
      '/api/emqx/hook/',
      '/api/emqx/hook?a=1',
      '/API/emqx/HOOK',
      '/api/emqx/%68ook',
      '//api///emqx/hook',
      '/api/./emqx/x/../hook',
      '/api/emqx/hook/more',
      '/api/emqx/hook%2f',
    ];
    for (const path of spellings) {
      for (const method of ['GET', 'POST']) {
        const { status, body } = await get(path, { method });
        expect(status, `${method} ${path}`).to.equal(404);
        expect(body).to.equal('Not found.\n');
      }
    }
    expect(seen).to.deep.equal([]);
    for (const path of ['/api/emqx/clients/hook', '/api/emqx/hooks', '/api/device']) {
      expect((await get(path)).status, path).to.equal(200);
    }
  });

  it('takes long bodies where they belong, and nothing that is far too long', async () => {
    const longest = 'x'.repeat(5 * 1024 * 1024);
    for (const path of [
      '/api/device',
      '/API/operation/import',
      '/flows',
      '/library/local/flows/x',
      '/dashboard/socket.io/',
    ]) {
      seen.length = 0;
      expect((await get(path, { method: 'POST' }, longest)).status, path).to.equal(200);
      expect(seen[0]).to.have.property('length', longest.length);
      expect((await get(path, { method: 'POST' }, longest + longest)).status, path).to.equal(413);
      expect(seen).to.have.length(1);
    }
    seen.length = 0;
    for (const path of ['/auth/token', '/dashboard/login/', '/', '/comms', '/apis', '/x/api/device']) {
      expect((await get(path, { method: 'POST' }, 'x'.repeat(60_000))).status, path).to.equal(200);
      expect((await get(path, { method: 'POST' }, 'x'.repeat(70_000))).status, path).to.equal(413);
    }
    expect(seen.every(({ length }) => length === 60_000)).to.equal(true);
  });

  it('speaks TLS 1.2 with good ciphers, and 1.3, and nothing older', async () => {
    expect(await handshake({ minVersion: 'TLSv1.3' })).to.equal('TLSv1.3');
    expect(await handshake({ maxVersion: 'TLSv1.2' })).to.equal('TLSv1.2');
    expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:ECDHE-ECDSA-AES128-SHA' })).to.equal(
      null,
    );
    expect(
      await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).to.equal(null);
  });

  async function handshake(options: object): Promise<string | null> {
    const socket = connect({
      host: '127.0.0.1',
      port: proxy.httpsPort,
      servername: HOST,
      ca: ca(),
      ...options,
    });
    try {
      await once(socket, 'secureConnect');
      return socket.getProtocol();
    } catch {
      return null;
    } finally {
      socket.destroy();
    }
  }

  it('says that Node-RED is away', async () => {
    const away = await startNginx(await freePort());
    const { status } = await get('/dashboard', { port: away.httpsPort });
    expect(status).to.equal(502);
    await away.stop();
  });

  describe('before a real Node-RED', () => {
    let nodeRed: NodeRedProcess;
    let front: NginxProcess;

    before(async () => {
      nodeRed = await startNodeRed({ env: { TPE_TRUST_PROXY: 'loopback' } });
      front = await startNginx(Number(new URL(nodeRed.url).port));
    });
    after(async () => {
      await front?.stop();
      await nodeRed?.stop();
    });

    it('has a content policy that editor and dashboard work with', async function () {
      if (CHROMIUM === null) return this.skip();
      const browser = await launchChromium();
      try {
        const site = { ...nodeRed, url: `https://127.0.0.1:${front.httpsPort}` };
        // The first page of a browser that has just started may take long on a busy machine.
        const first = await browser.newPage({ ignoreHTTPSErrors: true });
        await first.goto(site.url, { timeout: patience(240_000) });
        await first.close();
        const violations: string[] = [];
        const listen = (page: Page) =>
          page.on('console', (message) => {
            if (/Content Security Policy|Permissions-Policy/i.test(message.text()))
              violations.push(message.text());
          });
        const options = { ignoreHTTPSErrors: true };
        const editor = await openEditor(browser, site, options, listen);
        // The editor for code has workers, help has styles and pictures of its own.
        await editor.page.evaluate("RED.editor.editJavaScript({ value: 'return msg;', complete() {} })");
        await editor.page.locator('.monaco-editor, .ace_editor').first().waitFor();
        expect(editor.faults).to.deep.equal([]);
        const dashboard = await openDashboard(browser, site, options, listen);
        await dashboard.open('gateways');
        expect(dashboard.faults).to.deep.equal([]);
        expect(violations).to.deep.equal([]);
        // And it holds.
        const blocked = await dashboard.page.evaluate(
          `new Promise((resolve) => {
            document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
            const script = document.createElement('script');
            script.src = 'https://example.com/x.js';
            document.head.append(script);
          })`,
        );
        expect(blocked).to.equal('script-src-elem');
      } finally {
        await browser.close();
      }
    });

    it('signs people in with a cookie that never leaves TLS, and opens the socket of the dashboard', async () => {
      const form = `user=admin&password=${nodeRed.adminPassword}`;
      const origin = `https://${HOST}`;
      const { status, headers } = await get(
        '/dashboard/login/',
        {
          port: front.httpsPort,
          method: 'POST',
          headers: { host: HOST, origin, 'content-type': 'application/x-www-form-urlencoded' },
        },
        form,
      );
      expect(status).to.equal(303);
      const [cookie = ''] = headers['set-cookie'] ?? [];
      expect(cookie).to.match(/; Secure$/);
      const socket = new WebSocket(
        `wss://127.0.0.1:${front.httpsPort}/dashboard/socket.io/?EIO=4&transport=websocket`,
        { ca: ca(), origin, headers: { host: HOST, cookie: cookie.split(';')[0]! } },
      );
      const [first] = await once(socket, 'message');
      expect(String(first)).to.match(/^0\{"sid"/);
      socket.send('40');
      const [second] = await once(socket, 'message');
      expect(String(second)).to.match(/^40\{"sid"/);
      socket.terminate();
    });
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

async function answerOf(outgoing: ReturnType<typeof request>, body = ''): Promise<Answer> {
  const answered = once(outgoing, 'response');
  // nginx may refuse a long body before it has all of it.
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [response] = await answered;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
}
