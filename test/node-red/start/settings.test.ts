import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { logInAtEditor } from '../../support/editor-login.js';
import { freePort } from '../../support/free-port.js';
import {
  type NodeRedOptions,
  type NodeRedProcess,
  PROJECT_ROOT,
  runNodeRedToItsEnd,
  startNodeRed,
  temporaryFolder,
} from '../../support/node-red-process.js';

const NO_FLOW = [{ id: 'tab', type: 'tab', label: 'empty' }];
const NO_SECRETS = { TPE_ADMIN_PASSWORD: '', TPE_API_TOKEN: '' };

const EMQX = {
  TPE_BROKER: 'emqx',
  EMQX_API_URL: 'http://127.0.0.1:9',
  EMQX_API_KEY: 'hidden-key',
  EMQX_API_SECRET: 'hidden-secret',
};
const SERVER = { id: 'server', type: 'tpe-server', broker: 'auto' };
/** Says what flows see of the environment. */
const ENVIRONMENT_FLOW = [
  { id: 'tab', type: 'tab', label: 'environment' },
  { id: 'in', z: 'tab', type: 'http in', url: '/api/environment', method: 'get', wires: [['see']] },
  {
    id: 'see',
    z: 'tab',
    type: 'function',
    func: `msg.payload = ['TPE_BROKER', 'EMQX_API_KEY', 'EMQX_API_SECRET', 'TPE_WEBHOOK_SECRET', 'DATABASE_URL']
      .map((name) => env.get(name) ?? ''); return msg;`,
    outputs: 1,
    wires: [['out']],
  },
  { id: 'out', z: 'tab', type: 'http response', wires: [] },
];

/** As Node-RED lists what it has loaded. */
interface NodeSet {
  module: string;
  types: string[];
  /** What went wrong. */
  err?: string;
}

