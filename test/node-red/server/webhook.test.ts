import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Node } from 'node-red';
import { webhookRoute } from '../../../nodes/node-red/http/webhook-route.js';
import { readBrokerEnvironment } from '../../../nodes/node-red/server/broker-environment.js';
import type { ServerNode } from '../../../nodes/node-red/server/server-node.js';
import { serveWebhook } from '../../../nodes/node-red/server/webhook.js';
import { secretCheck } from '../../../nodes/node-red/server/webhook-secret.js';
import tpeOutput from '../../../nodes/tpe-output/tpe-output.js';
import tpeServer from '../../../nodes/tpe-server/tpe-server.js';
import tpeStatus from '../../../nodes/tpe-status/tpe-status.js';
import { opener } from '../../support/databases.js';
import { EMQX_VERSIONS, recordedScenario, recordedWebhook } from '../../support/emqx-recordings.js';
import { fakeServer } from '../../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../../support/node-red-helper.js';
import { openWebhookManager, type WebhookManager } from '../../support/webhook-manager.js';

const PATH = '/api/emqx/hook';
const SECRET = 'a-secret-of-20-chars';
const PREVIOUS = 'the-secret-before-it';

let server: Server;

async function post(body: string, secret = SECRET, path = PATH): Promise<{ status: number; text: string }> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body,
  });
  return { status: response.status, text: await response.text() };
}

