import { expect } from 'chai';
import { logInAtEditor } from '../../support/editor-login.js';
import { type NodeRedProcess, startNodeRed } from '../../support/node-red-process.js';
import { restCaller } from '../../support/rest-caller.js';

const NOT_DEPLOYED = 'a server that is not deployed';
const REBOOT = { operation: 'put-system-reboot-reboot-device-now', requestBody: { now: true } };

describe('the API of the editor', () => {
  let nodeRed: NodeRedProcess;
  let reader: string | undefined;
  let writer: string | undefined;

  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0' } });
    const { adminPassword } = nodeRed;
    reader = (await logInAtEditor(nodeRed, 'admin', adminPassword, 'tpe.read')).token;
    writer = (await logInAtEditor(nodeRed, 'admin', adminPassword)).token;
    await restCaller(nodeRed).call('POST', '/api/device', { clientid: 'gw-1' });
  });
  after(() => nodeRed?.stop());

  async function ask(path: string, body: object, token = writer) {
    const response = await fetch(nodeRed.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ server: 'tpe-server-main', ...body }),
    });
    const answer: unknown = await response.json().catch(() => ({}));
    return { status: response.status, body: answer as Record<string, unknown> };
  }

  it('picks operations and checks a command before anything is deployed', async () => {
    const server = NOT_DEPLOYED;
    const { operations } = (await ask('/tpe/operations', { server })).body as {
      operations: { id: string }[];
    };
    expect(operations.map(({ id }) => id)).to.include(REBOOT.operation);
    expect((await ask('/tpe/operation', { server, id: REBOOT.operation })).body).to.include({
      method: 'PUT',
    });
    const checked = (await ask('/tpe/check', { server, clientid: '', ...REBOOT })).body;
    expect(checked).to.deep.include({ faults: [], risk: 'disruptive', hasOwnOperations: false });
    expect(checked).to.have.nested.property('message.topic', '/tpedm/{clientid}/input');
    const none = await ask('/tpe/operation', { server, id: 'none' });
    expect(none).to.deep.equal({
      status: 404,
      body: {
        error: 'The catalogue has no operation "none".',
        code: 'NOT_FOUND',
        cause: { code: 'operation-unknown', params: { operation: 'none' } },
      },
    });
  });

  it('says that what takes gateways takes a server that is deployed', async () => {
    for (const [path, input] of [
      ['/tpe/gateways', { search: '' }],
      ['/tpe/try', { clientid: 'gw-1', ...REBOOT }],
      ['/tpe/operations/export', {}],
      ['/tpe/alarms/rules', {}],
      ['/tpe/alarms/rule', { id: 'offline', kind: 'offline' }],
      ['/tpe/alarms/rule/remove', { id: 'offline-2' }],
    ] as const) {
      const { status, body } = await ask(path, { server: NOT_DEPLOYED, ...input });
      expect([status, body.error], path).to.deep.equal([
        409,
        'This TPE server is not deployed yet: deploy first.',
      ]);
    }
  });

  it('checks as the one that is deployed sends, but for values that only a message brings', async () => {
    const { body } = await ask('/tpe/check', { clientid: 'gw-1', path: '/device/general', method: 'PATCH' });
    expect(body).to.include({ hasOwnOperations: true });
    expect(body).to.have.nested.property('message.topic', '/tpedm/gw-1/input');
    const request = { operation: 'get-upgrades-id-get-one-upgrades', params: {} };
    const check = async (more: object) =>
      ((await ask('/tpe/check', { ...request, ...more })).body as { faults: object[] }).faults.length;
    expect(await check({})).to.be.above(0);
    expect(await check({ skip: ['/params'] })).to.equal(0);
  });

  it('tries a command once what it does is confirmed, and shows what became of it', async () => {
    const tried = { clientid: 'gw-1', ...REBOOT };
    expect(await ask('/tpe/try', tried)).to.have.nested.property('body.code', 'CONFLICT');
    const { status, body } = await ask('/tpe/try', { ...tried, confirm: 'gw-1' });
    expect([status, body.state, body.requestedBy]).to.deep.equal([200, 'REJECTED', 'editor: admin']);
    const waited = await ask('/tpe/command', { requestId: body.requestId, waitMs: 25_000 });
    expect(waited.body).to.deep.include({ requestId: body.requestId, state: 'REJECTED' });
    expect(await ask('/tpe/command', { requestId: '99999', waitMs: 0 })).to.deep.include({ status: 404 });
  });

  it('lets who may read look, and change nothing', async () => {
    expect((await ask('/tpe/gateways', { search: 'gw' }, reader)).body).to.deep.equal([
      { clientid: 'gw-1', hostName: null, modelName: null, status: 'never_seen' },
    ]);
    expect(await ask('/tpe/alarms/rules', {}, reader)).to.have.nested.property('body.rules[0].id', 'offline');
    for (const [path, input] of [
      ['/tpe/try', { clientid: 'gw-1', ...REBOOT, confirm: 'gw-1' }],
      ['/tpe/operations/import', { text: '{}', dryRun: true }],
      ['/tpe/operations/remove', { id: 'own-none' }],
      ['/tpe/alarms/rule', { id: 'offline', kind: 'offline' }],
      ['/tpe/alarms/rule/remove', { id: 'offline' }],
    ] as const) {
      expect((await ask(path, input, reader)).status, path).to.be.oneOf([401, 403]);
    }
  });

  it('sets rules of alarms, and removes those that people made', async () => {
    const rule = {
      id: 'offline-2',
      kind: 'offline',
      name: 'Brea',
      delaySeconds: 60,
      filter: { site: 'Brea' },
    };
    expect(await ask('/tpe/alarms/rule', rule)).to.deep.nested.include({
      ...{ status: 200, 'body.name': 'Brea', 'body.filter': { site: 'Brea' }, 'body.setBy': 'editor: admin' },
    });
    const ids = async () =>
      ((await ask('/tpe/alarms/rules', {})).body as { rules: { id: string }[] }).rules.map(({ id }) => id);
    expect((await ids()).slice(0, 2)).to.deep.equal(['offline', 'offline-2']);
    expect((await ask('/tpe/alarms/rule/remove', { id: 'offline-2' })).status).to.equal(200);
    expect((await ids()).slice(0, 2)).to.deep.equal(['offline', 'flapping']);
    const kept = await ask('/tpe/alarms/rule/remove', { id: 'offline' });
    expect(kept).to.have.nested.property('body.code', 'CONFLICT');
    const unfit = await ask('/tpe/alarms/rule', { id: 'offline', kind: 'offline', threshold: 5 });
    expect(unfit).to.have.nested.property('body.code', 'INVALID_INPUT');
  });

  it('refuses what it does not know', async () => {
    for (const body of [{ server: 5, search: '' }, { search: ['a'] }, { search: '', colour: 'red' }]) {
      expect(await ask('/tpe/gateways', body)).to.have.nested.property('body.code', 'INVALID_INPUT');
    }
  });
});
