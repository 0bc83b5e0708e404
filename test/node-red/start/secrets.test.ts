import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { SECRET_VARIABLES, secretIn } from '../../../nodes/node-red/runtime/variables.js';
import { serverSettings } from '../../../nodes/node-red/server/settings.js';
import { readEnvironment, shareWithFlows } from '../../../nodes/node-red/start/environment.js';
import { logInAtEditor } from '../../support/editor-login.js';
import {
  PROJECT_ROOT,
  runNodeRedToItsEnd,
  startNodeRed,
  temporaryFolder,
} from '../../support/node-red-process.js';

/** Each secret with a value of its own; what the others need is beside them. */
const VALUES: Record<(typeof SECRET_VARIABLES)[number], string> = {
  TPE_ADMIN_PASSWORD: 'hidden admin password',
  TPE_API_TOKEN: 'hidden-api-token',
  TPE_METRICS_TOKEN: 'hidden-metrics-token',
  TPE_WEBHOOK_SECRET: 'hidden-webhook-secret',
  TPE_WEBHOOK_SECRET_PREVIOUS: 'hidden-previous-secret',
  TPE_OIDC_CLIENT_SECRET: 'hidden-client-secret',
  TPE_MQTT_PASSWORD: 'hidden-mqtt-password',
  EMQX_API_KEY: 'hidden-key',
  EMQX_API_SECRET: 'hidden-secret',
  DATABASE_URL: 'postgresql://u:hidden-database@127.0.0.1:9/d',
};
const BESIDE = {
  TPE_BROKER: 'emqx',
  EMQX_API_URL: 'http://127.0.0.1:9',
  TPE_MQTT_URL: 'mqtt://127.0.0.1:9',
  TPE_MQTT_USERNAME: 'manager',
  TPE_OIDC_ISSUER: 'http://127.0.0.1:9',
  TPE_OIDC_CLIENT_ID: 'tpedm',
  TPE_OIDC_ROLES: 'viewer=*',
  TPE_PUBLIC_URL: 'http://127.0.0.1:1880',
};

/** A file for each of them, as containers get them, and the variables that name these. */
function filesOf(values: Record<string, string>, end = '\n'): Record<string, string> {
  const folder = temporaryFolder();
  const entries = Object.entries(values).map(([name, value]) => {
    writeFileSync(join(folder, name), `${value}${end}`);
    return [`${name}_FILE`, join(folder, name)];
  });
  return Object.fromEntries(entries);
}

