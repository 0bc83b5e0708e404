import { expect } from 'chai';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import { type Simulator, startSimulator } from '../../nodes/manager/gateway-simulator/simulator.js';
import { callRest } from '../support/call-rest.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience, patienceSeconds } from '../support/patience.js';

const GATEWAY = 'virtual-0003';
const PACKAGE = {
  category: 'mil',
  version: '1.6.0',
  minFirmwareVersion: '1.5',
  yamlUrl: 'https://packages.example.com/Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml',
};

describe('whole flow: installing software', () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRed({
      env: { ...hurried(120), TPE_SIMULATED_GATEWAYS: '3', TPE_REPO_HOSTS: 'packages.example.com' },
    });
  });
  after(() => nodeRed?.stop());

  it('ends in the version that the gateway tells, whom REST asks with live progress', async () => {
    await until(nodeRed, `/api/device/${GATEWAY}`, ({ data }) => data.firmware_version === '1.5.0');
    const begun = await call(nodeRed, 'POST', `/api/device/${GATEWAY}/update`, {
      packages: [PACKAGE],
      snapshot: false,
    });
    expect(begun.status, JSON.stringify(begun.data)).to.equal(202);
    expect(begun.data).to.include({ clientid: GATEWAY, state: 'QUEUED', requestedBy: 'REST' });
    const { id } = begun.data;
    const loading = await until(
      nodeRed,
      `/api/update/${id}`,
      ({ data }) => data.step === 'download' && data.progress > 5,
    );
    expect(loading.data).to.include({ state: 'IN_PROGRESS' });
    const again = await call(nodeRed, 'POST', `/api/device/${GATEWAY}/update`, { packages: [PACKAGE] });
    expect(again.status).to.equal(409);
    const ended = await call(nodeRed, 'GET', `/api/update/${id}?wait=${patienceSeconds(240)}`);
    expect(ended.data, JSON.stringify(ended.data)).to.include({ state: 'SUCCEEDED', progress: 100 });
    expect(ended.data.after.firmwareVersion).to.equal('1.6.0');
    expect((await call(nodeRed, 'GET', `/api/device/${GATEWAY}`)).data.firmware_version).to.equal('1.6.0');
    const list = await call(nodeRed, 'GET', `/api/update?clientid=${GATEWAY}&limit=1&state=SUCCEEDED`);
    expect(list.data.map((one: { id: string }) => one.id)).to.deep.equal([id]);
  });

  it('finds who needs what and why without a network, and installs it on one', async () => {
    const begun = await call(nodeRed, 'PUT', '/api/device/checkUpdate', {});
    expect(begun.data, JSON.stringify(begun.data)).to.include({ state: 'RUNNING', total: 3 });
    const { data: scan } = await until(
      nodeRed,
      '/api/device/checkUpdate?progress=true',
      ({ data }) => data.state !== 'RUNNING',
    );
    expect(scan).to.include({ state: 'DONE', done: 3, failed: 0, found: 2 });
    const { data: found } = await call(nodeRed, 'GET', '/api/device/checkUpdate');
    const [first, second] = found;
    expect(first).to.deep.include({ clientid: 'virtual-0001', firmwareVersion: '1.3' });
    const reasons = first.candidates.map(({ reason }: { reason: string }) => reason);
    expect(reasons).to.deep.equal([
      'recommended',
      'the gateway has 2.2.1-3369 already',
      'it needs firmware 2.0 first',
    ]);
    expect(second.path.map(({ version }: { version: string }) => version)).to.deep.equal(['1.7.0', '1.8.0']);
    const installed = await call(
      nodeRed,
      'POST',
      `/api/device/virtual-0001/update?wait=${patienceSeconds(300)}`,
      {
        snapshot: false,
      },
    );
    expect(installed.data, JSON.stringify(installed.data)).to.include({ state: 'SUCCEEDED' });
    expect((await call(nodeRed, 'GET', '/api/device/virtual-0001')).data.tpe_version).to.equal('2.3.0-3571');
  });

  it('says what is wrong with a request', async () => {
    for (const [clientid, body, status, text] of [
      ['nobody', { packages: [PACKAGE] }, 404, /nobody/],
      ['virtual-0002', {}, 400, /packages/],
      [GATEWAY, { packages: [{ ...PACKAGE, yamlUrl: 'http://x/y.yaml' }] }, 400, /https/],
    ] as const) {
      const reply = await call(nodeRed, 'POST', `/api/device/${clientid}/update`, body);
      expect(reply.status, JSON.stringify(reply.data)).to.equal(status);
      expect(reply.data.message).to.match(text);
    }
    expect((await call(nodeRed, 'GET', '/api/update/abc')).status).to.equal(404);
    expect((await call(nodeRed, 'GET', '/api/update?limit=0')).status).to.equal(400);
  });
});

