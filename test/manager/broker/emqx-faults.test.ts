import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BrokerHealth } from '../../../nodes/manager/broker/broker.js';
import { createEmqxHttp, type EmqxCall } from '../../../nodes/manager/broker/emqx/http-client.js';
import { createEmqxRest } from '../../../nodes/manager/broker/emqx/rest.js';
import { readEmqxTargets } from '../../../nodes/manager/broker/emqx/target.js';
import { createHealthTeller } from '../../../nodes/manager/broker/health.js';
import { createInTurns } from '../../../nodes/manager/shared/limiter.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.js';
import { errorOf } from '../../support/errors.js';
import { freePort } from '../../support/free-port.js';
import { patience, runsOut } from '../../support/patience.js';
import { until } from './embedded-rig.js';
import { json, KEY, nodes, openEmqxRig, openRestServer, type RestServer, type Seen, v5 } from './emqx-rig.js';

const REQUEST = { topic: '/tpedm/A/input', payload: '{}' };
const LIST: EmqxCall = { method: 'GET', path: '/api/v5/clients', isRepeatable: true, understands: [200] };
const SEND: EmqxCall = { ...LIST, method: 'POST', path: '/api/v5/publish', body: {}, isRepeatable: false };
const LIMITS = { answerWithinMs: patience(30_000), mostBytes: 100_000 };
const IMPATIENT = { ...LIMITS, answerWithinMs: runsOut(300) };

