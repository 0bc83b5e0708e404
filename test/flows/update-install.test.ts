import { expect } from 'chai';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';

const GATEWAY = 'virtual-0003';
const PACKAGE = {
  category: 'mil',
  version: '1.6.0',
  minFirmwareVersion: '1.5',
  yamlUrl: 'https://packages.example.com/Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml',
};

describe('whole flow: installing software', function () {
  // A virtual gateway is twenty times as fast as a real one.
  this.timeout(180_000);
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '3' } });
  });
  after(() => nodeRed?.stop());

  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(nodeRed.url + path, {
      method,
      headers: { authorization: `Bearer ${nodeRed.token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what a REST caller sees is read freely in a test
    const { data } = (await response.json()) as { data: any };
    return { status: response.status, data };
  }

  async function until(path: string, isSo: (reply: Awaited<ReturnType<typeof call>>) => boolean) {
    const deadline = Date.now() + 120_000;
    for (;;) {
      const reply = await call('GET', path);
      if (isSo(reply)) return reply;
      if (Date.now() > deadline) throw new Error(`${path} stayed ${JSON.stringify(reply)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('ends in the version that the gateway tells, whom REST asks with live progress', async () => {
    await until(`/api/device/${GATEWAY}`, ({ data }) => data.firmware_version === '1.5.0');
    const begun = await call('POST', `/api/device/${GATEWAY}/update`, {
      packages: [PACKAGE],
      snapshot: false,
    });
    expect(begun.status, JSON.stringify(begun.data)).to.equal(202);
    expect(begun.data).to.include({ clientid: GATEWAY, state: 'QUEUED', requestedBy: 'REST' });
    const { id } = begun.data;
    const loading = await until(
      `/api/update/${id}`,
      ({ data }) => data.step === 'download' && data.progress > 5,
    );
    expect(loading.data).to.include({ state: 'IN_PROGRESS' });
    const again = await call('POST', `/api/device/${GATEWAY}/update`, { packages: [PACKAGE] });
    expect(again.status).to.equal(409);
    const ended = await call('GET', `/api/update/${id}?wait=120`);
    expect(ended.data, JSON.stringify(ended.data)).to.include({ state: 'SUCCEEDED', progress: 100 });
    expect(ended.data.after.firmwareVersion).to.equal('1.6.0');
    expect((await call('GET', `/api/device/${GATEWAY}`)).data.firmware_version).to.equal('1.6.0');
    const list = await call('GET', `/api/update?clientid=${GATEWAY}&limit=1&state=SUCCEEDED`);
    expect(list.data.map((one: { id: string }) => one.id)).to.deep.equal([id]);
  });

  it('says what is wrong with a request', async () => {
    for (const [clientid, body, status, text] of [
      ['nobody', { packages: [PACKAGE] }, 404, /nobody/],
      [GATEWAY, {}, 400, /packages/],
      [GATEWAY, { packages: [{ ...PACKAGE, yamlUrl: 'http://x/y.yaml' }] }, 400, /https/],
    ] as const) {
      const reply = await call('POST', `/api/device/${clientid}/update`, body);
      expect(reply.status, JSON.stringify(reply.data)).to.equal(status);
      expect(reply.data.message).to.match(text);
    }
    expect((await call('GET', '/api/update/abc')).status).to.equal(404);
    expect((await call('GET', '/api/update?limit=0')).status).to.equal(400);
  });
});
