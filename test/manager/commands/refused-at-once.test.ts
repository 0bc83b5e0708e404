import { expect } from 'chai';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { CommandStore, NewCommand } from '../../../nodes/manager/commands/command-store.js';
import { createCommandStore } from '../../../nodes/manager/commands/store/create-command-store.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../../support/databases.js';
import { patience } from '../../support/patience.js';

const COMMAND: Omit<NewCommand, 'requestId' | 'clientid'> = {
  method: 'GET',
  path: '/x',
  requestBody: {},
  pending: null,
  whenOffline: 'fail',
  whenGuarded: 'fail',
  timeoutMs: patience(1000),
  expiresAt: Date.parse('2030-01-01T00:00:00Z'),
  requestedBy: 'test',
  mayGo: true,
  refusal: null,
  operation: null,
  risk: 'read',
  classes: [],
  faults: [],
  execution: null,
};

eachDatabase('commands: what the database refuses as it is recorded', (open) => {
  let database: Database;
  let store: CommandStore;
  let number = 0;

  before(async () => {
    database = await open();
    store = createCommandStore({
      database,
      instance: 'test',
      knowsPresence: () => true,
      canPublish: () => true,
      onWritten: () => undefined,
    });
    const registry = createRegistry(database);
    for (const clientid of ['new', 'gone', 'silent']) await registry.register({ clientid });
    await database.execute(`
      update tpe_presence set status = 'offline', since = now() where clientid in ('gone', 'silent');
      update tpe_presence set reason = 'keepalive timeout', cause = '{"code": "x", "params": {"n": 1}}'
      where clientid = 'gone'`);
  });
  after(async () => {
    await store.close();
    await database.close();
  });

  async function refused(clientid: string, more: Partial<NewCommand> = {}) {
    number += 1;
    const record = await store.insert({ ...COMMAND, requestId: String(number), clientid, ...more });
    expect(await store.get(record.requestId)).to.deep.equal(record);
    expect(record.state).to.equal('REJECTED');
    return { text: record.reason, cause: record.cause };
  }

  it('has text and cause as the table has them', async () => {
    expect(await refused('nobody')).to.deep.equal(commandReason('gateway-unknown', { clientid: 'nobody' }));
    expect(await refused('new')).to.deep.equal(commandReason('gateway-never-connected'));
    const reason = commandReason('no-reason-known');
    expect(await refused('silent')).to.deep.equal(commandReason('gateway-offline', { reason }));
  });

  it('says why the gateway is offline by the cause of its presence', async () => {
    const reason = { text: 'keepalive timeout', cause: { code: 'x', params: { n: 1 } } };
    expect(await refused('gone')).to.deep.equal(commandReason('gateway-offline', { reason }));
  });

  it('keeps the reason of who refused it before', async () => {
    const reason = commandReason('too-many-commands-wait', { count: 100 });
    const refusal = { code: 'BUSY', reason, state: 'REJECTED' as const };
    expect(await refused('new', { refusal })).to.deep.equal(reason);
  });
});
