import { expect } from 'chai';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { checkAnswer } from '../../../nodes/manager/catalogue/validation/answer-check.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { redact } from '../../../nodes/manager/shared/redact.js';
import { patience } from '../../support/patience.js';
import { type Fleet, startFleet } from './fleet.js';

const IDENTITIES = virtualIdentities(8);
const UC = IDENTITIES.find(({ modelName }) => modelName.startsWith('UC-81'))!.clientid;
const OTHER = IDENTITIES.find(({ modelName }) => modelName.startsWith('UC-31'))!.clientid;
const AIG302 = IDENTITIES.find(({ modelName }) => modelName.startsWith('AIG-302'))!.clientid;

describe('the state of a virtual gateway', () => {
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await startFleet(8);
  });
  afterEach(() => fleet.stop());

  /** The answer's `data`, once it has succeeded. */
  async function data(clientid: string, method: string, path: string, body?: unknown): Promise<Json> {
    const { status, payload, raw } = await fleet.ask(clientid, method, path, body);
    expect(status, `${method} ${path}: ${raw.slice(0, 200)}`).to.be.within(200, 299);
    return (payload as { data: Json }).data;
  }
  const list = async (path: string) => (await data(UC, 'GET', path)) as unknown as Json[];
  const fails = async (status: number, method: string, path: string, body?: unknown, clientid = UC) => {
    const answer = await fleet.ask(clientid, method, path, body);
    expect(answer.status, `${method} ${path}`).to.equal(status);
    return (answer.payload as { error: Json }).error;
  };

  it('is its own: what is changed on one is not changed on another', async () => {
    const before = await data(OTHER, 'GET', '/device/general');
    const patched = await data(UC, 'PATCH', '/device/general', { hostName: 'pump-7', description: 'Hall 2' });
    expect(patched).to.include({ hostName: 'pump-7', description: 'Hall 2', type: 'general' });
    expect(await data(UC, 'GET', '/device/general')).to.deep.equal(patched);
    expect(await data(OTHER, 'GET', '/device/general')).to.deep.equal(before);
  });

  it('tells of its network, its DNS servers and its time what was written to them', async () => {
    const before = await data(OTHER, 'GET', '/device/ethernets/1');
    expect(before.ip).not.to.equal((await data(UC, 'GET', '/device/ethernets/1')).ip);
    const address = { ip: '10.1.2.3', netmask: '255.255.0.0', gateway: '10.1.0.1' };
    const written = { enable: true, enableDhcp: false, wan: true, ...address };
    await data(UC, 'PATCH', '/device/ethernets/1', written);
    const network = { ...written, subnet: '10.1.0.0', broadcast: '10.1.255.255' };
    expect(await data(UC, 'GET', '/device/ethernets/1')).to.include(network);
    expect((await list('/device/ethernets'))[0]).to.include(network);
    expect(await data(OTHER, 'GET', '/device/ethernets/1')).to.deep.equal(before);

    await data(AIG302, 'PUT', '/device/dns', { enable: true, primary: '9.9.9.9', secondary: '' });
    expect(await data(AIG302, 'GET', '/device/dns')).to.deep.equal(['9.9.9.9']);
    await data(UC, 'PUT', '/system/sshserver', { enable: false, port: 2222 });
    const ssh = await data(UC, 'GET', '/system/sshserver');
    expect(ssh).to.include({ sshEnable: false, sshPort: 2222 });
    await data(UC, 'PATCH', '/device/time', { timezone: 'Asia/Tokyo', ntp: { server: 'ntp.example.com' } });
    const time = await data(UC, 'GET', '/device/time');
    expect(time.timezone).to.equal('Asia/Tokyo');
    expect(time.ntp).to.include({ server: 'ntp.example.com', interval: 86_400 });
  });

  it('keeps what a gateway does not let be changed, and refuses what makes no sense', async () => {
    const general = await data(UC, 'GET', '/device/general');
    await data(UC, 'PATCH', '/device/general', { serialNumber: 'FAKE', modelName: 'FAKE' });
    expect(await data(UC, 'GET', '/device/general')).to.deep.equal(general);
    await fails(400, 'PATCH', '/device/general', { hostName: 'not a host name!' });
    await fails(400, 'PATCH', '/device/general', { description: 'x'.repeat(513) });
    await fails(400, 'PATCH', '/device/general', [1, 2]);
    await fails(400, 'PATCH', '/device/gps', { location: 'here' });
    expect(await data(UC, 'GET', '/device/general')).to.deep.equal(general);
  });

  it('merges a PATCH deeply, and takes a PUT as it is', async () => {
    const patched = await data(UC, 'PATCH', '/device/gps', { location: { lat: 48.1 } });
    expect(patched.location).to.deep.equal({ lat: 48.1, lng: 121.2 });
    expect(await data(UC, 'GET', '/device/gps')).to.deep.equal(patched);
    await data(UC, 'PUT', '/system/serialconsole', { enable: false });
    expect(await data(UC, 'GET', '/system/serialconsole')).to.deep.equal({ enable: false });
    const profile = await data(UC, 'PATCH', '/events/profile', { events: [{ id: 2, enable: true }] });
    expect(profile.events).to.have.length(3);
    expect((profile.events as Json[])[1]).to.deep.include({ id: 2, enable: true, severity: 'info' });
  });

  it('changes one of several by its id', async () => {
    await data(UC, 'PATCH', '/device/serials/2', { baudRate: 19200 });
    const serials = await list('/device/serials');
    expect(serials.map(({ id, baudRate }) => [id, baudRate])).to.deep.equal([
      [1, 9600],
      [2, 19200],
      [3, 115200],
    ]);
    expect(await data(UC, 'GET', '/device/serials/2')).to.include({ id: 2, baudRate: 19200 });
    await fails(404, 'PATCH', '/device/serials/9', { baudRate: 19200 });
    await fails(400, 'PATCH', '/device/serials/2', { baudRate: 'fast' });
  });

  it('takes new items under new ids, and forgets them', async () => {
    const path = '/modbusmaster/config/remote-devs';
    const count = (await list(path)).length;
    const made = await data(UC, 'POST', path, {
      name: 'meter',
      masterTcpIfaceId: 1,
      slaveIpaddr: '192.0.2.7',
    });
    expect(await list(path)).to.have.length(count + 1);
    const id = made.remoteDevId;
    expect((await fleet.ask(UC, 'GET', `${path}/${id}`)).payload).to.deep.equal(made);
    const again = await data(UC, 'POST', path, { name: 'other', masterTcpIfaceId: 1 });
    expect(again.remoteDevId).not.to.equal(id);
    const removed = await fleet.ask(UC, 'DELETE', `${path}/${id}`);
    expect(removed.status).to.equal(204);
    await fails(404, 'GET', `${path}/${id}`);
    await fails(404, 'DELETE', `${path}/${id}`);
    const left = (await fleet.ask(UC, 'GET', path)).payload as { count: number; data: Json[] };
    expect(left.count)
      .to.equal(left.data.length)
      .and.to.equal(count + 1);
  });

  it('uses changes of its Modbus master once they are applied, and drops them where somebody asks for that', async () => {
    const [path, change] = ['/modbusmaster/config/remote-devs/1', '/modbusmaster/status/config/change'];
    const read = async () => (await fleet.ask(UC, 'GET', path)).payload as Json;
    const meter = { name: 'meter', slaveId: 7, slaveIpaddr: '192.0.2.7', slaveTcpPort: 1502 };
    const before = await read();
    expect(await data(UC, 'GET', change)).to.deep.equal({ result: 0 });
    await fails(400, 'PATCH', path, { slaveId: 'seven' });
    expect(await data(UC, 'GET', change)).to.deep.equal({ result: 0 });
    expect((await fleet.ask(UC, 'PATCH', path, meter)).payload).to.include(meter);
    expect(await data(UC, 'GET', change)).to.deep.equal({ result: 1 });
    await fleet.ask(UC, 'PUT', '/modbusmaster/control/config/undo');
    expect(await read()).to.deep.equal(before);
    await fleet.ask(UC, 'PATCH', path, meter);
    expect((await fleet.ask(UC, 'PUT', '/modbusmaster/control/config/apply')).status).to.equal(200);
    expect(await data(UC, 'GET', change)).to.deep.equal({ result: 0 });
    await fleet.ask(UC, 'PUT', '/modbusmaster/control/config/undo');
    expect(await read()).to.deep.equal({ ...before, ...meter });
    expect((await fleet.ask(OTHER, 'GET', path)).payload).to.deep.equal(before);
  });

  it('serves a list by pages', async () => {
    const page = (await fleet.ask(UC, 'GET', '/events?limit=1&offset=1')).payload;
    expect(page).to.deep.include({ count: 1, limit: 1, offset: 1, total: 2 });
    expect((await fleet.ask(UC, 'DELETE', '/events')).status).to.equal(204);
    expect(await list('/events')).to.deep.equal([]);
  });

  it('answers every operation that the catalogue lets through', async () => {
    const cutting = ['/system/reboot', '/system/reset-default'];
    for (const operation of OPERATIONS) {
      const { method, path, bodyExample, models, refusedBecause, mayCutMqtt } = operation;
      if (method !== 'GET' && (mayCutMqtt || cutting.includes(path))) continue;
      if (refusedBecause !== null || models.every((model) => model.startsWith('AIG-302'))) continue;
      const concrete = path.replaceAll(/\{\w+\}/g, '1');
      const answer = await fleet.ask(UC, method, concrete, bodyExample ?? undefined);
      expect(answer.status, `${method} ${concrete}`).to.be.oneOf([200, 204, 404]);
      if (method === 'GET' && !path.includes('{')) expect(answer.status, concrete).to.equal(200);
      const said = checkAnswer(operation, { ...answer, status: answer.status ?? 0 }).map(({ text }) => text);
      if (answer.status !== 204) expect(said, `${method} ${concrete}`).to.deep.equal([]);
    }
  });

  it('tells its MQTT password, as real ones do, so that it can be seen to be redacted', async () => {
    const clients = await list('/mqtt');
    expect(clients[0]).to.include({ clientID: UC, userName: UC, password: 'right', keepAliveSec: 60 });
    expect(JSON.stringify(redact({ data: clients }))).not.to.contain('right');
  });

  it('has a clock of its own that can be set', async () => {
    const time = async () => Date.parse(String((await data(UC, 'GET', '/device/time')).time));
    expect(await time()).to.be.closeTo(Date.now(), patience(30_000));
    fleet.simulator.setFaults(UC, { clockOffsetMs: -7_200_000 });
    expect(await time()).to.be.closeTo(Date.now() - 7_200_000, patience(30_000));
    const shown = await data(UC, 'PATCH', '/device/time', {
      timezone: 'Asia/Taipei',
      time: new Date().toISOString(),
    });
    expect(shown.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
    expect(await time()).to.be.closeTo(Date.now(), patience(30_000));
    await fails(400, 'PATCH', '/device/time', { timezone: 'Moon/Base' });
    await fails(400, 'PATCH', '/device/time', { time: 'noon' });
  });

  it('starts and stops applications', async () => {
    expect(await data(UC, 'PUT', '/apps/modbusmaster/stop')).to.include({
      name: 'modbusmaster',
      state: 'init',
    });
    expect(await data(UC, 'GET', '/apps/modbusmaster')).to.include({ state: 'init' });
    expect(await data(UC, 'PUT', '/apps/modbusmaster/restart')).to.include({ state: 'ready' });
    await data(UC, 'PUT', '/apps/function/uninstall');
    await fails(404, 'GET', '/apps/function');
    await fails(404, 'PUT', '/apps/nonesuch/start');
  });

  it('is shaped otherwise on an AIG-302', async () => {
    const general = await data(AIG302, 'GET', '/device/general');
    expect(general).to.include.keys('softwareVersion', 'modelName', 'serialNumber');
    expect(general).not.to.have.any.keys('type', 'deviceType', 'thingsproVersion');
    for (const path of ['/upgrades', '/apps', '/jobs']) {
      expect(await fails(404, 'GET', path, undefined, AIG302)).to.include({ code: 'NOT_FOUND' });
    }
    await fails(404, 'GET', '/system/use-notification');
    expect(await data(AIG302, 'GET', '/system/use-notification')).to.include({ enable: true });
  });
});

type Json = Record<string, unknown>;