/** The status that a webhook of nothing gets. */
async function hook({ url }: NodeRedProcess, secret: string): Promise<number> {
  const response = await fetch(`${url}/api/emqx/hook`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return response.status;
}

/** The lines that npm start would show; Node-RED itself says nothing, as it does not come that far. */
async function refusal(options: NodeRedOptions): Promise<string> {
  const { code, log } = await runNodeRedToItsEnd(options);
  expect(code, log).to.equal(1);
  expect(log.trim().split('\n'), log).to.have.length(1);
  return log.trim();
}

const PACK = '@tpedm/node-red-dashboard-2-tpedm';

/** A settings.js of somebody who has installed the pack beside it. */
function settingsOfOnesOwn(): string {
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules', PACK);
  mkdirSync(dirname(installed), { recursive: true });
  symlinkSync(PROJECT_ROOT, installed, 'dir');
  const file = join(folder, 'settings.js');
  writeFileSync(
    file,
    `const { deviceManagerSettings } = require('${PACK}');
     module.exports = { ...deviceManagerSettings(), editorTheme: { page: { title: 'Plant 1' } } };`,
  );
  return file;
}

async function takenPort(): Promise<{ port: string; free(): void }> {
  const server = createServer().listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { port: String(port), free: () => server.close() };
}

describe('settings.js', () => {
  it('may be one of your own, which takes all from the one entry of the pack', async () => {
    const settings = settingsOfOnesOwn();
    const nodeRed = await startNodeRed({ settings, flow: [...NO_FLOW, { ...SERVER, broker: 'embedded' }] });
    expect((await fetch(`${nodeRed.url}/flows`)).status).to.equal(401);
    expect((await fetch(`${nodeRed.url}/api/device`)).status).to.equal(401);
    const login = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword);
    const headers = { authorization: `Bearer ${login.token}`, accept: 'application/json' };
    const nodes = (await (await fetch(`${nodeRed.url}/nodes`, { headers })).json()) as NodeSet[];
    const ours = nodes.filter(({ module }) => module === PACK);
    expect(ours.flatMap(({ types }) => types)).to.include.members(['tpe-server', 'ui-tpe-gateways']);
    expect(ours.filter(({ err }) => err !== undefined)).to.deep.equal([]);
    for (const file of ['tpedm-editor.js', 'tpedm-widgets.umd.js']) {
      const script = await fetch(`${nodeRed.url}/resources/${PACK}/${file}`, { headers });
      expect(script.status, file).to.equal(200);
    }
    expect(await (await fetch(nodeRed.url)).text()).to.contain('<title>Plant 1</title>');
    expect(await nodeRed.stop()).to.equal(0);

    const { resolve } = createRequire(settings);
    expect(resolve(`${PACK}/settings.js`)).to.equal(join(PROJECT_ROOT, 'settings.js'));
    expect(() => resolve(`${PACK}/dist/nodes/node-red/start/start.js`)).to.throw(/not defined by "exports"/);
  });

  it('says in one line that a port is taken', async () => {
    const { port, free } = await takenPort();
    expect(await refusal({ env: { PORT: port } })).to.match(
      new RegExp(`^The HTTP port ${port} is taken .*set PORT`),
    );
    expect(await refusal({ env: { TPE_MQTT_PORT: port } })).to.match(
      new RegExp(`^The MQTT port ${port} is taken .*set TPE_MQTT_PORT`),
    );
    expect(await refusal({ env: { PORT: port, TPE_MQTT_PORT: port } })).to.contain('HTTP port');
    free();
  });

  it('minds the MQTT port only when a server of the flow opens it', async () => {
    const { port, free } = await takenPort();
    const server = { id: 'server', type: 'tpe-server', broker: 'mqtt', url: `mqtt://127.0.0.1:${port}` };
    const nodeRed = await startNodeRed({ env: { TPE_MQTT_PORT: port }, flow: [...NO_FLOW, server] });
    await nodeRed.stop();
    free();
  });

  it('says in one line that the data folder cannot be used', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const line = await refusal({ dataDir: join(file, 'data') });
    expect(line).to.contain(join(file, 'data')).and.to.contain('TPE_DATA_DIR');
  });

  it('says in one line which variable is wrong', async () => {
    const wrong = {
      PORT: 'http',
      TPE_MQTT_PORT: '70000',
      TPE_SIMULATED_GATEWAYS: '-1',
      TPE_ADMIN_PASSWORD: 'short',
      TPE_API_TOKEN: 'short',
      TPE_BROKER: 'rabbit',
      TPE_WEBHOOK_SECRET: 'short',
      TPE_TRUST_PROXY: 'loopback,10.0.0.0/33',
    };
    for (const [name, value] of Object.entries(wrong)) {
      expect(await refusal({ env: { [name]: value } })).to.match(new RegExp(`^${name} is `));
    }
    expect(await refusal({ env: { TPE_HOST: '203.0.113.7' } })).to.contain('TPE_HOST');
  });

  it('shows password and token once, and keeps the flow of the user', async () => {
    const first = await startNodeRed({ env: NO_SECRETS, flow: NO_FLOW });
    const password = /Password +(\S+)/.exec(first.log())?.[1] ?? '';
    const token = /API token +(\S+)/.exec(first.log())?.[1] ?? '';
    expect(password).to.match(/^\S{23}$/);
    expect(token).to.match(/^tpedm_\S{32}$/);
    const login = await logInAtEditor(first, 'admin', password);
    expect(login.status).to.equal(200);
    expect(await first.stop()).to.equal(0);

    const { dataDir } = first;
    const second = await startNodeRed({ env: NO_SECRETS, dataDir });
    expect(second.log()).not.to.match(/Password|API token/);
    expect(JSON.parse(readFileSync(join(dataDir, 'flows.json'), 'utf8'))).to.deep.equal(NO_FLOW);
    const headers = { authorization: `Bearer ${login.token}` };
    expect((await fetch(`${second.url}/flows`, { headers })).status).to.equal(200);
    await second.stop();

    for (const name of readdirSync(dataDir)) {
      if (statSync(join(dataDir, name)).isDirectory()) continue;
      const text = readFileSync(join(dataDir, name), 'utf8');
      expect(text, name).not.to.contain(password).and.not.to.contain(token);
    }
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o077).to.equal(0);
  });

  it('shows the webhook secret once where webhooks come in, and keeps all secrets from flows', async () => {
    const first = await startNodeRed({ flow: [...ENVIRONMENT_FLOW, SERVER], env: EMQX });
    const secret = /Webhooks +Authorization: Bearer (\S+)/.exec(first.log())?.[1] ?? '';
    expect(secret).to.match(/^tpedm_\S{32}$/);
    expect(first.log()).to.contain(`Webhooks    ${'http://localhost:'}`).and.not.to.contain('hidden-');
    expect(await hook(first, 'wrong')).to.equal(401);
    expect(await hook(first, secret)).not.to.be.oneOf([401, 404]);
    const seen = await fetch(`${first.url}/api/environment`, {
      headers: { authorization: `Bearer ${first.token}` },
    });
    expect(await seen.json()).to.deep.equal(['emqx', '', '', '', '']);
    await first.stop();

    const second = await startNodeRed({ dataDir: first.dataDir, env: EMQX });
    expect(second.log()).not.to.contain(secret);
    expect(await hook(second, secret)).not.to.be.oneOf([401, 404]);
    await second.stop();
    const own = { ...EMQX, TPE_WEBHOOK_SECRET: 'a-secret-of-my-own' };
    const third = await startNodeRed({ dataDir: first.dataDir, env: own });
    expect(await hook(third, secret)).to.equal(401);
    expect(await hook(third, 'a-secret-of-my-own')).not.to.be.oneOf([401, 404]);
    await third.stop();
  });

  it('probes no MQTT port where the broker is elsewhere', async () => {
    const { port, free } = await takenPort();
    const nodeRed = await startNodeRed({
      env: { TPE_MQTT_PORT: port, TPE_BROKER: 'mqtt', TPE_MQTT_URL: 'mqtt://user:hidden-1@127.0.0.1:9' },
    });
    expect(nodeRed.log()).to.contain('MQTT        mqtt://127.0.0.1:9').and.not.to.contain('hidden-1');
    await nodeRed.stop();
    free();
  });

  it('runs an intake worker without editor and dashboard', async () => {
    const env = {
      ...EMQX,
      TPE_FLOW: 'intake-worker',
      TPE_EDITOR: 'off',
      TPE_WEBHOOK_SECRET: 'a-secret-of-my-own',
    };
    const worker = await startNodeRed({ env });
    expect(worker.log()).not.to.contain('Dashboard').and.not.to.contain('Editor');
    for (const path of ['/', '/flows', '/dashboard', '/auth/login']) {
      expect((await fetch(worker.url + path)).status, path).to.equal(404);
    }
    expect((await fetch(`${worker.url}/api/worker`)).status).to.equal(401);
    const headers = { authorization: `Bearer ${worker.token}` };
    expect(await (await fetch(`${worker.url}/api/worker`, { headers })).json()).to.have.property('status');
    expect(await hook(worker, 'wrong')).to.equal(401);
    expect(await hook(worker, 'a-secret-of-my-own')).not.to.be.oneOf([401, 404]);
    await worker.stop();
  });

  it('ends the logins of the editor when the password changes, and keeps none in clear', async () => {
    const first = await startNodeRed({ flow: NO_FLOW });
    const { token } = await logInAtEditor(first, 'admin', first.adminPassword);
    await first.stop();
    const mayRead = async ({ url }: NodeRedProcess, bearer = token) =>
      (await fetch(`${url}/flows`, { headers: { authorization: `Bearer ${bearer}` } })).status === 200;
    const stored = join(first.dataDir, '.sessions.json');
    expect(existsSync(stored)).to.equal(false);
    // A token of Node-RED's own, as earlier versions left it there.
    const session = {
      user: 'admin',
      client: 'node-red-editor',
      scope: '*',
      accessToken: 'old',
      expires: 9e15,
    };
    writeFileSync(stored, JSON.stringify({ old: session }));
    const same = { TPE_ADMIN_PASSWORD: first.adminPassword };
    const second = await startNodeRed({ dataDir: first.dataDir, env: same });
    expect(existsSync(stored)).to.equal(false);
    expect(await mayRead(second)).to.equal(true);
    expect(await mayRead(second, 'old')).to.equal(false);
    await second.stop();
    const third = await startNodeRed({ dataDir: first.dataDir });
    expect(await mayRead(third)).to.equal(false);
    await third.stop();
  });

  it('lets nobody into the editor without the password, and keeps it from other machines', async () => {
    const nodeRed = await startNodeRed({ flow: NO_FLOW });
    for (const path of ['/flows', '/nodes', '/settings/user']) {
      expect((await fetch(nodeRed.url + path)).status, path).to.equal(401);
    }
    expect(nodeRed.log()).not.to.contain('TPE_HOST');
    await nodeRed.stop();

    const open = await startNodeRed({ flow: NO_FLOW, env: { TPE_HOST: '0.0.0.0' } });
    expect(open.log()).to.match(/TPE_HOST=0\.0\.0\.0 lets other machines in, and without TLS/);
    await open.stop();
  });

  it('counts attempts to sign in by the address that a trusted proxy names, and by no other', async () => {
    const attempt = async (url: string, address: string) => {
      const answer = await fetch(`${url}/dashboard/login/`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': address },
        body: 'user=admin&password=wrong',
      });
      return answer.status;
    };
    const attempts = async (url: string) => {
      for (let number = 0; number < 10; number += 1) expect(await attempt(url, '203.0.113.1')).to.equal(401);
      return [await attempt(url, '203.0.113.1'), await attempt(url, '203.0.113.2')];
    };
    const flow = [{ id: 'ui', type: 'ui-base', name: 'Dashboard', path: '/dashboard' }];
    const behind = await startNodeRed({ flow, env: { TPE_TRUST_PROXY: '127.0.0.0/8, ::1' } });
    expect(await attempts(behind.url)).to.deep.equal([429, 401]);
    await behind.stop();
    const open = await startNodeRed({ flow });
    expect(await attempts(open.url)).to.deep.equal([429, 429]);
    await open.stop();
  });
});
