import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { NewLimit, SlotRefusal } from '../../../nodes/manager/guard/guard.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { byCommand, connect, disconnect, openGuard, type Rig, register } from './rig.js';

eachDatabase('guard: slots', (open) => {
  let database: Database;
  let rig: Rig;

  beforeEach(async () => {
    database = await open();
    rig = openGuard(database);
  });
  afterEach(async () => {
    await rig.guard.close();
    await database.close();
  });

  const take = (clientid: string, id = `1${clientid.length}`) => rig.guard.take(byCommand(clientid, id));
  const textOf = (answer: SlotRefusal | null) => answer?.reason.text ?? null;
  const many = (count: number, more: { site?: string; model?: string; redundancy?: string }, name = 'gw') =>
    register(
      database,
      Array.from({ length: count }, (_, index) => ({ clientid: `${name}-${index + 1}`, ...more })),
    );
  const granted = async (names: string[]) => {
    const answers = await database.transaction((transaction) =>
      rig.guard.takeMany(
        transaction,
        names.map((name) => byCommand(name, '7')),
      ),
    );
    return names.filter((_, index) => answers[index] === null);
  };

  it('let one of a redundancy set be disturbed, and say who is', async () => {
    await many(3, { redundancy: 'pump-A' });
    expect(await take('gw-1', '42')).to.equal(null);
    const refused = await take('gw-2');
    expect(refused).to.deep.include({ scope: 'set', value: 'pump-A', max: 1, away: [] });
    expect(refused!.holders).to.have.length(1);
    expect(refused!.holders[0]).to.deep.include({ clientid: 'gw-1', owner: { kind: 'command', id: '42' } });
    expect(textOf(refused)).to.equal(
      'gw-1 of the redundancy set pump-A is being changed or is restarting (command 42).',
    );
    expect(await take('gw-1', '43'), 'a second work on the same gateway').to.equal(null);
    expect(await take('gw-1', '42'), 'the same work again').to.equal(null);
    expect(rig.news).to.include('holds');
  });

  it('let nobody of a set go whose partner is away for any reason', async () => {
    await register(database, [
      { clientid: 'a', redundancy: 'pump' },
      { clientid: 'b', redundancy: 'pump' },
      { clientid: 'c' },
    ]);
    await disconnect(database, 'b', 'c');
    const refused = await take('a');
    expect(refused).to.deep.include({ scope: 'set', holders: [] });
    expect(refused!.away[0]!.clientid).to.equal('b');
    expect(textOf(refused)).to.equal(
      `Its partner b of the redundancy set pump has been offline since ${refused!.away[0]!.since}.`,
    );
    expect(await take('b'), 'the one that is away itself').to.equal(null);
    expect(textOf(await take('a'))).to.match(/^b of the redundancy set/);
    await database.query("update tpe_presence set status = 'never_seen', since = null where clientid = 'b'");
    await rig.guard.ended({ kind: 'command', id: '11' }, 'never-sent');
    expect(textOf(await take('a'))).to.equal('Its partner b of the redundancy set pump was never connected.');
    await connect(database, 'b');
    expect(await take('a')).to.equal(null);
  });

  it('count no partner as away that is silent at a broker which tells nobody', async () => {
    await many(2, { redundancy: 'pump' });
    await database.query("update tpe_presence set status = 'never_seen' where clientid = 'gw-2'");
    const other = openGuard(database, { knowsPresence: () => false });
    expect(await other.guard.take(byCommand('gw-1', '1'))).to.equal(null);
    await other.guard.close();
  });

  it('let one of a small site go, and a fifth of a larger one', async () => {
    for (const [size, most] of [
      [1, 1],
      [5, 1],
      [9, 1],
      [10, 2],
      [26, 5],
    ] as const) {
      const name = `site${size}`;
      await many(size, { site: name }, name);
      const names = Array.from({ length: size }, (_, index) => `${name}-${index + 1}`);
      expect(await granted(names), name).to.deep.equal(names.slice(0, most));
      if (size > most)
        expect(textOf(await take(names.at(-1)!))).to.equal(
          `At the site ${name}, ${most} gateways are being changed or are restarting, of ${most} at most; one is ${name}-1 (command 7).`,
        );
    }
  });

  it('have no limit for gateways without a site, nor for a model, until there is one', async () => {
    await many(30, { model: 'AIG-301' });
    const names = Array.from({ length: 30 }, (_, index) => `gw-${index + 1}`);
    expect(await granted(names.slice(0, 10))).to.have.length(10);
    await rig.guard.setLimit({ scope: 'model', value: 'AIG-301', max: 12 }, 'anna');
    expect(await granted(names.slice(10))).to.deep.equal(['gw-11', 'gw-12']);
    expect(textOf(await take('gw-30'))).to.match(
      /^Of the model AIG-301, 12 gateways .* of 12 at most; one is gw-1 /,
    );
    await rig.guard.setLimit({ scope: 'model', value: 'AIG-301', max: null }, 'anna');
    expect(await take('gw-30')).to.equal(null);
    await rig.guard.setLimit({ scope: 'fleet', value: '', max: 13 }, 'anna');
    expect(textOf(await take('gw-29'))).to.match(/^13 gateways .* of 13 at most; one is gw-1 /);
  });

  it('stop at 200 in the fleet by themselves', async () => {
    await many(250, {});
    const names = Array.from({ length: 250 }, (_, index) => `gw-${index + 1}`);
    expect(await granted(names)).to.deep.equal(names.slice(0, 200));
    expect(await rig.guard.counts()).to.deep.include({ fleet: 200, site: 0, stuck: 0, stops: 0 });
  });

  it('go to the first of those that ask in one call', async () => {
    await many(3, { redundancy: 'pump', site: 'Bochum' });
    await many(10, { site: 'Bochum' }, 'other');
    expect(await granted(['gw-2', 'gw-1', 'gw-2', 'other-1', 'other-2', 'nobody'])).to.deep.equal([
      ...['gw-2', 'gw-2', 'other-1', 'nobody'],
    ]);
  });

  it('are gone again if the transaction of the caller is rolled back', async () => {
    await many(2, { redundancy: 'pump' });
    await errorOf(
      database.transaction(async (transaction) => {
        expect(await rig.guard.takeMany(transaction, [byCommand('gw-1', '1')])).to.deep.equal([null]);
        throw new Error('not today');
      }),
    );
    expect(await take('gw-2')).to.equal(null);
  });

  it('count where the gateway was when it took one', async () => {
    await many(2, { redundancy: 'pump' });
    await take('gw-1');
    await database.query("update clientid_profile set redundancy = 'other' where clientid = 'gw-1'");
    expect(await take('gw-2')).to.deep.include({ scope: 'set', value: 'pump' });
  });

  it('are granted in good time where the whole fleet is one set', async () => {
    await many(3000, { redundancy: 'all', site: 'one' });
    await database.query("update tpe_presence set status = 'offline' where clientid <> 'gw-1'");
    const refused = await take('gw-1');
    expect(refused).to.deep.include({ scope: 'set', value: 'all' });
    expect(refused!.away).to.have.length(3);
  });

  it('are listed page by page, by scope, and released by a person with a reason', async () => {
    await many(3, { site: 'Bochum', redundancy: 'pump' });
    await many(2, { model: 'X' }, 'x');
    await granted(['gw-1', 'x-1', 'x-2']);
    const first = await rig.guard.holds({ limit: 2 });
    const rest = await rig.guard.holds({ limit: 2, before: first.next! });
    expect([...first.items, ...rest.items].map(({ clientid }) => clientid)).to.deep.equal([
      'x-2',
      'x-1',
      'gw-1',
    ]);
    expect(rest.items[0]).to.deep.include({
      site: 'Bochum',
      redundancy: 'pump',
      state: 'held',
      stuckSince: null,
    });
    const of = async (scope: 'site' | 'model' | 'set', value: string) =>
      (await rig.guard.holds({ scope, value })).items.map(({ clientid }) => clientid);
    expect(await of('site', 'Bochum')).to.deep.equal(['gw-1']);
    expect(await of('model', 'X')).to.deep.equal(['x-2', 'x-1']);
    expect(await of('set', 'pump')).to.deep.equal(['gw-1']);
    expect(await errorOf(rig.guard.holds({ scope: 'site' }))).to.include({ code: 'INVALID_INPUT' });
    const owner = { kind: 'command', id: '7' } as const;
    expect(await errorOf(rig.guard.release({ clientid: 'gw-1', owner, reason: ' ' }))).to.include({
      code: 'INVALID_INPUT',
    });
    const hold = await rig.guard.release({ clientid: 'gw-1', owner, reason: 'looked at it' });
    expect(hold).to.deep.equal(rest.items[0]);
    expect(rig.free).to.deep.equal(['gw-1']);
    expect(await take('gw-2')).to.equal(null);
    const unknown = await errorOf(rig.guard.release({ clientid: 'gw-1', owner, reason: 'again' }));
    expect(unknown).to.include({
      code: 'NOT_FOUND',
      message: 'The gateway "gw-1" holds no slot of command 7.',
    });
  });

  it('have limits that are listed with who set them, and go by the nearest', async () => {
    const of = async () =>
      (await rig.guard.limits()).map(({ scope, value, max, setBy }) => [scope, value, max, setBy]);
    expect(await of()).to.have.deep.members([
      ...[
        ['fleet', '', 200, null],
        ['site', '', null, null],
        ['model', '', null, null],
        ['set', '', 1, null],
      ],
    ]);
    await rig.guard.setLimit({ scope: 'set', value: '', max: 2 }, 'anna');
    await rig.guard.setLimit({ scope: 'set', value: 'pump', max: 1 }, 'otto');
    expect(await of()).to.deep.include.members([
      ['set', '', 2, 'anna'],
      ['set', 'pump', 1, 'otto'],
    ]);
    await many(3, { redundancy: 'valve' }, 'v');
    await many(2, { redundancy: 'pump' });
    expect(await granted(['v-1', 'v-2', 'v-3', 'gw-1', 'gw-2'])).to.deep.equal(['v-1', 'v-2', 'gw-1']);
    await rig.guard.setLimit({ scope: 'set', value: 'pump', max: null }, 'otto');
    await rig.guard.setLimit({ scope: 'fleet', value: '', max: 5 }, 'otto');
    await rig.guard.setLimit({ scope: 'fleet', value: '', max: null }, 'otto');
    expect(await of()).to.deep.include.members([['fleet', '', 200, null]]);
    expect(await of()).to.have.length(4);
    for (const bad of [
      { scope: 'fleet', value: 'x', max: 1 },
      { scope: 'site', value: 'x', max: 0 },
      { scope: 'site', value: 'x', max: 1.5 },
      { scope: 'gateway', value: 'x', max: 1 },
      { scope: 'site', max: 1 },
    ])
      expect(await errorOf(rig.guard.setLimit(bad as NewLimit, 'anna')), JSON.stringify(bad)).to.include({
        code: 'INVALID_INPUT',
      });
  });
});
