import { once } from 'node:events';
import { expect } from 'chai';
import { connectAsync } from 'mqtt';
import type { RefusalReason } from '../../../nodes/manager/broker/events.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { Presence } from '../../../nodes/manager/presence/presence.js';
import { createRefusedLogins, type RefusedLogins } from '../../../nodes/manager/presence/refused-logins.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { eachDatabase } from '../../support/databases.js';
import { openTestManager, type TestManager } from '../../support/manager.js';

eachDatabase('logins that were refused', (open) => {
  let test: TestManager;
  let closings: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    test = await openTestManager(await open.options());
    closings = [() => test.manager.close()];
  });
  afterEach(async () => {
    for (const close of closings.reverse()) await close();
  });

  const login = (clientid: string, username: string, password: string) =>
    connectAsync(
      `mqtt://127.0.0.1:${test.port}`,
      { clientId: clientid, username, password, protocolVersion: 4, reconnectPeriod: 0 },
      false,
    );
  const refused = (clientid: string, username: string, password: string) =>
    login(clientid, username, password).then(
      () => expect.fail('it was let in'),
      () => undefined,
    );
  async function nextPresence(clientid: string): Promise<Presence> {
    for (;;) {
      const [presence] = (await once(test.manager.events, 'presence')) as [Presence];
      if (presence.clientid === clientid) return presence;
    }
  }

  it('show with the gateway: when, from where, as whom and why, until it is let in', async () => {
    const { credential } = await test.manager.registry.register({ clientid: 'pump' });
    const told = nextPresence('pump');
    await refused('pump', 'pump', 'wrong');
    const why = { text: 'wrong password', cause: { code: 'gateway-login-wrong-password', params: {} } };
    expect(await told).to.deep.include({
      status: 'never_seen',
      warning: 'login refused, from 127.0.0.1: wrong password',
      warningCause: { code: 'login-refused', params: { address: '127.0.0.1', why } },
    });
    const device = await test.manager.registry.get('pump');
    expect(device?.refusedLogin).to.deep.include({
      count: 1,
      address: '127.0.0.1',
      username: 'pump',
      reason: 'wrong_password',
      why: why.text,
      cause: why.cause,
    });
    expect(Date.parse(device!.refusedLogin!.since)).to.be.closeTo(Date.now(), 60_000);
    expect(test.log.join('\n')).to.include(
      '"pump" from 127.0.0.1 was refused: wrong password; username "pump".',
    );

    const online = nextPresence('pump');
    const client = await login('pump', credential.username, credential.password);
    closings.push(() => client.endAsync(true));
    expect(await online).to.include({ status: 'online', warning: null, warningCause: null });
    expect((await test.manager.registry.get('pump'))?.refusedLogin).to.equal(null);
  });

  it('say which of username, password and being disabled it was', async () => {
    const reasons: (string | undefined)[] = [];
    for (const [clientid, username, password] of [
      ['a', 'another', 'right-password'],
      ['b', 'b', 'wrong'],
      ['c', 'c', 'right-password'],
    ] as const) {
      await test.manager.registry.register({ clientid, password: 'right-password' });
      if (clientid === 'c') await test.manager.registry.update('c', { enabled: false });
      const told = nextPresence(clientid);
      await refused(clientid, username, password);
      await told;
      reasons.push((await test.manager.registry.get(clientid))?.refusedLogin?.reason);
    }
    expect(reasons).to.deep.equal(['wrong_username', 'wrong_password', 'disabled']);
  });

  it('of client ids that nobody registered are in the log alone, and unable to write there what they like', async () => {
    const evil = 'x\u202e\u009b2J\u2028y';
    await refused(evil, 'u\u001b[2J', 'p\u0007');
    const lines = test.log.filter((line) => line.includes('was refused'));
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('\\u202e').and.include('\\u001b[2J');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
    expect(test.log.join('')).not.to.match(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});

eachDatabase('logins that were refused, very many', (open) => {
  let database: Database;
  const written: [Presence, boolean][] = [];
  const faults: string[] = [];
  let statements = 0;
  let logins: RefusedLogins;

  before(async () => {
    database = await open();
    for (const clientid of ['a', 'b']) await createRegistry(database).register({ clientid });
  });
  after(() => database.close());

  it('are one write of each gateway now and then, which counts them', async () => {
    const counting: Pick<Database, 'query'> = {
      query: (text, values) => {
        statements += 1;
        return database.query(text, values);
      },
    };
    logins = createRefusedLogins({
      database: counting,
      onWritten: (presence, isNew) => void written.push([presence, isNew]),
      onFault: (text) => void faults.push(text),
      timing: { everyMs: 20, gatewayEveryMs: 200 },
    });
    const begun = Date.now();
    for (let round = 0; round < 20_000; round += 1) {
      note('a', round % 2 ? 'slowed_down' : 'wrong_password');
      note(`nobody-${round}`, 'not_authorized', '10.6.6.6');
      note(`unknown-${round}`, 'unknown', '10.6.6.6');
    }
    while (written.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    note('a', 'slowed_down');
    note('a', 'wrong_password');
    note('b', 'wrong_password');
    while (written.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await logins.close();
    expect(statements).to.be.below((Date.now() - begun) / 20 + 2);
    expect(faults).to.deep.equal([]);
    const ofA = written.filter(([{ clientid }]) => clientid === 'a');
    expect(ofA.map(([, isNew]) => isNew)).to.deep.equal([true, false]);
    const device = await createRegistry(database).get('a');
    expect(device?.refusedLogin?.count).to.be.within(20_001, 20_002);
    expect(device?.warning).to.match(
      /^login refused 2000[12] times, the last from 10\.1\.2\.3: wrong password$/,
    );
  });

  function note(clientid: string, reason: RefusalReason, ipAddress = '10.1.2.3'): void {
    logins.note({
      ...{ type: 'refused', clientid, username: 'u', ipAddress, reason },
      ...{ at: Date.now(), source: 'embedded broker' },
    });
  }
});
