import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { eachDatabase } from '../../support/databases.js';
import {
  byCommand,
  connect,
  disconnect,
  letPass,
  openGuard,
  type Rig,
  recordCommand,
  register,
} from './rig.js';

const OWNER = { kind: 'command', id: '1' } as const;

eachDatabase('guard: slots come back', (open) => {
  let database: Database;
  let rig: Rig;

  beforeEach(async () => {
    database = await open();
    rig = openGuard(database);
    await register(database, [
      { clientid: 'a', redundancy: 'pump' },
      { clientid: 'b', redundancy: 'pump' },
    ]);
    expect(await rig.guard.take(byCommand('a', '1'))).to.equal(null);
  });
  afterEach(async () => {
    await rig.guard.close();
    await database.close();
    expect(rig.faults).to.deep.equal([]);
  });

  /** Whether the partner may go, after a sweep. */
  const isFree = async () => {
    await rig.guard.sweep();
    const isHeld = (await rig.guard.holds({})).items.length > 0;
    expect(rig.free.includes('a')).to.equal(!isHeld);
    return !isHeld;
  };

  it('at once where nothing was sent', async () => {
    await rig.guard.ended(OWNER, 'never-sent');
    expect(rig.free).to.deep.equal(['a']);
    expect(await rig.guard.take(byCommand('b', '2'))).to.equal(null);
    expect(rig.broadcasts).to.deep.include(['guard', 'a', 'free']);
  });

  it('20 s after an answer, if it is online without a break', async () => {
    await rig.guard.ended(OWNER, 'done');
    expect((await rig.guard.take(byCommand('b', '2')))?.reason.text).to.equal(
      'a of the redundancy set pump is not well again yet (command 1).',
    );
    await letPass(database, 15);
    expect(await isFree()).to.equal(false);
    await letPass(database, 6);
    expect(await isFree()).to.equal(true);
  });

  it('only after a whole 20 s, where it was away between two looks', async () => {
    await rig.guard.ended(OWNER, 'done');
    await letPass(database, 15);
    await disconnect(database, 'a');
    await connect(database, 'a');
    await letPass(database, 6);
    expect(await isFree()).to.equal(false);
    await letPass(database, 15);
    expect(await isFree()).to.equal(false);
    await letPass(database, 6);
    expect(await isFree()).to.equal(true);
  });

  for (const how of ['restarts', 'unknown'] as const) {
    it(`120 s after it is online again, where the work ended with "${how}"`, async () => {
      await rig.guard.ended(OWNER, how);
      await letPass(database, 5);
      await disconnect(database, 'a');
      expect(await isFree()).to.equal(false);
      await letPass(database, 300);
      expect(await isFree()).to.equal(false);
      await connect(database, 'a');
      expect(await isFree()).to.equal(false);
      await letPass(database, 119);
      expect(await isFree()).to.equal(false);
      await letPass(database, 2);
      expect(await isFree()).to.equal(true);
    });

    it(`after 120 s where it never went away, and the work ended with "${how}"`, async () => {
      await rig.guard.ended(OWNER, how);
      await letPass(database, 119);
      expect(await isFree()).to.equal(false);
      await letPass(database, 2);
      expect(await isFree()).to.equal(true);
    });
  }

  it('whatever the clock of the broker says', async () => {
    await rig.guard.ended(OWNER, 'restarts');
    await disconnect(database, 'a');
    await rig.guard.sweep();
    await connect(database, 'a');
    await database.query("update tpe_presence set since = now() - interval '1 day' where clientid = 'a'");
    await letPass(database, 121);
    expect(await isFree(), 'a clock that is late').to.equal(false);
    await letPass(database, 121);
    expect(await isFree()).to.equal(true);
    await rig.guard.take(byCommand('a', '1'));
    rig.free.length = 0;
    await database.query("update tpe_presence set since = now() + interval '1 day' where clientid = 'a'");
    await rig.guard.ended(OWNER, 'done');
    await letPass(database, 21);
    expect(await isFree(), 'a clock that is early').to.equal(true);
  });

  it('never by themselves once they are stuck, and then by a person', async () => {
    await rig.guard.ended(OWNER, 'restarts');
    await disconnect(database, 'a');
    await letPass(database, 1790);
    expect(await isFree()).to.equal(false);
    expect((await rig.guard.holds({})).items[0]!.stuckSince).to.equal(null);
    await letPass(database, 20);
    expect(await isFree()).to.equal(false);
    expect((await rig.guard.holds({})).items[0]!.stuckSince).to.be.a('string');
    expect((await rig.guard.counts()).stuck).to.equal(1);
    await connect(database, 'a');
    await letPass(database, 500);
    expect(await isFree()).to.equal(false);
    expect((await rig.guard.take(byCommand('b', '2')))?.reason.text).to.equal(
      'a of the redundancy set pump has not become well again (command 1): look at it, and then release its slot.',
    );
    await rig.guard.release({ clientid: 'a', owner: OWNER, reason: 'repaired' });
    expect(await isFree()).to.equal(true);
    expect((await rig.guard.counts()).stuck).to.equal(0);
  });

  it('only once, and by the first end that was told', async () => {
    await rig.guard.ended(OWNER, 'unknown');
    await rig.guard.ended(OWNER, 'done');
    await rig.guard.ended(OWNER, 'never-sent');
    await letPass(database, 100);
    expect(await isFree()).to.equal(false);
  });

  it('later if the same work goes on', async () => {
    await rig.guard.ended(OWNER, 'done');
    expect(await rig.guard.take(byCommand('a', '1'))).to.equal(null);
    await letPass(database, 50);
    expect(await isFree()).to.equal(false);
    expect((await rig.guard.holds({})).items[0]).to.include({ state: 'held', endedAt: null });
  });

  it('when nobody told the end: a killed manager', async () => {
    await recordCommand(database, '1', 'a', 'SENT', true);
    await letPass(database, 3600);
    expect(await isFree(), 'still under way').to.equal(false);
    await database.query("update tpe_command set state = 'TIMED_OUT'");
    expect(await isFree(), 'timed out').to.equal(false);
    expect((await rig.guard.holds({})).items[0]!.state).to.equal('settling');
    await letPass(database, 121);
    expect(await isFree()).to.equal(true);
  });

  it('at once when a killed manager had sent nothing, or had not even recorded it', async () => {
    await recordCommand(database, '2', 'b', 'CANCELED', false);
    await rig.guard.ended(OWNER, 'never-sent');
    rig.free.length = 0;
    for (const id of ['2', '3', 'not a number']) {
      expect(await rig.guard.take(byCommand('a', id))).to.equal(null);
      expect(await isFree(), 'it may be recorded yet').to.equal(false);
      await letPass(database, 61);
      expect(await isFree(), id).to.equal(true);
      rig.free.length = 0;
    }
  });

  it('by the standing of owners that others know', async () => {
    const other = openGuard(database, {
      owners: { execution: "(select 'unknown' where hold.owner_id = '42')" },
    });
    await rig.guard.ended(OWNER, 'never-sent');
    await other.guard.take({ clientid: 'a', owner: { kind: 'execution', id: '42' } });
    await letPass(database, 61);
    await rig.guard.sweep();
    expect((await rig.guard.holds({})).items[0]!.state, 'who does not know them').to.equal('held');
    await other.guard.sweep();
    expect((await rig.guard.holds({})).items[0]!.state).to.equal('settling');
    await other.guard.close();
  });

  it('when the gateway is retired', async () => {
    await rig.guard.ended(OWNER, 'restarts');
    await database.query("delete from clientid_profile where clientid = 'a'");
    await letPass(database, 61);
    expect(await isFree()).to.equal(true);
  });

  it('by time alone at a broker that does not tell who is connected', async () => {
    const other = openGuard(database, { knowsPresence: () => false });
    await database.query("update tpe_presence set status = 'never_seen'");
    await other.guard.ended(OWNER, 'restarts');
    await letPass(database, 121);
    await other.guard.sweep();
    expect(other.free).to.deep.equal(['a']);
    await other.guard.close();
  });
});

