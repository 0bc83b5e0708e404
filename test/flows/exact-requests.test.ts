import { expect } from 'chai';
import type { Sent } from '../../nodes/api/procedures/commands.js';
import { callRest } from '../support/call-rest.js';
import { type DashboardSocket, logInAtDashboard, openDashboardSocket } from '../support/dashboard-socket.js';
import { logInAtEditor } from '../support/editor-login.js';
import { connectGateway, GENERAL, type TestGateway } from '../support/gateway.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patienceSeconds } from '../support/patience.js';

const GATEWAY = 'exact-1';
const WRITE = {
  path: '/modbusmaster/operate/direct-write-tag',
  method: 'PUT',
};
const BODY =
  '{"prvdName":"modbus_tcp_master","srcName":"meter","tagName":"total","dataType":"uint64","dataValue":18446744073709551615}';
const EXPIRED = [{ 'request-expired-time': '2020-11-12 11:45:26' }, { 'request-id': '1' }];

describe('whole flow: a request reaches the gateway as it was given, at every door', () => {
  let nodeRed: NodeRedProcess;
  let gateway: TestGateway;
  let dashboard: DashboardSocket;
  let token: string | undefined;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0' } });
    const login = { clientid: GATEWAY, username: GATEWAY, password: 'correct horse battery' };
    await rest('POST', '/api/device', JSON.stringify(login));
    gateway = await connectGateway({ ...login, port: nodeRed.mqttPort });
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
    const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
    dashboard = await openDashboardSocket(nodeRed, cookie);
    ({ token } = await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword));
  });
  after(async () => {
    dashboard?.close();
    await gateway?.leave();
    await nodeRed?.stop();
  });

  async function rest(method: string, path: string, body?: string) {
    const { status, text } = await callRest(nodeRed, method, path, { body: body ?? null });
    const { data } = JSON.parse(text) as { data: Record<string, unknown> };
    return { status, data };
  }

  const restSend = (body: string, query = '') =>
    rest('POST', `/api/emqx/clients/${GATEWAY}/message${query}`, body);
  const record = async (requestId: unknown) => (await rest('GET', `/api/command/${requestId}`)).data;

  async function editor(
    path: string,
    body: string,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(nodeRed.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function dashboardSend(input: object): Promise<Record<string, unknown>> {
    const answer = await dashboard.answer<Sent[]>('w-commands', 'commands.send', {
      clientids: [GATEWAY],
      confirm: GATEWAY,
      ...input,
    });
    return await record(answer[0]?.requestId);
  }

  const given = `"path":"${WRITE.path}","method":"PUT"`;
  const DOORS: Record<string, () => Promise<unknown>> = {
    REST: () => restSend(`{${given},"requestBody":${BODY}}`),
    dashboard: () => dashboardSend({ ...WRITE, requestBodyText: BODY }),
    editor: () =>
      editor(
        '/tpe/try',
        JSON.stringify({
          server: 'tpe-server-main',
          clientid: GATEWAY,
          confirm: GATEWAY,
          ...WRITE,
          requestBodyText: BODY,
        }),
      ),
  };

  for (const [door, send] of Object.entries(DOORS)) {
    it(`with all digits of a number, and its answer comes back with all of them: ${door}`, async () => {
      await send();
      const { raw, requestId } = await gateway.nextRequest();
      expect(raw).to.contain(`"requestBody":${BODY}`);
      await gateway.publish(
        `/tpedm/${GATEWAY}/output`,
        `{"request-id":"${requestId}","state":200,"payload":{"data":{"dataValue":18446744073709551615}}}`,
      );
      const ended = await rest('GET', `/api/command/${requestId}?wait=${patienceSeconds(60)}`);
      expect(ended.data.answer).to.deep.equal({
        status: 200,
        payload: { data: { dataValue: '18446744073709551615' } },
      });
      expect(JSON.stringify(ended.data.faults)).to.contain('answer/data/dataValue');
      const shown = await dashboard.answer<{ requestBody: unknown }>('w-commands', 'commands.one', {
        requestId,
      });
      expect(shown.requestBody).to.deep.include({ dataValue: '18446744073709551615' });
    });
  }

  it('and what is shown before is what is sent', async () => {
    const request = { ...WRITE, clientid: GATEWAY, requestBodyText: BODY };
    const seen = [
      await dashboard.answer<{ message: { payload: string } }>('w-commands', 'commands.check', request),
      (await editor('/tpe/check', JSON.stringify({ server: 'tpe-server-main', ...request }))).body,
    ] as { message: { payload: string } }[];
    await DOORS.REST!();
    const { raw, requestId } = await gateway.nextRequest();
    await gateway.answer(requestId, { data: {} });
    // But for the id and the time, which are known later.
    const plain = (text: string) =>
      text.replaceAll(/\s+(?=[{}[\]"])|(?<=:)\s+/g, '').replace(/"headers":\[.*?\]/, '');
    for (const { message } of seen) {
      expect(plain(message.payload)).to.equal(plain(raw));
      expect(message.payload).to.match(/"dataValue": 18446744073709551615\n/);
    }
  });

  it('or is refused with its place: numbers that cannot be carried', async () => {
    const lost = BODY.replace('18446744073709551615', '0.12345678901234567891');
    const atRest = await restSend(`{${given},"requestBody":${lost}}`);
    expect(atRest.status).to.equal(400);
    expect(atRest.data.message).to.contain('"/requestBody/dataValue"');
    const atDashboard = await dashboard.ask('w-commands', 'commands.send', {
      ...WRITE,
      clientids: [GATEWAY],
      requestBodyText: lost,
    });
    expect(atDashboard).to.include({ type: 'refused', code: 'INVALID_INPUT' });
    // As a browser's own JSON would round it.
    const rounded = await dashboard.askText(
      'w-commands',
      'commands.check',
      `{${given},"requestBody":${BODY},"clientid":"${GATEWAY}"}`,
    );
    expect(JSON.stringify(rounded)).to.contain('requestBody/dataValue').and.to.contain('BigInt');
  });

  it('or never: its deadline is over', async () => {
    const seen = gateway.received.length;
    const body = { path: '/system/sshserver', method: 'PUT', requestBody: { enable: true, port: 22 } };
    const atRest = await restSend(JSON.stringify({ ...body, headers: EXPIRED }));
    expect([atRest.status, atRest.data.state]).to.deep.equal([504, 'EXPIRED']);
    expect(atRest.data.message).to.contain('2020-11-12 11:45:26');
    expect(await dashboardSend({ ...body, headers: EXPIRED })).to.include({ state: 'EXPIRED', sentAt: null });
    const tried = {
      server: 'tpe-server-main',
      clientid: GATEWAY,
      confirm: GATEWAY,
      ...body,
      headers: EXPIRED,
    };
    expect((await editor('/tpe/try', JSON.stringify(tried))).body).to.include({ state: 'EXPIRED' });
    const wrong = await restSend(JSON.stringify({ ...body, headers: { 'request-expired-time': 'soon' } }));
    expect(wrong.status).to.equal(400);
    expect(wrong.data.message).to.contain('YYYY-MM-DD HH:MM:SS');
    expect(gateway.received).to.have.length(seen);
  });

  it('and an answer that cannot be read is told of at once', async () => {
    const waiting = restSend(
      JSON.stringify({ path: '/device/time', method: 'GET' }),
      `?wait=${patienceSeconds(60)}`,
    );
    const { requestId } = await gateway.nextRequest();
    await gateway.publish(`/tpedm/${GATEWAY}/output`, `{"request-id":"${requestId}","payload":"{}"}`);
    const { status, data } = await waiting;
    expect([status, data.code, data.state]).to.deep.equal([502, 'UNREADABLE', 'FAILED']);
  });
});