describe("calls of EMQX's REST API", () => {
  let server: RestServer;
  let faults = 0;
  const closing: (() => void)[] = [];

  beforeEach(async () => {
    faults = 0;
    server = await openRestServer(() => json([]));
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await server.close();
  });

  function open(apiUrl = server.url, limits = LIMITS) {
    const [target] = readEmqxTargets({ ...KEY, apiUrl, events: 'webhook' });
    const http = createEmqxHttp(
      target,
      () => {
        faults += 1;
      },
      limits,
    );
    closing.push(http.close);
    return http;
  }

  async function faultOf(call: EmqxCall, apiUrl?: string, limits = LIMITS): Promise<string> {
    const error = await errorOf(open(apiUrl, limits).call(call));
    expect(error).to.be.instanceOf(TpeError).and.include({ code: 'UNAVAILABLE' });
    expect(JSON.stringify([error.message, error])).not.to.include(KEY.apiSecret);
    expect(error.cause).to.equal(undefined);
    return error.message;
  }

  it('says in words what makes no answer', async () => {
    server.answer(() => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Welcome</html>',
    }));
    const answer = await open().call(LIST);
    expect(answer).to.deep.equal({ status: 200, body: undefined });
    server.answer(() => ({ status: 301, headers: { location: 'https://other/api/v5/clients' } }));
    expect(await faultOf(LIST)).to.include('it redirects to "https://other/api/v5/clients"');
    server.answer(() => ({ status: 403, body: '{"code":"UNAUTHORIZED_ROLE","message":"no"}' }));
    expect(await faultOf(LIST))
      .to.include('role administrator')
      .and.include('UNAUTHORIZED_ROLE');
    server.answer(() => ({ status: 404, body: '' }));
    expect(await faultOf(LIST))
      .to.include('has no GET /api/v5/clients')
      .and.include('port 18083');
    server.answer(() => ({ status: 500, body: 'x'.repeat(50_000) }));
    expect((await faultOf(LIST)).length).to.be.lessThan(200);
    server.answer(() => ({ status: 200, body: 'x'.repeat(LIMITS.mostBytes + 1) }));
    expect(await faultOf(LIST)).to.include('too large');
    expect(server.seen).to.have.length(6);
    expect(faults).to.equal(5);
  });

  it('gives up on an answer that comes too slowly, though it goes on coming', async () => {
    server.answer((_seen, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
      return null;
    });
    expect(await faultOf(LIST, server.url, IMPATIENT)).to.include(
      'no answer to GET /api/v5/clients within 0.3 s',
    );
    expect(server.seen).to.have.length(1);
  });

  it('asks again what may be asked twice when the connection broke, and publishes only once', async () => {
    server.answer((_seen, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('[', () => response.destroy());
      return null;
    });
    expect(await faultOf(LIST)).to.include('in the middle of its answer');
    expect(server.seen).to.have.length(3);
    expect(await faultOf(SEND)).to.include('in the middle of its answer');
    expect(server.seen).to.have.length(4);
  });

  it('waits out that EMQX is not ready', async () => {
    server.answer(() => (server.seen.length === 1 ? { status: 503, body: '' } : json(['ready'])));
    expect((await open().call(LIST)).body).to.deep.equal(['ready']);
    server.answer(() => ({ status: 503, body: '' }));
    expect(await faultOf(SEND)).to.include('not ready now (HTTP 503)');
    expect(server.seen).to.have.length(3);
  });

  it('says what is wrong with the address', async () => {
    const port = await freePort();
    expect(await faultOf(SEND, `http://127.0.0.1:${port}`)).to.include('connection refused');
    expect(await faultOf(LIST, `https://127.0.0.1:${server.port}`)).to.include('no TLS on that port');
    const mqtt = createServer((socket) => socket.on('data', () => socket.end(Buffer.from([0x20, 2, 0, 1]))));
    mqtt.listen(0, '127.0.0.1');
    await once(mqtt, 'listening');
    const address = mqtt.address() as { port: number };
    expect(await faultOf(LIST, `http://127.0.0.1:${address.port}`)).to.include('speaks no HTTP');
    mqtt.close();
  });

  it('speaks TLS with the CA file, and says what is wrong without it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpe-emqx-'));
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, CA_CERTIFICATE);
    const secure = createHttpsServer({ cert: SERVER_CERTIFICATE, key: SERVER_KEY }, (_request, response) =>
      response.end('[]'),
    );
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const { port } = secure.address() as { port: number };
    const ask = (host: string, more: { caFile?: string } = {}) => {
      const [target] = readEmqxTargets({
        ...KEY,
        apiUrl: `https://${host}:${port}`,
        events: 'webhook',
        ...more,
      });
      const http = createEmqxHttp(target, () => undefined, LIMITS);
      closing.push(http.close);
      return http.call(LIST);
    };
    try {
      expect((await ask('localhost', { caFile })).body).to.deep.equal([]);
      expect((await errorOf(ask('localhost'))).message).to.include('unknown CA');
      expect((await errorOf(ask('127.0.0.1', { caFile }))).message).to.include('for another host name');
    } finally {
      secure.close();
      secure.closeAllConnections();
      rmSync(folder, { recursive: true });
    }
  });

  it('publishes when the connection was refused and then is not, since nothing had been sent', async () => {
    const port = await freePort();
    const sending = open(`http://127.0.0.1:${port}`).call(SEND);
    const late = createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]'));
    });
    await new Promise<void>((resolve) => void late.listen(port, '127.0.0.1', resolve));
    expect((await sending).body).to.deep.equal([]);
    late.close();
  });

  it('keeps ten connections for any number of calls, and their order', async () => {
    let running = 0;
    let most = 0;
    server.answer(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return json([]);
    });
    const http = open();
    await Promise.all(Array.from({ length: 100 }, (_, index) => http.call({ ...LIST, path: `/${index}` })));
    expect(most).to.be.greaterThan(1).and.at.most(10);
    expect(server.connections()).to.be.at.most(10);
    expect(server.seen).to.have.length(100);
  });

  it('ends the calls that run and that wait when it is closed', async () => {
    server.answer(() => null);
    const http = open();
    const calls = Array.from({ length: 15 }, () => errorOf(http.call(SEND)));
    await until(() => server.seen.length === 10);
    http.close();
    for (const error of await Promise.all(calls))
      expect(error.message).to.include('the device manager is closing');
    expect(server.seen).to.have.length(10);
    expect(faults).to.equal(0);
  });

  it('does not let calls wait without end', async () => {
    const inTurns = createInTurns(1, 2, 50);
    const begun: string[] = [];
    let release: () => void = () => undefined;
    const first = inTurns(() => new Promise<void>((resolve) => (release = resolve)));
    const late = [1, 2].map((index) => errorOf(inTurns(async () => begun.push(String(index)))));
    expect(await errorOf(inTurns(async () => undefined))).to.include({ code: 'BUSY' });
    const since = Date.now();
    await until(() => Date.now() - since > 60);
    release();
    await first;
    for (const error of await Promise.all(late)) expect(error).to.include({ code: 'BUSY' });
    expect(begun).to.deep.equal([]);
    expect(await inTurns(async () => 'its turn')).to.equal('its turn');
  });
});

