import { once } from 'node:events';
import { expect } from 'chai';
import type { MqttClient } from 'mqtt';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { likeness } from './likeness.js';
import { closed, openRig, type Rig, recorded } from './rig.js';

type Body = Record<string, unknown>;
type Scenarios = Record<string, { requests: { body: Body; headers: Record<string, string> }[] }>;

const ACTIONS = [
  'client_connect',
  'client_connack',
  'client_connected',
  'client_disconnected',
  'message_publish',
] as const;
/** What the brokers of the recordings were set to tell beyond what TPEDM asks for. */
const NOT_ASKED_FOR = /^(session_|client_subscribe|message_delivered|message_acked)/;

const TOPICS = {
  input: 'devices/{clientid}/cmd',
  output: 'devices/{clientid}/status',
  telemetry: ['devices/{clientid}/#', 'anon/#', 'sp/#'],
};

/** What the clients of each recording did. The clients of one scenario are there for the next ones. */
type Play = (rig: Rig, clients: Map<string, MqttClient>) => Promise<unknown>;

const as = (username: string) => ({ username, password: 'right', protocolVersion: 4 as const });
const of = (clients: Map<string, MqttClient>, clientid: string): MqttClient => {
  const client = clients.get(clientid);
  if (!client) throw new Error(`no client ${clientid}`);
  return client;
};
const say =
  (topic: string, payload: string | Buffer, qos: 0 | 1 | 2, retain = false): Play =>
  (_rig, clients) =>
    of(clients, 'dev-001').publishAsync(topic, payload, { qos, retain });
const cut = async (client: MqttClient) => {
  const isGone = closed(client);
  client.stream.destroy();
  await isGone;
};
const replace =
  (clientid: string, clean: boolean): Play =>
  async (rig) => {
    const first = await rig.client(clientid, { ...as('u1'), clean });
    const isReplaced = closed(first);
    const second = await rig.client(clientid, { ...as('u2'), clean });
    await isReplaced;
    await second.endAsync();
  };
const order = { topic: 'devices/dev-002/cmd', qos: 1, payload: '{"cmd":"go"}', clientid: 'nodered' };
const publishPath = (rig: Rig) => (rig.version === '4.4' ? '/api/v4/mqtt/publish' : '/api/v5/publish');
const clientPath = (rig: Rig, clientid: string) =>
  `/api/${rig.version === '4.4' ? 'v4' : 'v5'}/clients/${clientid}`;

const PLAYS: Record<string, Play> = {
  async connect_v4_user(rig, clients) {
    clients.set('dev-001', await rig.client('dev-001', { ...as('alice'), keepalive: 30 }));
  },
  publish_qos0_json: say('devices/dev-001/telemetry', '{"temp":21.5,"unit":"°C"}', 0),
  publish_qos1_retain: say('devices/dev-001/status', 'online', 1, true),
  publish_qos2: say('devices/dev-001/x', 'q2', 2),
  publish_empty_payload: say('devices/dev-001/empty', '', 0),
  publish_clear_retained: say('devices/dev-001/status', '', 1, true),
  publish_binary_payload: say('devices/dev-001/bin', Buffer.from([0, 1, 2, 0xff, 0xfe, 0x41]), 0),
  async publish_json_string_number_true(rig, clients) {
    await say('devices/dev-001/n', '42', 0)(rig, clients);
    await say('devices/dev-001/n', 'true', 0)(rig, clients);
  },
  publish_quotes_newline_tab: say('devices/dev-001/q', 'he said "hi"\n\tend / \\ ', 0),
  disconnect_graceful: (_rig, clients) => of(clients, 'dev-001').endAsync(),
  async connect_v5_persist(rig, clients) {
    const properties = { sessionExpiryInterval: 300 };
    const login = { username: 'bob', password: 'right' };
    const client = await rig.client('dev-002', { ...login, protocolVersion: 5, clean: false, properties });
    clients.set('dev-002', client);
    await client.subscribeAsync('devices/dev-002/cmd', { qos: 1 });
  },
  publish_v5_with_props: (_rig, clients) =>
    of(clients, 'dev-002').publishAsync('devices/dev-002/telemetry', '{"v":5}', {
      qos: 1,
      properties: {
        messageExpiryInterval: 60,
        contentType: 'application/json',
        userProperties: { a: 'b' },
      },
    }),
  rest_publish_webhook: (rig) => rig.rest('POST', publishPath(rig), order),
  rest_publish_webhook_no_clientid: (rig) =>
    rig.rest('POST', publishPath(rig), { ...order, payload: 'p', clientid: undefined }),
  disconnect_abrupt_tcp: (_rig, clients) => cut(of(clients, 'dev-002')),
  async kick_via_rest(rig) {
    await rig.rest('DELETE', clientPath(rig, 'dev-002'));
    const client = await rig.client('dev-003', as('carol'));
    const isOut = closed(client);
    await rig.rest('DELETE', clientPath(rig, 'dev-003'));
    await isOut;
  },
  takeover_same_clientid_clean: replace('dup', true),
  takeover_same_clientid_persistent: replace('dup2', false),
  async anonymous_no_username(rig) {
    const client = await rig.client('anon-1', { protocolVersion: 4 });
    await client.publishAsync('anon/t', 'x');
    await client.endAsync();
  },
  async special_clientid(rig) {
    const client = await rig.client('dév/1 a%2F#?"q"', as('ü'));
    await client.publishAsync('sp/ä', 'x');
    await client.endAsync();
  },
  async will_message_on_abrupt(rig) {
    const will = {
      topic: 'devices/willy/lwt',
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    } as const;
    await cut(await rig.client('willy', { ...as('w'), will }));
  },
  async disconnect_v5_reason_with_will(rig) {
    const client = await rig.client('v5dis', { username: 'w', password: 'right', protocolVersion: 5 });
    await client.endAsync(false, { reasonCode: 4 });
  },
  async keepalive_timeout(rig) {
    await once(await rig.silent('ka-to', 2), 'close');
  },
};

