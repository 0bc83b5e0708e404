import { expect } from 'chai';
import { callRest } from '../support/call-rest.js';
import { connectGateway, GENERAL, type TestGateway } from '../support/gateway.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { patience, patienceSeconds } from '../support/patience.js';

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a REST caller sees is read freely in a test
  body: { status: boolean; data: any; next?: string };
}

describe('whole flow: the main job from a clean start', () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRed({ dataDir: temporaryFolder(), env: { TPE_SIMULATED_GATEWAYS: '12' } });
  });
  after(() => nodeRed?.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const { status, text } = await callRest(nodeRed, method, path, {
      headers,
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status, body: JSON.parse(text) as Reply['body'] };
  }

  async function until(path: string, condition: (reply: Reply) => boolean): Promise<Reply> {
    const deadline = Date.now() + patience(120_000);
    for (;;) {
      const reply = await call('GET', path);
      if (condition(reply)) return reply;
      if (Date.now() > deadline) throw new Error(`${path} stayed ${JSON.stringify(reply)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  const isOnline = (online: boolean) => (reply: Reply) => reply.body.data.connection_status === online;

  it('lists twelve virtual gateways online with model, serial and versions', async () => {
    const complete = (row: Record<string, unknown>) =>
      row.connection_status && row.model_name && row.serial_number && row.tpe_version && row.firmware_version;
    const { body } = await until('/api/device', (reply) => reply.body.data.filter(complete).length === 12);
    expect(body.status).to.equal(true);
    expect(Object.keys(body.data[0])).to.include.members([
      'clientid',
      'connection_status',
      'model_name',
      'serial_number',
      'host_name',
      'tpe_version',
      'firmware_version',
      'bios_version',
      'created_at',
      'profile_updated_at',
      'connection_status_updated_at',
    ]);
    expect(body.data[0].created_at).to.be.closeTo(Date.now() / 1000, 300);
  });

  it('lets nobody in without the token', async () => {
    for (const authorization of ['', 'Bearer wrong', 'Basic YWRtaW46YWRtaW4=']) {
      const reply = await call('GET', '/api/device', undefined, { authorization });
      expect(reply.status, authorization).to.equal(401);
      expect(reply.body.status).to.equal(false);
    }
  });

  it('sees a gateway through its life: registered, online, commanded, offline, retired', async () => {
    const login = { clientid: 'real-1', username: 'user-1', password: 'correct horse battery' };
    expect(await call('POST', '/api/device', login)).to.deep.equal({
      status: 200,
      body: { status: true, data: { clientid: 'real-1', username: 'user-1' } },
    });
    expect((await call('POST', '/api/device', login)).status).to.equal(409);
    expect((await call('GET', '/api/device/real-1')).body.data).to.include({
      connection_status: false,
      status: 'never_seen',
    });

    const port = nodeRed.mqttPort;
    const refused = await connectGateway({ ...login, port, password: 'wrong horse battery' }).catch(
      (error) => error,
    );
    expect(refused).to.be.an('error');

    const gateway: TestGateway = await connectGateway({ ...login, port });
    const general = await gateway.nextRequest();
    expect(general).to.include({ path: '/device/general', method: 'GET', qos: 1 });
    await gateway.answer(general.requestId, JSON.stringify(GENERAL));
    const row = await until('/api/device/real-1', (reply) => reply.body.data.model_name !== null);
    expect(row.body.data).to.include({
      connection_status: true,
      model_name: 'UC-8112A-ME-T-LX-EU',
      serial_number: 'IMOXA1234567',
    });

    const asked = call('POST', `/api/emqx/clients/real-1/message?wait=${patienceSeconds(60)}`, {
      path: '/system/sshserver',
      method: 'PUT',
      headers: [{ 'request-id': '1' }],
      requestBody: { enable: true, port: 22 },
    });
    const request = await gateway.nextRequest();
    expect(Object.keys(JSON.parse(request.raw))).to.deep.equal(['path', 'method', 'headers', 'requestBody']);
    expect(request).to.deep.include({
      path: '/system/sshserver',
      method: 'PUT',
      requestBody: { enable: true, port: 22 },
    });
    await gateway.answer(request.requestId, { data: { enable: true, port: 22 } });
    const reply = await asked;
    expect(reply.status).to.equal(200);
    expect(reply.body.data).to.deep.include({
      requestId: request.requestId,
      state: 'SUCCEEDED',
      answer: { status: 200, payload: { data: { enable: true, port: 22 } } },
    });
    expect((await call('GET', `/api/command/${request.requestId}`)).body.data.state).to.equal('SUCCEEDED');
    expect((await call('GET', '/api/emqx/clients/real-1')).body.data).to.include({
      clientid: 'real-1',
      connected: true,
    });

    const sent = await call('POST', '/api/emqx/clients/real-1/message', {
      path: '/device/time',
      method: 'GET',
    });
    expect(sent.body.data.requestId).to.match(/^\d+$/);
    await gateway.answer((await gateway.nextRequest()).requestId, { data: {} });

    const began = Date.now();
    await gateway.leave();
    await until('/api/device/real-1', isOnline(false));
    expect(Date.now() - began).to.be.lessThan(patience(15_000));
    const offline = await call('POST', '/api/emqx/clients/real-1/message?wait=5', {
      path: '/device/time',
      method: 'GET',
    });
    expect(offline.status).to.equal(409);
    expect(offline.body.data).to.include({ code: 'OFFLINE', state: 'REJECTED' });

    expect((await call('DELETE', '/api/device/real-1')).status).to.equal(200);
    expect((await call('GET', '/api/device/real-1')).status).to.equal(404);
    const gone = await connectGateway({ ...login, port }).catch((error) => error);
    expect(gone).to.be.an('error');
  });

  it('serves the catalogue as TPEDM does', async () => {
    const categories = (await call('GET', '/api/operation/category')).body.data;
    const software = categories.find((category: { name: string }) => category.name === 'Software Management');
    const operations = (await call('GET', `/api/operation?categoryid=${software.id}`)).body.data;
    const all = operations.find((one: { name: string }) => one.name === 'GET all /upgrades');
    const command = JSON.parse(all.command);
    // By this id it is described, and sent.
    const { body } = await call('GET', `/api/operation/${all.operation}`);
    expect(body.data).to.deep.include({ id: all.operation, name: 'GET all /upgrades', path: '/upgrades' });
    expect(command).to.deep.include({ path: '/upgrades', method: 'GET' });
    expect(command.headers).to.deep.equal([
      { 'request-expired-time': '{expired-time}' },
      { 'request-id': '{request-id}' },
    ]);
  });

  it('takes own operations from a file, and commands by the catalogue', async () => {
    const openapi = [
      'openapi: 3.0.0',
      'paths: { "/tpfunc/pump/{number}": { put: { summary: Pump, tags: [Mine], requestBody: { content: {',
      '  application/json: { schema: { type: object, required: [speed], properties: { speed: { type: number } } } } } } } } }',
    ].join('\n');
    const take = (query = '') =>
      call('POST', `/api/operation/import${query}`, openapi, { 'content-type': 'application/yaml' });
    expect((await take('?dryRun=true')).body.data).to.deep.include({ format: 'openapi', refused: [] });
    const [id] = (await take('?dryRun=true')).body.data.added;
    const looked = (await take('?dryRun=true&prefix=/station')).body.data;
    expect(looked.operations[0]).to.deep.include({ method: 'PUT', path: '/station/tpfunc/pump/{number}' });
    expect(looked.operations[0].notes[0]).to.include({ code: 'parameter-undeclared' });
    expect((await take('?dryRun=true&prefix=no+path')).status).to.equal(400);
    expect((await call('GET', `/api/operation/${id}`)).status).to.equal(404);
    expect((await take()).body.data.added).to.deep.equal([id]);
    const { data } = (await call('GET', `/api/operation/${id}`)).body;
    expect(data).to.deep.include({ category: 'Mine', method: 'PUT', risk: 'disruptive' });
    expect((await call('GET', '/api/operation/export')).body.data.operations).to.have.length(1);

    const path = `/api/emqx/clients/virtual-0001/message?wait=${patienceSeconds(60)}`;
    const operation = 'patch-device-general-set-device-general';
    const good = await call('POST', path, { operation, requestBody: { description: 'By the catalogue' } });
    expect(good.body.data).to.deep.include({ operation, state: 'SUCCEEDED' });
    const bad = await call('POST', path, { operation, requestBody: { hostName: 7 } });
    expect(bad.status).to.equal(400);
    expect(bad.body.data.message).to.contain('requestBody/hostName must be a text, not 7 (type)');

    expect((await call('DELETE', `/api/operation/${id}`)).status).to.equal(200);
    expect((await call('DELETE', `/api/operation/${operation}`)).status).to.equal(403);
  });

  it('answers bad input with an honest status and words', async () => {
    const cases: [string, string, unknown, number, RegExp][] = [
      ['POST', '/api/device', '{"clientid":', 400, /JSON/],
      ['POST', '/api/device', { clientid: 'a/b' }, 400, /\//],
      ['POST', '/api/device', {}, 400, /clientid/],
      ['GET', "/api/device/' or 1=1 --", undefined, 404, /no gateway/],
      ['GET', '/api/device?sort=password', undefined, 400, /sort/],
      ['GET', '/api/device?limit=0', undefined, 400, /limit/],
      ['GET', '/api/device?cursor=garbage', undefined, 400, /cursor/],
      ['GET', '/api/command/abc', undefined, 404, /abc/],
      ['POST', '/api/emqx/clients/nobody/message', { path: '/x', method: 'GET' }, 404, /nobody/],
      ['POST', '/api/emqx/clients/nobody/message', { method: 'GET' }, 400, /path/],
      ['GET', '/api/emqx/clients/nobody', undefined, 404, /nobody/],
    ];
    for (const [method, path, body, status, words] of cases) {
      const reply = await call(method, path, body);
      expect(reply.status, `${method} ${path} ${JSON.stringify(reply.body)}`).to.equal(status);
      expect(reply.body.status).to.equal(false);
      expect(reply.body.data.message, `${method} ${path}`).to.match(words);
    }
  });

  it('keeps all of it over a restart, also a hard one', async () => {
    const login = { clientid: 'kept-1', username: 'kept', password: 'correct horse battery' };
    await call('POST', '/api/device', login);
    const before = (await call('GET', '/api/device?sort=clientid')).body.data.map(
      (row: { clientid: string }) => row.clientid,
    );
    await nodeRed.kill();
    const { dataDir } = nodeRed;
    nodeRed = await startNodeRed({ dataDir, env: { TPE_SIMULATED_GATEWAYS: '12' } });
    const after = await until(
      '/api/device?sort=clientid',
      (reply) =>
        reply.status === 200 &&
        reply.body.data.filter((row: { connection_status: boolean }) => row.connection_status).length === 12,
    );
    expect(after.body.data.map((row: { clientid: string }) => row.clientid)).to.deep.equal(before);
    const gateway = await connectGateway({ ...login, port: nodeRed.mqttPort });
    await until('/api/device/kept-1', isOnline(true));
    await gateway.leave();
  });
});
