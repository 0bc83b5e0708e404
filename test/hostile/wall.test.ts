import { expect } from 'chai';
import { WebSocket } from 'ws';
import { ROUTES } from '../../nodes/api/rest/index.js';
import type { WallState } from '../../nodes/api/wall-state.js';
import type { PersonalToken } from '../../nodes/manager/accounts/personal-token.js';
import type { AuditEntry } from '../../nodes/manager/audit/audit-entry.js';
import type { Page } from '../../nodes/manager/shared/page.js';
import { type DashboardSocket, logInAtDashboard, openDashboardSocket } from '../support/dashboard-socket.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';

type Made = PersonalToken & { token: string };

const WALL = '/dashboard/wall/';
const STATE = '/dashboard/wall/state';
/** All that somebody gets without a login, bytes over the line. */
const MOST_OF_GUESTS = 12_000;

describe('hostile: the wall page, and a token that opens nothing else', () => {
  let nodeRed: NodeRedProcess;
  let admin: DashboardSocket;
  let wall: Made;
  let made = 0;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '1', TPE_TRUST_PROXY: 'loopback' } });
    const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
    admin = await openDashboardSocket(nodeRed, cookie);
    wall = await make({ scope: 'wall' });
  });
  after(async () => {
    admin?.close();
    await nodeRed?.stop();
  });

  function make(given: object): Promise<Made> {
    made += 1;
    return admin.answer<Made>('w-account', 'tokens.create', { name: `${made}`, role: 'viewer', ...given });
  }

  async function ask(path: string, token?: string, more: RequestInit & { address?: string } = {}) {
    const { address = '203.0.113.7', ...init } = more;
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      'x-forwarded-for': address,
      ...(init.headers as Record<string, string>),
    };
    const response = await fetch(nodeRed.url + path, { redirect: 'manual', ...init, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async function refused(path: string, token?: string, more: RequestInit & { address?: string } = {}) {
    const { status, text } = await ask(path, token, more);
    const { data } = JSON.parse(text) as { data: { code: string; cause?: { code: string } } };
    return [status, data.code, data.cause?.code ?? null];
  }

  it('shows the fleet to who has a token for it, or is signed in', async () => {
    const { status, headers, text } = await ask(STATE, wall.token);
    expect(status, text).to.equal(200);
    expect(headers.get('cache-control')).to.equal('no-store');
    const { data } = JSON.parse(text) as { data: WallState };
    expect(data.counts.total).to.equal(1);
    expect(data.overTime).to.have.length(97);
    const { cookie } = admin;
    expect((await ask(STATE, undefined, { headers: { cookie } })).status).to.equal(200);
    const [entry] = await admin.answer<PersonalToken[]>('w-account', 'tokens.mine', {});
    expect(entry).to.include({ scope: 'wall', role: 'viewer' });
    expect(JSON.stringify(entry)).not.to.contain('tpedm_');
  });

  it('costs guests little, tells them nothing, and leads to no other file', async () => {
    let bytes = 0;
    const page = await ask(WALL);
    expect(page.headers.get('content-security-policy')).to.include("default-src 'none'");
    const script = /src="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const loaded = await ask(`${WALL}${script}`);
    expect(loaded.headers.get('cache-control')).to.include('immutable');
    for (const { headers } of [page, loaded]) bytes += Number(headers.get('content-length'));
    expect(bytes).to.be.greaterThan(1000).and.below(MOST_OF_GUESTS);
    expect(page.text + loaded.text).not.to.match(/virtual-0001|tpedm_[\w-]{32}/);
    const etag = page.headers.get('etag')!;
    expect((await ask(WALL, undefined, { headers: { 'if-none-match': etag } })).status).to.equal(304);
    const version = script.split('/', 1)[0]!;
    const others = [
      'x',
      `${version}/`,
      `${version}/wall.js.map`,
      `${version}/..%2fwall-files.js`,
      '0/wall.js',
      'state/',
    ];
    for (const name of others) expect((await ask(WALL + name)).status, name).to.equal(404);
    expect((await ask('/dashboard/wall?lang=de')).headers.get('location')).to.equal('wall/?lang=de');
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await ask(STATE, wall.token, { method })).status, method).to.be.oneOf([401, 403]);
  });

  it('is closed to who has no token, a forged one, one for REST, or the one of the installation', async () => {
    expect(await refused(STATE)).to.deep.equal([401, 'UNAUTHORIZED', null]);
    const forged = [
      `tpedm_${'x'.repeat(32)}`,
      wall.token.slice(0, -1),
      wall.token.toUpperCase(),
      `${wall.token}x`,
      'null',
      `${wall.token}'--`,
    ];
    for (const token of forged)
      expect(await refused(STATE, token), token).to.deep.equal([401, 'UNAUTHORIZED', null]);
    for (const token of [
      (await make({})).token,
      (await make({ role: 'administrator' })).token,
      nodeRed.token,
    ])
      expect(await refused(STATE, token)).to.deep.equal([403, 'FORBIDDEN', 'token-of-rest']);
    // In the address a token counts for nothing: it would be in logs.
    expect(await refused(`${STATE}?token=${wall.token}&access_token=${wall.token}`)).to.include(401);
    const entries = await admin.answer<Page<AuditEntry>>('w-users', 'audit.list', {
      action: 'wall.open',
      limit: 100,
    });
    expect(new Set(entries.items.map(({ cause }) => cause?.code))).to.deep.equal(
      new Set(['wall-token-wrong', 'token-of-rest']),
    );
    expect(JSON.stringify(entries)).not.to.contain('tpedm_');
  });

  it('is guessed by nobody for long, while screens at the same address go on', async () => {
    const address = '203.0.113.99';
    const statuses: number[] = [];
    for (let number = 0; number < 102; number += 1)
      statuses.push((await ask(STATE, `tpedm_${String(number).padStart(32, 'y')}`, { address })).status);
    expect(statuses.filter((status) => status === 401)).to.have.length(100);
    expect(statuses.at(-1)).to.equal(429);
    expect((await ask(STATE, wall.token, { address })).status).to.equal(200);
  });

  it('has a token that every route of REST refuses, saying why', async () => {
    expect(ROUTES.length).to.be.greaterThan(50);
    for (const { method, path, role } of ROUTES) {
      if (role === null) continue;
      const call = `/api${path.replaceAll(/\{\w+\}/g, 'x')}`;
      for (const spelt of [call, call.toUpperCase()]) {
        const body = method === 'GET' ? null : '{}';
        const headers = { 'content-type': 'application/json' };
        const answer = await refused(spelt, wall.token, { method, body, headers });
        expect(answer, `${method} ${spelt}`).to.deep.equal([403, 'FORBIDDEN', 'token-of-wall']);
      }
    }
    const of = { action: 'rest.call', limit: 1 };
    const [entry] = (await admin.answer<Page<AuditEntry>>('w-users', 'audit.list', of)).items;
    expect(entry).to.include({ who: 'admin', outcome: 'refused' });
    expect(entry?.detail).to.include({ tokenName: wall.name });
  });

  it('has a token that opens neither editor, nor metrics, nor any other page or socket', async () => {
    const paths = [
      '/flows',
      '/settings',
      '/metrics',
      '/tpe-server/operations',
      '/dashboard/_setup',
      '/dashboard/',
    ];
    for (const path of paths)
      expect((await ask(path, wall.token)).status, path).to.be.oneOf([302, 401, 403, 404]);
    for (const path of ['/dashboard/fleet', '/dashboard/assets/x.js', '/dashboard/wallx'])
      expect((await ask(path, wall.token)).status, path).to.equal(401);
    const socket = new WebSocket(
      `${nodeRed.url.replace('http', 'ws')}/dashboard/socket.io/?EIO=4&transport=websocket`,
      { headers: { authorization: `Bearer ${wall.token}` } },
    );
    const heard: string[] = [];
    socket.on('message', (data) => {
      heard.push(String(data));
      if (heard.length === 1) socket.send('40');
    });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(heard.join()).to.include('Sign in to the dashboard first.');
  });

  it('is made for a viewer alone, and by nobody who has no session or token for REST', async () => {
    for (const role of ['operator', 'administrator']) {
      const told = await admin.ask('w-account', 'tokens.create', { name: role, role, scope: 'wall' });
      expect(told).to.include({ type: 'refused', code: 'INVALID_INPUT' });
    }
    const { token } = await make({ role: 'viewer' });
    const body = JSON.stringify({ name: 'by REST', role: 'viewer', scope: 'wall', days: 1 });
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    const { status, text } = await ask('/api/token', token, init);
    expect(status, text).to.equal(200);
    const { data } = JSON.parse(text) as { data: Made };
    expect(data).to.include({ scope: 'wall', role: 'viewer' });
    expect((await ask(STATE, data.token)).status).to.equal(200);
    // It goes with the one that it was made with.
    const mine = await admin.answer<PersonalToken[]>('w-account', 'tokens.mine', {});
    await admin.answer('w-account', 'tokens.revoke', { id: mine.find(({ name }) => name === `${made}`)!.id });
    expect(await refused(STATE, data.token)).to.include(401);
  });

  it('is closed at once when the token is revoked, and when its owner may look no more', async () => {
    const { user } = await admin.answer<{ user: { id: string; name: string } }>('w-users', 'people.create', {
      ...{ name: 'walter', role: 'viewer', password: 'correct horse battery' },
    });
    const { cookie } = await logInAtDashboard(nodeRed, 'walter', 'correct horse battery');
    const his = await openDashboardSocket(nodeRed, cookie);
    const create = (name: string) =>
      his.answer<Made>('w-account', 'tokens.create', { name, role: 'viewer', scope: 'wall' });
    const [one, two] = [await create('one'), await create('two')];
    for (const { token } of [one, two]) expect((await ask(STATE, token)).status).to.equal(200);
    await his.answer('w-account', 'tokens.revoke', { id: one.id });
    expect(await refused(STATE, one.token)).to.include(401);
    expect((await ask(STATE, two.token)).status).to.equal(200);
    await admin.answer('w-users', 'people.change', {
      user: { id: user.id, name: user.name },
      enabled: false,
    });
    expect(await refused(STATE, two.token)).to.include(401);
    his.close();
  });
});
