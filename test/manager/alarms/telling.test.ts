import { expect } from 'chai';
import type { AlarmTelling } from '../../../nodes/manager/alarms/alarm.js';
import { seedRules } from '../../../nodes/manager/alarms/store/rules.js';
import type { AlarmTiming } from '../../../nodes/manager/alarms/timing.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { type AlarmRig, condition, openAlarms, testSource } from './rig.js';

const QUICK: Partial<AlarmTiming> = { tellMs: 20, tellTurnMs: 200, tellWithinMs: 60_000 };

/** Gathers what is told. */
function listener() {
  const heard: AlarmTelling[] = [];
  let wake = () => {};
  return {
    heard,
    names: () => heard.map(({ what, alarm }) => `${what} ${alarm.key}`),
    tell: async (telling: AlarmTelling) => {
      heard.push(telling);
      wake();
    },
    /** Resolves when so many were told. */
    async until(count: number) {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

/** Resolves when the database says that somebody tells, and how far it is. */
async function untilTold(database: Database, isThere: (no: number | null) => boolean): Promise<void> {
  while (true) {
    const [watch] = await database.query<{ told_no: number | null }>('select told_no from tpe_alarm_watch');
    if (isThere(watch!.told_no)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function lastNo(database: Database): Promise<number> {
  const [row] = await database.query<{ no: number }>('select coalesce(max(no), 0) as no from tpe_alarm_news');
  return row!.no;
}

eachDatabase('alarms: who is told', (open) => {
  let database: Database;
  let rig: AlarmRig;

  beforeEach(async () => {
    database = await open();
    await seedRules(database);
    rig = openAlarms(database, [], 'one', QUICK);
  });
  afterEach(async () => {
    await rig.alarms.close();
    await database.close();
  });

  const raise = (key: string, at = rig) => at.alarms.raise({ key, text: 'x' }, 'flow');

  it('hears of each alarm once and in order, from when it began to listen', async () => {
    await raise('before');
    const ear = listener();
    rig.alarms.tell(ear.tell);
    await untilTold(database, (no) => no !== null);
    await raise('a');
    await raise('b');
    // What only changes an alarm is told to nobody.
    await rig.alarms.raise({ key: 'a', text: 'worse' }, 'flow');
    await rig.alarms.clear({ key: 'a' }, 'flow');
    await ear.until(3);
    const last = await lastNo(database);
    await untilTold(database, (no) => no === last);
    expect(ear.names()).to.deep.equal(['raised a', 'raised b', 'cleared a']);
    expect(new Set(ear.heard.map(({ id }) => id))).to.have.property('size', 3);
    expect(ear.heard[2]!.alarm).to.include({ state: 'cleared', clearedBy: 'flow' });
  });

  it('hears afterwards what nobody told for some time, but nothing of the day before', async () => {
    const first = listener();
    const end = rig.alarms.tell(first.tell);
    await untilTold(database, (no) => no !== null);
    end();
    await raise('old');
    await database.query("update tpe_alarm_news set at = now() - interval '25 hours'");
    await raise('young');
    const second = listener();
    rig.alarms.tell(second.tell);
    await second.until(1);
    expect(second.names()).to.deep.equal(['raised young']);
    expect(first.names()).to.deep.equal([]);
  });

  it('hears it again, with the same id, when it could not take it', async () => {
    const ear = listener();
    let failures = 2;
    rig.alarms.tell(async (telling) => {
      await ear.tell(telling);
      failures -= 1;
      if (failures >= 0) throw new Error('the mail server is away');
    });
    await untilTold(database, (no) => no !== null);
    await raise('a');
    await raise('b');
    await ear.until(4);
    expect(ear.names()).to.deep.equal(['raised a', 'raised a', 'raised a', 'raised b']);
    expect(new Set(ear.heard.map(({ id }) => id))).to.have.property('size', 2);
    expect(rig.faults).to.include('Alarms could not be told, retrying: the mail server is away');
  });

  it('misses none that is committed behind a later one', async () => {
    const ear = listener();
    rig.alarms.tell(ear.tell);
    await untilTold(database, (no) => no !== null);
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => raise(key)));
    await ear.until(40);
    expect(ear.names().toSorted()).to.deep.equal(keys.map((key) => `raised ${key}`).toSorted());
    const ids = ear.heard.map(({ id }) => Number(id));
    expect(ids).to.deep.equal(ids.toSorted((one, other) => one - other));
  });
});

describe('alarms of two managers on one database', () => {
  const open = opener('postgresql');
  let options: DatabaseOptions;
  let databases: Database[];
  let rigs: AlarmRig[];

  beforeEach(async () => {
    options = await open.options();
    databases = [await openDatabase(options), await openDatabase(options)];
    await seedRules(databases[0]!);
    rigs = databases.map((database, index) => openAlarms(database, [], `manager-${index}`, QUICK));
  });
  afterEach(async () => {
    for (const { alarms } of rigs) await alarms.close();
    for (const database of databases) await database.close();
  });

  const raise = (index: number, key: string) => rigs[index]!.alarms.raise({ key, text: 'x' }, 'flow');

  it('are told by one of them, and by the other one when it closes', async () => {
    const ears = [listener(), listener()];
    rigs[0]!.alarms.tell(ears[0]!.tell);
    await untilTold(databases[0]!, (no) => no !== null);
    rigs[1]!.alarms.tell(ears[1]!.tell);
    for (let number = 0; number < 20; number += 1) await raise(number % 2, `k${number}`);
    const last = await lastNo(databases[0]!);
    await untilTold(databases[0]!, (no) => no === last);
    const before = [...ears[0]!.names(), ...ears[1]!.names()];
    expect(before.toSorted()).to.deep.equal(
      Array.from({ length: 20 }, (_, number) => `raised k${number}`).toSorted(),
    );
    await rigs[0]!.alarms.close();
    await raise(1, 'after');
    await ears[1]!.until(ears[1]!.heard.length + 1);
    expect(ears[1]!.names().at(-1)).to.equal('raised after');
  });

  it('are told again under the same id by the other one, when one dies while it tells', async () => {
    const dying = listener();
    rigs[0]!.alarms.tell(async (telling) => {
      await dying.tell(telling);
      // As of a process that is killed: nothing more comes of it.
      await new Promise(() => {});
    });
    await untilTold(databases[0]!, (no) => no !== null);
    await raise(0, 'a');
    await dying.until(1);
    const ear = listener();
    rigs[1]!.alarms.tell(ear.tell);
    await ear.until(1);
    expect(ear.names()).to.deep.equal(['raised a']);
    expect(ear.heard[0]!.id).to.equal(dying.heard[0]!.id);
  });

  it('are raised once, whichever of them looks', async () => {
    const sources = [testSource('disk-full'), testSource('disk-full')];
    const looking = databases.map((database, index) =>
      openAlarms(database, [sources[index]!], `looker-${index}`, { turnMs: 60_000 }),
    );
    const wrong = Array.from({ length: 300 }, (_, index) => condition(null, { key: `k${index}` }));
    for (const source of sources) source.wrong = wrong;
    await Promise.all(looking.map(({ alarms }) => alarms.look()));
    await Promise.all(looking.map(({ alarms }) => alarms.look()));
    expect(looking.map(({ news }) => news.length).toSorted()).to.deep.equal([0, 300]);
    // The other one tells its own people what it hears.
    const other = looking.find(({ news }) => news.length === 0)!;
    const one = looking.find(({ news }) => news.length > 0)!;
    await other.alarms.changedElsewhere(one.broadcasts);
    expect(other.news).to.have.length(300);
    expect(other.broadcasts).to.deep.equal([]);
    await other.alarms.changedElsewhere([[null, 'rules']]);
    expect(other.rules).to.equal(1);
    for (const { alarms } of looking) await alarms.close();
  });
});
