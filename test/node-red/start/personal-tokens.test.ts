import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'chai';
import type { PersonalToken } from '../../../nodes/manager/accounts/personal-token.js';
import type { User } from '../../../nodes/manager/accounts/users.js';
import type { AuditEntry } from '../../../nodes/manager/audit/audit-entry.js';
import type { Page } from '../../../nodes/manager/shared/page.js';
import type { Role } from '../../../nodes/manager/shared/role.js';
import {
  type DashboardSocket,
  logInAtDashboard,
  openDashboardSocket,
} from '../../support/dashboard-socket.js';
import { type NodeRedProcess, startNodeRed } from '../../support/node-red-process.js';
import { restCaller } from '../../support/rest-caller.js';

const USERS = 'w-users';
const PASSWORD = 'correct horse battery';
const V = 'virtual-0001';
const MESSAGE = `/api/emqx/clients/${V}/message`;
const READ = { path: '/device/time', method: 'GET' };
const RUNS_CODE = 'put-function-requirements';

type Made = PersonalToken & { token: string };

describe('personal API tokens and REST', () => {
  let nodeRed: NodeRedProcess;
  let admin: DashboardSocket;
  let people = 0;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '1', TPE_TRUST_PROXY: 'loopback' } });
    await restCaller(nodeRed).until('/api/device?status=online', ({ data }) => data.length === 1);
    admin = await openDashboardSocket(
      nodeRed,
      (await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword)).cookie,
    );
  });
  after(async () => {
    admin?.close();
    await nodeRed?.stop();
  });

  interface Sent {
    body?: unknown;
    type?: string;
    address?: string;
  }

  async function send(
    token: string,
    method: string,
    path: string,
    { body, type = 'application/json', address }: Sent = {},
  ) {
    const response = await fetch(nodeRed.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': type }),
        ...(address !== undefined && { 'x-forwarded-for': address }),
      },
      body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  }
  const statusOf = async (token: string, method: string, path: string, sent: Sent = {}) =>
    (await send(token, method, path, sent)).status;

  /** Somebody new with a token of the same role. */
  async function person(role: Role): Promise<{ user: User; socket: DashboardSocket; made: Made }> {
    people += 1;
    const name = `${role}-${people}`;
    const { user } = await admin.answer<{ user: User }>(USERS, 'people.create', {
      name,
      role,
      password: PASSWORD,
    });
    const { cookie } = await logInAtDashboard(nodeRed, name, PASSWORD, {
      'x-forwarded-for': `203.0.113.${people}`,
    });
    const socket = await openDashboardSocket(nodeRed, cookie);
    return {
      user,
      socket,
      made: await socket.answer<Made>('w-account', 'tokens.create', { name: 'ci', role }),
    };
  }
  const audit = async (query: object) =>
    (await admin.answer<Page<AuditEntry>>(USERS, 'audit.list', { limit: 20, ...query })).items;

  it('let a viewer read, and do nothing, in whatever way it is spelt', async () => {
    const { user, socket, made } = await person('viewer');
    for (const path of ['/api/device', `/API/device/${V}`, '/api/operation/category', '/api/update']) {
      expect(await statusOf(made.token, 'GET', path), path).to.equal(200);
    }
    expect(await statusOf(made.token, 'HEAD', '/api/device')).to.equal(200);
    const calls = [
      ['POST', '/api/device', { clientid: 'gw-viewer' }],
      ['POST', '/API/Device/', { clientid: 'gw-viewer' }],
      ['DELETE', `/api/device/${V}`],
      ['PUT', '/api/device/checkUpdate', {}],
      ['POST', MESSAGE, READ],
      ['POST', '/api/operation/import', '{}'],
      ['PATCH', '/api/device', {}],
    ] as const;
    for (const [method, path, body] of calls) {
      const { status, text } = await send(made.token, method, path, { body });
      expect(status, `${method} ${path}`).to.equal(403);
      const { code, cause } = JSON.parse(text).data;
      expect([code, cause?.code, cause?.params.role], path).to.deep.equal([
        'FORBIDDEN',
        'role-missing',
        'viewer',
      ]);
    }
    expect(await statusOf(nodeRed.token, 'GET', '/api/device/gw-viewer')).to.equal(404);
    const [entry] = await audit({ who: user.name, action: 'rest.call' });
    expect(entry).to.include({ accountId: user.id, role: 'viewer', outcome: 'refused' });
    expect(entry?.cause?.code).to.equal('role-missing');
    expect(entry?.detail).to.include({ tokenName: 'ci' });
    socket.close();
  });

  it('are refused before a byte of a body is read', async () => {
    const { socket, made } = await person('viewer');
    // A body that is announced, and never comes.
    const headers = {
      authorization: `Bearer ${made.token}`,
      'content-type': 'application/json',
      'content-length': '100',
    };
    const call = request(`${nodeRed.url}/api/device`, { method: 'POST', headers });
    call.flushHeaders();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(response.statusCode).to.equal(403);
    call.destroy();
    socket.close();
  });

  it('let an operator act, and the records say who it was, and with which token', async () => {
    const { user, socket, made } = await person('operator');
    expect(await statusOf(made.token, 'POST', '/api/device', { body: { clientid: 'gw-1' } })).to.equal(200);
    const sent = await send(made.token, 'POST', `${MESSAGE}?wait=true`, { body: READ });
    expect(sent.status, sent.text).to.equal(200);
    const scan = await send(made.token, 'PUT', '/api/device/checkUpdate', { body: { model: 'none' } });
    expect(scan.status, scan.text).to.be.oneOf([200, 503]);

    const commands = await socket.answer<Page<{ requestedBy: string }>>('w-commands', 'commands.list', {
      clientid: V,
      limit: 20,
    });
    expect(commands.items.map(({ requestedBy }) => requestedBy)).to.include(`REST: ${user.name} (ci)`);
    const entries = await audit({ who: user.name });
    expect(entries.find(({ action }) => action === 'gateway.register')).to.deep.include({
      accountId: user.id,
      role: 'operator',
      clientid: 'gw-1',
      detail: { call: 'POST /api/device', tokenName: 'ci' },
      outcome: 'done',
    });
    expect(JSON.stringify(entries)).not.to.contain(made.token);
    socket.close();
  });

  it('keep from operators what is for administrators, however it is sent', async () => {
    const { user, socket, made } = await person('operator');
    const bodies: unknown[] = [
      { operation: RUNS_CODE, requestBody: {} },
      { method: 'PUT', path: '/function/requirements', requestBody: {} },
      { method: ' put ', path: '/api/v1/FUNCTION//requirements?x=1', requestBody: {} },
    ];
    for (const body of bodies) {
      for (const path of [MESSAGE, MESSAGE.toUpperCase().replace('VIRTUAL', 'virtual'), `${MESSAGE}/`]) {
        const { status, text } = await send(made.token, 'POST', path, { body });
        expect(status, `${path} ${JSON.stringify(body)} ${text}`).to.equal(403);
      }
    }
    // Node-RED reads these, too.
    const form = new URLSearchParams({ method: 'PUT', path: '/function/requirements' }).toString();
    for (const [type, body] of [
      ['application/x-www-form-urlencoded', form],
      ['text/plain', JSON.stringify(bodies[1])],
      [
        'multipart/form-data; boundary=x',
        `--x\r\ncontent-disposition: form-data; name="path"\r\n\r\n/x\r\n--x--`,
      ],
    ] as const) {
      expect(await statusOf(made.token, 'POST', MESSAGE, { type, body }), type).to.be.oneOf([403, 415]);
    }
    for (const [method, path] of [
      ['POST', '/api/operation/import'],
      ['DELETE', '/api/operation/own-none'],
    ] as const) {
      expect(await statusOf(made.token, method, path, { body: '{}' }), path).to.equal(403);
    }
    const [entry] = await audit({ who: user.name, action: 'command.send' });
    expect(entry).to.include({ outcome: 'refused', role: 'operator' });
    expect(entry?.detail).to.include({ tokenName: 'ci' });

    const { made: higher, socket: other } = await person('administrator');
    const last = { body: bodies[1] };
    expect(await statusOf(higher.token, 'POST', MESSAGE, last)).not.to.be.oneOf([401, 403, 415]);
    expect(await statusOf(higher.token, 'DELETE', '/api/operation/own-none')).to.equal(404);
    // It is for REST alone.
    expect(await statusOf(higher.token, 'GET', '/flows')).to.equal(401);
    expect(await statusOf(higher.token, 'GET', '/dashboard/_setup')).to.equal(401);
    socket.close();
    other.close();
  });

  it('end at once when they are revoked, and when their owner loses what they stand for', async () => {
    const { user, socket, made } = await person('operator');
    const post = async () =>
      await statusOf(made.token, 'POST', MESSAGE, { body: READ, address: '203.0.113.150' });
    const change = (more: object) =>
      admin.answer(USERS, 'people.change', { user: { id: user.id, name: user.name }, ...more });
    expect(await post()).to.equal(200);
    await change({ role: 'viewer', confirm: 'operator > viewer' });
    expect(await post()).to.equal(403);
    await change({ enabled: false });
    expect(await post()).to.equal(401);
    await change({ enabled: true, role: 'operator', confirm: 'viewer > operator' });
    expect(await post()).to.equal(200);
    await admin.answer(USERS, 'tokens.revoke', { id: made.id });
    expect(await post()).to.equal(401);
    const [entry] = await audit({ action: 'token.revoke' });
    expect(entry).to.include({ who: 'admin', outcome: 'done' });
    expect(entry?.detail).to.deep.equal({
      tokenId: made.id,
      tokenName: 'ci',
      user: user.name,
      userId: user.id,
    });
    socket.close();
  });

  it('are made, seen and revoked by who owns them; of others only by administrators', async () => {
    const one = await person('operator');
    const two = await person('viewer');
    const ask = (name: string, input: object) => two.socket.ask('w-account', name, input);
    expect(await ask('tokens.create', { name: 'more', role: 'operator' })).to.include({ code: 'FORBIDDEN' });
    expect(await ask('tokens.list', {})).to.include({ code: 'FORBIDDEN' });
    expect(await ask('tokens.revoke', { id: one.made.id })).to.include({ code: 'NOT_FOUND' });
    expect(await statusOf(one.made.token, 'GET', '/api/update')).to.equal(200);
    const mine = await two.socket.answer<PersonalToken[]>('w-account', 'tokens.mine', {});
    expect(mine.map(({ id, owner }) => [id, owner.id])).to.deep.equal([[two.made.id, two.user.id]]);
    const all = await admin.answer<PersonalToken[]>(USERS, 'tokens.list', {});
    expect(all.map(({ id }) => id)).to.include.members([one.made.id, two.made.id]);
    expect(all.find(({ id }) => id === one.made.id)?.lastUsedAt).not.to.equal(null);
    expect(JSON.stringify([mine, all])).not.to.contain('tpedm_');
    await two.socket.answer('w-account', 'tokens.revoke', { id: two.made.id });
    expect(await two.socket.answer('w-account', 'tokens.mine', {})).to.deep.equal([]);
    const [made] = await audit({ who: two.user.name, action: 'token.create', outcome: 'done' });
    expect(made?.detail).to.deep.equal({ tokenName: 'ci', role: 'viewer' });
    one.socket.close();
    two.socket.close();
  });

  it('are guessed by nobody for long, and who has a right one is not kept out by who guesses', async () => {
    const { socket, made } = await person('viewer');
    const address = '203.0.113.200';
    const guess = (number: number) => `tpedm_${String(number).padStart(32, 'x')}`;
    const statuses: number[] = [];
    for (let number = 0; number < 101; number += 1) {
      statuses.push(await statusOf(guess(number), 'GET', '/api/update', { address }));
    }
    expect(statuses.filter((status) => status === 401)).to.have.length(100);
    expect(statuses.at(-1)).to.equal(429);
    expect(await statusOf(made.token, 'GET', '/api/update', { address })).to.equal(200);
    expect(await statusOf(nodeRed.token, 'GET', '/api/update', { address })).to.equal(200);
    socket.close();
  });
});
