import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import {
  createWebhookRoute,
  holdWebhook,
  keepConnections,
  openWebhook,
  takeInFront,
  type WebhookTarget,
  webhookRoute,
} from '../../../nodes/node-red/http/webhook-route.js';
import { secretCheck } from '../../../nodes/node-red/server/webhook-secret.js';
import { EMQX_VERSIONS, recordedScenarios } from '../../support/emqx-recordings.js';

const PATH = '/api/emqx/hook';
const SECRET = 'a-secret-of-20-chars';
const AUTHORIZATION = { authorization: `Bearer ${SECRET}` };

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: { status: boolean; data: { outcome?: string; code?: string; message?: string } };
}

describe('the webhook over HTTP', () => {
  let server: Server;
  let taken: unknown[];
  let closeWebhook: (() => void) | null;
  let sockets: number;

  async function listen(route = webhookRoute): Promise<void> {
    server = createServer((req, res) => route(req, res, () => res.writeHead(404).end('{"passed":"on"}')));
    keepConnections(server);
    sockets = 0;
    server.on('connection', () => {
      sockets += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  function target(more: Partial<WebhookTarget> = {}): WebhookTarget {
    return {
      isSecret: secretCheck(SECRET),
      async take(body) {
        taken.push(body);
        return { outcome: 'taken' };
      },
      ...more,
    };
  }

  function open(more: Partial<WebhookTarget> = {}): void {
    closeWebhook?.();
    closeWebhook = openWebhook(PATH, target(more));
  }

  const port = () => (server.address() as AddressInfo).port;

  async function post(
    body: string | Buffer,
    headers: Record<string, string> = AUTHORIZATION,
    more: { method?: string; path?: string; agent?: Agent } = {},
  ): Promise<Answer> {
    const sent = request({ host: '127.0.0.1', port: port(), method: 'POST', path: PATH, headers, ...more });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: JSON.parse(text) as Answer['body'],
    };
  }

  /** A connection that speaks as the test wants it to. */
  async function raw(): Promise<{ socket: Socket; text(): string; ended: Promise<unknown> }> {
    const socket = connect(port(), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    const ended = once(socket, 'close');
    await once(socket, 'connect');
    return { socket, text: () => text, ended };
  }

  beforeEach(async () => {
    taken = [];
    closeWebhook = null;
    open();
    await listen();
  });
  afterEach(async () => {
    closeWebhook?.();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('takes the previous secret beside the present one while that is given, and says which it was', async () => {
    const used: string[] = [];
    const take: WebhookTarget['take'] = async (_body, secret) => {
      used.push(secret);
      return { outcome: 'taken' };
    };
    const statusOf = async (secret: string) =>
      (await post('{}', { authorization: `Bearer ${secret}` })).status;
    open({ take, isPreviousSecret: secretCheck('the-one-before-it') });
    expect([
      await statusOf(SECRET),
      await statusOf('the-one-before-it'),
      await statusOf('another-one'),
    ]).to.deep.equal([200, 200, 401]);
    expect(used).to.deep.equal(['present', 'previous']);
    open({ take });
    expect([await statusOf(SECRET), await statusOf('the-one-before-it')]).to.deep.equal([200, 401]);
  });

  it('takes every recorded body, byte for byte, on one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bodies: unknown[] = [];
    for (const version of EMQX_VERSIONS) {
      for (const { requests } of Object.values(recordedScenarios(version))) {
        for (const { body_raw, headers } of requests) {
          bodies.push(JSON.parse(body_raw));
          const { status, body } = await post(body_raw, { ...headers, ...AUTHORIZATION }, { agent });
          expect(status).to.equal(200);
          expect(body).to.deep.equal({ status: true, data: { outcome: 'taken' } });
        }
      }
    }
    agent.destroy();
    expect(taken).to.deep.equal(bodies);
    expect(sockets).to.equal(1);
  });

  it('is taken in front of all that the server does, below the root of the HTTP nodes, and once', async () => {
    server.close();
    let behind = 0;
    server = createServer((_request, response) => {
      behind += 1;
      response.end('{"passed":"behind"}');
    });
    takeInFront(server, '/red/');
    takeInFront(server, '/red/');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { status, body } = await post('{"in":"front"}', AUTHORIZATION, { path: `/red${PATH}` });
    expect({ status, body }).to.deep.equal({
      status: 200,
      body: { status: true, data: { outcome: 'taken' } },
    });
    expect(taken).to.deep.equal([{ in: 'front' }]);
    for (const path of [PATH, '/red', '/red/other', `/redd${PATH}`, '/']) {
      expect((await post('{}', AUTHORIZATION, { path })).body, path).to.deep.equal({ passed: 'behind' });
    }
    expect(behind).to.equal(5);
    expect(taken).to.have.length(1);
  });

  it('keeps idle connections longer than EMQX does, and never shortens what is longer', () => {
    expect(server.keepAliveTimeout).to.equal(75_000);
    const longer = { keepAliveTimeout: 100_000 };
    keepConnections(longer);
    expect(longer.keepAliveTimeout).to.equal(100_000);
    const forEver = { keepAliveTimeout: 0 };
    keepConnections(forEver);
    expect(forEver.keepAliveTimeout).to.equal(0);
  });

  it('answers 401 to everybody without the secret, before it reads a byte of the body', async () => {
    const wrong = [
      {},
      { authorization: '' },
      { authorization: SECRET },
      { authorization: 'Bearer ' },
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${SECRET}x` },
      { authorization: `Basic ${SECRET}` },
    ];
    for (const headers of wrong) {
      const { status, body } = await post('{', headers as Record<string, string>);
      expect(status, JSON.stringify(headers)).to.equal(401);
      expect(body).to.deep.include({ status: false });
      expect(body.data.code).to.equal('UNAUTHORIZED');
      expect(body.data.message).not.to.contain(SECRET);
    }
    const { socket, text, ended } = await raw();
    socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`);
    await ended;
    expect(text()).to.match(/^HTTP\/1\.1 401 /);
    expect(taken).to.be.empty;
  });

  it('answers 401 to everybody where there is no secret at all', async () => {
    open({ isSecret: null });
    const { status, body } = await post('{}', { authorization: 'Bearer undefined' });
    expect(status).to.equal(401);
    expect(body.data.message).to.contain('no webhook secret');
    expect(taken).to.be.empty;
  });

  it('passes on what is none of its business, and says what method it takes', async () => {
    for (const path of ['/', '/api/emqx/hook/more', '/api/emqx', '/API/EMQX/HOOK']) {
      expect((await post('{}', AUTHORIZATION, { path })).status, path).to.equal(404);
    }
    for (const path of [`${PATH}/`, `${PATH}?a=b`]) {
      expect((await post('{}', AUTHORIZATION, { path })).status, path).to.equal(200);
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await post('', AUTHORIZATION, { method });
      expect(status, method).to.equal(405);
      expect(headers.allow).to.equal('POST');
    }
    expect(taken).to.have.length(2);
  });

  it('takes JSON under any content type, and answers 400 to what is none', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await post('{"a":1}', { ...AUTHORIZATION, 'content-type': type })).status).to.equal(200);
    }
    const broken = ['', '{', '{"a":1', 'text', '\u0000', Buffer.from([0xff, 0xfe]), '['.repeat(500_000)];
    for (const body of broken) {
      const { status, body: answer } = await post(body);
      expect(status).to.equal(400);
      expect(answer.data.code).to.equal('INVALID_INPUT');
      expect(answer.data.message?.length).to.be.below(400);
    }
    const packed = await post(gzipSync('{"a":1}'), { ...AUTHORIZATION, 'content-encoding': 'gzip' });
    expect(packed.status).to.equal(400);
    expect(packed.body.data.message).to.contain('gzip');
    expect((await post('{"a":1}', { ...AUTHORIZATION, 'content-encoding': 'identity' })).status).to.equal(
      200,
    );
    expect(taken).to.have.length(4);
  });

  it('bounds the body, by what is announced and by what comes', async () => {
    const largest = JSON.stringify({ payload: 'x'.repeat(2 * 1024 * 1024 - 14) });
    expect(largest).to.have.length(2 * 1024 * 1024);
    expect((await post(largest)).status).to.equal(200);

    const announced = await raw();
    announced.socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nContent-Length: 99999999\r\n\r\n`,
    );
    await announced.ended;
    expect(announced.text()).to.match(/^HTTP\/1\.1 413 /);

    const chunked = await raw();
    chunked.socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const sending = setInterval(() => chunked.socket.write(chunk), 1);
    await once(chunked.socket, 'data');
    clearInterval(sending);
    await chunked.ended;
    expect(chunked.text()).to.match(/^HTTP\/1\.1 413 /);
    expect(taken).to.have.length(1);
  });

  it('ends a body that never comes to its end', async () => {
    server.close();
    await listen(createWebhookRoute(50));
    const { socket, text, ended } = await raw();
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nContent-Length: 1000\r\n\r\n{`,
    );
    const dripping = setInterval(() => socket.write(' '), 10);
    await ended;
    clearInterval(dripping);
    expect(text()).to.match(/^HTTP\/1\.1 408 /);
    expect(taken).to.be.empty;
  });

  it('goes on when a caller leaves in the middle of a body, or before its answer', async () => {
    const half = await raw();
    half.socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nContent-Length: 1000\r\n\r\n{`,
    );
    half.socket.resetAndDestroy();
    await half.ended;

    let answerNow = () => {};
    const asked = new Promise<void>((resolve) => {
      open({
        take: () =>
          new Promise((taking) => {
            answerNow = () => taking({ outcome: 'taken' });
            resolve();
          }),
      });
    });
    const gone = await raw();
    gone.socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nContent-Length: 2\r\n\r\n{}`,
    );
    await asked;
    gone.socket.destroy();
    await gone.ended;
    answerNow();
    open();
    expect((await post('{}')).status).to.equal(200);
  });

  it('says 503 and when to come again where the same body may be taken later, and keeps the connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statusOf = async (error: Error) => {
      open({ take: () => Promise.reject(error) });
      return post('{}', AUTHORIZATION, { agent });
    };
    for (const code of ['UNAVAILABLE', 'BUSY', 'CLOSED'] as const) {
      const { status, headers, body } = await statusOf(new TpeError(code, 'Not now.'));
      expect(status, code).to.equal(503);
      expect(Number(headers['retry-after'])).to.be.greaterThan(0);
      expect(body).to.deep.equal({ status: false, data: { code, message: 'Not now.' } });
    }
    const invalid = await statusOf(new TpeError('INVALID_INPUT', 'The "clientid" is missing.'));
    expect(invalid.status).to.equal(400);
    expect((await statusOf(new Error('broken'))).status).to.equal(500);
    expect(sockets).to.equal(1);
    agent.destroy();
  });

  it('takes a body that a parser has read before', async () => {
    server.close();
    // As body parsers leave it.
    await listen((req, res, next) => {
      req
        .on('data', () => undefined)
        .on('end', () => {
          webhookRoute(Object.assign(req, { _body: true, body: { parsed: 'before' } }), res, next);
        });
    });
    expect((await post('{}')).status).to.equal(200);
    expect((await post('{}', {})).status).to.equal(401);
    expect(taken).to.deep.equal([{ parsed: 'before' }]);
  });

  it('holds a path for who is about to open it', async () => {
    closeWebhook?.();
    holdWebhook(PATH);
    const { status, headers, body } = await post('{}', {});
    expect(status).to.equal(503);
    expect(Number(headers['retry-after'])).to.be.greaterThan(0);
    expect(body.data.code).to.equal('UNAVAILABLE');
    closeWebhook = openWebhook(PATH, target());
    expect((await post('{}')).status).to.equal(200);
    closeWebhook?.();
    expect((await post('{}')).status).to.equal(404);
  });

  it('gives a path to one only, and again when it is free', async () => {
    expect(openWebhook(PATH, target())).to.equal(null);
    expect((await post('{}')).status).to.equal(200);
    closeWebhook?.();
    expect((await post('{}')).status).to.equal(404);
    const close = openWebhook(PATH, target());
    expect(close).not.to.equal(null);
    // The first one, closed again, takes nothing from the second.
    closeWebhook?.();
    expect((await post('{}')).status).to.equal(200);
    close?.();
  });
});