const faultOf = (variables: NodeJS.ProcessEnv) => {
  try {
    secretIn(variables, 'TPE_API_TOKEN');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'no fault';
};

/** What is found of the environment: by functions, and by whoever reads what the system shows. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'environment' },
  { id: 'in', z: 'tab', type: 'http in', url: '/api/environment', method: 'get', wires: [['see']] },
  {
    id: 'see',
    z: 'tab',
    type: 'function',
    func: `msg.own = ${JSON.stringify(SECRET_VARIABLES)}.map((name) => env.get(name) ?? ''); return msg;`,
    outputs: 1,
    wires: [['read']],
  },
  {
    id: 'read',
    z: 'tab',
    type: 'file in',
    filename: '/proc/self/environ',
    filenameType: 'str',
    format: 'utf8',
    wires: [['both']],
  },
  {
    id: 'both',
    z: 'tab',
    type: 'function',
    func: 'msg.payload = [msg.own.join(), msg.payload]; return msg;',
    outputs: 1,
    wires: [['out']],
  },
  { id: 'out', z: 'tab', type: 'http response', wires: [] },
];

describe('secrets of a start', () => {
  it('are read from files as from variables, all of them, and the environment has none afterwards', () => {
    const given = readEnvironment({ ...BESIDE, ...VALUES });
    const { jobSecrets: _, ...expected } = given;
    for (const end of ['', '\n', '\r\n']) {
      const variables: NodeJS.ProcessEnv = { ...BESIDE, ...filesOf(VALUES, end) };
      const { jobSecrets: __, ...found } = readEnvironment(variables);
      expect(found).to.deep.equal(expected);
      shareWithFlows(given, variables);
      expect(Object.values(variables).join()).not.to.contain('hidden');
    }
    const variables: NodeJS.ProcessEnv = { ...BESIDE, ...VALUES };
    shareWithFlows(given, variables);
    expect(Object.values(variables).join()).not.to.contain('hidden');
  });

  it('are told where both are given, or a file is not what it should be, and never shown', () => {
    const folder = temporaryFolder();
    const file = (text: string) => {
      const path = join(folder, `${readdirSync(folder).length}`);
      writeFileSync(path, text);
      return { TPE_API_TOKEN_FILE: path };
    };
    mkdirSync(join(folder, 'folder'));
    const cases: [NodeJS.ProcessEnv, RegExp][] = [
      [
        { ...file('hidden'), TPE_API_TOKEN: 'hidden' },
        /^TPE_API_TOKEN and TPE_API_TOKEN_FILE are both given/,
      ],
      [file(''), /^TPE_API_TOKEN_FILE names .*, which is empty\.$/],
      [file('\n'), /which is empty\.$/],
      [file('hidden\nhidden\n'), /more in it than one line of text\.$/],
      [file('hidden\n'.repeat(10_000)), /cannot be read: it has more than 16384 bytes\.$/],
      [{ TPE_API_TOKEN_FILE: join(folder, 'missing') }, /^TPE_API_TOKEN_FILE names .*ENOENT/],
      [{ TPE_API_TOKEN_FILE: join(folder, 'folder') }, /cannot be read: it is no file\.$/],
    ];
    for (const [variables, words] of cases)
      expect(faultOf(variables)).to.match(words).and.not.to.contain('hidden');
    expect(secretIn({ ...file(' kept as it is '), TPE_API_TOKEN: ' ' }, 'TPE_API_TOKEN')).to.equal(
      ' kept as it is ',
    );
    expect(secretIn({ TPE_API_TOKEN_FILE: ' ' }, 'TPE_API_TOKEN')).to.equal(undefined);
  });

  it('in a file stand before what the configuration of TPEDM says', () => {
    const config = join(temporaryFolder(), 'config.json');
    const api = { soureURI: 'http://e:8081/', headers: { Authorization: `Basic ${btoa('admin:public')}` } };
    const database = { host: 'h', port: '5432', dbName: 'd', user: 'u', password: 'p' };
    writeFileSync(config, JSON.stringify({ database, EMQX_Manage_API: api }));
    const { databaseUrl, broker } = readEnvironment({
      TPE_TPEDM_CONFIG: config,
      ...filesOf({ DATABASE_URL: 'postgresql://mine', EMQX_API_SECRET: 'mine' }),
    });
    expect(databaseUrl).to.equal('postgresql://mine');
    expect(broker.api).to.include({ key: 'admin', secret: 'mine' });
  });

  it('reach a tpe-server whose settings are not ours', () => {
    const files = filesOf(VALUES);
    Object.assign(process.env, files);
    try {
      const { databaseUrl, isWebhookSecret, isPreviousWebhookSecret, isMetricsToken } = serverSettings({
        settings: {},
      } as never);
      expect(isPreviousWebhookSecret?.(VALUES.TPE_WEBHOOK_SECRET_PREVIOUS)).to.equal(true);
      expect(isPreviousWebhookSecret?.(VALUES.TPE_WEBHOOK_SECRET)).to.equal(false);
      expect(databaseUrl).to.equal(VALUES.DATABASE_URL);
      expect(isWebhookSecret?.(VALUES.TPE_WEBHOOK_SECRET)).to.equal(true);
      expect(isMetricsToken?.(VALUES.TPE_METRICS_TOKEN)).to.equal(true);
    } finally {
      for (const name of Object.keys(files)) delete process.env[name];
    }
  });

  it('are in the list, whatever a source file calls by such a name', () => {
    const nodes = join(PROJECT_ROOT, 'nodes');
    const named = readdirSync(nodes, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(join(nodes, name), 'utf8').match(/'[A-Z][A-Z0-9]*_[A-Z0-9_]+'/g) ?? [])
      .map((name) => name.slice(1, -1))
      .filter((name) => /(PASSWORD|SECRET|SECRET_PREVIOUS|TOKEN|API_KEY|^DATABASE_URL)$/.test(name));
    expect(new Set(named)).to.deep.equal(new Set(SECRET_VARIABLES));
  });
});

describe('secrets of jobs', () => {
  const folder = temporaryFolder();
  const fileWith = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('are found by their names, and are in no environment of flows', () => {
    const key = '-----BEGIN KEY-----\nabc\n-----END KEY-----';
    const variables: NodeJS.ProcessEnv = {
      TPE_JOB_SECRET_WIFI_PSK: ' hidden-psk ',
      TPE_JOB_SECRET_VPN_2_KEY_FILE: fileWith('key', `${key}\n`),
      PATH: '/bin',
    };
    const environment = readEnvironment(variables);
    shareWithFlows(environment, variables);
    expect(JSON.stringify(variables)).not.to.include('hidden');
    const { jobSecrets } = environment;
    expect(jobSecrets('wifi-psk')).to.equal('hidden-psk');
    expect(jobSecrets('WiFi.psk')).to.equal('hidden-psk');
    expect(jobSecrets('vpn-2.key')).to.equal(key);
    for (const name of ['other', 'vpn-2-key_file', 'a b', '', 'x'.repeat(65)])
      expect(jobSecrets(name), name).to.equal(undefined);
  });

  it('in a file are read each time, and a file that cannot be read is told without what is in others', () => {
    const file = fileWith('rotated', 'one');
    const { jobSecrets } = readEnvironment({
      TPE_JOB_SECRET_A_FILE: file,
      TPE_JOB_SECRET_B_FILE: join(folder, 'none'),
    });
    expect(jobSecrets('a')).to.equal('one');
    writeFileSync(file, 'two\n');
    expect(jobSecrets('a')).to.equal('two');
    expect(() => jobSecrets('b')).to.throw('TPE_JOB_SECRET_B_FILE names');
    const both = readEnvironment({ TPE_JOB_SECRET_A_FILE: file, TPE_JOB_SECRET_A: 'hidden' });
    expect(() => both.jobSecrets('a'))
      .to.throw('TPE_JOB_SECRET_A_FILE are both given')
      .with.property('message')
      .that.does.not.include('hidden');
  });

  it('reach a tpe-server whose settings are not ours', () => {
    process.env.TPE_JOB_SECRET_OWN = 'hidden-own';
    try {
      expect(serverSettings({ settings: {} } as never).jobSecrets('own')).to.equal('hidden-own');
    } finally {
      delete process.env.TPE_JOB_SECRET_OWN;
    }
  });
});

describe('secrets in files', () => {
  it('are in no environment that a flow can see, not even where the system shows it', async function () {
    if (process.platform !== 'linux') this.skip();
    const { DATABASE_URL: _, TPE_OIDC_CLIENT_SECRET: __, ...values } = VALUES;
    const { TPE_OIDC_ISSUER: ___, ...beside } = BESIDE;
    const none = Object.fromEntries(SECRET_VARIABLES.map((name) => [name, '']));
    const nodeRed = await startNodeRed({ flow: FLOW, env: { ...beside, ...none, ...filesOf(values) } });
    const headers = { authorization: `Bearer ${VALUES.TPE_API_TOKEN}` };
    const answer = await fetch(`${nodeRed.url}/api/environment`, { headers });
    expect(answer.status).to.equal(200);
    const [own, shown] = (await answer.json()) as [string, string];
    expect(own).to.match(/^,*$/);
    expect(shown).to.contain('TPE_API_TOKEN_FILE=').and.not.to.contain('hidden');
    expect(await logInAtEditor(nodeRed, 'admin', VALUES.TPE_ADMIN_PASSWORD)).to.include({ status: 200 });
    expect(nodeRed.log()).not.to.contain('hidden');
    await nodeRed.stop();
  });

  it('end the start in one line where one cannot be read', async () => {
    const { code, log } = await runNodeRedToItsEnd({
      env: { TPE_API_TOKEN: '', TPE_API_TOKEN_FILE: '/no/such/file' },
    });
    expect(code, log).to.equal(1);
    expect(log.trim()).to.match(
      /^TPE_API_TOKEN_FILE names \/no\/such\/file, which cannot be read: ENOENT[^\n]*$/,
    );
  });
});
