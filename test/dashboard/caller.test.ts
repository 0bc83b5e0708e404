import { expect } from 'chai';
import type { NodeAPI } from 'node-red';
import type { Procedure } from '../../nodes/api/procedure.js';
import { PROCEDURES } from '../../nodes/api/procedures/index.js';
import { callerOf, type DashboardSocket } from '../../nodes/dashboard/server/caller.js';
import { dashboardUser } from '../../nodes/dashboard/server/dashboard-user.js';
import { createLoadLimits } from '../../nodes/dashboard/server/load-limits.js';
import { openRpcServer } from '../../nodes/dashboard/server/rpc-server.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import { type AccessConfig, readDashboardAccess } from '../../nodes/node-red/fields/dashboard-access.js';
import { fakeManager } from '../support/fake-manager.js';

function socketWith(data: unknown): DashboardSocket {
  return { id: '1', connected: true, data, handshake: { address: '10.0.0.9' }, emit: () => undefined };
}
const account = { name: 'ada', fullName: '', role: 'administrator' };

describe('dashboard: who asks where our login does not guard it', () => {
  const roleOf = (config: AccessConfig, user: string | null, data: unknown = {}) =>
    callerOf(socketWith(data), { access: readDashboardAccess(config), userOf: () => user }).role;

  it('may look where nothing is set, and what is set else', () => {
    expect(roleOf({}, null)).to.equal('viewer');
    expect(roleOf({ withoutSignIn: '' }, null)).to.equal('viewer');
    expect(roleOf({ withoutSignIn: 'view' }, null)).to.equal('viewer');
    expect(roleOf({ withoutSignIn: 'operate' }, null)).to.equal('operator');
    expect(roleOf({ withoutSignIn: 'nothing' }, null)).to.equal(null);
  });

  it('has the role of a user whom the dashboard knows, by that name alone', () => {
    const config = {
      withoutSignIn: 'nothing',
      dashboardRoles: ' ada = operator\n\neve=viewer\n a=b = administrator',
    };
    expect(roleOf(config, 'ada')).to.equal('operator');
    expect(roleOf(config, 'eve')).to.equal('viewer');
    expect(roleOf(config, 'a=b')).to.equal('administrator');
    for (const user of ['Ada', 'ADA', 'ada ', '*', '__proto__', 'constructor', null]) {
      expect(roleOf(config, user), String(user)).to.equal(null);
    }
    const known = { ...config, dashboardRoles: `${config.dashboardRoles}\n* = viewer` };
    expect(roleOf(known, 'whoever')).to.equal('viewer');
    expect(roleOf(known, 'ada')).to.equal('operator');
    expect(roleOf(known, null)).to.equal(null);
  });

  it('is the account that our login found, and nobody else where it guards the dashboard', () => {
    expect(roleOf({ withoutSignIn: 'nothing' }, null, { account })).to.equal('administrator');
    expect(callerOf(socketWith({ account }))).to.include({
      name: 'ada',
      role: 'administrator',
      hasLogin: true,
    });
    for (const data of [
      undefined,
      {},
      { account: 'ada' },
      { account: { name: 'x', role: 'root' } },
      { account: { role: 'operator' } },
    ]) {
      expect(callerOf(socketWith(data)), JSON.stringify(data)).to.include({ role: null, isSignedIn: false });
    }
  });

  it('is refused what cannot be read, with what to write', () => {
    for (const config of [
      { withoutSignIn: 'everything' },
      { withoutSignIn: 'toString' },
      { dashboardRoles: 'ada' },
      { dashboardRoles: 'ada = root' },
      { dashboardRoles: '= operator' },
      { dashboardRoles: 'a = viewer\n'.repeat(1001) },
    ]) {
      expect(() => readDashboardAccess(config)).to.throw(/withoutSignIn|dashboardRoles/);
    }
  });

  it('is known by what an add-on says of the socket, whatever else it says', () => {
    const RED = (...hooks: unknown[]) =>
      ({
        plugins: { getByType: () => hooks.map((hook) => ({ hooks: { onAddConnectionCredentials: hook } })) },
      }) as unknown as NodeAPI;
    const says = (user: unknown) => (_socket: unknown, msg: { _client: object }) => ({
      ...msg,
      _client: { ...msg._client, user },
    });
    const known = (...hooks: unknown[]) => dashboardUser(RED(...hooks), socketWith({}));
    expect(known(says({ username: 'ada', name: 'Root' }))).to.equal('ada');
    expect(known(says({ email: 'ada@example.com', userId: 7 }))).to.equal('ada@example.com');
    expect(known(says({ name: 'ada' }))).to.equal(null);
    expect(known()).to.equal(null);
    expect(dashboardUser({} as NodeAPI, socketWith({}))).to.equal(null);
    for (const odd of [
      null,
      'ada',
      7,
      [],
      { username: 7 },
      { username: ' ' },
      { username: 'x'.repeat(300) },
    ]) {
      expect(known(says(odd)), JSON.stringify(odd)).to.equal(null);
    }
    const fails = () => {
      throw new Error('no session');
    };
    for (const hook of [fails, () => null, () => undefined, () => 'ada', undefined]) {
      expect(known(hook)).to.equal(null);
    }
    expect(known(fails, says({ username: 'ada' }))).to.equal('ada');
  });

  it('may ask who it is, and nothing else, where nobody may look', async () => {
    const rpcServer = openRpcServer({
      procedures: new Map<string, Procedure<unknown, unknown>>(Object.entries(PROCEDURES)),
      manager: async () => fakeManager(),
      limits: createLoadLimits(),
      event: 'tpedm:x',
      onEmit: () => expect.fail('started something'),
      onFault: ({ message }) => expect.fail(message),
    });
    const ask = (name: string, input: unknown): Promise<WidgetMessage> =>
      new Promise((resolve) => {
        const emit = (_event: string, message: unknown) => resolve(message as WidgetMessage);
        rpcServer.take({ type: 'call', number: 1, procedure: name, input }, { ...socketWith({}), emit });
      });
    expect(await ask('people.me', {})).to.deep.include({ type: 'answer' });
    const others = Object.entries(PROCEDURES).filter(([, { role }]) => role === null);
    expect(others.map(([name]) => name)).to.deep.equal(['people.me']);
    expect(await ask('fleet.health', {})).to.include({ type: 'refused', code: 'FORBIDDEN' });
    expect(await ask('gateways.export', { filter: {}, format: 'csv' })).to.include({ code: 'FORBIDDEN' });
    rpcServer.take({ type: 'emit', message: { payload: 1 } }, socketWith({}));
    rpcServer.close();
  });
});
