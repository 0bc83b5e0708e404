import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { readBrokerEnvironment } from '../../../nodes/node-red/server/broker-environment.js';
import {
  type ServerConfig,
  type ServerCredentials,
  serverOptions,
  webhookPath,
} from '../../../nodes/node-red/server/options.js';
import { readRepositoryEnvironment } from '../../../nodes/node-red/server/repository-environment.js';

const DEFAULTS = { dataFolder: '/data', instance: 'host/1', databaseUrl: undefined, tls: () => undefined };
const IN_ENVIRONMENT = {
  TPE_MQTT_URL: 'mqtts://env:8883',
  TPE_MQTT_USERNAME: 'env-user',
  TPE_MQTT_PASSWORD: 'env-password',
  TPE_MQTT_GROUP: 'workers',
  EMQX_API_URL: 'https://env:18084',
  EMQX_API_KEY: 'env-key',
  EMQX_API_SECRET: 'env-secret',
};
const BY_API = { apiUrl: 'https://env:18084', apiKey: 'env-key', apiSecret: 'env-secret', caFile: undefined };
const BY_MQTT = {
  url: 'mqtts://env:8883',
  username: 'env-user',
  password: 'env-password',
  caFile: undefined,
  sharedGroup: 'workers',
};

describe('options of tpe-server', () => {
  const options = (config: ServerConfig, credentials: ServerCredentials = {}, databaseUrl?: string) =>
    serverOptions(config, credentials, {
      ...DEFAULTS,
      databaseUrl,
      broker: () => readBrokerEnvironment({}),
      repository: () => readRepositoryEnvironment({}),
    });
  const defaultsIn = (variables: NodeJS.ProcessEnv) => ({
    ...DEFAULTS,
    broker: () => readBrokerEnvironment(variables),
    repository: () => readRepositoryEnvironment(variables),
  });
  const brokerIn = (
    variables: NodeJS.ProcessEnv,
    config: ServerConfig = { broker: 'auto' },
    credentials: ServerCredentials = {},
  ) => serverOptions(config, credentials, defaultsIn(variables)).broker;

  it('are the embedded defaults when every field is blank, or a variable that is not set', () => {
    const expected = {
      database: { kind: 'embedded', folder: join(resolve('/data'), 'registry') },
      broker: { kind: 'embedded', host: undefined, port: undefined, tls: undefined, webSocket: undefined },
      topics: { input: '/tpedm/{clientid}/input', output: '/tpedm/{clientid}/output', telemetry: [] },
      instance: 'host/1',
      commandTimeoutMs: undefined,
      queueForMs: undefined,
      repository: {
        kind: 'folder',
        folder: join(__dirname, '../../../nodes/manager/gateway-simulator/packages'),
      },
      packageHosts: [],
    };
    expect(options({})).to.deep.equal(expected);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how Node-RED leaves an unset variable
    const unset = '${TPE_NOT_SET}';
    const names = [
      'registry',
      'dataFolder',
      'broker',
      'host',
      'port',
      'tlsPort',
      'webSocketPort',
      'topics',
      'telemetry',
    ];
    const fields = Object.fromEntries(
      [...names, 'commandTimeout', 'queueFor', 'instance'].map((name) => [name, unset]),
    );
    expect(options(fields, { databaseUrl: unset })).to.deep.equal(expected);
  });

  it('take the software repository from the form, or from the environment', () => {
    const environment = {
      TPE_REPO_URL: 'https://env/',
      TPE_REPO_CERT: '/c',
      TPE_REPO_KEY: '/k',
      TPE_REPO_HOSTS: 'a, b',
    };
    const inEnvironment = (config: ServerConfig) => serverOptions(config, {}, defaultsIn(environment));
    expect(inEnvironment({})).to.deep.include({
      repository: { kind: 'http', url: 'https://env/', certFile: '/c', keyFile: '/k', caFile: undefined },
      packageHosts: ['a', 'b'],
    });
    expect(inEnvironment({ repoFolder: '/packages', repoHosts: 'c' })).to.deep.include({
      repository: { kind: 'folder', folder: '/packages' },
      packageHosts: ['c', 'a', 'b'],
    });
    expect(options({ broker: 'mqtt', url: 'mqtt://x' }).repository).to.equal(undefined);
  });

  it('take PostgreSQL from the credentials, or from the environment where "auto" says so', () => {
    const url = 'postgresql://u:p@db/tpedm';
    const database = { kind: 'postgresql', url, caFile: undefined };
    expect(options({ registry: 'postgresql' }, { databaseUrl: url }).database).to.deep.equal(database);
    expect(options({ registry: 'postgresql' }, {}, url).database).to.deep.equal(database);
    expect(options({ registry: 'auto' }, {}, url).database).to.deep.equal(database);
    expect(options({ registry: 'auto' }).database.kind).to.equal('embedded');
    expect(options({ registry: 'embedded' }, {}, url).database.kind).to.equal('embedded');
    expect(() => options({ registry: 'postgresql' })).to.throw('DATABASE_URL');
  });

  it('read listeners, an MQTT broker, topics and times', () => {
    const listening = {
      host: '0.0.0.0',
      port: '8883',
      tlsPort: '8884',
      tlsCert: 'c',
      tlsKey: 'k',
      webSocketPort: '9001',
    };
    expect(options(listening).broker).to.deep.equal({
      kind: 'embedded',
      host: '0.0.0.0',
      port: 8883,
      tls: { port: 8884, certFile: 'c', keyFile: 'k' },
      webSocket: { port: 9001 },
    });
    const remote = options(
      { broker: 'mqtt', url: 'mqtts://b', brokerCa: 'ca', sharedGroup: 'g' },
      { username: 'u', password: 'p' },
    );
    expect(remote.broker).to.deep.equal({
      kind: 'mqtt',
      url: 'mqtts://b',
      username: 'u',
      password: 'p',
      caFile: 'ca',
      sharedGroup: 'g',
    });
    const topics = { topics: 'tpe', telemetry: ' /a/{clientid}/x \n\n/b/#,/c' };
    expect(options(topics).topics).to.deep.equal({
      input: '/tpe/{clientid}/input',
      output: '/tpe/{clientid}/output',
      telemetry: ['/a/{clientid}/x', '/b/#', '/c'],
    });
    expect(options({ topics: 'custom', inputTopic: '/i/{clientid}' }).topics).to.include({
      input: '/i/{clientid}',
    });
    expect(options({ commandTimeout: '2.5', queueFor: '7200' })).to.include({
      commandTimeoutMs: 2500,
      queueForMs: 7_200_000,
    });
  });

  it('name the field that is wrong', () => {
    expect(() => options({ port: 'http' })).to.throw('MQTT port: "http"');
    expect(() => options({ port: '70000' })).to.throw('0 to 65535');
    expect(() => options({ tlsPort: '8883' })).to.throw('Certificate: is missing');
    expect(() => options({ broker: 'mqtt' })).to.throw('mqtt://host:1883');
    expect(() => options({ commandTimeout: '0' })).to.throw('1 to 3600 seconds');
    expect(() => options({ broker: 'carrier pigeon' })).to.throw('is unknown');
    const emqx = { broker: 'emqx', apiUrl: 'http://e:18083' };
    const login = { apiKey: 'k', apiSecret: 's' };
    expect(() => options({ broker: 'emqx' })).to.throw('API URL: EMQX needs the URL');
    expect(() => options({ ...emqx, apiUrl: 'e:18083' }, login)).to.throw(
      'it must look like http://host:18083',
    );
    expect(() => options(emqx, { apiKey: 'k' })).to.throw('API key');
    expect(() => options({ ...emqx, events: 'mqtt' }, login)).to.throw('TPE_MQTT_URL');
    expect(() => options({ ...emqx, events: 'post' }, login)).to.throw('Events: "post" is unknown');
    expect(() => options({ ...emqx, payloads: 'hex' }, login)).to.throw('Payloads: "hex" is unknown');
    const bad = { ...emqx, webhookPath: 'hook' };
    expect(() => webhookPath(bad, defaultsIn({}))).to.throw('Webhook path: "hook"');
  });

  it('are EMQX with events by webhook or by MQTT, and its own or the default path', () => {
    const config = { broker: 'emqx', apiUrl: 'http://e:18083', apiCa: 'ca' };
    const login = { apiKey: 'k', apiSecret: 's', username: 'u', password: 'p' };
    const api = { kind: 'emqx', apiUrl: 'http://e:18083', apiKey: 'k', apiSecret: 's', caFile: 'ca' };
    expect(options(config, login).broker).to.deep.equal({
      ...api,
      events: 'webhook',
      payloads: 'auto',
      mqtt: undefined,
    });
    const mqtt = { ...config, url: 'mqtt://e', events: 'mqtt', payloads: 'base64', sharedGroup: 'g' };
    expect(options(mqtt, login).broker).to.deep.equal({
      ...api,
      events: 'mqtt',
      payloads: 'base64',
      mqtt: { url: 'mqtt://e', username: 'u', password: 'p', caFile: undefined, sharedGroup: 'g' },
    });
    expect(webhookPath(config, defaultsIn({}))).to.equal('/api/emqx/hook');
    expect(webhookPath(config, defaultsIn({ TPE_WEBHOOK_PATH: '/hook' }))).to.equal('/hook');
    expect(webhookPath({ ...config, webhookPath: '/mine' }, defaultsIn({}))).to.equal('/mine');
    expect(webhookPath(mqtt, defaultsIn({}))).to.equal(null);
    expect(webhookPath({ broker: 'embedded' }, defaultsIn({}))).to.equal(null);
    expect(webhookPath({}, defaultsIn({}))).to.equal(null);
  });

  it('are what TPE_BROKER says where the broker is "auto", whatever stands in hidden fields', () => {
    expect(brokerIn({}, { broker: 'auto', host: '0.0.0.0', port: '1999' })).to.deep.include({
      kind: 'embedded',
      host: '0.0.0.0',
      port: 1999,
    });
    const hidden = { broker: 'auto', url: 'mqtt://old', apiUrl: 'http://old', events: 'mqtt' };
    const mqtt = { ...IN_ENVIRONMENT, TPE_BROKER: 'mqtt' };
    expect(brokerIn(mqtt, hidden)).to.deep.equal({ kind: 'mqtt', ...BY_MQTT });
    const emqx = { ...IN_ENVIRONMENT, TPE_BROKER: 'emqx' };
    expect(brokerIn(emqx, hidden)).to.deep.equal({
      kind: 'emqx',
      ...BY_API,
      events: 'webhook',
      payloads: 'auto',
      mqtt: BY_MQTT,
    });
    expect(webhookPath(hidden, defaultsIn(emqx))).to.equal('/api/emqx/hook');
    expect(webhookPath(hidden, defaultsIn({ ...emqx, TPE_EVENTS: 'mqtt' }))).to.equal(null);
    expect(() => brokerIn({ TPE_BROKER: 'emqx' })).to.throw('EMQX_API_URL is missing');
  });

  it('never send the login of one place to the address of another', () => {
    const mqtt = { broker: 'mqtt', url: 'mqtt://mine' };
    expect(brokerIn(IN_ENVIRONMENT, mqtt)).to.include({ username: undefined, password: undefined });
    expect(brokerIn(IN_ENVIRONMENT, { broker: 'mqtt' }, { username: 'mine' })).to.deep.equal({
      kind: 'mqtt',
      ...BY_MQTT,
    });
    expect(() => brokerIn(IN_ENVIRONMENT, { broker: 'emqx', apiUrl: 'http://mine' })).to.throw('API key');
    expect(brokerIn(IN_ENVIRONMENT, { broker: 'emqx' }, { apiKey: 'mine' })).to.include(BY_API);
  });
});
