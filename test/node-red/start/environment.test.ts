import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Environment,
  readEnvironment,
  shareWithFlows,
} from '../../../nodes/node-red/start/environment.js';
import { serversIn } from '../../../nodes/node-red/start/flow-servers.js';
import { greeting } from '../../../nodes/node-red/start/greeting.js';
import { PROJECT_ROOT, temporaryFolder } from '../../support/node-red-process.js';

const EMQX = {
  TPE_BROKER: 'emqx',
  EMQX_API_URL: 'http://127.0.0.1:18083',
  EMQX_API_KEY: 'the-key',
  EMQX_API_SECRET: 'the-secret',
};

/** As TPEDM has it, misspelt names and all. */
const TPEDM = {
  web: { host: '0.0.0.0', port: 80 },
  database: { host: 'dm_database', port: '5432', dbName: 'tpedm', user: 'postgres', password: 'p@ss:w/ord' },
  EMQX_Manage_API: {
    soureURI: 'http://dm_emqx:8081/api/v4/',
    headers: { Authorization: `Basic ${Buffer.from('admin:pub:lic').toString('base64')}` },
  },
  TPC_SW_Repo_API: {
    soureURI: 'https://repo.example.com/api/v1/',
    client_cert: 'data/proxy.crt',
    client_key: 'data/proxy.key',
  },
};

