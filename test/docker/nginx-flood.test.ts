import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { RUNS } from '../support/hostile.js';
import { NGINX, type NginxProcess, startNginx } from '../support/nginx.js';
import { hasProgram, skipWithout } from '../support/programs.js';

/** What the container of docker/compose.yaml has, MB, with something to spare. */
const MAX_MEMORY_MB = 100;
const CONNECTIONS = RUNS > 500 ? 7000 : 1500;
const AT_ONCE = 50;

/** Whoever signs in meanwhile comes from here, and the flood from elsewhere. */
const PERSON = '127.0.0.1';

describe('docker: nginx in a flood', () => {
  let upstream: Server;
  let proxy: NginxProcess;
  const sockets = new Set<TLSSocket>();

  before(async function () {
    skipWithout(this, 'nginx', existsSync(NGINX));
    skipWithout(this, 'openssl', hasProgram('openssl'));
    upstream = createServer((incoming, response) => {
      if (incoming.url === '/wait') return;
      incoming.resume().on('end', () => response.end(incoming.url === '/long' ? LONG : 'welcome'));
    });
    upstream.requestTimeout = 0;
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    // The same for all: what is left of one flood is there in the next.
    proxy = await startNginx((upstream.address() as AddressInfo).port);
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  });
  after(async () => {
    await proxy?.stop();
    upstream?.closeAllConnections();
    upstream?.close();
  });

  async function open(localAddress: string): Promise<TLSSocket> {
    const socket = connect({
      ...{ host: '127.0.0.1', port: proxy.httpsPort, localAddress, rejectUnauthorized: false },
    });
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => undefined);
    return socket;
  }

  async function each(count: number, work: (number: number) => Promise<unknown>): Promise<void> {
    for (let begun = 0; begun < count; begun += AT_ONCE) {
      const some = Math.min(AT_ONCE, count - begun);
      await Promise.all(Array.from({ length: some }, (_, index) => work(begun + index)));
    }
  }

  function call(path: string, method: string, localAddress = PERSON, body = ''): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: proxy.httpsPort, path, method, localAddress };
      request({ ...options, rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end(body);
    });
  }

  /** As a person comes: the page, and the name and password. */
  async function expectToServe(): Promise<void> {
    expect(await call('/dashboard/', 'GET')).to.equal(200);
    expect(await call('/dashboard/login/', 'POST', PERSON, 'user=admin&password=x')).to.equal(200);
    expect(await call('/flows', 'POST', PERSON, '[]')).to.equal(200);
    expect(proxy.memory(), 'MB').to.be.below(MAX_MEMORY_MB);
  }

  for (const addresses of [1, 60]) {
    it(`holds its memory and serves while ${addresses} address(es) send bodies of 5.9 MB and stop`, async () => {
      await each(60, async (number) => {
        const socket = await open(`127.3.0.${1 + (number % addresses)}`);
        socket.resume();
        const path = number % 2 ? '/flows' : '/api/device';
        socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 5900000\r\n\r\n`);
        socket.write(Buffer.alloc(5_800_000));
      });
      await expectToServe();
    });
  }

  it('holds its memory and serves while there are very many idle TLS connections', async () => {
    await each(CONNECTIONS, (number) => open(`127.4.${number % 8}.${1 + (number % 250)}`));
    await expectToServe();
  });

  it('holds its memory and serves while requests are begun and not ended', async () => {
    await each(CONNECTIONS, async (number) => {
      const socket = await open(`127.5.${number % 8}.${1 + (number % 250)}`);
      socket.resume().write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(7000)}\r\ny: ${'y'.repeat(7000)}`);
    });
    await expectToServe();
  });

  it('holds its memory and serves while answers are asked for and not read', async () => {
    await each(300, async (number) => {
      const socket = await open(`127.6.0.${1 + (number % 250)}`);
      socket.pause();
      socket.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n');
    });
    await expectToServe();
  });

  it('serves an address so many requests at a time, and the others meanwhile', async () => {
    let isRefused = false;
    let asked = 0;
    while (!isRefused) {
      asked += 1;
      const answered = call('/wait', 'GET', '127.7.0.1').then((status) => {
        isRefused ||= status === 429;
      });
      answered.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(asked).to.be.above(150);
    await expectToServe();
  });

  it('slows down attempts to sign in of an address, and those alone', async () => {
    for (const path of ['/auth/token', '/dashboard/login/']) {
      const from = path === '/auth/token' ? '127.8.0.1' : '127.8.0.2';
      const statuses: number[] = [];
      await each(120, async () => statuses.push(await call(path, 'POST', from, 'user=admin&password=guess')));
      expect(statuses.filter((status) => status === 200).length, path).to.be.within(60, 110);
      expect(statuses.filter((status) => status === 429).length, path).to.be.above(5);
      expect(await call(path, 'GET', from)).to.equal(200);
      expect(await call('/api/device', 'POST', from, '{}')).to.equal(200);
    }
    await expectToServe();
  });
});

const LONG = Buffer.alloc(20_000_000);
