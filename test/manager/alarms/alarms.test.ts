import { expect } from 'chai';
import type { AlarmAct } from '../../../nodes/manager/alarms/alarm.js';
import type { AlarmRule, NewRule } from '../../../nodes/manager/alarms/alarm-rule.js';
import { RULE_KINDS } from '../../../nodes/manager/alarms/alarm-rule.js';
import { seedRules } from '../../../nodes/manager/alarms/store/rules.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { wordsOfOthers } from '../../../nodes/manager/shared/reason.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { type AlarmRig, condition, letPass, openAlarms, registerGateways, testSource, told } from './rig.js';

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await errorOf(promise);
  return error instanceof TpeError ? error.code : error;
}

eachDatabase('alarms', (open) => {
  let database: Database;
  const disk = testSource('disk-full');
  const clock = testSource('clock-off');
  let rig: AlarmRig;

  before(async () => {
    database = await open();
    await seedRules(database);
    await registerGateways(database, [
      { clientid: 'A', site: 'Brea', model: 'UC-8220', tags: ['north'] },
      { clientid: 'B', site: 'Taipei', model: 'AIG-301' },
      { clientid: 'C', site: 'Brea', model: 'UC-8112' },
    ]);
  });
  after(() => database?.close());

  beforeEach(async () => {
    await database.query('delete from tpe_alarm');
    await database.query('delete from tpe_alarm_news');
    await database.query('delete from tpe_alarm_rule');
    await seedRules(database);
    for (const source of [disk, clock]) Object.assign(source, { wrong: [], standing: null, fault: null });
    rig = openAlarms(database, [disk, clock]);
  });
  afterEach(async () => {
    await rig.alarms.close();
    expect(rig.faults).to.deep.equal([]);
  });

  const newsSince = (from: number) => told(rig.news.slice(from));
  const rule = (more: Partial<NewRule> = {}): NewRule => ({ id: 'disk-full', kind: 'disk-full', ...more });

  describe('a look', () => {
    it('raises one alarm for each thing that is wrong, and never a second one', async () => {
      disk.wrong = [
        condition('A', {
          site: 'Brea',
          reason: { text: '97 %', cause: { code: 'x', params: { percent: 97 } } },
        }),
        condition('B', { key: 'log' }),
      ];
      await rig.alarms.look();
      await rig.alarms.look();
      expect(told(rig.news)).to.deep.equal(['raised disk-full A', 'raised disk-full B log']);
      expect(rig.broadcasts).to.have.length(2);
      const { items, next } = await rig.alarms.list({});
      expect(next).to.equal(null);
      expect(items.map(({ clientid }) => clientid)).to.deep.equal(['B', 'A']);
      expect(items[1]).to.deep.include({
        ...{
          rule: 'disk-full',
          kind: 'disk-full',
          severity: 'warning',
          state: 'active',
          key: '',
          site: 'Brea',
        },
        ...{ text: '97 %', cause: { code: 'x', params: { percent: 97 } }, advice: 'look at it', gateways: 1 },
        ...{ since: '2026-01-01T00:00:00.000Z', clearedAt: null, acknowledgedBy: null, note: '' },
      });
    });

    it('raises more than one statement takes', async () => {
      disk.wrong = Array.from({ length: 450 }, (_, index) => condition(null, { key: `k${index}` }));
      await rig.alarms.look();
      expect(rig.news).to.have.length(450);
      disk.wrong = [];
      await rig.alarms.look();
      expect(rig.news).to.have.length(900);
    });

    it('clears an alarm when it was good for as long as the rule says, without a break', async () => {
      await rig.alarms.setRule(rule({ clearSeconds: 60 }), 'ada');
      const wrong = [condition('A')];
      disk.wrong = wrong;
      await rig.alarms.look();
      disk.wrong = [];
      await rig.alarms.look();
      await letPass(database, 40);
      disk.wrong = wrong;
      await rig.alarms.look();
      disk.wrong = [];
      await rig.alarms.look();
      await letPass(database, 40);
      await rig.alarms.look();
      expect(told(rig.news)).to.deep.equal(['raised disk-full A']);
      await letPass(database, 21);
      await rig.alarms.look();
      expect(newsSince(1)).to.deep.equal(['cleared disk-full A']);
      expect(rig.news[1]!.alarm).to.include({ state: 'cleared', clearedBy: null });
      // And then anew.
      disk.wrong = wrong;
      await rig.alarms.look();
      expect(newsSince(2)).to.deep.equal(['raised disk-full A']);
    });

    it('says of an open alarm what is so now, and leaves one of which nothing is known', async () => {
      disk.wrong = [condition(null, { key: 'site:Brea', gateways: 3 })];
      await rig.alarms.look();
      disk.standing = () => ({ is: 'unknown' });
      await rig.alarms.look();
      disk.standing = () => ({ is: 'bad' });
      await rig.alarms.look();
      expect(rig.news).to.have.length(1);
      disk.standing = () => ({ is: 'bad', reason: wordsOfOthers('four are'), gateways: 4 });
      await rig.alarms.look();
      await rig.alarms.look();
      expect(newsSince(1)).to.deep.equal(['changed disk-full site:Brea']);
      expect(rig.news[1]!.alarm).to.include({ text: 'four are', gateways: 4, state: 'active' });
    });

    it('goes on with the others when a rule fails, and says so once', async () => {
      clock.fault = new Error('no such column');
      disk.wrong = [condition('A')];
      await rig.alarms.look();
      await rig.alarms.look();
      expect(told(rig.news)).to.deep.equal(['raised disk-full A']);
      expect(rig.faults).to.deep.equal([
        'The rule clock-off of alarms could not be looked at, retrying: no such column',
      ]);
      rig.faults.length = 0;
    });

    it('does not ask the other rules when the database is away', async () => {
      clock.fault = new TpeError('UNAVAILABLE', 'away');
      disk.wrong = [condition('A')];
      await rig.alarms.look();
      expect(rig.news).to.deep.equal([]);
      expect(rig.faults).to.deep.equal(['Alarms could not be looked for, retrying: away']);
      rig.faults.length = 0;
    });

    it('reminds of what nobody cares for, as often as the rule says', async () => {
      await rig.alarms.setRule(rule({ repeatSeconds: 600 }), 'ada');
      disk.wrong = [condition('A'), condition('B'), condition('C')];
      await rig.alarms.look();
      const [, b, c] = rig.news.map(({ alarm }) => alarm.id);
      await rig.alarms.act({ act: 'acknowledge', ids: [b!] }, 'ada');
      await rig.alarms.act({ act: 'shelve', ids: [c!], seconds: 86_400 }, 'ada');
      const from = rig.news.length;
      await letPass(database, 599);
      await rig.alarms.look();
      expect(newsSince(from)).to.deep.equal([]);
      await letPass(database, 1);
      await rig.alarms.look();
      await rig.alarms.look();
      expect(newsSince(from)).to.deep.equal(['reminder disk-full A']);
      await letPass(database, 600);
      await rig.alarms.look();
      expect(newsSince(from + 1)).to.deep.equal(['reminder disk-full A']);
    });

    it('ends what was put aside, and tells of it again unless somebody cares', async () => {
      disk.wrong = [condition('A'), condition('B')];
      await rig.alarms.look();
      const ids = rig.news.map(({ alarm }) => alarm.id);
      await rig.alarms.act({ act: 'acknowledge', ids: [ids[1]!] }, 'ada');
      await rig.alarms.act({ act: 'shelve', ids, seconds: 60 }, 'ada');
      const from = rig.news.length;
      await letPass(database, 61);
      await rig.alarms.look();
      expect(newsSince(from)).to.deep.equal(['reminder disk-full A', 'changed disk-full B']);
      const states = rig.news.slice(from).map(({ alarm }) => [alarm.state, alarm.shelvedBy]);
      expect(states).to.deep.equal([
        ['active', null],
        ['acknowledged', null],
      ]);
    });

    it('clears what its rule no longer is for', async () => {
      await rig.alarms.setRule({ id: 'brea', kind: 'disk-full', filter: { site: 'Brea' } }, 'ada');
      await rig.alarms.setRule(
        { id: 'north', kind: 'disk-full', filter: { tag: 'north', model: 'UC-8' } },
        'ada',
      );
      await registerGateways(database, [{ clientid: 'D', site: 'Brea' }]);
      disk.wrong = ['A', 'B', 'C', 'D'].map((clientid) => condition(clientid));
      await rig.alarms.raise({ key: 'pump', clientid: 'D', text: 'stands still' }, 'flow');
      await rig.alarms.look();
      const openNow = async () => {
        const { items } = await rig.alarms.list({ limit: 500 });
        return items.map((alarm) => `${alarm.rule} ${alarm.clientid}`).sort();
      };
      expect(await openNow()).to.deep.equal([
        ...['brea A', 'brea C', 'brea D', 'disk-full A', 'disk-full B', 'disk-full C', 'disk-full D'],
        ...['north A', 'own D'],
      ]);
      await database.query("delete from clientid_profile where clientid = 'D'");
      await rig.alarms.setRule(rule({ enabled: false }), 'ada');
      disk.wrong = disk.wrong.filter(({ clientid }) => clientid !== 'D');
      await rig.alarms.look();
      expect(await openNow()).to.deep.equal(['brea A', 'brea C', 'north A']);
    });
  });

  describe('what people do', () => {
    let ids: string[];
    const act = (more: AlarmAct) => rig.alarms.act(more, 'ada');

    beforeEach(async () => {
      disk.wrong = [condition('A'), condition('B')];
      await rig.alarms.look();
      ids = rig.news.map(({ alarm }) => alarm.id);
    });

    it('is on the alarm, and told to the other managers', async () => {
      const [one] = await act({ act: 'acknowledge', ids: [ids[0]!], note: 'on my way' });
      expect(one).to.include({ id: ids[0], state: 'acknowledged', acknowledgedBy: 'ada', note: 'on my way' });
      await act({ act: 'assign', ids, to: 'otto' });
      const shelved = await act({ act: 'shelve', ids: ids.toReversed(), seconds: 3600, note: 'rebuilt' });
      expect(shelved.map(({ id, state, shelvedBy, note }) => [id, state, shelvedBy, note])).to.deep.equal([
        [ids[1], 'shelved', 'ada', 'rebuilt'],
        [ids[0], 'shelved', 'ada', 'rebuilt'],
      ]);
      expect(Date.parse(shelved[0]!.shelvedUntil!)).to.be.closeTo(Date.now() + 3_600_000, 60_000);
      const back = await act({ act: 'unshelve', ids });
      expect(back.map(({ state }) => state)).to.deep.equal(['acknowledged', 'active']);
      const nobody = await act({ act: 'assign', ids: [ids[0]!], to: null });
      expect(nobody[0]).to.include({ assignedTo: null });
      expect(rig.broadcasts.slice(2).map(([, what]) => what)).to.deep.equal(Array(8).fill('changed'));
    });

    it('is refused for all if it cannot be done for one', async () => {
      expect(await errorOf(act({ act: 'acknowledge', ids: [...ids, '999999'] }))).to.include({
        code: 'NOT_FOUND',
      });
      expect(await errorOf(act({ act: 'acknowledge', ids: ['9'.repeat(40)] }))).to.include({
        code: 'NOT_FOUND',
      });
      disk.wrong = [condition('B')];
      await rig.alarms.look();
      expect(await errorOf(act({ act: 'acknowledge', ids }))).to.include({ code: 'CONFLICT' });
      expect(await rig.alarms.get(ids[1]!)).to.include({ state: 'active', acknowledgedBy: null });
      const bad = [
        { act: 'shelve', ids },
        { act: 'shelve', ids, seconds: 31 * 86_400 },
        { act: 'acknowledge', ids: [] },
        { act: 'acknowledge', ids, note: 'a\u0000b' },
        { act: 'assign', ids, to: '' },
        { act: 'burn', ids },
      ] as unknown as AlarmAct[];
      for (const one of bad) expect(await errorOf(act(one))).to.include({ code: 'INVALID_INPUT' });
    });
  });

  describe('lists', () => {
    it('has the worst first: by severity, then what nobody cares for, then the newest', async () => {
      await rig.alarms.setRule({ id: 'clock-off', kind: 'clock-off', severity: 'critical' }, 'ada');
      disk.wrong = [condition('A'), condition('B'), condition('C')];
      await rig.alarms.look();
      clock.wrong = [condition('A'), condition('B')];
      await rig.alarms.look();
      const ids = rig.news.map(({ alarm }) => alarm.id);
      await rig.alarms.act({ act: 'acknowledge', ids: [ids[4]!, ids[2]!] }, 'ada');
      await rig.alarms.act({ act: 'shelve', ids: [ids[0]!], seconds: 60 }, 'ada');
      expect((await rig.alarms.worst(10)).map(({ id }) => id)).to.deep.equal([
        ids[3],
        ids[4],
        ids[1],
        ids[2],
      ]);
      expect(await rig.alarms.worst(1)).to.have.length(1);
      expect(await rig.alarms.counts()).to.deep.equal({
        ...{ critical: 2, warning: 2, info: 0, unacknowledged: 2, shelved: 1 },
      });
    });

    it('finds by each condition, page by page', async () => {
      disk.wrong = [condition('A', { site: 'Brea' }), condition('B', { site: 'Taipei' }), condition('C')];
      await rig.alarms.look();
      const [a, b, c] = rig.news.map(({ alarm }) => alarm.id);
      await rig.alarms.act({ act: 'acknowledge', ids: [a!] }, 'ada');
      await rig.alarms.act({ act: 'assign', ids: [b!], to: 'otto' }, 'ada');
      await rig.alarms.act({ act: 'shelve', ids: [c!], seconds: 60 }, 'ada');
      const found = async (query: object) =>
        (await rig.alarms.list(query)).items.map(({ id }) => id).toReversed();
      expect(await found({ state: 'active' })).to.deep.equal([b]);
      expect(await found({ state: 'acknowledged' })).to.deep.equal([a]);
      expect(await found({ state: 'shelved' })).to.deep.equal([c]);
      expect(await found({ state: 'cleared' })).to.deep.equal([]);
      expect(await found({ site: 'Taipei' })).to.deep.equal([b]);
      expect(await found({ clientid: 'A', severity: 'warning', kind: 'disk-full' })).to.deep.equal([a]);
      expect(await found({ assignedTo: 'otto' })).to.deep.equal([b]);
      expect(await found({ clientid: 'a\u0000' })).to.deep.equal([]);
      expect(await found({ kind: 'own' })).to.deep.equal([]);
      expect(await found({ before: '9999999999999999999' })).to.deep.equal([a, b, c]);
      const first = await rig.alarms.list({ limit: 2 });
      expect(first.items.map(({ id }) => id)).to.deep.equal([c, b]);
      const rest = await rig.alarms.list({ limit: 2, before: first.next! });
      expect(rest).to.deep.include({ next: null });
      expect(rest.items.map(({ id }) => id)).to.deep.equal([a]);
      expect(await errorOf(rig.alarms.list({ state: 'x' } as never))).to.include({ code: 'INVALID_INPUT' });
      for (const id of ['999999', 'x', '9'.repeat(30)]) expect(await rig.alarms.get(id)).to.equal(null);
    });
  });

  describe('alarms of flows', () => {
    it('are raised, say anew what is so, and are cleared', async () => {
      const { alarms } = rig;
      const first = await alarms.raise({ key: 'pump-3', clientid: 'A', text: 'it leaks' }, 'flow');
      expect(first).to.deep.include({
        ...{ rule: 'own', kind: 'own', severity: 'warning', state: 'active', clientid: 'A', site: 'Brea' },
        ...{ key: 'pump-3', text: 'it leaks', advice: '', cause: null, gateways: 1 },
      });
      const general = await alarms.raise({ key: 'pump-3', text: 'all leak', severity: 'critical' }, 'flow');
      expect(general).to.include({ clientid: null, site: null, gateways: 0, severity: 'critical' });
      expect(await alarms.raise({ key: 'pump-3', clientid: 'A', text: 'it leaks' }, 'flow')).to.deep.equal(
        first,
      );
      const worse = await alarms.raise(
        { key: 'pump-3', clientid: 'A', text: 'it floods', advice: 'run' },
        'flow',
      );
      expect(worse).to.include({ id: first.id, text: 'it floods', advice: 'run' });
      // A look leaves them as they are.
      await alarms.look();
      const cleared = await alarms.clear({ key: 'pump-3', clientid: 'A' }, 'flow');
      expect(cleared).to.include({ id: first.id, state: 'cleared', clearedBy: 'flow' });
      expect(await alarms.clear({ key: 'pump-3', clientid: 'A' }, 'flow')).to.equal(null);
      expect(told(rig.news)).to.deep.equal([
        ...['raised own A pump-3', 'raised own pump-3', 'changed own A pump-3', 'cleared own A pump-3'],
      ]);
    });

    it('are refused for a gateway that nobody knows, and for what cannot be stored', async () => {
      const refused = (own: object) => codeOf(rig.alarms.raise(own as never, 'flow'));
      expect(await refused({ key: 'x', clientid: 'Z', text: 'x' })).to.equal('NOT_FOUND');
      expect(await refused({ key: 'x', text: ' ' })).to.equal('INVALID_INPUT');
      expect(await refused({ key: 'x\u0000', text: 'x' })).to.equal('INVALID_INPUT');
      expect(await refused({ text: 'x' })).to.equal('INVALID_INPUT');
      expect(await rig.alarms.clear({ key: 'x\u0000' }, 'flow')).to.equal(null);
    });

    it('have a most, beyond which only open ones are told of', async () => {
      await database.query(
        `insert into tpe_alarm (rule, kind, severity, key, reason, since)
         select 'own', 'own', 'info', number::text, '', now() from generate_series(1, 10000) as number`,
      );
      expect(await errorOf(rig.alarms.raise({ key: 'more', text: 'x' }, 'flow'))).to.include({
        code: 'BUSY',
      });
      expect(await rig.alarms.raise({ key: '7', text: 'y' }, 'flow')).to.include({ text: 'y' });
    });
  });

  describe('rules', () => {
    const set = (given: object) => rig.alarms.setRule(given as NewRule, 'ada');
    const refusal = (given: object) => codeOf(set(given));

    it('come with the pack, one of each kind, and stay as people set them', async () => {
      const before = await rig.alarms.rules();
      expect(before.map(({ id }) => id)).to.deep.equal(RULE_KINDS);
      expect(before[0]).to.deep.equal({
        ...{
          id: 'offline',
          kind: 'offline',
          name: '',
          enabled: true,
          severity: 'warning',
          delaySeconds: 600,
        },
        ...{ threshold: null, clearThreshold: null, clearSeconds: 30, repeatSeconds: null, filter: null },
        ...{ isBuiltIn: true, setBy: null, setAt: null },
      });
      await set({ id: 'offline', kind: 'offline', delaySeconds: 60 });
      await seedRules(database);
      const [offline] = await rig.alarms.rules();
      expect(offline).to.include({ delaySeconds: 60, setBy: 'ada', isBuiltIn: true });
      expect(rig.broadcasts).to.deep.equal([[null, 'rules']]);
    });

    it('are added and removed, with their alarms', async () => {
      const made = await set({
        id: 'brea',
        kind: 'disk-full',
        name: 'Brea',
        threshold: 70,
        filter: { site: 'Brea', tag: ' ' },
      });
      expect(made).to.deep.include({
        ...{
          threshold: 70,
          clearThreshold: null,
          filter: { site: 'Brea' },
          isBuiltIn: false,
          severity: 'warning',
        },
      });
      const ids = (await rig.alarms.rules()).map(({ id }: AlarmRule) => id);
      expect(ids.indexOf('brea')).to.equal(ids.indexOf('disk-full') + 1);
      disk.wrong = [condition('A')];
      await rig.alarms.look();
      await rig.alarms.removeRule('brea', 'otto');
      expect(newsSince(2)).to.deep.equal(['cleared brea A']);
      expect(rig.news[2]!.alarm).to.include({ clearedBy: 'otto' });
      expect(await errorOf(rig.alarms.removeRule('brea', 'otto'))).to.include({ code: 'NOT_FOUND' });
      expect(await errorOf(rig.alarms.removeRule('offline', 'otto'))).to.include({ code: 'CONFLICT' });
    });

    it('say how bad their open alarms are', async () => {
      disk.wrong = [condition('A')];
      await rig.alarms.look();
      await set(rule({ severity: 'critical' }));
      expect(newsSince(1)).to.deep.equal(['changed disk-full A']);
      expect(rig.news[1]!.alarm).to.include({ severity: 'critical' });
    });

    it('are refused where their kind does not have what they say', async () => {
      const bad = [
        { id: 'offline', kind: 'offline', threshold: 5 },
        { id: 'offline', kind: 'offline', clearThreshold: 5 },
        { id: 'disk-full', kind: 'disk-full', threshold: null },
        { id: 'disk-full', kind: 'disk-full', threshold: 80, clearThreshold: 90 },
        { id: 'certificate-ends', kind: 'certificate-ends', threshold: 30, clearThreshold: 20 },
        { id: 'job-failed', kind: 'job-failed', filter: { site: 'Brea' } },
        { id: 'disk-full', kind: 'clock-off' },
        { id: 'own', kind: 'offline' },
        { id: 'No', kind: 'offline' },
        { id: 'x', kind: 'offline', name: 'a\u0000' },
        { id: 'x', kind: 'offline', delaySeconds: -1 },
      ];
      for (const one of bad) expect(await refusal(one), JSON.stringify(one)).to.equal('INVALID_INPUT');
      const ends = { id: 'certificate-ends', kind: 'certificate-ends', threshold: 20, clearThreshold: 30 };
      expect(await set(ends)).to.include({ threshold: 20, clearThreshold: 30 });
    });

    it('have a most', async () => {
      for (let number = RULE_KINDS.length; number < 200; number += 1)
        await set({ id: `r${number}`, kind: 'offline' });
      expect(await refusal({ id: 'one-more', kind: 'offline' })).to.equal('CONFLICT');
      await set({ id: 'r100', kind: 'offline', name: 'changed' });
    });
  });

  it('forgets what a gateway answered with the gateway', async () => {
    await registerGateways(database, [{ clientid: 'E' }]);
    await database.query(
      "insert into tpe_reading (clientid, what, value) values ('E', 'disk', 97), ('A', 'disk', 1)",
    );
    await database.query("delete from clientid_profile where clientid = 'E'");
    expect(await database.query('select clientid from tpe_reading')).to.deep.equal([{ clientid: 'A' }]);
  });
});
