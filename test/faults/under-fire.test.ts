import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { opener } from '../support/databases.js';
import { postgres } from '../support/postgres.js';
import { type Load, startLoad } from './load.js';
import { openSite, type Site } from './site.js';

/** Few in the usual tests, many with `npm run test:faults`. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 4);
const GATEWAYS = Array.from({ length: 12 }, (_, index) => `gw-${index}`);
const GHOSTS = Array.from({ length: 8 }, (_, index) => `ghost-${index}`);

describe(`faults: a manager under load, ${ROUNDS} times`, () => {
  const open = opener('postgresql');
  let site: Site;
  let load: Load;
  const done: Record<string, number> = {};
  /** What is waited for, told where a test fails. */
  let waitsFor: unknown = 'nothing';

  before(async () => {
    site = await openSite(await open.options(), [...GATEWAYS, ...GHOSTS]);
    load = startLoad(site, GATEWAYS, GHOSTS);
  });
  afterEach(async function tellWhy() {
    if (this.currentTest?.state !== 'failed') return;
    console.log(`      waited for: ${JSON.stringify(waitsFor)}`);
    console.log(site.nodeRed().log().slice(-8000));
    console.log(await site.database.query('select * from tpe_command where ended_at is null limit 3'));
  });
  after(async () => {
    await (await postgres()).start().catch(() => undefined);
    await load?.close();
    await site?.close();
  });

  /** What breaks, each for a moment. */
  const FAULTS: Record<string, () => Promise<void>> = {
    'the manager is killed': () => site.killAndRestart(),
    'the manager is killed twice': async () => {
      await site.killAndRestart();
      await delay(Math.random() * 300);
      await site.killAndRestart();
    },
    'the database stops': async () => {
      const server = await postgres();
      await server.stop();
      await delay(Math.random() * 3000);
      await server.start();
      await site.untilReady();
    },
    'the database stops, and the manager is killed': async () => {
      const server = await postgres();
      await server.stop();
      const restarted = site.killAndRestart();
      await delay(Math.random() * 3000);
      await server.start();
      await restarted;
    },
    'the broker restarts': () => site.emqx.restart(),
  };
  const names = Object.keys(FAULTS);

  /** What was acknowledged with 2xx is in the database, whatever happened since. */
  async function expectNothingLost(): Promise<void> {
    const promised = new Map(load.acknowledged);
    const rows = await site.database.query<{ clientid: string; at: number | null }>(
      'select clientid, session_connected_at as at from tpe_presence where clientid = any($1)',
      [GHOSTS],
    );
    for (const { clientid, at } of rows) {
      expect(at ?? 0, `the newest connect of ${clientid}`).to.be.at.least(promised.get(clientid) ?? 0);
    }
    const ids = [...load.commands];
    const [{ count }] = (await site.database.query<{ count: number }>(
      'select count(*)::integer as count from tpe_command where request_id = any($1::bigint[])',
      [ids],
    )) as [{ count: number }];
    expect(count, 'commands whose request id was handed out').to.equal(ids.length);
  }

  function expectNothingTwice(): void {
    const twice = load.received.filter((id, index) => load.received.indexOf(id) !== index);
    expect(twice, 'request ids that came to a gateway twice').to.deep.equal([]);
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    // Each of them at least once, in any order after that.
    const name = round <= names.length ? names[round - 1]! : names[Math.floor(Math.random() * names.length)]!;
    it(`round ${round}: ${name}, and nothing is lost and nothing sent twice`, async () => {
      await delay(300 + Math.random() * 1200);
      await FAULTS[name]!();
      done[name] = (done[name] ?? 0) + 1;
      await delay(500);
      await expectNothingLost();
      expectNothingTwice();
    });
  }

  it('every command has an end, and presence is the truth of the broker', async () => {
    waitsFor = 'the load to end, and all gateways to be connected';
    await load.calm();
    waitsFor = 'Node-RED to come back';
    // A manager compares with the broker's list when it starts.
    await site.killAndRestart();
    const open = 'select count(*)::integer as count from tpe_command where ended_at is null';
    const differing = `select clientid from tpe_presence
      where (status = 'online') <> (clientid = any($1)) order by clientid`;
    for (;;) {
      const [{ count }] = (await site.database.query<{ count: number }>(open)) as [{ count: number }];
      const connected = site.emqx.clients().filter((client) => client.connected);
      const wrong = await site.database.query(differing, [connected.map(({ clientid }) => clientid)]);
      if (count === 0 && wrong.length === 0) break;
      waitsFor = { commandsWithoutEnd: count, wrong, connected: connected.length };
      await delay(200);
    }
    await expectNothingLost();
    expectNothingTwice();
    const states = await site.database.query<{ state: string; count: number }>(
      'select state, count(*)::integer as count from tpe_command group by 1 order by 2 desc',
    );
    console.log(`      rounds: ${JSON.stringify(done)}`);
    console.log(`      events acknowledged: ${load.events()}, lost: 0; commands: ${JSON.stringify(states)}`);
    expect(load.events()).to.be.greaterThan(100);
    expect(states.find(({ state }) => state === 'SUCCEEDED')?.count).to.be.greaterThan(20);
  });
});
