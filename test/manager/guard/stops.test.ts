import { expect } from 'chai';
import { RISKS, type Risk } from '../../../nodes/manager/catalogue/risk.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { disturbs } from '../../../nodes/manager/guard/disturbs.js';
import type { NewStop } from '../../../nodes/manager/guard/guard.js';
import { guardReason } from '../../../nodes/manager/guard/guard-reasons.js';
import {
  ACTIVE_STOPS,
  STOP_OF,
  STOPS_ARE_READ,
  stopReasonOf,
} from '../../../nodes/manager/guard/stop-statements.js';
import { stopsHold } from '../../../nodes/manager/guard/stops-hold.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { openGuard, type Rig, register } from './rig.js';

/** As a claim of commands is: it sends what waits, unless that is stopped. */
const CLAIM = `
  with ${ACTIVE_STOPS('$2::boolean')}, waiting as (
    select id from claimed where id = any($1::integer[]) and ${STOPS_ARE_READ} order by id for update)
  update claimed set sent = true from waiting
  where claimed.id = waiting.id and ${STOP_OF('claimed', 'claimed.job')} is null
  returning claimed.id`;
const TABLE = `
  create table claimed (id integer primary key, clientid text, job text, risk text default 'write', sent boolean default false)`;

eachDatabase('guard: stops', (open) => {
  let options: DatabaseOptions;
  let database: Database;
  let rig: Rig;

  beforeEach(async () => {
    options = await open.options();
    database = await openDatabase(options);
    rig = openGuard(database);
    await register(database, [
      { clientid: 'a', site: 'Bochum', model: 'AIG-301' },
      { clientid: 'b', site: 'Essen', model: 'UC-8112' },
    ]);
  });
  afterEach(async () => {
    await rig.guard.close();
    await database.close();
  });

  const stoppedBy = async (clientid: string, job: string | null = null, risk: Risk | null = 'write') => {
    const [row] = await database.query<{ stop: { id: string; scope: string } | null }>(
      `with ${ACTIVE_STOPS('true')} select ${STOP_OF('item', 'item.job')} as stop from (select $1::text, $2::text, $3::text) as item (clientid, job, risk)`,
      [clientid, job, risk],
    );
    return row!.stop;
  };

  it('hold for the fleet, a site, a model and a job, and for nobody else', async () => {
    const stop = async (given: NewStop) => {
      const { id } = await rig.guard.stop(given, 'anna');
      const held = [await stoppedBy('a'), await stoppedBy('b'), await stoppedBy('b', '42')];
      expect(held.filter((each) => each !== null).every((each) => each!.id === id)).to.equal(true);
      await rig.guard.lift(id, 'otto');
      return held.map((each) => each !== null);
    };
    expect(await stop({ scope: 'fleet', reason: '' })).to.deep.equal([true, true, true]);
    expect(await stop({ scope: 'site', value: 'Bochum', reason: '' })).to.deep.equal([true, false, false]);
    expect(await stop({ scope: 'model', value: 'UC-8112', reason: '' })).to.deep.equal([false, true, true]);
    expect(await stop({ scope: 'job', value: '42', reason: '' })).to.deep.equal([false, false, true]);
    expect(await stoppedBy('a')).to.equal(null);
    expect(rig.news).to.deep.equal(Array(8).fill('stops'));
  });

  it('say who stopped what, in words and in a statement alike', async () => {
    for (const given of [
      { scope: 'fleet', reason: 'smoke' },
      { scope: 'site', value: "O'Hara", reason: '' },
      { scope: 'model', value: 'X', reason: '' },
      { scope: 'job', value: '7', reason: '' },
    ] as const) {
      const made = await rig.guard.stop(given, 'anna');
      const stop = { scope: given.scope, value: made.value, by: 'anna' };
      const { text, cause } = stopReasonOf('stop.of');
      const [row] = await database.query(
        `select ${text} as text, ${cause} as cause from (select $1::jsonb as of) as stop`,
        [JSON.stringify(stop)],
      );
      const named = { by: 'anna', ...(made.value !== null && { value: made.value }) };
      expect(row).to.deep.equal(
        guardReason(`stopped-${given.scope}`, named as { by: string; value: string }),
      );
    }
  });

  it('are one for each scope, however often somebody stops it', async () => {
    const [one, other] = await Promise.all([
      rig.guard.stop({ scope: 'site', value: 'Bochum', reason: 'fire' }, 'anna'),
      rig.guard.stop({ scope: 'site', value: 'Bochum', reason: 'smoke' }, 'otto'),
    ]);
    expect(one).to.deep.equal(other);
    expect(await rig.guard.activeStops()).to.deep.equal([one]);
    expect(await rig.guard.stopOf('a')).to.deep.equal(one);
    expect(await rig.guard.stopOf('b')).to.equal(null);
    const lifted = await rig.guard.lift(one.id, 'eva');
    expect(lifted).to.include({ liftedBy: 'eva' });
    expect(await errorOf(rig.guard.lift(one.id, 'eva'))).to.include({ code: 'CONFLICT' });
    expect(await errorOf(rig.guard.lift('999', 'eva'))).to.include({ code: 'NOT_FOUND' });
    expect(await errorOf(rig.guard.lift('x', 'eva'))).to.include({ code: 'NOT_FOUND' });
    const again = await rig.guard.stop({ scope: 'site', value: 'Bochum', reason: '' }, 'anna');
    expect(again.id).not.to.equal(one.id);
    expect((await rig.guard.stops({})).items).to.deep.equal([again]);
    const first = await rig.guard.stops({ includeLifted: true, limit: 1 });
    expect(first.items).to.deep.equal([again]);
    expect((await rig.guard.stops({ includeLifted: true, before: first.next! })).items).to.deep.equal([
      lifted,
    ]);
  });

  it('name a gateway that does not exist for the fleet alone', async () => {
    const ofJob = await rig.guard.stop({ scope: 'job', value: '42', reason: '' }, 'anna');
    expect([await rig.guard.stopOf('b', '42'), await rig.guard.stopOf('b', '43')]).to.deep.equal([
      ofJob,
      null,
    ]);
    expect(await rig.guard.stopOf('nobody\u0000')).to.equal(null);
    await rig.guard.stop({ scope: 'site', value: 'Bochum', reason: '' }, 'anna');
    expect(await rig.guard.stopOf('nobody')).to.equal(null);
    const fleet = await rig.guard.stop({ scope: 'fleet', reason: '' }, 'anna');
    expect(await rig.guard.stopOf('nobody')).to.deep.equal(fleet);
  });

  it('are refused with the field that is wrong', async () => {
    const bad: [unknown, RegExp][] = [
      [{ scope: 'all', reason: '' }, /stop.scope must be one of/],
      [{ scope: 'fleet', value: 'x', reason: '' }, /"value" must be left out/],
      [{ scope: 'site', reason: '' }, /"value" must be the site/],
      [{ scope: 'site', value: '', reason: '' }, /stop.value/],
      [{ scope: 'site', value: 'a\u0000', reason: '' }, /"value"/],
      [{ scope: 'fleet' }, /reason/],
      [{ scope: 'fleet', reason: 1 }, /stop.reason must be string/],
      [{ scope: 'fleet', reason: '', sites: [] }, /unknown property "sites"/],
    ];
    for (const [given, words] of bad) {
      const error = await errorOf(rig.guard.stop(given as NewStop, 'anna'));
      expect(error, JSON.stringify(given)).to.include({ code: 'INVALID_INPUT' });
      expect(error.message).to.match(words);
    }
    expect(await rig.guard.activeStops()).to.deep.equal([]);
  });

  it('hold what is not a read, rated or not, by one rule in code and in statements', async () => {
    await rig.guard.stop({ scope: 'fleet', reason: '' }, 'anna');
    for (const risk of [...RISKS, null]) {
      expect(stopsHold(risk), String(risk)).to.equal(risk !== 'read');
      expect((await stoppedBy('a', null, risk)) !== null, `${risk} in a statement`).to.equal(stopsHold(risk));
    }
  });

  it('let reads pass, and take no lock for them', async () => {
    await database.execute(TABLE);
    await database.query("insert into claimed values (1, 'a', null, 'write'), (2, 'a', null, 'read')");
    await rig.guard.stop({ scope: 'fleet', reason: '' }, 'anna');
    expect(await database.query(CLAIM, [[1, 2], true])).to.deep.equal([{ id: 2 }]);
    await database.transaction(async (transaction) => {
      await transaction.query(CLAIM, [[2], false]);
      expect(
        await transaction.query(
          "select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
        ),
      ).to.have.length(0);
      await transaction.query(CLAIM, [[1, 2], true]);
      expect(
        await transaction.query(
          "select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
        ),
      ).to.have.length(1);
    });
  });

  it('hold with their commit: no claim commits behind it without having found it', async () => {
    await database.execute(TABLE);
    const count = 400;
    await database.query("insert into claimed select id, 'a', null from generate_series(1, $1) as id", [
      count,
    ]);
    const other = open.kind === 'postgresql' ? await openDatabase(options) : database;
    for (let round = 0; round < (other === database ? 2 : 20); round += 1) {
      await database.query('update claimed set sent = false');
      let isStopped = false;
      let late = 0;
      let next = 1;
      let early = 0;
      let began: (() => void) | undefined;
      const some = new Promise<void>((resolve) => {
        began = resolve;
      });
      const claimer = async (through: Database) => {
        while (next <= count) {
          const ids = [next, next + 1];
          next += 2;
          const wasStopped = isStopped;
          const sent = await through.queryBatch(ids.length, CLAIM, [ids, true]);
          if (wasStopped) late += sent.length;
          early += sent.length;
          if (early > 20) began?.();
        }
      };
      const claims = [database, other, database, other, database, other].map(claimer);
      await some;
      const stop = await rig.guard.stop({ scope: 'site', value: 'Bochum', reason: '' }, 'anna');
      isStopped = true;
      const [row] = await other.query<{ sent: number }>(
        'select count(*)::integer as sent from claimed where sent',
      );
      await Promise.all(claims);
      const [end] = await other.query<{ sent: number }>(
        'select count(*)::integer as sent from claimed where sent',
      );
      expect(late, 'claims that began behind the stop').to.equal(0);
      expect(end, 'claims that committed behind the stop').to.deep.equal(row);
      expect(early).to.be.below(count);
      await rig.guard.lift(stop.id, 'anna');
    }
    if (other !== database) await other.close();
  });

  it('wait for a claim that has looked already', async () => {
    if (open.kind === 'pglite') return;
    await database.execute(TABLE);
    await database.query("insert into claimed values (1, 'a')");
    const order: string[] = [];
    let stopping: Promise<unknown> | undefined;
    await database.transaction(async (transaction) => {
      expect(await transaction.query(CLAIM, [[1], true])).to.have.length(1);
      stopping = rig.guard.stop({ scope: 'fleet', reason: '' }, 'anna').then(() => order.push('stopped'));
      // It waits for this transaction, which another connection sees.
      for (;;) {
        const waits = await transaction.query(
          "select from pg_locks where locktype = 'advisory' and not granted",
        );
        if (waits.length > 0) break;
      }
      order.push('claimed');
    });
    await stopping;
    expect(order).to.deep.equal(['claimed', 'stopped']);
  });
});

describe('guard: what a request does', () => {
  it('disturbs if it interrupts service, loses data or may cut MQTT', () => {
    expect(disturbs({ risk: 'read', classes: [] })).to.equal(false);
    expect(disturbs({ risk: 'write', classes: [] })).to.equal(false);
    expect(disturbs({ risk: 'write', classes: ['cuts-mqtt'] })).to.equal(true);
    expect(disturbs({ risk: 'disruptive', classes: [] })).to.equal(true);
    expect(disturbs({ risk: 'destructive', classes: [] })).to.equal(true);
  });
});
