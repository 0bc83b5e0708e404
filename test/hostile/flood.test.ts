import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { RUNS } from '../support/hostile.js';
import { memoryOf, watchMemory } from '../support/memory-watch.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';

/** Heap of V8, MB: less than a small machine has. */
const HEAP_MB = 768;
/** What all floods together may add to what the process has without one, MB. */
const MAX_ADDED_MB = 200;
/** Rounds of each attack: few in the usual tests. */
const ROUNDS = Math.ceil(RUNS / 60);
/** Attackers have other addresses than who signs in rightly. */
const ATTACKERS = Array.from({ length: 8 }, (_, number) => `127.0.1.${number + 1}`);
const PIECE = Buffer.alloc(64 * 1024, 'x');
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const GRANT = 'client_id=node-red-editor&grant_type=password&scope=*&password=guess&username=';

describe('hostile: a flood of callers whom nobody knows', () => {
  let nodeRed: NodeRedProcess;
  let quietMemory = 0;
  const open = new Set<Socket>();

  before(async () => {
    nodeRed = await startNodeRed({
      env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`, TPE_SIMULATED_GATEWAYS: '1' },
    });
    await nodeRed.printed(/MQTT broker listening/);
    await restCaller(nodeRed).until('/api/device?status=online', ({ data }) => data.length === 1);
    quietMemory = memoryOf(nodeRed.pid);
  });
  after(() => nodeRed?.stop());
  afterEach(() => {
    for (const socket of open) socket.destroy();
    open.clear();
  });

  async function dial(number: number): Promise<Socket> {
    const localAddress = ATTACKERS[number % ATTACKERS.length]!;
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(nodeRed.url).port), localAddress });
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
    socket.resume();
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    return socket;
  }

  /** Sends so much, or less where the other end takes no more of it. */
  async function pour(socket: Socket, bytes: number): Promise<void> {
    const gone = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    for (let sent = 0; sent < bytes && !socket.destroyed; sent += PIECE.length) {
      const piece = PIECE.subarray(0, Math.min(PIECE.length, bytes - sent));
      if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => undefined), gone]);
    }
  }

  async function post(number: number, path: string, head: string, announced: number, sent: number) {
    const socket = await dial(number);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}Content-Length: ${announced}\r\n\r\n`);
    await pour(socket, sent);
    return socket;
  }

  /** So many at once. */
  async function parallel(count: number, work: (number: number) => Promise<unknown>): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, number) => work(number)));
  }

  async function signIn(): Promise<void> {
    const response = await fetch(`${nodeRed.url}/dashboard/login/`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: nodeRed.url, connection: 'close' },
      body: new URLSearchParams({ user: 'admin', password: nodeRed.adminPassword }),
    });
    await response.text();
    expect(response.status, nodeRed.log().slice(-2000)).to.equal(303);
  }

  /** Attacks, while somebody signs in rightly again and again; the memory stays within its bound. */
  async function withstands(attack: (round: number) => Promise<unknown>): Promise<void> {
    const most = watchMemory(nodeRed.pid);
    let isOver = false;
    const attacking = (async () => {
      for (let round = 0; round < ROUNDS; round += 1) await attack(round);
      isOver = true;
    })();
    try {
      do await signIn();
      while (!isOver);
      await attacking;
      await signIn();
    } finally {
      isOver = true;
      const added = most() - quietMemory;
      expect(added, 'MB added').to.be.below(MAX_ADDED_MB);
    }
    const { status } = await restCaller(nodeRed).call('GET', '/api/device/virtual-0001');
    expect(status).to.equal(200);
  }

  it('with huge user names at the editor', () =>
    withstands(() => parallel(60, (number) => post(number, '/auth/token', FORM, 4_900_000, 4_900_000))));

  it('with many user names at the editor', () =>
    withstands((round) =>
      parallel(12, async (number) => {
        const body = `${GRANT}${`${round} ${number} `.padEnd(200, 'x')}`;
        const head = `POST /auth/token HTTP/1.1\r\nHost: x\r\n${FORM}Connection: close\r\n`;
        const socket = await dial(number);
        socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
        if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
      }),
    ));

  it('with bodies that never come to their end', () =>
    withstands(() =>
      parallel(200, (number) => {
        const paths = ['/flows', '/auth/token', '/api/device', '/dashboard/login/', '/x', '/api/emqx/hook'];
        return post(number, paths[number % paths.length]!, JSON_TYPE, 5_000_000, 4_990_000);
      }),
    ));

  it('with bodies that become twenty or many thousand times as large', () => {
    const large = `[${'{},'.repeat(1_500_000)}{}]`;
    const compressed = gzipSync(large);
    return withstands(() =>
      parallel(60, async (number) => {
        const paths = ['/flows', '/metrics', '/dashboard/login/', '/x', '/auth/token'];
        const [method, path] = [number % 3 === 0 ? 'GET' : 'POST', paths[number % paths.length]!];
        const [body, encoding] = number % 2 === 0 ? [compressed, 'gzip'] : [large, 'identity'];
        const socket = await dial(number);
        const head = `${JSON_TYPE}Content-Encoding: ${encoding}\r\nConnection: close\r\n`;
        socket.write(
          `${method} ${path} HTTP/1.1\r\nHost: x\r\n${head}Content-Length: ${body.length}\r\n\r\n`,
        );
        socket.write(body);
        if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
      }),
    );
  });

  it('with large frames at the sockets of editor and dashboard', () =>
    withstands(() =>
      parallel(24, async (number) => {
        const socket = await dial(number);
        const path = number % 2 === 0 ? '/comms' : '/dashboard/socket.io/?EIO=4&transport=websocket';
        socket.write(
          `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
            'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        );
        if (!socket.destroyed) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
        // Text of 99 MB, masked with zeros.
        socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x05, 0xe6, 0x9e, 0xc0, 0, 0, 0, 0]));
        await pour(socket, 60_000_000);
      }),
    ));

  it('with refused calls, sockets that begin and never go on, and headers without an end', () =>
    withstands(() =>
      parallel(200, async (number) => {
        const heads = [
          'GET /api/device HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n',
          'GET /dashboard/socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n',
          'GET /flows HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n',
          `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(8000)}`,
        ];
        const socket = await dial(number);
        for (let time = 0; time < 10 && !socket.destroyed; time += 1)
          socket.write(heads[number % heads.length]!);
      }),
    ));

  it('and has little of it left afterwards', async () => {
    await signIn();
    expect(nodeRed.log().length, 'characters of log').to.be.below(100_000);
    expect(nodeRed.log()).not.to.match(/Uncaught|unhandled|\n {4}at /i);
  });
});
