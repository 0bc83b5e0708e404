import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { ROUTES } from '../../../nodes/api/rest/index.js';
import type { Role } from '../../../nodes/manager/shared/role.js';
import { restRoute } from '../../../nodes/node-red/http/rest-route.js';
import { tokenAccess } from '../../../nodes/node-red/login/rest-access.js';
import { serveRest } from '../../../nodes/node-red/server/rest.js';
import type { ServerNode } from '../../../nodes/node-red/server/server-node.js';
import { callRest } from '../../support/call-rest.js';
import { opener } from '../../support/databases.js';
import { fakeServer } from '../../support/fake-server.js';
import { openTestManager, type TestManager } from '../../support/manager.js';
import { helper, nodeOf } from '../../support/node-red-helper.js';

const TOKEN = 'a-token-of-some-length';

describe('nodes: REST of tpe-server', () => {
  const open = opener('pglite');
  let test: TestManager;
  let server: Server;
  let role: Role;

  const call = async (method: string, path: string, more: Parameters<typeof callRest>[3] = {}) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return await callRest({ url, token: TOKEN }, method, path, more);
  };
  const codeOf = ({ text }: { text: string }) => (JSON.parse(text) as { data: { code: string } }).data.code;
  const body = (value: unknown) => ({ body: JSON.stringify(value) });
  const access: Parameters<typeof serveRest>[2] = (given, request) => {
    const caller = tokenAccess(() => (token) => token === TOKEN)(given, request);
    return 'status' in caller ? caller : { ...caller, role };
  };

  const load = async () => {
    await helper.load(
      [fakeServer(async () => ({ ...test.manager, close: async () => undefined }))],
      [{ id: 'server', type: 'tpe-server' }],
    );
    serveRest(nodeOf('server') as ServerNode, '/api', access, { addressOf: () => '10.0.0.1' });
  };

  before(async () => {
    test = await openTestManager(await open.options());
    server = createServer((request, response) =>
      restRoute(request, response, () => response.writeHead(404).end('somebody else')),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await test.manager.close();
  });
  beforeEach(async () => {
    role = 'administrator';
    await load();
  });
  afterEach(() => helper.unload());

  it('lists, registers, reads and retires a gateway as TPEDM does', async () => {
    const registered = await call('POST', '/api/device', body({ clientid: 'R 1', tags: ['north'] }));
    expect(registered.status).to.equal(200);
    const { data } = JSON.parse(registered.text) as { data: Record<string, unknown> };
    expect(data).to.include({ clientid: 'R 1', username: 'R 1' });
    expect(data.password).to.be.a('string');
    const read = await call('GET', '/api/device/R%201');
    expect(JSON.parse(read.text).data).to.include({
      clientid: 'R 1',
      connection_status: false,
      model_name: null,
    });
    expect(read.headers.get('cache-control')).to.equal('no-store');
    const listed = await call('GET', '/API/device/?tag=north&limit=1');
    expect(JSON.parse(listed.text).data).to.have.length(1);
    expect((await call('POST', '/api/device', body({ clientid: 'R 1' }))).status).to.equal(409);
    expect((await call('DELETE', '/api/device/R%201')).status).to.equal(200);
    expect(codeOf(await call('GET', '/api/device/R%201'))).to.equal('NOT_FOUND');
  });

  it('knows the redundancy set of a gateway, in a body, a query and a file', async () => {
    const set = 'pumps A/B & C';
    for (const [clientid, redundancy] of [
      ['S 1', set],
      ['S 2', ` ${set} `],
      ['S 3', undefined],
    ] as const)
      expect((await call('POST', '/api/device', body({ clientid, redundancy }))).status).to.equal(200);
    const idsOf = ({ text }: { text: string }) =>
      (JSON.parse(text) as { data: { clientid: string }[] }).data.map(({ clientid }) => clientid);
    const query = `redundancy=${encodeURIComponent(set)}`;
    expect(idsOf(await call('GET', `/api/device?${query}`))).to.deep.equal(['S 1', 'S 2']);
    expect(idsOf(await call('GET', '/api/device?redundancy=pumps'))).to.deep.equal([]);
    expect(idsOf(await call('GET', '/api/device?sort=redundancy'))).to.deep.equal(['S 3', 'S 1', 'S 2']);
    expect(JSON.parse((await call('GET', '/api/device/S%202')).text).data.redundancy).to.equal(set);
    const file = await call('GET', `/api/device/export?format=csv&${query}`);
    expect(file.text).to.match(/^\ufeff?clientid,username,site,note,tags,enabled,redundancy,status/);
    expect(file.text.match(/true,pumps A\/B & C,never_seen/g)).to.have.length(2);
    for (const clientid of ['S 1', 'S 2', 'S 3']) await test.manager.retire(clientid);
    const wrong = await call('POST', '/api/device', body({ clientid: 'S 4', redundancy: ['pumps'] }));
    expect(`${wrong.status} ${wrong.text}`).to.match(/^400 .*redundancy/);
  });

  it('leaves what it does not serve to others', async () => {
    for (const [method, path] of [
      ['GET', '/api'],
      ['GET', '/api/own'],
      ['PATCH', '/api/device/A'],
      ['GET', '/apis/device'],
      ['GET', '/api/device/A/b/c'],
    ] as const) {
      expect((await call(method, path)).text, `${method} ${path}`).to.equal('somebody else');
    }
  });

  it('goes by the role of who calls, each route by its own', async () => {
    const refusedOf = async () => {
      const refused: string[] = [];
      for (const { method, path, operationId } of ROUTES) {
        const answer = await call(
          method,
          `/api${path.replace(/\{\w+\}/, 'nobody')}`,
          method === 'GET' ? {} : body({ path: '/x' }),
        );
        if (answer.status === 403) refused.push(operationId);
      }
      return refused;
    };
    const needing = (...roles: Role[]) =>
      ROUTES.filter((route) => route.role !== null && roles.includes(route.role)).map(
        ({ operationId }) => operationId,
      );
    role = 'viewer';
    expect(await refusedOf()).to.deep.equal(needing('operator', 'administrator'));
    role = 'operator';
    expect(await refusedOf()).to.deep.equal(needing('administrator'));
  });

  it('lets an operator send what runs no code, and an administrator all', async () => {
    const runsCode = test.manager.catalogue
      .operations()
      .find(({ classes }) => classes.includes('runs-code'))!;
    role = 'operator';
    const refused = await call(
      'POST',
      '/api/emqx/clients/A/message',
      body({ operation: runsCode.id, params: {} }),
    );
    expect(refused.status).to.equal(403);
    role = 'administrator';
    const sent = await call(
      'POST',
      '/api/emqx/clients/A/message',
      body({ operation: runsCode.id, params: {} }),
    );
    expect(sent.status).not.to.equal(403);
  });

  it('writes to the audit what was done, whatever else a body holds', async () => {
    await call('POST', '/api/device', body({ clientid: 'audited' }));
    const long = 'x'.repeat(5000);
    const text = `{"path":"/device/time","clientids":[12345678901234567890],"method":"GET","operation":null,"other":"${long}"}`;
    await call('POST', '/api/emqx/clients/audited/message', { body: text });
    await call('POST', '/api/device/rotate', { body: `{"clientid":"audited","path":"${long}"}` });
    await call('POST', '/api/device/rotate', body(['audited']));
    const entries = await test.manager.audit.list({ limit: 3 });
    expect(entries.map(({ action }) => action)).to.deep.equal([
      'gateway.rotate',
      'gateway.rotate',
      'command.send',
    ]);
    for (const { detail } of entries) expect(detail).to.have.property('call');
    expect(entries[0]!.detail).to.deep.include({ clientids: ['audited'] });
  });

  it('serves nobody without a token, and lets nobody guess one', async () => {
    const headers = { authorization: 'Bearer guessed' };
    expect((await call('GET', '/api/device', { headers: { authorization: '' } })).status).to.equal(401);
    expect((await call('GET', '/api/device', { headers })).status).to.equal(401);
    const given = (token: string, address: string) =>
      [{ token, address, method: 'GET', route: '/api/device', call: 'GET /api/device' }, {}] as const;
    const none = tokenAccess(() => null)(...given(TOKEN, '10.0.0.1'));
    expect(none).to.include({ status: 401 });
    const unreadable = tokenAccess(() => {
      throw new Error('no such file');
    });
    expect(unreadable(...given(TOKEN, '10.0.0.1'))).to.include({ status: 503 });
    const guarded = tokenAccess(() => (token) => token === TOKEN);
    const tries = Array.from({ length: 1000 }, () => guarded(...given('x', '10.0.0.2')));
    expect(tries.at(-1)).to.include({ status: 429 });
    // Who has it is served all the same, from there too.
    expect(guarded(...given(TOKEN, '10.0.0.2'))).to.include({ name: 'API token' });
  });

  it('says what is wrong with a body and with a query', async () => {
    const faults = [
      await call('POST', '/api/device', { body: '{' }),
      await call('POST', '/api/device', body([1])),
      await call('POST', '/api/device', body({ clientid: 'x', colour: 'red' })),
      await call('GET', '/api/device?colour=red'),
      await call('GET', '/api/device?limit=many'),
      await call('DELETE', '/api/device/x?dryRun=true'),
      await call('POST', '/api/emqx/clients/A/message', body({})),
      await call('POST', '/api/emqx/clients/A/message?wait=soon', body({ path: '/device/time' })),
    ];
    for (const fault of faults) {
      expect(fault.status, fault.text).to.equal(400);
      expect(codeOf(fault)).to.equal('INVALID_INPUT');
    }
    for (let time = 0; time < 20; time += 1) {
      const large = await call('POST', '/api/device', { body: `"${'x'.repeat(4e6)}"` });
      expect(large.status).to.equal(413);
    }
    // More than any other JSON may have: these list gateways.
    const clientids = Array.from({ length: 20_000 }, (_, index) => `${index}-${'x'.repeat(80)}`);
    for (const [method, path] of [
      ['POST', '/api/device/rotate'],
      ['PUT', '/api/device/checkUpdate'],
    ] as const) {
      expect((await call(method, path, body({ clientids }))).status, path).to.be.oneOf([200, 400, 404]);
    }
    const asForm = await call('POST', '/api/device', {
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: '{"clientid":"x"}',
    });
    expect(asForm.status).to.equal(415);
    expect(asForm.text).to.contain('Content-Type: application/json');
  });

  it('is busy behind a deploy, and back on its path after it', async () => {
    const node = nodeOf('server');
    await helper.unload();
    const meanwhile = await call('GET', '/api/device');
    expect(meanwhile.status).to.be.oneOf([503, 404]);
    await load();
    expect((await call('GET', '/api/device')).status).to.equal(200);
    expect(nodeOf('server')).not.to.equal(node);
  });

  it('leaves a path to the server that has it, and says so', async () => {
    const told = new Promise<string>((resolve) => {
      const other = Object.assign(Object.create(nodeOf('server')), {
        error: (error: Error) => resolve(error.message),
      }) as ServerNode;
      serveRest(other, '/API', access, { addressOf: () => '' });
    });
    expect(await told).to.match(/Another TPE server serves REST on \/API/);
  });
});
