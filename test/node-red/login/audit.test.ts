import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import type { AuditEntry } from '../../../nodes/manager/audit/audit-entry.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { opener } from '../../support/databases.js';
import { logInAtEditor } from '../../support/editor-login.js';
import { type NodeRedProcess, startNodeRed } from '../../support/node-red-process.js';
import { restCaller } from '../../support/rest-caller.js';

type Written = Omit<AuditEntry, 'id' | 'at' | 'address'>;

describe('the audit of REST calls and of the editor', () => {
  const open = opener('postgresql');
  let nodeRed: NodeRedProcess;
  let database: Database;
  let editorToken: string | undefined;

  before(async () => {
    const options = (await open.options()) as DatabaseOptions & { url: string };
    database = await openDatabase(options);
    nodeRed = await startNodeRed({
      env: { DATABASE_URL: options.url, TPE_SIMULATED_GATEWAYS: '0', TPE_TRUST_PROXY: 'loopback' },
    });
  });
  after(async () => {
    await nodeRed?.stop();
    await database?.close();
  });

  const rest = async (method: string, path: string, body?: unknown, token = nodeRed.token) =>
    (await restCaller({ ...nodeRed, token }).call(method, path, body)).status;
  const editor = (path: string, body: object) =>
    rest('POST', path, { server: 'tpe-server-main', ...body }, editorToken);

  /** What was written since, oldest first: the entries are written when the caller has its answer. */
  async function written(count: number, more = ''): Promise<Written[]> {
    for (;;) {
      const rows = await database.query<Written>(
        `with gone as (delete from tpe_audit where (select count(*) from tpe_audit) >= ${count} returning *)
         select who, role, action, clientid, detail, outcome, reason, cause${more} from gone order by id`,
      );
      if (rows.length > 0) return rows;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('says what each REST call did, to which gateway, and how it ended', async () => {
    const login = { clientid: 'gw-1', username: 'user-1', password: 'correct horse battery' };
    expect(await rest('POST', '/api/device', login)).to.equal(200);
    expect(await rest('POST', '/api/device', login)).to.equal(409);
    const command = { path: '/device/time', method: 'GET' };
    expect(await rest('POST', '/API/emqx/clients/gw-1/message?wait=1', command)).to.equal(409);
    expect(await rest('GET', '/api/device')).to.equal(200);
    expect(await rest('DELETE', '/api/device/gw-1')).to.equal(200);
    const entries = await written(4);
    const who = { who: 'API token', role: 'administrator' };
    expect(entries.map(({ cause: _cause, ...entry }) => entry)).to.deep.equal([
      {
        ...who,
        action: 'gateway.register',
        clientid: 'gw-1',
        detail: { call: 'POST /api/device' },
        outcome: 'done',
        reason: null,
      },
      {
        ...who,
        action: 'gateway.register',
        clientid: 'gw-1',
        detail: { call: 'POST /api/device' },
        outcome: 'failed',
        reason: 'The client id "gw-1" is registered already.',
      },
      {
        ...who,
        action: 'command.send',
        clientid: 'gw-1',
        detail: { call: 'POST /API/emqx/clients/gw-1/message', query: { wait: '1' }, ...command },
        outcome: 'failed',
        reason: 'The gateway is registered, but was never connected.',
      },
      {
        ...who,
        action: 'gateway.retire',
        clientid: 'gw-1',
        detail: { call: 'DELETE /api/device/gw-1' },
        outcome: 'done',
        reason: null,
      },
    ]);
  });

  it('says who had a wrong token, once a minute', async () => {
    for (let time = 0; time < 5; time += 1) {
      expect(await rest('DELETE', '/api/device/gw-1', undefined, 'guessed')).to.equal(401);
    }
    await rest('POST', '/api/device', { clientid: 'gw-2' });
    const entries = await written(2);
    // Five attempts may meet the turn of a minute.
    expect(entries.length).to.be.lessThan(4);
    expect(entries[0]).to.include({
      action: 'rest.call',
      outcome: 'refused',
      reason: 'the API token is wrong',
    });
    expect(entries[0]?.cause).to.deep.equal({ code: 'api-token-wrong', params: {} });
    expect(JSON.stringify(entries)).not.to.contain('guessed');
  });

  it('says who signed in at the editor, and what was done there', async () => {
    await logInAtEditor(nodeRed, 'admin', 'wrong');
    editorToken = (await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword)).token;
    const command = { clientid: 'gw-2', path: '/device/time', method: 'GET' };
    expect(await editor('/tpe/try', command)).to.equal(200);
    const text = JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'Ours', version: '1' },
      paths: { '/app/state': { get: { summary: 'State of our app', operationId: 'state' } } },
    });
    expect(await editor('/tpe/operations/import', { text, dryRun: true })).to.equal(200);
    expect(await editor('/tpe/operations/import', { text, dryRun: false })).to.equal(200);
    const entries = await written(4);
    expect(
      entries.map(({ who, action, clientid, outcome }) => [who, action, clientid, outcome]),
    ).to.deep.equal([
      ['admin', 'editor.login', null, 'refused'],
      ['admin', 'editor.login', null, 'done'],
      ['admin', 'command.send', 'gw-2', 'done'],
      ['admin', 'operation.import', null, 'done'],
    ]);
    const { requestId, ...asked } = entries[2]!.detail as Record<string, unknown>;
    expect(requestId, 'which leads to the record').to.match(/^\d+$/);
    expect(asked).to.deep.equal({ method: 'GET', path: '/device/time', risk: 'read', classes: [] });
  });

  describe('behind a proxy', () => {
    type WithAddress = Written & { address: string | null };
    const withAddress = (count: number) => written(count, ', address');
    const addressesOf = (entries: Written[]) => entries.map((entry) => (entry as WithAddress).address);

    const signIn = (password: string, address: string) =>
      fetch(`${nodeRed.url}/dashboard/login/`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'x-forwarded-for': address },
        body: new URLSearchParams({ user: 'admin', password }),
      });

    it('names the address of who calls, and makes little of many refusals', async () => {
      for (let time = 0; time < 30; time += 1) {
        await (await signIn('wrong', '203.0.113.7')).text();
        const headers = { authorization: 'Bearer wrong', 'x-forwarded-for': '203.0.113.8' };
        await (await fetch(`${nodeRed.url}/api/device`, { headers })).text();
      }
      const right = await signIn(nodeRed.adminPassword, '203.0.113.9');
      expect(right.status).to.equal(303);
      const entries = await withAddress(3);
      const refused = entries.filter(({ outcome }) => outcome === 'refused');
      // One of each, and one more where a minute is over meanwhile.
      expect(refused.length).to.be.within(2, 4);
      expect(new Set(addressesOf(refused))).to.deep.equal(new Set(['203.0.113.7', '203.0.113.8']));
      expect(addressesOf(entries.slice(-1))).to.deep.equal(['203.0.113.9']);
    });

    it('names the address of who acts at the dashboard', async () => {
      const signedIn = await signIn(nodeRed.adminPassword, '203.0.113.9');
      const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
      await written(1);
      const url = `${nodeRed.url.replace('http', 'ws')}/dashboard/socket.io/?EIO=4&transport=websocket`;
      const socket = new WebSocket(url, { headers: { cookie, 'x-forwarded-for': '203.0.113.10' } });
      await once(socket, 'message');
      socket.send('40');
      await once(socket, 'message');
      const call = {
        type: 'call',
        number: 1,
        procedure: 'registration.register',
        input: { clientid: 'gw-9' },
      };
      socket.send(`42${JSON.stringify(['widget-change', 'w-register', call])}`);
      const entries = await withAddress(1);
      socket.terminate();
      expect(entries[0]).to.include({ action: 'gateway.register', who: 'admin', outcome: 'done' });
      expect(addressesOf(entries)).to.deep.equal(['203.0.113.10']);
    });
  });
});