eachDatabase('guard: by itself', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
    await register(database, [{ clientid: 'a' }, { clientid: 'b' }]);
  });
  afterEach(() => database.close());

  it('slots come back when they are due, and by news of presence', async () => {
    const rig = openGuard(database, { times: { settleMs: 100, settleRestartMs: 150 } });
    rig.guard.start();
    await rig.guard.take(byCommand('a', '1'));
    await rig.guard.take(byCommand('b', '2'));
    await disconnect(database, 'b');
    await rig.guard.ended({ kind: 'command', id: '2' }, 'restarts');
    await rig.guard.ended({ kind: 'command', id: '1' }, 'done');
    await rig.freed('a');
    expect(rig.free).to.deep.equal(['a']);
    await connect(database, 'b');
    rig.guard.gatewayChanged('b');
    await rig.freed('b');
    expect(rig.faults).to.deep.equal([]);
    await rig.guard.close();
  });

  it('one of several managers gives back, and tells the others', async () => {
    const one = openGuard(database, {}, 'one');
    const two = openGuard(database, {}, 'two');
    await one.guard.take(byCommand('a', '1'));
    await one.guard.ended({ kind: 'command', id: '1' }, 'done');
    await one.guard.sweep();
    await letPass(database, 30);
    await two.guard.sweep();
    expect(two.free, 'not its turn').to.deep.equal([]);
    await database.query("update tpe_schedule set started_at = now() - interval '1 minute'");
    await two.guard.sweep();
    expect(two.free).to.deep.equal(['a']);
    one.guard.changedElsewhere(two.broadcasts.map(([, about, what]) => [about, what]));
    expect(one.free).to.deep.equal(['a']);
    await one.guard.stop({ scope: 'fleet', reason: '' }, 'anna');
    two.news.length = 0;
    two.guard.changedElsewhere([
      [null, 'stops'],
      [null, 'nonsense'],
      [null, null],
      ['a', 'x'],
    ]);
    expect(two.news).to.deep.equal(['stops']);
    await one.guard.close();
    await two.guard.close();
  });

  it('writes nothing while nothing is held', async () => {
    const rig = openGuard(database);
    await rig.guard.sweep();
    expect(await database.query("select from tpe_schedule where task = 'guard'")).to.deep.equal([]);
    await rig.guard.close();
  });

  it('tells a fault once, and goes on', async () => {
    const rig = openGuard(database, { owners: { flow: 'nonsense(' } });
    await rig.guard.take({ clientid: 'a', owner: { kind: 'flow', id: 'f' } });
    await rig.guard.sweep();
    await rig.guard.sweep();
    expect(rig.faults).to.have.length(1);
    await rig.guard.close();
  });
});