describe('an EMQX that is not well', () => {
  let server: RestServer;
  const closing: (() => void)[] = [];

  beforeEach(async () => {
    server = await openRestServer(v5(() => undefined));
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await server.close();
  });

  async function open(apiUrl = server.url) {
    const health = createHealthTeller({ connected: false, detail: 'not started' });
    const told: BrokerHealth[] = [];
    health.onChange((now) => told.push(now));
    const targets = readEmqxTargets({ ...KEY, apiUrl, events: 'webhook' });
    const rest = createEmqxRest(targets, health, () => undefined, { check: 60, first: 20 });
    closing.push(rest.close);
    await rest.open();
    return { rest, health, told };
  }

  const detail = async () => (await open()).health.now().detail;

  it('is found behind every spelling of its URL', async () => {
    for (const path of ['/', '/api/v5', '/api/v5/', '/api/v4/', '/api']) {
      expect((await open(server.url + path)).health.now()).to.deep.equal({
        connected: true,
        detail: `EMQX 5.8.9 at ${server.url}`,
      });
    }
    server.answer(({ path }) => (path === '/mqtt/emqx/api/v5/nodes' ? nodes('6.2.2') : { status: 404 }));
    expect((await open(`${server.url}/mqtt/emqx/api/v5`)).health.now().detail).to.equal(
      `EMQX 6.2.2 at ${server.url}/mqtt/emqx`,
    );
  });

  it('is asked for the version that its URL names first', async () => {
    server.answer(({ path }) =>
      path === '/api/v4/brokers' ? json({ code: 0, data: [{ version: '4.4.19' }] }) : { status: 404 },
    );
    const { health } = await open(`${server.url}/api/v4/`);
    expect(health.now().detail).to.equal(`EMQX 4.4.19 at ${server.url}`);
    expect(server.seen[0]!.path).to.equal('/api/v4/brokers');
  });

  it('may be none', async () => {
    server.answer(() => ({ status: 200, body: '<!doctype html><title>Grafana</title>' }));
    expect(await detail())
      .to.include('no REST API of EMQX')
      .and.include('18083');
    server.answer(() => ({ status: 404 }));
    expect(await detail()).to.include('no REST API of EMQX');
    server.answer(() => ({ status: 200, body: '[{"version":"5.8.9"},' }));
    expect(await detail()).to.include('no REST API of EMQX');
  });

  it('lets a key of few rights in, and says its version all the same', async () => {
    server.answer(({ path }) =>
      path === '/api/v5/nodes'
        ? json({ code: 'UNAUTHORIZED_ROLE', message: 'not allowed' }, 403)
        : json({ rel_vsn: 'v5.8.9', broker_status: 'started' }),
    );
    expect(await detail()).to.equal(`EMQX 5.8.9 at ${server.url}`);
  });

  it('is seen to go and to come back', async () => {
    const { health, told } = await open();
    server.answer(() => ({ status: 503 }));
    await until(() => !health.now().connected);
    expect(health.now().detail).to.include('not ready now');
    server.answer(v5(() => undefined));
    await until(() => health.now().connected);
    expect(told.map(({ connected }) => connected)).to.deep.equal([true, false, true]);
  });

  it('is spoken to as what it is after an upgrade', async () => {
    server.answer(({ path }) =>
      path === '/api/v4/brokers' ? json({ code: 0, data: [{ version: '4.4.19' }] }) : { status: 404 },
    );
    const { rest, health } = await open();
    expect(health.now().detail).to.include('EMQX 4.4.19');
    server.answer(
      v5(({ path }) =>
        path === '/api/v5/publish'
          ? json({ id: '1' })
          : path.startsWith('/api/v4')
            ? { status: 404 }
            : undefined,
      ),
    );
    await until(() => health.now().detail.includes('EMQX 5.8.9'));
    expect(await rest.publish([REQUEST])).to.deep.equal([{ accepted: true, noSubscriber: false }]);
  });

  it('tells of each message of a bulk that half failed', async () => {
    server.answer(
      v5(({ path, body }) =>
        path === '/api/v5/publish/bulk'
          ? json(
              (body as { topic: string }[]).map(({ topic }) =>
                topic.includes('A') ? { id: '1' } : { reason_code: 131, message: 'failed_to_dispatch' },
              ),
              503,
            )
          : undefined,
      ),
    );
    const { rest } = await open();
    const topics = ['/tpedm/A1/input', '/tpedm/B1/input', '/tpedm/+/input', '/tpedm/A2/input'];
    const receipts = await rest.publish(topics.map((topic) => ({ topic, payload: '{}' })));
    expect(receipts.map(({ accepted }) => accepted)).to.deep.equal([true, false, false, true]);
    expect(receipts[1]).to.have.nested.property('reason.text').that.includes('failed_to_dispatch');
  });

  it('gets the good ones alone where one spoils the bulk', async () => {
    server.answer(
      v5(({ path, body }) => {
        if (path === '/api/v5/publish/bulk')
          return json({ reason_code: 151, message: 'packet_too_large' }, 400);
        if (path !== '/api/v5/publish') return undefined;
        return (body as { payload: string }).payload.length > 100
          ? json({ reason_code: 151, message: 'packet_too_large' }, 400)
          : json({ id: '1' });
      }),
    );
    const { rest } = await open();
    const receipts = await rest.publish([REQUEST, { ...REQUEST, payload: 'x'.repeat(200) }, REQUEST]);
    expect(receipts.map(({ accepted }) => accepted)).to.deep.equal([true, false, true]);
    expect(receipts[1]).to.have.nested.property('reason.text').that.includes('packet_too_large');
  });

  it('gets many in bulks of bounded size, none of them empty, and their receipts in order', async () => {
    const bulks: number[] = [];
    server.answer(
      v5(({ path, body }) => {
        const all = body as { topic: string }[];
        if (path !== '/api/v5/publish/bulk') return undefined;
        bulks.push(all.length);
        return json(
          all.map(({ topic }) => (topic.includes('odd') ? { reason_code: 16 } : { id: topic })),
          202,
        );
      }),
    );
    const { rest } = await open();
    expect(await rest.publish([])).to.deep.equal([]);
    const many = Array.from({ length: 1001 }, (_, index) => ({
      topic: `/tpedm/${index % 2 ? 'odd' : 'even'}-${index}/input`,
      payload: '{}',
    }));
    const receipts = await rest.publish(many);
    expect(receipts.map((receipt) => receipt.accepted && receipt.noSubscriber)).to.deep.equal(
      many.map((_message, index) => index % 2 === 1),
    );
    expect(Math.max(...bulks)).to.be.at.most(500);
    expect(server.seen.filter(({ method }) => method === 'POST').length).to.be.at.most(10);
  });

  it('never gets a publish of unknown outcome again', async () => {
    server.answer(
      v5(({ path }, response) => {
        if (!path.startsWith('/api/v5/publish')) return undefined;
        response.destroy();
        return null;
      }),
    );
    const { rest } = await open();
    const receipts = await rest.publish([REQUEST, REQUEST]);
    expect(receipts.map(({ accepted }) => accepted)).to.deep.equal([false, false]);
    expect(server.seen.filter(({ method }) => method === 'POST')).to.have.length(1);
  });
});

