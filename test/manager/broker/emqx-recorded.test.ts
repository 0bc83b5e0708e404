import { expect } from 'chai';
import type { Broker } from '../../../nodes/manager/broker/broker.js';
import { publishReason } from '../../../nodes/manager/broker/publish-reasons.js';
import {
  type EmqxRig,
  KEY,
  openEmqxRig,
  openRestServer,
  type Reply,
  type RestServer,
  recordings,
} from './emqx-rig.js';

const REQUEST = { topic: '/tpedm/A/input', payload: '{"path":"/device/générál"}' };
const SPECIAL = 'dév/1 a%2F#?"q"';
const LOGIN = `Basic ${Buffer.from(`${KEY.apiKey}:${KEY.apiSecret}`).toString('base64')}`;

const CLIENT = {
  clientid: 'dev-002',
  username: 'bob',
  connected: true,
  ipAddress: '127.0.0.1',
  protocolVersion: 5,
  keepalive: 60,
  cleanStart: false,
};

describe('EMQX as it was recorded', () => {
  let server: RestServer;
  let rig: EmqxRig;
  let broker: Broker;
  /** What answers to the calls of the test: `GET /api/v5/clients`. */
  let answers: Record<string, Reply>;

  async function begin(version: '4.4.19' | '5.0.26', known: Record<string, string>) {
    const recorded = recordings(version);
    answers = Object.fromEntries(Object.entries(known).map(([call, name]) => [call, recorded(name)]));
    const ours = version === '4.4.19' ? '/api/v4/' : '/api/v5/';
    server = await openRestServer(({ method, path, headers }) => {
      const isOurs = path.startsWith(ours);
      if (isOurs && headers.authorization === undefined) return recorded('auth_missing');
      if (isOurs && headers.authorization !== LOGIN) return recorded('auth_wrong');
      const other = version === '4.4.19' ? 'v5_path_on_v4' : 'v4_path_on_v5';
      return answers[`${method} ${path}`] ?? recorded(isOurs ? 'unknown_path' : other);
    });
    rig = await openEmqxRig({ apiUrl: server.url });
    broker = rig.broker;
    return recorded;
  }
  afterEach(async () => {
    await broker.close();
    await server.close();
  });

  const last = () => server.seen.at(-1)!;

  describe('4.4.19', () => {
    let recorded: (name: string) => Reply;
    beforeEach(async () => {
      recorded = await begin('4.4.19', {
        'GET /api/v4/brokers': 'brokers',
        'GET /api/v4/clients': 'clients_list',
        'GET /api/v4/clients/dev-002': 'client_single_connected',
        'GET /api/v4/clients/no-such-client': 'client_missing',
        'GET /api/v4/clients/d%C3%A9v%2F1%20a%252F%23%3F%22q%22': 'client_single_special',
        'DELETE /api/v4/clients/dev-002': 'client_kick',
        'POST /api/v4/mqtt/publish': 'publish_ok',
        'POST /api/v4/mqtt/publish_batch': 'publish_batch',
      });
    });

    it('is recognised, and called by its version', () => {
      expect(broker.health()).to.deep.equal({ connected: true, detail: `EMQX 4.4.19 at ${server.url}` });
    });

    it('lists its clients, whose times name no session', async () => {
      const page = await broker.listClients(100, null);
      expect(page.next).to.equal(null);
      expect(page.clients).to.have.length(1);
      expect(page.clients[0]).to.include({
        ...CLIENT,
        connectedAt: null,
        node: 'emqx@127.0.0.1',
        port: 56756,
      });
      expect(Object.fromEntries(last().query)).to.deep.equal({ _page: '1', _limit: '100' });
    });

    it('tells of one client, also of one whose session waits for it, and of none', async () => {
      expect(await broker.getClient('dev-002')).to.include(CLIENT);
      expect(await broker.getClient('no-such-client')).to.equal(null);
      answers['GET /api/v4/clients/dev-002'] = recorded('client_single_disconnected_persistent');
      expect(await broker.getClient('dev-002')).to.include({ clientid: 'dev-002', connected: false });
      expect(await broker.getClient(SPECIAL)).to.include({ clientid: SPECIAL, username: 'ü' });
    });

    it('ends a session, and says when there was none', async () => {
      expect(await broker.disconnectClient('dev-002')).to.equal(true);
      expect(last()).to.include({ method: 'DELETE', url: '/api/v4/clients/dev-002' });
      expect(await broker.disconnectClient('no-such-client')).to.equal(false);
    });

    it('publishes, and cannot tell whether anybody listens', async () => {
      expect(await broker.publish(REQUEST)).to.deep.equal({ accepted: true, noSubscriber: false });
      expect(last().body).to.deep.equal({
        topic: REQUEST.topic,
        clientid: 'tpedm',
        qos: 1,
        retain: false,
        payload: Buffer.from(REQUEST.payload).toString('base64'),
        encoding: 'base64',
      });
      answers['POST /api/v4/mqtt/publish'] = recorded('publish_ok_no_subscriber');
      expect(await broker.publish(REQUEST)).to.deep.equal({ accepted: true, noSubscriber: false });
    });

    it('says of each of many whether it took it', async () => {
      expect(await broker.publishMany([REQUEST, { ...REQUEST, topic: '/tpedm/B/input' }])).to.deep.equal([
        { accepted: true, noSubscriber: false },
        {
          accepted: false,
          reason: publishReason('emqx-refuses', { words: 'that is no topic to publish on (code 115)' }),
        },
      ]);
      expect(last().body).to.have.length(2);
    });

    it('is not asked to publish on a topic with a comma, which it would split', async () => {
      const receipts = await broker.publishMany([
        { ...REQUEST, topic: '/tpedm/A,B/input' },
        REQUEST,
        REQUEST,
      ]);
      expect(receipts[0]).to.have.nested.property('reason.text').that.includes('splits topics at a comma');
      expect(receipts[1]).to.have.property('accepted', true);
      expect(last().body).to.have.length(2);
    });

    it('says what it refuses inside and outside of HTTP 200', async () => {
      const reasonFor = async (name: string) => {
        answers['POST /api/v4/mqtt/publish'] = recorded(name);
        const receipt = await broker.publish(REQUEST);
        return receipt.accepted ? 'accepted' : receipt.reason.text;
      };
      expect(await reasonFor('publish_wildcard_topic')).to.include('no topic to publish on');
      expect(await reasonFor('publish_bad_qos')).to.include('HTTP 500');
      expect(await reasonFor('publish_bad_json')).to.include('HTTP 400');
      expect(await reasonFor('auth_wrong')).to.include('refuses the API key');
    });
  });

  describe('5.0.26', () => {
    let recorded: (name: string) => Reply;
    beforeEach(async () => {
      recorded = await begin('5.0.26', {
        'GET /api/v5/nodes': 'nodes',
        'GET /api/v5/clients': 'clients_list',
        'GET /api/v5/clients/dev-002': 'client_single_connected',
        'GET /api/v5/clients/no-such-client': 'client_missing',
        'GET /api/v5/clients/d%C3%A9v%2F1%20a%252F%23%3F%22q%22': 'client_single_special',
        'DELETE /api/v5/clients/dev-003': 'client_kick',
        'DELETE /api/v5/clients/no-such-client': 'client_kick_missing',
        'POST /api/v5/publish': 'publish_ok',
        'POST /api/v5/publish/bulk': 'publish_batch',
      });
    });

    it('is recognised, and called by its version', () => {
      expect(broker.health()).to.deep.equal({ connected: true, detail: `EMQX 5.0.26 at ${server.url}` });
    });

    it('lists its clients, each with the time that names its session', async () => {
      const page = await broker.listClients(5000, null);
      expect(page.next).to.equal(null);
      const connectedAt = Date.parse('2026-11-24T06:29:53.869Z');
      expect(page.clients).to.have.length(1);
      expect(page.clients[0]).to.include({ ...CLIENT, connectedAt, node: 'emqx5@127.0.0.1', port: 50024 });
      // It has no larger pages.
      expect([last().query.get('page'), last().query.get('limit')]).to.deep.equal(['1', '1000']);
      await broker.listClients(5000, null);
      expect(server.seen.filter(({ path }) => path === '/api/v5/clients_v2')).to.have.length(1);
    });

    it('goes on to the next page where it says that there is one', async () => {
      answers['GET /api/v5/clients'] = recorded('clients_list_paged');
      const page = await broker.listClients(1, null);
      expect(page.next).not.to.equal(null);
      await broker.listClients(1, page.next);
      expect([last().query.get('page'), last().query.get('limit')]).to.deep.equal(['2', '1']);
    });

    it('tells of one client, also of one whose session waits for it, and of none', async () => {
      expect(await broker.getClient('dev-002')).to.include(CLIENT);
      expect(await broker.getClient('no-such-client')).to.equal(null);
      answers['GET /api/v5/clients/dev-002'] = recorded('client_single_disconnected_persistent');
      expect(await broker.getClient('dev-002')).to.include({ clientid: 'dev-002', connected: false });
      expect(await broker.getClient(SPECIAL)).to.include({ clientid: SPECIAL, username: 'ü' });
    });

    it('ends a session, and says when there was none', async () => {
      expect(await broker.disconnectClient('dev-003')).to.equal(true);
      expect(await broker.disconnectClient('no-such-client')).to.equal(false);
    });

    it('publishes, and says when nobody listens', async () => {
      expect(await broker.publish(REQUEST)).to.deep.equal({ accepted: true, noSubscriber: false });
      expect(last().body).to.deep.equal({
        topic: REQUEST.topic,
        qos: 1,
        retain: false,
        payload: Buffer.from(REQUEST.payload).toString('base64'),
        payload_encoding: 'base64',
      });
      answers['POST /api/v5/publish'] = recorded('publish_ok_no_subscriber');
      expect(await broker.publish(REQUEST)).to.deep.equal({ accepted: true, noSubscriber: true });
    });

    it('says of each of many whether anybody listens', async () => {
      expect(await broker.publishMany([REQUEST, { ...REQUEST, topic: '/tpedm/B/input' }])).to.deep.equal([
        { accepted: true, noSubscriber: false },
        { accepted: true, noSubscriber: true },
      ]);
    });

    it('gets each alone where it refuses many for one of them', async () => {
      answers['POST /api/v5/publish/bulk'] = recorded('publish_batch_bad');
      expect(await broker.publishMany([REQUEST, REQUEST, REQUEST])).to.deep.equal(
        Array(3).fill({ accepted: true, noSubscriber: false }),
      );
      expect(server.seen.filter(({ path }) => path === '/api/v5/publish')).to.have.length(3);
    });

    it('says what it refuses', async () => {
      const reasonFor = async (name: string) => {
        answers['POST /api/v5/publish'] = recorded(name);
        const receipt = await broker.publish(REQUEST);
        return receipt.accepted ? 'accepted' : receipt.reason.text;
      };
      expect(await reasonFor('publish_wildcard_topic')).to.equal('EMQX refuses it: 144: topic_name_invalid');
      expect(await reasonFor('publish_missing_topic'))
        .to.include('BAD_REQUEST')
        .and.include('root.topic');
      expect(await reasonFor('publish_bad_json')).to.include('Invalid json message received');
      for (const name of ['auth_wrong', 'auth_missing', 'auth_dashboard_user_as_basic']) {
        expect(await reasonFor(name))
          .to.include('refuses the API key')
          .and.not.include(KEY.apiSecret);
      }
    });
  });
});
