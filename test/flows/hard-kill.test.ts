import { expect } from 'chai';
import { callRest } from '../support/call-rest.js';
import { connectGateway, type TestGateway } from '../support/gateway.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience, patienceSeconds } from '../support/patience.js';

describe('whole flow: killed in the middle of commands', () => {
  let nodeRed: NodeRedProcess;
  const login = { clientid: 'gw-killed', username: 'gw-killed', password: 'correct horse battery' };

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0' } });
  });
  after(() => nodeRed?.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; data: Record<string, unknown> }> {
    const { status, text } = await callRest(nodeRed, method, path, {
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { data } = JSON.parse(text) as { data: Record<string, unknown> };
    return { status, data };
  }

  const command = (query = '') =>
    call('POST', `/api/emqx/clients/gw-killed/message${query}`, { path: '/device/time', method: 'GET' });

  /** Node-RED answers a moment before its flows are there. */
  async function connected(): Promise<TestGateway> {
    const deadline = Date.now() + patience(60_000);
    for (;;) {
      try {
        return await connectGateway({ ...login, port: nodeRed.mqttPort });
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  it('matches the answer to a command that was in flight, and sends what waited, each once', async () => {
    await call('POST', '/api/device', login);
    const gateway = await connected();
    await gateway.answer((await gateway.nextRequest()).requestId, { data: {} });
    const flying = await command();
    const request = await gateway.nextRequest();
    expect(request.requestId).to.equal(flying.data.requestId);
    const waiting = await command('?whenOffline=queue');
    await nodeRed.kill();
    nodeRed = await startNodeRed({ dataDir: nodeRed.dataDir, env: { TPE_SIMULATED_GATEWAYS: '0' } });

    const again = await connected();
    await again.answer(request.requestId, { data: 'after the kill' });
    const first = await call('GET', `/api/command/${flying.data.requestId}?wait=true`);
    expect(first.data).to.deep.include({
      state: 'SUCCEEDED',
      answer: { status: 200, payload: { data: 'after the kill' } },
    });
    for (;;) {
      const next = await again.nextRequest();
      expect(next.requestId, 'what was in flight is not sent again').not.to.equal(request.requestId);
      await again.answer(next.requestId, { data: 'waited' });
      if (next.requestId === waiting.data.requestId) break;
    }
    expect(
      (await call('GET', `/api/command/${waiting.data.requestId}?wait=${patienceSeconds(60)}`)).data.state,
    ).to.equal('SUCCEEDED');
    const ids = again.received.map((one) => one.requestId);
    expect(new Set(ids).size).to.equal(ids.length);
    await again.leave();
  });
});
