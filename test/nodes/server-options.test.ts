import { join, resolve } from 'node:path';
import { expect } from 'chai';
import {
  type ServerConfig,
  type ServerCredentials,
  serverOptions,
} from '../../nodes/node-red/server-options.js';

const DEFAULTS = { dataFolder: '/data', instance: 'host/1', databaseUrl: undefined };

describe('options of tpe-server', () => {
  const options = (config: ServerConfig, credentials: ServerCredentials = {}, databaseUrl?: string) =>
    serverOptions(config, credentials, { ...DEFAULTS, databaseUrl });

  it('are the embedded defaults when every field is blank, or a variable that is not set', () => {
    const expected = {
      database: { kind: 'embedded', folder: join(resolve('/data'), 'registry') },
      broker: { kind: 'embedded', host: undefined, port: undefined, tls: undefined, webSocket: undefined },
      topics: { input: '/tpedm/{clientid}/input', output: '/tpedm/{clientid}/output', telemetry: [] },
      instance: 'host/1',
      commandTimeoutMs: undefined,
      queueForMs: undefined,
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
      { broker: 'mqtt', url: 'mqtts://b', brokerCa: 'ca' },
      { username: 'u', password: 'p' },
    );
    expect(remote.broker).to.deep.equal({
      kind: 'mqtt',
      url: 'mqtts://b',
      username: 'u',
      password: 'p',
      caFile: 'ca',
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
    expect(() => options({ tlsPort: '8883' })).to.throw('certificate file');
    expect(() => options({ broker: 'mqtt' })).to.throw('mqtt://host:1883');
    expect(() => options({ commandTimeout: '0' })).to.throw('1 to 3600 seconds');
    expect(() => options({ broker: 'carrier pigeon' })).to.throw('not known');
  });
});