describe('whole flow: killed in the middle of an installation', () => {
  let nodeRed: NodeRedProcess;
  let simulator: Simulator | undefined;

  before(async () => {
    nodeRed = await startNodeRed({
      env: { ...hurried(120), TPE_SIMULATED_GATEWAYS: '0', TPE_REPO_HOSTS: 'packages.example.com' },
    });
  });
  after(async () => {
    await simulator?.stop();
    await nodeRed?.stop();
  });

  it('ends in the same verified result, and the gateway was asked once', async () => {
    const password = 'correct horse battery';
    await call(nodeRed, 'POST', '/api/device', { clientid: GATEWAY, username: GATEWAY, password });
    // The gateway lives on while the manager does not.
    simulator = startSimulator({
      url: `mqtt://127.0.0.1:${nodeRed.mqttPort}`,
      gateways: virtualIdentities(3)
        .filter(({ clientid }) => clientid === GATEWAY)
        .map((identity) => ({ identity, username: GATEWAY, password })),
      inputTopic: '/tpedm/{clientid}/input',
      outputTopic: '/tpedm/{clientid}/output',
      timeScale: 60,
      rebootMs: 1000,
      retryMs: 500,
    });
    await until(nodeRed, `/api/device/${GATEWAY}`, ({ data }) => data.firmware_version === '1.5.0');
    const body = { packages: [PACKAGE], snapshot: false };
    const { id } = (await call(nodeRed, 'POST', `/api/device/${GATEWAY}/update`, body)).data;
    await until(nodeRed, `/api/update/${id}`, ({ data }) => data.step === 'install');
    await nodeRed.kill();
    nodeRed = await startNodeRed({
      dataDir: nodeRed.dataDir,
      env: { ...hurried(120), TPE_SIMULATED_GATEWAYS: '0', TPE_MQTT_PORT: String(nodeRed.mqttPort) },
    });
    const ended = await until(
      nodeRed,
      `/api/update/${id}?wait=${patienceSeconds(200)}`,
      ({ data }) => data.endedAt,
    );
    expect(ended.data, JSON.stringify(ended.data)).to.include({ id, state: 'SUCCEEDED' });
    expect(ended.data.after.firmwareVersion).to.equal('1.6.0');
    const jobs = await call(
      nodeRed,
      'POST',
      `/api/emqx/clients/${GATEWAY}/message?wait=${patienceSeconds(60)}`,
      {
        method: 'GET',
        path: '/upgrades',
      },
    );
    expect(jobs.data.answer.payload.count).to.equal(1);
  });
});

async function call(nodeRed: NodeRedProcess, method: string, path: string, body?: unknown) {
  const { status, text } = await callRest(nodeRed, method, path, {
    body: body === undefined ? null : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a REST caller sees is read freely in a test
  const { data } = JSON.parse(text) as { data: any };
  return { status, data };
}

async function until(
  nodeRed: NodeRedProcess,
  path: string,
  isSo: (reply: Awaited<ReturnType<typeof call>>) => boolean,
) {
  const deadline = Date.now() + patience(240_000);
  for (;;) {
    const reply = await call(nodeRed, 'GET', path);
    if (isSo(reply)) return reply;
    if (Date.now() > deadline) throw new Error(`${path} stayed ${JSON.stringify(reply)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
