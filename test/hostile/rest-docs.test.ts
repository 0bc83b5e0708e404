import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { memoryOf } from '../support/memory-watch.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restFlow } from '../support/rest-flow.js';

const ROUNDS = 3;
const STALLED = 150;
/** Were each of them to hold a copy of what it is sent, it would be 70 MB in each round. */
const MAX_GROWTH_MB = 30;

describe('hostile: the page of the REST calls', () => {
  let nodeRed: NodeRedProcess;
  let script: string;

  before(async () => {
    nodeRed = await startNodeRed({ flow: restFlow(), env: { TPE_SIMULATED_GATEWAYS: '0' } });
    const page = await (await fetch(`${nodeRed.url}/api/docs/`)).text();
    script = /src="([^"]*swagger-ui-bundle\.js)"/.exec(page)?.[1] ?? '';
  });
  after(() => nodeRed?.stop());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(nodeRed.url + path, { headers, redirect: 'manual' });

  /** As it stands there: fetch would tidy up the path. */
  async function raw(path: string): Promise<string> {
    const socket = connect(Number(new URL(nodeRed.url).port), '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    return Buffer.concat(parts).toString('latin1');
  }

  it('is kept by browsers, and asked for again by its tag', async () => {
    const page = await get('/api/docs/');
    expect(page.headers.get('cache-control')).to.equal('no-cache');
    expect(page.headers.get('content-security-policy')).not.to.match(/unsafe/);
    const etag = page.headers.get('etag')!;
    expect((await get('/api/docs/', { 'if-none-match': etag })).status).to.equal(304);
    const loaded = await get(`/api/docs/${script}`);
    expect(loaded.headers.get('cache-control')).to.include('immutable');
    expect(await loaded.text()).to.include('SwaggerUIBundle');
  });

  it('leads to no other file, and lists none', async () => {
    const version = script.split('/', 1)[0]!;
    const paths = [
      ...[
        '../openapi.json',
        '..%2f..%2fsettings.js',
        '%2e%2e/%2e%2e/package.json',
        `${version}/`,
        `${version}`,
      ],
      ...[
        `${version}/../docs-route.js`,
        `${version}/..%5cdocs-files.js`,
        `${version}/index.html`,
        'index.html',
      ],
      ...[
        `${version}/__proto__`,
        `${version}/constructor`,
        '0000000000000000/docs.js',
        'docs.js',
        '//etc/passwd',
      ],
      ...[`${version}/docs.js%00.html`, `${version}/swagger-ui.LICENSE`, '%zz', '..'],
    ];
    for (const path of paths) {
      const answer = await raw(`/api/docs/${path}`);
      expect(answer.split('\r\n', 1)[0], path).to.match(/ 40[0-46] /);
      expect(answer, path).not.to.match(/require\(|"dependencies"|root:|module\.exports/);
    }
  });

  it('says nothing without a token that is not in every installation', async () => {
    expect((await get('/api/openapi.json')).status).to.equal(401);
    for (const path of ['/api/docs/', `/api/docs/${script}`])
      expect(await (await get(path)).text(), path).not.to.match(/rest-server|virtual-0001/);
    expect((await fetch(`${nodeRed.url}/api/docs/`, { method: 'POST', body: 'x' })).status).to.be.oneOf([
      401, 404,
    ]);
  });

  it('holds no memory for downloads that nobody takes', async () => {
    await (await get(`/api/docs/${script}`)).arrayBuffer();
    const sockets: Socket[] = [];
    const growth: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = memoryOf(nodeRed.pid);
      for (let index = 0; index < STALLED; index += 1) sockets.push(await stalled());
      growth.push(memoryOf(nodeRed.pid) - before);
    }
    expect((await get('/api/docs/')).status, 'others are served meanwhile').to.equal(200);
    for (const socket of sockets) socket.destroy();
    // What a server that has just started compiles meanwhile comes in one round; downloads that are held come in each.
    expect(Math.min(...growth), `MB, of ${growth.join(', ')}`).to.be.below(MAX_GROWTH_MB);
  });

  /** Asks for the largest file, and reads no more than its beginning. */
  async function stalled(): Promise<Socket> {
    const socket = connect(Number(new URL(nodeRed.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET /api/docs/${script} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    await once(socket, 'readable');
    return socket;
  }
});