describe('clients of EMQX 5', () => {
  let server: RestServer;

  beforeEach(async () => {
    server = await openRestServer(v5(() => undefined));
  });
  afterEach(() => server.close());

  const item = (clientid: string) => ({
    clientid,
    connected: true,
    connected_at: '2026-11-24T06:29:53.869+00:00',
  });

  it('are all listed though others come and go between the pages', async () => {
    let all = Array.from({ length: 50 }, (_, index) => `gw-${String(index).padStart(3, '0')}`);
    // By the key of the last one, as EMQX does since 5.7.
    server.answer(
      v5(({ path, query }) => {
        if (path !== '/api/v5/clients_v2') return undefined;
        const after = query.get('cursor') ?? '';
        const page = all.filter((id) => id > after).slice(0, Number(query.get('limit')));
        const isLast = page.at(-1) === all.at(-1) || page.length === 0;
        return json({
          data: page.map(item),
          meta: { count: page.length, ...(isLast ? {} : { cursor: page.at(-1) }) },
        });
      }),
    );
    const { broker } = await openEmqxRig({ apiUrl: server.url });
    const listed: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await broker.listClients(10, cursor);
      listed.push(...page.clients.map(({ clientid }) => clientid));
      cursor = page.next;
      // The first of the list go, and newer ones come.
      all = [...all.slice(3), `gw-new-${all.length}`];
    } while (cursor !== null && listed.length < 200);
    const stayed = Array.from({ length: 35 }, (_, index) => `gw-${String(index + 15).padStart(3, '0')}`);
    expect(listed).to.include.members(stayed);
    expect(new Set(listed).size).to.equal(listed.length);
    await broker.close();
  });

  it('are listed where one of them is odd, and are not where the list makes no sense', async () => {
    const odd = {
      ...item('odd'),
      port: 'infinity',
      username: 'undefined',
      connected_at: 'soon',
      keepalive: null,
    };
    server.answer(
      v5(({ path }) =>
        path === '/api/v5/clients_v2'
          ? json({ data: [{}, odd, { clientid: '', connected: true }], meta: {} })
          : undefined,
      ),
    );
    const { broker } = await openEmqxRig({ apiUrl: server.url });
    const { clients } = await broker.listClients(10, null);
    expect(clients).to.have.length(1);
    expect(clients[0]).to.include({ clientid: 'odd', port: null, username: null, connectedAt: null });
    for (const answer of [
      { data: [{}], meta: {} },
      { data: 'none' },
      'text',
      { data: [{ clientid: 7 }], meta: {} },
      { data: [7], meta: {} },
    ]) {
      server.answer(v5(({ path }) => (path === '/api/v5/clients_v2' ? json(answer) : undefined)));
      expect(await errorOf(broker.listClients(10, null))).to.include({ code: 'UNAVAILABLE' });
    }
    await broker.close();
  });
});

