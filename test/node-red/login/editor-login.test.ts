import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import type { User } from '../../../nodes/manager/accounts/users.js';
import type { AuditEntry } from '../../../nodes/manager/audit/audit-entry.js';
import type { Page } from '../../../nodes/manager/shared/page.js';
import {
  type DashboardSocket,
  logInAtDashboard,
  openDashboardSocket,
} from '../../support/dashboard-socket.js';
import { logInAtEditor } from '../../support/editor-login.js';
import { type NodeRedProcess, startNodeRed } from '../../support/node-red-process.js';

const USERS = 'w-users';
const PASSWORD = 'correct horse battery';

describe('the login of the editor', () => {
  let nodeRed: NodeRedProcess;
  let admin: DashboardSocket;
  let people = 0;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0', TPE_TRUST_PROXY: 'loopback' } });
    // It answers when the device manager is open, and with it the list of people.
    await fetch(`${nodeRed.url}/api/device`, { headers: { authorization: `Bearer ${nodeRed.token}` } });
    const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
    admin = await openDashboardSocket(nodeRed, cookie);
  });
  after(async () => {
    admin?.close();
    await nodeRed?.stop();
  });

  const from = (address: string) => ({ 'x-forwarded-for': address });
  const signIn = (fields: Record<string, string>, address = '203.0.113.1', path = '/auth/token') =>
    fetch(nodeRed.url + path, {
      method: 'POST',
      headers: from(address),
      body: new URLSearchParams({
        ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '' },
        ...fields,
      }),
    });
  const call = async (token: string | undefined, method = 'GET', path = '/flows') =>
    (
      await fetch(nodeRed.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: JSON.stringify({ token }) }),
      })
    ).status;
  const namedUser = ({ id, name }: User) => ({ user: { id, name } });

  /** What Node-RED says to a socket of the editor with this token, and when it is closed. */
  async function openComms(token: string | undefined): Promise<{ answer: string; closed: Promise<unknown> }> {
    const socket = new WebSocket(`${nodeRed.url.replace('http', 'ws')}/comms`);
    // Where the server ends the connection below.
    socket.on('error', () => undefined);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    socket.send(JSON.stringify({ auth: token }));
    const [data] = (await once(socket, 'message')) as [unknown];
    return { answer: (JSON.parse(String(data)) as { auth: string }).auth, closed };
  }

  /** An administrator who has just been made. */
  async function newPerson(name?: string): Promise<User> {
    people += 1;
    const input = { name: name ?? `ada${people}`, role: 'administrator', password: PASSWORD };
    return (await admin.answer<{ user: User }>(USERS, 'people.create', input)).user;
  }

  it('gives administrators a token that holds, in the form of OAuth', async () => {
    const answer = await signIn({ username: 'ADMIN', password: nodeRed.adminPassword });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const body = (await answer.json()) as { access_token: string };
    expect(body)
      .to.include({ token_type: 'Bearer' })
      .and.have.property('expires_in')
      .that.is.within(600_000, 604_800);
    expect(await call(body.access_token)).to.equal(200);
    const who = await fetch(`${nodeRed.url}/settings`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(((await who.json()) as { user: object }).user).to.deep.equal({
      username: 'admin',
      permissions: '*',
    });
    const { items } = await admin.answer<Page<AuditEntry>>(USERS, 'audit.list', {
      action: 'editor.login',
      limit: 1,
    });
    expect(items[0]).to.include({
      who: 'admin',
      accountId: 'admin',
      address: '203.0.113.1',
      outcome: 'done',
    });
    // As programs send it, and spelt in other ways.
    const json = await fetch(`${nodeRed.url}/AUTH/token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ client_id: 'node-red-admin', grant_type: 'password', scope: 'flows.read' },
        ...{ username: 'admin', password: nodeRed.adminPassword },
      }),
    });
    const narrow = ((await json.json()) as { access_token: string }).access_token;
    expect(await call(narrow)).to.equal(200);
    expect(await call(narrow, 'POST')).to.equal(401);
    expect(await call(narrow, 'GET', '/settings')).to.equal(401);
  });

  it('keeps nothing on disk that opens it', async () => {
    const { token = '' } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
    expect(existsSync(join(nodeRed.dataDir, '.sessions.json'))).to.equal(false);
    const stored = readFileSync(join(nodeRed.dataDir, 'sessions.json'), 'utf8');
    expect(stored).to.contain('"editor"').and.not.to.contain(token).and.not.to.contain(token.split('.')[0]);
    const { idHash } = (JSON.parse(stored) as { idHash: string }[]).at(-1)!;
    expect(await call(idHash)).to.equal(401);
  });

  it('takes no cookie of the dashboard for a token, nor a token for a cookie', async () => {
    const cookie = admin.cookie.replace(/^[^=]*=/, '');
    expect(await call(cookie)).to.equal(401);
    const { token } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
    const setup = await fetch(`${nodeRed.url}/dashboard/_setup`, {
      headers: { cookie: admin.cookie.replace(/=.*/, `=${token}`) },
    });
    expect(setup.status).to.equal(401);
  });

  it('refuses what is no request for a token', async () => {
    const wrong: [Record<string, string>, number][] = [
      [{ grant_type: 'client_credentials' }, 400],
      [{ scope: 'x'.repeat(300) }, 400],
      [{ client_id: 'other' }, 401],
      [{ username: 'x'.repeat(9000) }, 413],
    ];
    for (const [fields, status] of wrong) {
      const right = { username: 'admin', password: nodeRed.adminPassword };
      expect((await signIn({ ...right, ...fields })).status).to.equal(status);
    }
  });

  it('ends by signing out, for this token alone', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(async () => (await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword)).token),
    );
    const comms = await openComms(one);
    expect(await call(one, 'POST', '/auth/revoke')).to.equal(200);
    await comms.closed;
    expect(await call(one)).to.equal(401);
    expect(await call(other)).to.equal(200);

    // As OAuth has it, the one that is named ends, and not the one that is used.
    const { token: using } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
    const headers = { authorization: `Bearer ${using}` };
    const body = new URLSearchParams({ token: other ?? '' });
    expect((await fetch(`${nodeRed.url}/auth/revoke`, { method: 'POST', headers, body })).status).to.equal(
      200,
    );
    expect(await call(other)).to.equal(401);
    expect(await call(using)).to.equal(200);
  });

  it('lets an address guess ten times, however the name is spelt, and at whichever door', async () => {
    const letters = [...'administrator'];
    const spellings = Array.from({ length: 60 }, (_, index) =>
      letters.map((letter, at) => ((index >> at) & 1 ? letter.toUpperCase() : letter)).join(''),
    );
    const statuses: number[] = [];
    for (const username of spellings) {
      statuses.push((await signIn({ username, password: 'a guess' }, '203.0.113.60')).status);
    }
    expect(statuses).to.deep.equal([...Array(10).fill(403), ...Array(50).fill(429)]);
    const late = await signIn({ username: 'other', password: 'a guess' }, '203.0.113.60', '/Auth/Token');
    expect(late.status).to.equal(429);
    expect(Number(late.headers.get('retry-after'))).to.be.within(1, 600);
    expect(await logInAtDashboard(nodeRed, 'other', 'a guess', from('203.0.113.60'))).to.include({
      status: 429,
    });
    // The same the other way round.
    for (let guess = 0; guess < 10; guess += 1)
      await logInAtDashboard(nodeRed, `vera${guess}`, 'a guess', from('203.0.113.61'));
    expect((await signIn({ username: 'admin', password: 'a guess' }, '203.0.113.61')).status).to.equal(429);
  });

  it('lets who has the right password in while others fill it with guesses', async () => {
    // Each of the guesses takes a core for 0.1 s, and there are many.
    const right = { username: 'admin', password: nodeRed.adminPassword };
    for (let round = 0; round < 8; round += 1) {
      const crowd = Array.from({ length: 40 }, (_, index) =>
        signIn({ username: 'admin', password: 'a guess' }, `198.51.100.${(index % 5) + round * 5}`).catch(
          () => null,
        ),
      );
      const statuses = await Promise.all([
        // An address that nobody knows, one where admin has been, and the dashboard.
        signIn(right, `192.0.2.${round}`).then(({ status }) => status),
        signIn(right).then(({ status }) => status),
        logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword, from('192.0.2.100')).then(
          ({ status }) => status,
        ),
      ]);
      expect(statuses, `round ${round}`).to.deep.equal([200, 200, 303]);
      await Promise.all(crowd);
    }
  });

  describe('ends at once', () => {
    const changes: Record<string, (person: User) => Promise<unknown>> = {
      'with a new password': (person) =>
        admin.answer(USERS, 'people.setPassword', { ...namedUser(person), password: 'another battery' }),
      'with a sign-out everywhere': (person) => admin.answer(USERS, 'people.endSessions', namedUser(person)),
      'when the person is disabled': (person) =>
        admin.answer(USERS, 'people.change', { ...namedUser(person), enabled: false }),
      'when the person is no administrator any more': (person) =>
        admin.answer(USERS, 'people.change', {
          ...namedUser(person),
          role: 'operator',
          confirm: 'administrator > operator',
        }),
      'when the person is removed': (person) => admin.answer(USERS, 'people.remove', namedUser(person)),
      'when the person is removed, for somebody new of the same name, too': async (person) => {
        await admin.answer(USERS, 'people.remove', namedUser(person));
        await newPerson(person.name);
      },
    };

    for (const [when, change] of Object.entries(changes)) {
      it(when, async () => {
        const person = await newPerson();
        const { token } = await logInAtEditor(nodeRed, person.name, PASSWORD);
        const { cookie } = await logInAtDashboard(nodeRed, person.name, PASSWORD);
        const socket = await openDashboardSocket(nodeRed, cookie);
        const comms = await openComms(token);
        expect(comms.answer).to.equal('ok');
        expect(await call(token)).to.equal(200);
        expect(await socket.ask(USERS, 'people.list', {})).to.include({ type: 'answer' });
        await change(person);
        expect(await call(token)).to.equal(401);
        await comms.closed;
        expect((await openComms(token)).answer).to.equal('fail');
        if (when.includes('no administrator')) {
          expect(await socket.ask(USERS, 'people.list', {})).to.include({ code: 'FORBIDDEN' });
          socket.close();
        } else await socket.closed;
      });
    }

    it('when the person takes a new password, but for the session that did it', async () => {
      const person = await newPerson();
      const { token } = await logInAtEditor(nodeRed, person.name, PASSWORD);
      const cookies = await Promise.all(
        [1, 2].map(async () => (await logInAtDashboard(nodeRed, person.name, PASSWORD)).cookie),
      );
      const [own, other] = await Promise.all(cookies.map((cookie) => openDashboardSocket(nodeRed, cookie)));
      const passwords = { old: PASSWORD, new: 'another battery' };
      expect(await own!.ask(USERS, 'people.changeOwnPassword', { ...passwords, old: 'wrong' })).to.include({
        code: 'FORBIDDEN',
      });
      await own!.answer(USERS, 'people.changeOwnPassword', passwords);
      await other!.closed;
      expect(await call(token)).to.equal(401);
      expect(await own!.answer<{ name: string }>(USERS, 'people.me', {})).to.include({ name: person.name });
      const page = await fetch(`${nodeRed.url}/dashboard/_setup`, { headers: { cookie: own!.cookie } });
      expect(page.status).to.equal(200);
      own!.close();
    });

    it('and a role is changed only when the old one and the new one were confirmed', async () => {
      const person = await newPerson();
      const change = { ...namedUser(person), role: 'viewer' };
      for (const confirm of [undefined, 'yes', 'operator > viewer', 'administrator > operator']) {
        const answer = await admin.ask(USERS, 'people.change', { ...change, ...(confirm && { confirm }) });
        expect(answer, confirm).to.include({ code: 'CONFLICT' });
      }
      await admin.answer(USERS, 'people.change', { ...change, confirm: 'administrator > viewer' });
      // Who is named wrongly is somebody else than whom the page showed.
      const other = { user: { id: person.id, name: 'somebody else' } };
      expect(await admin.ask(USERS, 'people.remove', other)).to.include({ code: 'NOT_FOUND' });
    });
  });
});
