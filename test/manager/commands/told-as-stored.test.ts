import { expect } from 'chai';
import type { CommandState } from '../../../nodes/manager/commands/command.js';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { CommandStore, NewCommand } from '../../../nodes/manager/commands/command-store.js';
import { createCommandStore } from '../../../nodes/manager/commands/store/create-command-store.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../../support/databases.js';
import { patience } from '../../support/patience.js';

const REFUSED = { reason: commandReason('too-many-commands-wait', { count: 100 }), code: 'BUSY' };
const FAULT = {
  in: 'requestBody',
  path: '/a',
  rule: 'type',
  value: undefined,
  text: 'requestBody/a ...',
} as const;

const CASES: Record<string, { given: Partial<NewCommand>; state: CommandState }> = {
  'is sent': { given: {}, state: 'SENT' },
  'waits, since another is in flight': { given: { mayGo: false, whenOffline: 'queue' }, state: 'QUEUED' },
  'has a body with a long number, and keys in any order': {
    given: { requestBody: { zz: [1, { b: null, a: 1.5 }], a: 9007199254740993n, text: 'ü\ufffd' } },
    state: 'SENT',
  },
  'has faults and classes': {
    given: { faults: [FAULT], risk: 'disruptive', classes: ['runs-code', 'loses-data'] },
    state: 'SENT',
  },
  'has no body and no operation': { given: { requestBody: null, operation: null }, state: 'SENT' },
  'is refused': { given: { refusal: { ...REFUSED, state: 'REJECTED' } }, state: 'REJECTED' },
  'is refused for its deadline': { given: { refusal: { ...REFUSED, state: 'EXPIRED' } }, state: 'EXPIRED' },
  'is for a gateway that is unknown': { given: { clientid: 'gw-unknown' }, state: 'REJECTED' },
};

eachDatabase('commands: a new one is told as it is stored', (open) => {
  let database: Database;
  let store: CommandStore;
  let number = 0;

  before(async () => {
    database = await open();
    store = createCommandStore({
      database,
      instance: 'here',
      knowsPresence: () => false,
      canPublish: () => true,
      onWritten: () => undefined,
    });
  });
  after(async () => {
    await store.close();
    await database.close();
  });

  async function newCommand(given: Partial<NewCommand>): Promise<NewCommand> {
    number += 1;
    const requestId = String(number);
    const clientid = `gw-${requestId}`;
    await createRegistry(database).register({ clientid });
    return {
      requestId,
      clientid,
      ...{ method: 'PUT', path: '/device/time', requestBody: { time: 1 } },
      pending: { path: '/device/time', method: 'PUT', requestBody: { time: 1 } },
      whenOffline: 'fail',
      whenGuarded: 'fail',
      timeoutMs: patience(1000),
      expiresAt: Date.now() + 12_345,
      requestedBy: 'somebody',
      mayGo: true,
      refusal: null,
      operation: 'put-device-time',
      risk: 'write',
      classes: [],
      faults: [],
      execution: null,
      ...given,
    };
  }

  for (const [what, { given, state }] of Object.entries(CASES)) {
    it(`where it ${what}`, async () => {
      const told = await store.insert(await newCommand(given));
      expect(told.state).to.equal(state);
      expect(told).to.deep.equal(await store.get(told.requestId));
    });
  }

  it('where several are written together', async () => {
    const commands = await Promise.all(Object.values(CASES).map(({ given }) => newCommand(given)));
    for (const told of await Promise.all(commands.map(store.insert)))
      expect(told).to.deep.equal(await store.get(told.requestId));
  });
});
