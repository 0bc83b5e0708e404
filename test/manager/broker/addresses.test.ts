import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { addressesIn } from '../../../nodes/manager/broker/addresses.js';
import type { Broker } from '../../../nodes/manager/broker/broker.js';
import { createEmqxBroker } from '../../../nodes/manager/broker/emqx/emqx-broker.js';
import { checkOptions } from '../../../nodes/manager/composition/check-options.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { readBrokerEnvironment } from '../../../nodes/node-red/server/broker-environment.js';
import { type EmqxCluster, startCluster } from '../../support/emqx/cluster.js';

const KEY = { apiKey: 'key-1', apiSecret: 'secret-1' };
const LOGIN = { username: 'tpedm', password: 'the login of the manager' };

describe('several addresses of a broker', () => {
  it('are read as people write lists, each once', () => {
    const two = ['http://a:1', 'https://b:2/api'];
    for (const text of [
      'http://a:1,https://b:2/api',
      ' http://a:1 , https://b:2/api ,',
      'http://a:1\nhttps://b:2/api',
      'http://a:1 https://b:2/api, http://a:1',
    ])
      expect(addressesIn(text, 'url'), text).to.deep.equal(two);
    expect(addressesIn('mqtt://u:a,b@host,mqtts://u:a,b@other:1', 'url')).to.deep.equal([
      'mqtt://u:a,b@host',
      'mqtts://u:a,b@other:1',
    ]);
    expect(addressesIn(' , ', 'url')).to.deep.equal([]);
    expect(() => addressesIn(Array.from({ length: 11 }, (_, n) => `http://h${n}`).join(), 'url')).to.throw(
      /11 addresses/,
    );
  });

  it('stand in the environment, and one that is wrong is refused', () => {
    const variables = {
      TPE_BROKER: 'emqx',
      EMQX_API_URL: 'http://emqx-1:18083,https://emqx-2:18083',
      EMQX_API_KEY: 'k',
      EMQX_API_SECRET: 's',
      TPE_MQTT_URL: 'mqtt://emqx-1, mqtts://emqx-2',
    };
    expect(readBrokerEnvironment(variables)).to.deep.include({ kind: 'emqx' });
    for (const wrong of [
      'http://emqx-1:18083,ftp://emqx-2',
      'http://emqx-1:18083,emqx-2:18083',
      'http://a, http://',
    ])
      expect(() => readBrokerEnvironment({ ...variables, EMQX_API_URL: wrong }), wrong).to.throw(
        /^EMQX_API_URL/,
      );
    expect(() => readBrokerEnvironment({ ...variables, TPE_MQTT_URL: 'mqtt://a,http://b' })).to.throw(
      /^TPE_MQTT_URL/,
    );
  });
});

describe('a manager that has the addresses of all nodes of a cluster', () => {
  let cluster: EmqxCluster;
  let broker: Broker;
  const topics = makeTopics(DEFAULT_TOPICS);

  beforeEach(async () => {
    cluster = await startCluster(2, { version: '5.8', ...KEY, accounts: [LOGIN] });
    const list = (name: 'apiUrl' | 'mqttUrl') => cluster.nodes.map((node) => node[name]).join(', ');
    broker = createEmqxBroker(
      { apiUrl: list('apiUrl'), ...KEY, events: 'webhook', mqtt: { url: list('mqttUrl'), ...LOGIN } },
      { topics, log: { info: () => undefined, warn: () => undefined } },
    );
    await broker.open(async () => undefined);
  });
  afterEach(async () => {
    await broker.close();
    await cluster.stop();
  });

  const portOf = (url: string) => new URL(url).port;
  async function untilAt(node: number): Promise<void> {
    const { apiUrl, mqttUrl } = cluster.nodes[node]!;
    const isThere = ({ connected, detail }: { connected: boolean; detail: string }) =>
      connected && detail.includes(`:${portOf(apiUrl)};`) && detail.includes(`:${portOf(mqttUrl)}`);
    while (!isThere(broker.health())) await sleep(50);
  }

  it('goes on with the next when one dies, and stays there', async () => {
    await untilAt(0);
    await cluster.nodes[1]!.emqx.addClients(['gw'], { isSilent: true });
    await cluster.nodes[0]!.stop();
    // The question that meets the dead node is put to the living one.
    expect(await broker.getClient('gw')).to.include({ clientid: 'gw', connected: true });
    await untilAt(1);
    expect((await broker.listClients(10, null)).clients.map(({ clientid }) => clientid)).to.include('gw');
    expect(await broker.publish({ topic: '/tpedm/gw/input', payload: '{}' })).to.deep.include({
      accepted: true,
    });
    await cluster.nodes[0]!.restart();
    expect(await broker.getClient('gw')).to.include({ clientid: 'gw' });
    await untilAt(1);
    await cluster.nodes[1]!.stop();
    await untilAt(0);
  });

  it('sends a command by REST at the next node when nothing listens at the one that it knew', async () => {
    const apiUrl = cluster.nodes.map((node) => node.apiUrl).join(', ');
    const byRest = createEmqxBroker(
      { apiUrl, ...KEY, events: 'webhook' },
      { topics, log: { info: () => undefined, warn: () => undefined } },
    );
    await byRest.open(async () => undefined);
    const message = { topic: '/tpedm/gw/input', payload: '{}' };
    /** What goes by a connection that is just being cut may have arrived, and is sent to nobody else. */
    const published = async (): Promise<boolean[]> => {
      for (;;) {
        const receipts = await byRest.publishMany([message, message]);
        const isCut = receipts.some(
          (receipt) => !receipt.accepted && /cut the connection/.test(receipt.reason.text),
        );
        if (!isCut) return receipts.map(({ accepted }) => accepted);
      }
    };
    try {
      await cluster.nodes[0]!.stop();
      expect(await published()).to.deep.equal([true, true]);
      await cluster.nodes[0]!.restart();
      await cluster.nodes[1]!.stop();
      expect(await published()).to.deep.equal([true, true]);
    } finally {
      await byRest.close();
    }
  });

  it('is told of each address that does not work', async () => {
    const [one, other] = cluster.nodes;
    await other!.stop();
    const options = {
      database: { kind: 'embedded' as const, folder: '/tmp' },
      instance: 'test',
      broker: {
        kind: 'emqx' as const,
        apiUrl: `${one!.apiUrl},${other!.apiUrl}`,
        ...KEY,
        events: 'webhook' as const,
        mqtt: { url: `${one!.mqttUrl},${other!.mqttUrl}`, ...LOGIN },
      },
    };
    const findings = (await checkOptions(options, null)).filter(({ part }) => part === 'broker');
    expect(findings.map(({ ok }) => ok)).to.deep.equal([false, true, false]);
    expect(findings[0]!.text).to.match(/accepts the API key.*connection refused/);
  });
});