async function listen(): Promise<void> {
  server = createServer((request, response) =>
    webhookRoute(request, response, () => response.writeHead(404).end()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function endServer(): void {
  server.closeAllConnections();
  server.close();
}

const node = (id: string, type: string, more: object = {}) => ({
  id,
  z: 'tab',
  x: 0,
  y: 0,
  type,
  server: 'server',
  wires: [],
  ...more,
});

describe('nodes: webhooks of EMQX come out of tpe-status and tpe-output', () => {
  const databases = opener('pglite');
  let test: WebhookManager;
  let changes: Inbox;
  let outputs: Inbox;
  let answers: Inbox;

  beforeEach(async () => {
    test = await openWebhookManager(await databases.options(), {
      topics: { telemetry: ['devices/{clientid}/#'] },
    });
    for (const clientid of ['dev-001', 'dup2']) await test.manager.registry.register({ clientid });
    await listen();
    await helper.load(
      [fakeServer(async () => test.manager), tpeStatus, tpeOutput],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server' },
        node('status', 'tpe-status', { changes: 'changes', wires: [['changes']] }),
        node('output', 'tpe-output', { kind: 'all', unsolicited: 'all', wires: [['outputs']] }),
        node('health', 'tpe-status', { changes: 'none', action: 'health', wires: [['answers']] }),
        ...['changes', 'outputs', 'answers'].map((id) => node(id, 'helper')),
      ],
    );
    serveWebhook(nodeOf('server') as ServerNode, PATH, {
      isSecret: secretCheck(SECRET),
      isPreviousSecret: secretCheck(PREVIOUS),
    });
    [changes, outputs, answers] = [inbox('changes'), inbox('outputs'), inbox('answers')];
    for (const id of ['status', 'output']) {
      await shownStatus(nodeOf(id), (status) => status.fill === 'green');
    }
  });
  afterEach(async () => {
    await helper.unload();
    await test.close();
    endServer();
  });

  for (const version of EMQX_VERSIONS) {
    it(`tell a gateway's life (${version})`, async () => {
      for (const name of ['client_connected', 'message_publish', 'client_disconnected']) {
        expect((await post(recordedWebhook(version, name).body_raw)).status).to.equal(200);
      }
      const [online, offline] = [await changes.next(), await changes.next()];
      expect(online.topic).to.equal('dev-001');
      expect(online.payload).to.include({
        clientid: 'dev-001',
        status: 'online',
        reason: 'connected from 127.0.0.1',
        source: 'webhook',
      });
      expect(offline.payload).to.include({
        clientid: 'dev-001',
        status: 'offline',
        reason: 'disconnected by itself',
        source: 'webhook',
      });
      const telemetry = await outputs.next();
      expect(telemetry).to.deep.include({ topic: 'dev-001', payload: { temp: 21.5, unit: '°C' } });
      expect(telemetry.tpe).to.include({ kind: 'telemetry', topic: 'devices/dev-001/telemetry' });
    });

    it(`keep a gateway online that was taken over, and off when the new session ends (${version})`, async () => {
      for (const { body_raw } of recordedScenario(version, 'takeover_same_clientid_persistent')) {
        expect((await post(body_raw)).status).to.equal(200);
      }
      const seen = [];
      do seen.push((await changes.next()).payload as { status: string; reason: string });
      while (seen.at(-1)?.status === 'online');
      expect(seen.at(-1)).to.include({ status: 'offline', reason: 'disconnected by itself' });
      expect((await test.manager.registry.get('dup2'))?.status).to.equal('offline');
    });

    it(`complete a command with its answer in base64 (${version})`, async () => {
      await post(recordedWebhook(version, 'client_connected').body_raw);
      const asked = test.manager.commands.send({ clientid: 'dev-001', path: '/device/time', method: 'GET' });
      const sent = await test.published(({ payload }) => payload.includes('/device/time'));
      const request = JSON.parse(sent.payload) as { headers: Record<string, string>[] };
      const requestId = Object.assign({}, ...request.headers)['request-id'] as string;
      const answer = JSON.stringify({ 'request-id': requestId, state: 200, payload: { data: version } });
      const recorded = JSON.parse(recordedWebhook(version, 'message_publish').body_raw) as object;
      const publish = {
        ...recorded,
        topic: '/tpedm/dev-001/output',
        payload: Buffer.from(answer).toString('base64'),
      };
      expect((await post(JSON.stringify(publish))).status).to.equal(200);
      expect((await asked).answer?.payload).to.deep.equal({ data: version });
      const msg = await outputs.next();
      expect(msg).to.deep.include({ topic: 'dev-001', payload: { data: version }, statusCode: 200 });
      expect(msg.tpe).to.include({ kind: 'answer', path: '/device/time', unsolicited: false });
    });
  }

  it('count what came, and ignore what concerns nobody', async () => {
    for (const { body_raw } of recordedScenario('4.4.19', 'connect_v4_user')) await post(body_raw);
    expect((await post('{"action":"client_connected"}', PREVIOUS)).status).to.equal(400);
    expect((await post(recordedWebhook('4.4.19', 'message_publish-from-rest').body_raw)).status).to.equal(
      200,
    );
    nodeOf('health').receive({ payload: '' });
    const { payload } = await answers.next();
    expect(payload).to.deep.include({ database: { connected: true, detail: 'pglite' } });
    expect((payload as { webhooks: object }).webhooks).to.deep.include({
      taken: 2,
      ignored: 2,
      refused: 1,
      waiting: 0,
      previousSecret: 1,
      actions: { client_connect: 1, client_connected: 1, client_connack: 1, message_publish: 1 },
    });
  });
});

describe('node tpe-server with webhooks', () => {
  const emqx = {
    type: 'tpe-server',
    // Nobody listens there: the manager never opens.
    registry: 'postgresql',
    broker: 'emqx',
    apiUrl: 'http://127.0.0.1:9',
    events: 'webhook',
  };
  const secrets = {
    databaseUrl: 'postgresql://u:p@127.0.0.1:9/none',
    apiKey: 'key',
    apiSecret: 'secret',
    webhookSecret: SECRET,
  };

  const load = (servers: object[], credentials: Record<string, object>) =>
    helper.load([tpeServer], servers, credentials);

  /** Resolves with the first line of that level; the helper's spies keep those that were there before. */
  const logged = (level: 'error' | 'warn', id: string): string[] =>
    (nodeOf(id)[level] as unknown as { getCalls(): { thisValue: Node; args: unknown[] }[] })
      .getCalls()
      .filter((call) => call.thisValue === nodeOf(id))
      .map((call) => String(call.args[0]));

  beforeEach(listen);
  afterEach(async () => {
    await helper.unload();
    helper.settings({ tpedm: undefined });
    endServer();
  });

  it('serves its path by itself, says 503 while its manager is not open, also behind a deploy', async () => {
    await load([{ ...emqx, id: 'server', webhookPath: '/mine' }], { server: secrets });
    expect((await post('{}', 'another-secret-123', '/mine')).status).to.equal(401);
    const { status, text } = await post('{}', SECRET, '/mine');
    expect(status).to.equal(503);
    expect(JSON.parse(text)).to.deep.include({ status: false });
    const before = nodeOf('server');
    await helper.setFlows([{ ...emqx, id: 'server', webhookPath: '/mine', name: 'changed' }], 'full');
    expect(nodeOf('server')).not.to.equal(before);
    expect((await post('{}', 'another-secret-123', '/mine')).status).to.equal(401);
    await helper.setFlows([], 'full');
    expect((await post('{}', SECRET, '/mine')).status).to.equal(404);
  });

  it('holds its path while it is closed for a deploy', async () => {
    await load([{ ...emqx, id: 'server', webhookPath: '/held' }], { server: secrets });
    await helper.unload();
    expect((await post('{}', SECRET, '/held')).status).to.equal(503);
  });

  it('leaves a path to the server that has it, and says so', async () => {
    const servers = ['one', 'two'].map((id) => ({ ...emqx, id }));
    await load(servers, { one: secrets, two: { ...secrets, webhookSecret: 'the-secret-of-the-second' } });
    expect(logged('error', 'one')).to.be.empty;
    expect(logged('error', 'two').join()).to.contain(
      'Another TPE server receives webhooks on /api/emqx/hook',
    );
    expect((await post('{}')).status).to.equal(503);
    expect((await post('{}', 'the-secret-of-the-second')).status).to.equal(401);
  });

  it('takes the secret of settings.js where it has none, and nothing where nobody has one', async () => {
    const { webhookSecret: _, ...without } = secrets;
    const handover = (isWebhookSecret: unknown) => () => ({
      databaseUrl: undefined,
      broker: () => readBrokerEnvironment({}),
      isWebhookSecret,
    });
    helper.settings({ tpedm: handover(secretCheck('made-by-the-settings')) });
    await load([{ ...emqx, id: 'server' }], { server: without });
    expect((await post('{}', 'made-by-the-settings')).status).to.equal(503);
    expect((await post('{}')).status).to.equal(401);
    await helper.unload();

    helper.settings({ tpedm: handover(null) });
    await load([{ ...emqx, id: 'server' }], { server: without });
    expect(logged('warn', 'server').join()).to.contain('has no secret, so webhooks are rejected');
    expect((await post('{}', 'null')).status).to.equal(401);
  });

  it('says once that webhooks are turned away, and refuses a secret that no header can carry', async () => {
    const spoken = { ...secrets, webhookSecret: 'a secret of many words' };
    const servers = ['server', 'other'].map((id) => ({ ...emqx, id, webhookPath: `/${id}` }));
    await load(servers, { server: secrets, other: spoken });
    for (const secret of ['another-secret-123', 'another-secret-124']) {
      expect((await post('{}', secret, '/server')).status).to.equal(401);
    }
    const turnedAway = logged('warn', 'server').filter((text) => text.includes('was rejected'));
    expect(turnedAway).to.deep.equal(['A webhook on /server was rejected: The webhook secret is wrong.']);
    expect(logged('error', 'other').join()).to.contain('The webhook secret cannot be sent in a header');
  });

  it('names what is wrong with its webhook, and serves none where events come another way', async () => {
    await load([{ ...emqx, id: 'server', webhookPath: 'no path' }], { server: secrets });
    expect(logged('error', 'server').join()).to.contain('Webhook path: "no path"');
    await helper.unload();
    const byMqtt = { events: 'mqtt', url: 'mqtt://127.0.0.1:9', webhookPath: '/other' };
    await load([{ ...emqx, id: 'server', ...byMqtt }], { server: secrets });
    expect((await post('{}', SECRET, '/other')).status).to.equal(404);
  });
});