function configFile(content: unknown): string {
  const file = join(temporaryFolder(), 'config.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const faultOf = (variables: NodeJS.ProcessEnv) => {
  try {
    readEnvironment(variables);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'no fault';
};

describe('environment of a start', () => {
  it('has an embedded broker with virtual gateways by default, and none with a broker of yours', () => {
    expect(readEnvironment({})).to.deep.include({ simulatedGateways: 12, flow: 'device-manager' });
    expect(readEnvironment({}).broker).to.include({ kind: 'embedded', events: 'webhook', payloads: 'auto' });
    const mqtt = { TPE_BROKER: 'mqtt', TPE_MQTT_URL: 'mqtt://b' };
    expect(readEnvironment(mqtt)).to.include({ simulatedGateways: 0 });
    expect(readEnvironment({ ...EMQX, TPE_SIMULATED_GATEWAYS: '3' })).to.include({ simulatedGateways: 3 });
  });

  it('names the variable that is wrong or missing, and never shows a secret', () => {
    const cases: [NodeJS.ProcessEnv, string][] = [
      [{ TPE_BROKER: 'rabbit' }, 'TPE_BROKER is "rabbit": give one of embedded, mqtt, emqx.'],
      [{ TPE_EVENTS: 'mail' }, 'TPE_EVENTS is "mail"'],
      [{ TPE_WEBHOOK_PAYLOADS: 'hex' }, 'TPE_WEBHOOK_PAYLOADS is "hex"'],
      [{ TPE_WEBHOOK_PATH: 'hook' }, 'TPE_WEBHOOK_PATH is "hook"'],
      [{ TPE_WEBHOOK_PATH: '/a b' }, 'TPE_WEBHOOK_PATH is "/a b"'],
      [{ TPE_MQTT_GROUP: 'a/b' }, 'TPE_MQTT_GROUP is "a/b"'],
      [{ TPE_MQTT_URL: 'http://u:hidden@b' }, 'TPE_MQTT_URL is no URL'],
      [{ TPE_MQTT_CA: '/no/such/file' }, 'TPE_MQTT_CA names a file'],
      [{ EMQX_API_CA: '/no/such/file' }, 'EMQX_API_CA names a file'],
      [{ ...EMQX, EMQX_API_URL: 'u:hidden@e' }, 'EMQX_API_URL is no URL'],
      [{ ...EMQX, EMQX_API_URL: '' }, 'EMQX_API_URL is missing: TPE_BROKER=emqx needs it.'],
      [{ ...EMQX, EMQX_API_KEY: ' ' }, 'EMQX_API_KEY is missing'],
      [{ ...EMQX, EMQX_API_SECRET: '' }, 'EMQX_API_SECRET is missing'],
      [{ ...EMQX, TPE_EVENTS: 'mqtt' }, 'TPE_MQTT_URL is missing'],
      [{ TPE_BROKER: 'mqtt' }, 'TPE_MQTT_URL is missing'],
      [{ TPE_FLOW: 'mine' }, 'TPE_FLOW is "mine": give one of device-manager, intake-worker.'],
      [{ TPE_EDITOR: 'no' }, 'TPE_EDITOR is "no"'],
    ];
    for (const [variables, words] of cases) {
      expect(faultOf(variables)).to.contain(words).and.not.to.contain('hidden');
    }
  });

  it('keeps secrets from flows', () => {
    const variables: NodeJS.ProcessEnv = {
      ...EMQX,
      TPE_MQTT_URL: 'mqtt://u:p@b',
      TPE_REPO_URL: 'https://u:p@r',
      TPE_MQTT_PASSWORD: 'x',
      TPE_WEBHOOK_SECRET: 'y',
      DATABASE_URL: 'postgresql://u:p@h/d',
      TPE_API_TOKEN: 'z',
    };
    const environment = readEnvironment(variables);
    shareWithFlows(environment, variables);
    for (const secret of [
      'the-secret',
      'the-key',
      'x',
      'y',
      'z',
      'postgresql://u:p@h/d',
      'mqtt://u:p@b',
      'https://u:p@r',
    ]) {
      expect(Object.values(variables)).not.to.include(secret);
    }
    expect(variables).to.include({
      TPE_SIMULATED_GATEWAYS: '0',
      TPE_BROKER: 'emqx',
      EMQX_API_URL: 'http://127.0.0.1:18083',
    });
    expect(environment).to.include({ databaseUrl: 'postgresql://u:p@h/d', webhookSecret: 'y' });
  });
});

describe("TPEDM's own configuration", () => {
  const read = (config: unknown, more: NodeJS.ProcessEnv = {}): Environment =>
    readEnvironment({ TPE_TPEDM_CONFIG: configFile(config), ...more });

  it('gives the database and EMQX where variables do not, and makes the broker EMQX', () => {
    const environment = read(TPEDM);
    expect(environment.databaseUrl).to.equal('postgresql://postgres:p%40ss%3Aw%2Ford@dm_database:5432/tpedm');
    expect(environment.broker).to.deep.include({
      kind: 'emqx',
      api: { url: 'http://dm_emqx:8081', key: 'admin', secret: 'pub:lic', caFile: undefined },
    });
    const own = read(TPEDM, {
      DATABASE_URL: 'postgresql://mine',
      EMQX_API_URL: 'http://mine:8081',
      EMQX_API_SECRET: ' ',
      TPE_BROKER: 'embedded',
    });
    expect(own.databaseUrl).to.equal('postgresql://mine');
    expect(own.broker).to.deep.include({ kind: 'embedded' });
    expect(own.broker.api).to.include({ url: 'http://mine:8081', key: 'admin', secret: 'pub:lic' });
  });

  it('is told in the greeting, without its secrets', () => {
    const environment = read(TPEDM);
    const text = greeting(environment, [], {});
    expect(text).to.contain('DATABASE_URL, EMQX_API_URL, EMQX_API_KEY, EMQX_API_SECRET, TPE_REPO_URL');
    expect(environment.repository.TPE_REPO_URL).to.equal('https://repo.example.com/api/v1/');
    expect(text).not.to.contain('p@ss').and.not.to.contain('pub:lic');
    const { TPC_SW_Repo_API: _, ...without } = TPEDM;
    expect(read(without).tpedmNotice).not.to.contain('REPO');
  });

  it('names the file and what is wrong in it, and never a password', () => {
    const cases: [unknown, RegExp][] = [
      ['{"database": {"password": "p@ss:w/ord" x', /config\.json, which cannot be read: it is not JSON\.$/],
      [{}, /it must have required property 'database'/],
      [{ ...TPEDM, database: { ...TPEDM.database, host: 5 } }, /database\.host must be string/],
      [{ ...TPEDM, database: { ...TPEDM.database, port: 'x' } }, /database\.port must match/],
      [
        { ...TPEDM, EMQX_Manage_API: { soureURI: 'dm_emqx', headers: TPEDM.EMQX_Manage_API.headers } },
        /EMQX_Manage_API\.soureURI must match/,
      ],
      [
        { ...TPEDM, EMQX_Manage_API: { ...TPEDM.EMQX_Manage_API, headers: { Authorization: 'Bearer x' } } },
        /EMQX_Manage_API\.headers\.Authorization must match/,
      ],
      [
        { ...TPEDM, EMQX_Manage_API: { ...TPEDM.EMQX_Manage_API, headers: { Authorization: 'Basic eA==' } } },
        /has no "user:password"/,
      ],
      [{ ...TPEDM, TPC_SW_Repo_API: { soureURI: 7 } }, /TPC_SW_Repo_API\.soureURI must be string/],
    ];
    for (const [config, words] of cases) {
      const fault = faultOf({ TPE_TPEDM_CONFIG: configFile(config) });
      expect(fault)
        .to.match(/^TPE_TPEDM_CONFIG names /)
        .and.to.match(words);
      expect(fault).not.to.contain('p@ss');
    }
    expect(faultOf({ TPE_TPEDM_CONFIG: '/no/such/config.json' })).to.match(/^TPE_TPEDM_CONFIG .*ENOENT/);
  });
});

describe('servers of a flow', () => {
  const { broker } = readEnvironment(EMQX);

  it('take webhooks where the flow or the environment says so', () => {
    const flow = configFile([
      { type: 'tpe-server', broker: 'auto', host: 'h', port: 'p' },
      { type: 'tpe-server' },
      { type: 'tpe-server', broker: 'emqx', events: 'mqtt' },
      { type: 'tpe-server', broker: 'emqx', webhookPath: '/mine' },
      { type: 'tpe-server', broker: 'emqx', d: true },
      { type: 'tab' },
      null,
    ]);
    expect(serversIn(flow, broker)).to.deep.equal([
      { broker: 'emqx', host: 'h', port: 'p', webhookPath: '/api/emqx/hook', restPath: null },
      { broker: 'embedded', host: '', port: '', webhookPath: null, restPath: null },
      { broker: 'emqx', host: '', port: '', webhookPath: null, restPath: null },
      { broker: 'emqx', host: '', port: '', webhookPath: '/mine', restPath: null },
    ]);
    expect(serversIn(configFile('no flow'), broker)).to.deep.equal([]);
    expect(serversIn(configFile('{}'), broker)).to.deep.equal([]);
  });

  it('of the bundled flows go by the environment', () => {
    for (const name of ['device-manager', 'intake-worker']) {
      const flow = join(PROJECT_ROOT, `flows/${name}.json`);
      expect(serversIn(flow, broker), name).to.deep.include({
        broker: 'emqx',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how a flow names a variable
        host: '${TPE_HOST}',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how a flow names a variable
        port: '${TPE_MQTT_PORT}',
        webhookPath: '/api/emqx/hook',
        restPath: name === 'device-manager' ? '/api' : null,
      });
    }
  });
});
