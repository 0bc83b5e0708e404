import { expect } from 'chai';
import { eachDatabaseOptions } from '../../support/databases.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import { onlineGateway, openTestManager, type TestManager } from '../../support/manager.js';
import { patience } from '../../support/patience.js';

const STATIC_IP = 'patch-device-ethernets-id-update-one-device-ethernets-static';

eachDatabaseOptions('commands: by an operation of the catalogue', (freshDatabase) => {
  let test: TestManager;
  let gateway: TestGateway;

  before(async () => {
    test = await openTestManager(await freshDatabase(), { commandTimeoutMs: patience(60_000) });
    gateway = await onlineGateway(test, 'gw');
    const { requestId } = await gateway.nextRequest();
    await gateway.answer(requestId, GENERAL);
  });
  after(() => test.manager.close());

  const send = (more: object) => test.manager.commands.send({ clientid: 'gw', ...more });
  const bodyOf = (id: string) => test.manager.catalogue.get(id)?.bodyExample as Record<string, unknown>;

  it('sends what the operation says, and records which one it was', async () => {
    const sent = send({ operation: STATIC_IP, params: { id: 2 }, requestBody: bodyOf(STATIC_IP) });
    const request = await gateway.nextRequest();
    expect(request).to.deep.include({
      path: '/device/ethernets/2',
      method: 'PATCH',
      requestBody: bodyOf(STATIC_IP),
    });
    await gateway.answer(request.requestId, { data: {} });
    const record = await sent;
    expect(record).to.deep.include({ state: 'SUCCEEDED', operation: STATIC_IP });
    expect(await test.manager.commands.get(record.requestId)).to.deep.equal(record);
  });

  it('refuses what may do more by now than was confirmed', async () => {
    const { catalogue } = test.manager;
    const own = { id: 'own-look', category: 'Ours', name: 'Look', method: 'GET', path: '/pumps/state' };
    await catalogue.saveOperation(own);
    const { risk, classes } = catalogue.get('own-look')!;
    await catalogue.saveOperation({ ...own, method: 'PUT', path: '/system/reboot' });
    const record = await send({
      operation: 'own-look',
      requestBody: { now: true },
      rated: { risk, classes },
    });
    expect(record).to.include({ state: 'REJECTED', reasonCode: 'CONFLICT' });
    expect(record.reason).to.contain('more than was confirmed');
    await catalogue.removeOperation('own-look');
  });

  it('finds the operation of a path and a method', async () => {
    const sent = send({ path: '/api/v1/device/general', method: 'get' });
    const { requestId } = await gateway.nextRequest();
    await gateway.answer(requestId, GENERAL);
    expect((await sent).operation).to.equal('get-device-general-get-device-general');
  });

  it('notes where an answer is not as its operation describes it, and gives it all the same', async () => {
    const sent = send({ operation: 'get-device-dns-get-device-dns' });
    const { requestId } = await gateway.nextRequest();
    await gateway.answer(requestId, { data: [7] });
    const record = await sent;
    expect(record).to.deep.include({ state: 'SUCCEEDED', answer: { status: 200, payload: { data: [7] } } });
    expect(record.faults[0]).to.include({ in: 'answer', path: '/data/0', rule: 'type' });
    expect(await test.manager.commands.get(record.requestId)).to.deep.equal(record);
  });

  it('records what it refuses, with each fault: place, rule and value', async () => {
    const body = { enable: 'yes', port: 22 };
    const record = await send({ path: '/system/sshserver', method: 'PUT', requestBody: body });
    expect(record).to.include({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' });
    expect(record.reason).to.contain('requestBody/enable must be true or false, not "yes" (type)');
    expect(record.faults.find(({ path }) => path === '/enable')).to.deep.include({
      in: 'requestBody',
      path: '/enable',
      rule: 'type',
      value: 'yes',
      text: 'requestBody/enable must be true or false, not "yes" (type)',
    });
    expect(await test.manager.commands.get(record.requestId)).to.deep.equal(record);
  });

  it('lets a body through that does not fit when it is told to, and notes it', async () => {
    const body = { enable: 'yes' };
    const sent = send({ path: '/system/sshserver', method: 'PUT', requestBody: body, check: 'warn' });
    const request = await gateway.nextRequest();
    expect(request.requestBody).to.deep.equal(body);
    await gateway.answer(request.requestId, { data: {} });
    const record = await sent;
    expect(record.state).to.equal('SUCCEEDED');
    expect(record.faults.map(({ path }) => path)).to.include('/enable');
  });

  it('never lets through what is refused always, or what makes no path', async () => {
    const refused: [object, string][] = [
      [{ operation: 'nothing' }, 'INVALID_INPUT'],
      [{ operation: STATIC_IP, requestBody: bodyOf(STATIC_IP) }, 'INVALID_INPUT'],
      [{ operation: STATIC_IP, params: { id: '../../auth' } }, 'INVALID_INPUT'],
      [{ operation: 'put-apps-appname-start-start-one-apps', params: { appname: '..' } }, 'INVALID_INPUT'],
      [{ path: '/%61uth', method: 'POST' }, 'FORBIDDEN'],
      [{ path: '/auth', method: 'POST' }, 'FORBIDDEN'],
      [{ path: '/device/general', method: 'GET', check: 'never' }, 'INVALID_INPUT'],
    ];
    for (const [request, code] of refused) {
      const record = await send({ check: 'warn', ...request });
      expect(record, JSON.stringify(request)).to.include({ state: 'REJECTED', reasonCode: code });
    }
  });

  it('records what it could do, whoever sends it', async () => {
    const reboot = { path: '/system/reboot', method: 'PUT', requestBody: { now: true } };
    const records = [
      await send({ ...reboot, path: '/SYSTEM/reboot' }),
      await send({ path: '/system/./reboot', method: 'PUT' }),
      await send({ path: '/auth', method: 'GET' }),
      await send({ operation: 'put-function-requirements', requestBody: 7 }),
    ];
    const ratings = records.map(({ state, risk, classes }) => [state, risk, ...classes].join(' '));
    expect(ratings).to.deep.equal([
      'REJECTED disruptive cuts-mqtt',
      'REJECTED disruptive cuts-mqtt',
      'REJECTED read',
      'REJECTED disruptive runs-code changes-source',
    ]);
    for (const record of records)
      expect(await test.manager.commands.get(record.requestId)).to.deep.equal(record);

    const sent = send(reboot);
    const request = await gateway.nextRequest();
    await gateway.answer(request.requestId, { error: { code: 404, message: 'page not found' } }, 404);
    expect(await sent).to.deep.include({ state: 'FAILED', risk: 'disruptive', classes: ['cuts-mqtt'] });
  });

  it('records faults that hold what a database cannot', async () => {
    const record = await send({ operation: STATIC_IP, params: { 'a\u0000\ud800': 1, id: '\u0000\ud800' } });
    expect(record).to.include({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' });
    expect(record.faults.length).to.be.greaterThan(0);
  });
});
