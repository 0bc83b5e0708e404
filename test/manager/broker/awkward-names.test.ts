import { expect } from 'chai';
import type { Broker } from '../../../nodes/manager/broker/broker.js';
import { createEmbeddedBroker } from '../../../nodes/manager/broker/embedded/embedded-broker.js';
import { createEmqxBroker } from '../../../nodes/manager/broker/emqx/emqx-broker.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { createListJudge } from '../../../nodes/manager/presence/judge-list.js';
import { reconcile, reconcileOne } from '../../../nodes/manager/presence/reconcile.js';
import { isClientId } from '../../../nodes/manager/protocol/client-id.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { connected } from '../../support/client-events.js';
import { opener } from '../../support/databases.js';
import { type Emqx, startEmqx } from '../../support/emqx/index.js';
import type { EmqxVersion } from '../../support/emqx/versions.js';
import { AWKWARD_NAMES, IMPOSSIBLE_NAMES } from '../../support/hostile-names.js';

const KEY = { apiKey: 'key-1', apiSecret: 'secret-1' };
const HOUR_AGO = Date.now() - 3_600_000;
const ALL = [...new Set([...AWKWARD_NAMES, ...IMPOSSIBLE_NAMES])];
const log = { info: () => undefined, warn: () => undefined };
const topics = makeTopics(DEFAULT_TOPICS);

/** What EMQX can be asked to do by a path alone. */
const ONLY_BY_PATH = new Set(['.', '..']);

/** Undefined for what went well; what is no error in words fails the test. */
async function faultOf(work: () => Promise<unknown>): Promise<TpeError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof TpeError && /^[A-Z].*\.$/s.test(error.message)) return error;
    throw error;
  }
}

describe('client ids that are awkward', () => {
  it('may be registered, or are refused with the rule', () => {
    for (const clientid of IMPOSSIBLE_NAMES)
      expect(isClientId(clientid), JSON.stringify(clientid)).to.equal(false);
    for (const clientid of AWKWARD_NAMES)
      expect(isClientId(clientid), JSON.stringify(clientid)).to.equal(!IMPOSSIBLE_NAMES.includes(clientid));
  });
});

for (const version of ['4.4', '5.0', '5.8'] as const) beside(version);

function beside(version: EmqxVersion): void {
  describe(`client ids that are awkward, at EMQX ${version}`, () => {
    const open = opener('pglite');
    let emqx: Emqx;
    let broker: Broker;
    let database: Database;

    beforeEach(async () => {
      emqx = await startEmqx({ version, ...KEY });
      broker = createEmqxBroker({ apiUrl: emqx.apiUrl, ...KEY, events: 'webhook' }, { topics, log });
      await broker.open(async () => undefined);
      database = await open();
    });
    afterEach(async () => {
      await broker.close();
      await emqx.stop();
      await database.close();
    });

    it('are asked for, each for itself', async () => {
      // What is no client is asked for too, and never mistaken for another.
      const clientids = ALL.filter(
        (clientid) => clientid !== '' && clientid.length <= 200 && clientid.isWellFormed(),
      );
      await emqx.addClients(clientids, { isSilent: true });
      for (const clientid of clientids) {
        const client = await broker.getClient(clientid);
        const isThere = !clientid.includes('\u0000');
        expect(client?.clientid, JSON.stringify(clientid)).to.equal(isThere ? clientid : undefined);
      }
      for (const clientid of ['nobody', '....', '', '\ud800'])
        expect(await broker.getClient(clientid), JSON.stringify(clientid)).to.equal(null);
    });

    it('are disconnected, locked out and let in, each for itself', async () => {
      const clientids = AWKWARD_NAMES;
      for (const clientid of clientids) {
        await emqx.addClients([clientid, 'bystander'], { isSilent: true });
        const name = JSON.stringify(clientid);
        const left = () => emqx.clients().map((client) => client.clientid);
        const kicked = await faultOf(() => broker.disconnectClient(clientid));
        if (kicked === undefined) expect(left(), name).to.deep.equal(['bystander']);
        else
          expect([kicked.code, ONLY_BY_PATH.has(clientid), version === '5.8']).to.deep.equal([
            'UNAVAILABLE',
            true,
            false,
          ]);
        expect(await faultOf(() => broker.ban(clientid)), name).to.satisfy(
          (fault: TpeError | undefined) => fault === undefined || ONLY_BY_PATH.has(clientid),
        );
        await emqx.removeClients(undefined, { isSilent: true });
      }
      // All at once: those that cannot be let in are named, and keep nobody else out.
      const fault = await faultOf(() => broker.unban(clientids));
      expect(fault?.message).to.match(/cannot lift the ban of a client named "\.{1,2}"/);
      expect(
        await faultOf(() => broker.unban(clientids.filter((clientid) => !ONLY_BY_PATH.has(clientid)))),
      ).to.equal(undefined);
    });

    it('spoil no comparison: each goes by what the broker says of it', async () => {
      const registry = createRegistry(database);
      const adopted = AWKWARD_NAMES.filter((clientid) => clientid !== 'null');
      // As a database has them that was taken over.
      await database.query('insert into clientid_profile (clientid) select unnest($1::text[])', [adopted]);
      await registry.register({ clientid: 'gw-gone' });
      const events = [...adopted, 'gw-gone'].map((clientid) => connected(clientid, HOUR_AGO));
      await applyPresenceEvents(database, events, true);
      const there = adopted.filter((_clientid, index) => index % 2 === 1);
      await emqx.addClients([...there, 'a/b', 'a\u0000b'], { isSilent: true });
      for (let round = 0; round < 2; round += 1) {
        const { unasked } = await reconcile(database, broker, createListJudge(database).judge);
        expect(unasked).to.deep.equal([]);
        const online: string[] = [];
        for await (const { clientid } of registry.each({ status: 'online' })) online.push(clientid);
        expect(online.sort()).to.deep.equal([...there].sort());
      }
      for (const clientid of adopted) await reconcileOne(database, broker, clientid);
      expect((await registry.counts()).online).to.equal(there.length);
    });
  });
}

describe('client ids that are awkward, at the embedded broker', () => {
  it('are asked for and disconnected, each for itself', async () => {
    const broker = createEmbeddedBroker({ port: 0 }, { topics, log, authenticate: async () => 'accepted' });
    await broker.open(async () => undefined);
    for (const clientid of ALL) {
      expect(await broker.getClient(clientid)).to.equal(null);
      expect(await broker.disconnectClient(clientid)).to.equal(false);
      await broker.ban(clientid);
    }
    await broker.unban(ALL);
    await broker.close();
  });
});