describe('clients that are locked out of EMQX', () => {
  interface Ban {
    as: string;
    who: string;
    by: string;
    until?: string | number;
  }
  let server: RestServer;
  let bans: Ban[];
  let kicked: string[];

  beforeEach(() => {
    bans = [];
    kicked = [];
  });
  afterEach(() => server.close());

  const idIn = ({ path }: Seen) => decodeURIComponent(path.split('/').at(-1)!);
  const others: Ban[] = [
    { as: 'clientid', who: 'theirs', by: 'admin', until: 'infinity' },
    { as: 'username', who: 'gw-1', by: 'tpedm', until: 'infinity' },
  ];

  async function openV5(filters: boolean) {
    server = await openRestServer(
      v5((seen) => {
        const { method, path, query, body } = seen;
        if (path.startsWith('/api/v5/clients/')) {
          kicked.push(idIn(seen));
          return json({ code: 'CLIENTID_NOT_FOUND' }, 404);
        }
        if (!path.startsWith('/api/v5/banned')) return undefined;
        if (method === 'POST') {
          const ban = body as Ban;
          const old = bans.find(({ as, who }) => as === ban.as && who === ban.who);
          if (old) return json({ code: 'ALREADY_EXISTS', message: JSON.stringify(old) }, 400);
          bans.push(ban);
          return json(ban);
        }
        if (method === 'DELETE') {
          const left = bans.filter(({ as, who }) => as !== 'clientid' || who !== idIn(seen));
          const was = bans.length;
          bans = left;
          return left.length < was ? { status: 204 } : json({ code: 'NOT_FOUND', message: 'not found' }, 404);
        }
        const wanted = filters ? query.get('clientid') : null;
        const found = bans.filter(({ who }) => wanted === null || who === wanted);
        const [page, limit] = [Number(query.get('page')), Number(query.get('limit'))];
        const data = found.slice((page - 1) * limit, page * limit);
        return json({ data, meta: { page, limit, hasnext: page * limit < found.length } });
      }),
    );
    return (await openEmqxRig({ apiUrl: server.url })).broker;
  }

  it('are banned for good and kicked, also when they are already or for a while', async () => {
    const broker = await openV5(true);
    await broker.ban('gw/1');
    await broker.ban('gw/1');
    expect(bans).to.have.length(1);
    expect(bans[0]).to.include({ as: 'clientid', who: 'gw/1', by: 'tpedm' });
    expect(new Date(bans[0]!.until!).getUTCFullYear()).to.be.greaterThan(2900);
    expect(kicked).to.deep.equal(['gw/1', 'gw/1']);
    bans.push({
      as: 'clientid',
      who: 'flapping',
      by: 'flapping detector',
      until: '2026-11-25T00:00:00+00:00',
    });
    bans.push(...others);
    await broker.ban('flapping');
    await broker.ban('theirs');
    expect(bans.find(({ who }) => who === 'flapping')).to.have.property('by', 'tpedm');
    expect(bans.find(({ who }) => who === 'theirs')).to.have.property('by', 'admin');
    await broker.close();
  });

  for (const filters of [true, false]) {
    it(`are let in again, and nobody else, where EMQX ${filters ? 'looks for one' : 'lists all'}`, async () => {
      const broker = await openV5(filters);
      const ours = Array.from({ length: 1500 }, (_, index) => `gw-${index}`);
      bans = [...ours.map((who) => ({ as: 'clientid', who, by: 'tpedm', until: 'infinity' })), ...others];
      await broker.unban(['gw-1', 'gw-1499', 'theirs', 'unknown']);
      expect(bans).to.have.length(1500);
      expect(bans).to.deep.include.members(others);
      await broker.unban([]);
      await broker.unban([...ours.slice(0, 1000), 'theirs']);
      expect(bans).to.have.length(501);
      expect(bans).to.deep.include.members(others);
      await broker.close();
    });
  }

  it('are banned in EMQX 4, which would forget it after five minutes', async () => {
    server = await openRestServer((seen) => {
      const { method, path, body, query } = seen;
      if (path === '/api/v4/brokers') return json({ code: 0, data: [{ version: '4.4.19' }] });
      if (path.startsWith('/api/v4/clients/')) {
        kicked.push(idIn(seen));
        return json({ code: 112, message: 'not_found' });
      }
      if (!path.startsWith('/api/v4/banned')) return { status: 404 };
      if (method === 'POST') bans.push(body as Ban);
      if (method === 'DELETE') bans = bans.filter(({ who }) => who !== idIn(seen));
      const [page, limit] = [Number(query.get('_page')), Number(query.get('_limit'))];
      const data = bans.slice((page - 1) * limit, page * limit);
      return json(
        method === 'GET' ? { code: 0, data, meta: { page, limit, count: bans.length } } : { code: 0 },
      );
    });
    const { broker } = await openEmqxRig({ apiUrl: server.url });
    await broker.ban('gw-1');
    expect(kicked).to.deep.equal(['gw-1']);
    expect(bans[0]).to.include({ as: 'clientid', who: 'gw-1', by: 'tpedm' });
    expect(bans[0]!.until).to.be.greaterThan(Date.now() / 1000 + 1e9);
    bans.push(
      ...Array.from({ length: 2000 }, (_, index) => ({ as: 'clientid', who: `x-${index}`, by: 'admin' })),
    );
    bans.push({ as: 'clientid', who: 'gw-2', by: 'tpedm' });
    await broker.unban(['gw-1', 'gw-2', 'x-7']);
    expect(bans).to.have.length(2000);
    await broker.close();
  });
});