for (const [version, release] of [
  ['4.4', '4.4.19'],
  ['5.0', '5.0.26'],
] as [EmqxVersion, string][]) {
  describe(`EMQX stand-in: the webhooks recorded from ${release}`, () => {
    const scenarios = recorded<Scenarios>(release, 'webhook-scenarios');
    const clients = new Map<string, MqttClient>();
    let rig: Rig;
    before(async () => {
      const authenticate = async (_clientid: string, username: string | null, password: string) =>
        username === null || password === 'right' ? 'accepted' : 'wrong_password';
      const webhook = { actions: ACTIONS, filters: ['#'] };
      rig = await openRig({ version, topics: TOPICS, authenticate, webhook });
    });
    after(() => rig.closeAll());

    /** What the stand-in sends for it, against the recording. Without an order where the real one has none. */
    const compare = async (name: string, play: Play) => {
      const wanted = (scenarios[name]?.requests ?? [])
        .map(({ body }) => body)
        .filter(({ action = '' }) => !NOT_ASKED_FOR.test(String(action)));
      const from = rig.receiver.hooks.length;
      await play(rig, clients);
      await rig.receiver.until(() => rig.receiver.hooks.length >= from + wanted.length);
      const told = rig.receiver.hooks.slice(from).map(({ body }) => body);
      const arranged = (bodies: Body[]) => {
        const likenesses = bodies.map((body) => likeness(body));
        return version === '4.4' ? likenesses : likenesses.map(sorted).sort();
      };
      expect(arranged(told)).to.deep.equal(arranged(wanted));
    };
    for (const [name, play] of Object.entries(PLAYS)) it(name, () => compare(name, play));

    it('has the headers of the recording, and the secret', () => {
      const [first] = scenarios.connect_v4_user?.requests ?? [];
      const [hook] = rig.receiver.hooks;
      const wanted = Object.keys(first?.headers ?? {}).filter((header) => header !== 'x-webhook-token');
      expect(hook?.headers).to.include.keys(wanted);
      expect(hook?.headers['content-type']).to.equal(first?.headers['content-type']);
      expect(hook?.headers.authorization).to.equal('Bearer hook-secret');
    });
  });
}

describe('EMQX stand-in: recorded refusals and base64', () => {
  let rig: Rig;
  afterEach(() => rig.closeAll());

  it('4.4 tells of a refused login with one client_connack', async () => {
    const { requests = [] } =
      recorded<Scenarios>('4.4.19', 'webhook-scenarios').pgsql_auth_allow_anonymous_false ?? {};
    const wanted = requests.map(({ body }) => body).filter(({ clientid }) => clientid === 'devA2');
    rig = await openRig({
      version: '4.4',
      authenticate: async () => 'wrong_password',
      webhook: { actions: ACTIONS },
    });
    const refused = await rig.client('devA2', as('devA')).then(
      () => null,
      (error: Error) => error.message,
    );
    expect(refused).to.contain('Not authorized');
    const told = rig.receiver.hooks.map(({ body }) => likeness(body));
    expect(told).to.deep.equal(wanted.map((body) => likeness(body)));
  });

  it('4.4 encodes a payload as base64 where it is told to, without saying so', async () => {
    const wanted = recorded<{ body: Body }>('4.4.19', 'webhook-message_publish-base64').body;
    rig = await openRig({
      version: '4.4',
      topics: TOPICS,
      webhook: { payloads: 'base64', filters: ['#'], actions: ['message_publish'] },
    });
    const client = await rig.client(String(wanted.from_client_id), as('u'));
    await client.publishAsync(String(wanted.topic), 'hi', { qos: 1 });
    expect(likeness(rig.receiver.hooks[0]?.body)).to.deep.equal(likeness(wanted));
  });

  for (const [version, code] of [
    ['4.4', 5],
    ['5.8', 4],
  ] as const) {
    it(`${version} refuses a wrong password with return code ${code}`, async () => {
      rig = await openRig({ version, authenticate: async () => 'wrong_password' });
      const error: unknown = await rig.client('A', as('a')).catch((caught: unknown) => caught);
      expect(error).to.include({ code });
    });
  }
});

/** As a text that does not depend on the order of the keys. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
