import { expect } from 'chai';
import fc from 'fast-check';
import { linesOf } from '../../nodes/api/alarm-lines.js';
import { draftOf, ruleOf } from '../../nodes/api/rule-draft.js';
import { marksUpTo } from '../../nodes/dashboard/client/axis.js';
import {
  actOf as actOfForm,
  emptyForm,
  SHELVE_FOR,
} from '../../nodes/dashboard/ui-tpe-alarms/browser/act-form.js';
import { actionOf } from '../../nodes/dashboard/ui-tpe-fleet/browser/attention.js';
import { byGateway } from '../../nodes/dashboard/ui-tpe-fleet/browser/recent-events.js';
import { worstFirst } from '../../nodes/dashboard/ui-tpe-fleet/browser/shares.js';
import { type Alarm, parseAlarmAct } from '../../nodes/manager/alarms/alarm.js';
import {
  ALARM_KIND_NAMES,
  ALARM_KINDS,
  type AlarmRule,
  parseNewRule,
  RULE_KINDS,
} from '../../nodes/manager/alarms/alarm-rule.js';

let lastId = 0;
function alarm(change: Partial<Alarm>): Alarm {
  lastId += 1;
  return {
    ...{ id: String(lastId), rule: 'own', kind: 'offline', severity: 'warning', state: 'active' },
    ...{
      clientid: `gw-${lastId}`,
      key: '',
      site: null,
      text: 'x',
      cause: null,
      advice: '',
      adviceCause: null,
    },
    ...{ gateways: 1, since: '2026-01-01T00:00:00.000Z', raisedAt: '2026-01-01T00:00:00.000Z' },
    ...{ clearedAt: null, clearedBy: null, acknowledgedBy: null, acknowledgedAt: null, assignedTo: null },
    ...{ shelvedBy: null, shelvedUntil: null, note: '', updatedAt: '2026-01-01T00:00:00.000Z' },
    ...change,
  } as Alarm;
}

describe('dashboard: the first page', () => {
  it('has all gateways that come and go in one line, at the place of the worst', () => {
    const alarms = [
      alarm({ kind: 'broker-away', clientid: null, severity: 'critical' }),
      alarm({ kind: 'flapping' }),
      alarm({ kind: 'offline' }),
      alarm({ kind: 'flapping' }),
      alarm({ kind: 'offline' }),
    ];
    const lines = linesOf(alarms);
    expect(lines.map(({ kind, alarms: of }) => [kind, of.length])).to.deep.equal([
      ['broker-away', 1],
      ['flapping', 2],
      ['offline', 1],
      ['offline', 1],
    ]);
    expect(actionOf(lines[1]!, true)).to.deep.equal({
      does: 'open',
      page: 'ui-tpe-alarms',
      query: { kind: 'flapping' },
    });
  });

  it('loses no alarm, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALARM_KIND_NAMES)), (kinds) => {
        const alarms = kinds.map((kind) => alarm({ kind }));
        const lines = linesOf(alarms);
        expect(lines.flatMap((line) => line.alarms)).to.have.members(alarms);
        const firsts = lines.map((line) => alarms.indexOf(line.alarms[0]));
        expect(firsts).to.deep.equal(firsts.toSorted((a, b) => a - b));
      }),
    );
  });

  it('leads who may not act to where it can be seen, whatever it is', () => {
    for (const kind of ALARM_KIND_NAMES)
      for (const clientid of ['gw-1', null]) {
        const [line] = linesOf([alarm({ kind, clientid, key: '7' })]);
        expect(actionOf(line!, false).does, `${kind} ${clientid}`).to.equal('open');
      }
  });

  it('leads from an outage of a site to its gateways that are offline', () => {
    const [line] = linesOf([alarm({ clientid: null, key: 'site:Bochum', site: 'Bochum', gateways: 38 })]);
    expect(actionOf(line!, true)).to.deep.equal({
      does: 'open',
      page: 'ui-tpe-gateways',
      query: { status: 'offline', site: 'Bochum' },
    });
  });

  it('shows parts of the fleet that miss most first', () => {
    const part = (key: string, total: number, online: number) => ({
      ...{ key, name: key, total, online, filter: null },
    });
    const sorted = worstFirst([part('well', 90, 90), part('small', 2, 0), part('bad', 40, 2)]);
    expect(sorted.map(({ key }) => key)).to.deep.equal(['bad', 'small', 'well']);
  });

  it('has an axis from zero in whole steps up to what was most', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), (most) => {
        const marks = marksUpTo(most);
        expect(marks[0]).to.equal(0);
        expect(marks.at(-1)).to.be.at.least(most);
        expect(marks.length).to.be.within(2, 6);
        expect(marks.every(Number.isInteger)).to.equal(true);
      }),
    );
  });

  it('has one line for a gateway among those that came and went', () => {
    const event = (id: string, clientid: string, online: boolean) => ({
      ...{ id, clientid, online, at: '2026-01-01T00:00:00.000Z', reason: null, cause: null, source: null },
    });
    const lines = byGateway([event('3', 'a', true), event('2', 'b', false), event('1', 'a', false)]);
    expect(lines.map(({ last, times }) => [last.id, times])).to.deep.equal([
      ['3', 2],
      ['2', 1],
    ]);
  });
});

describe('dashboard: what a person does about alarms', () => {
  it('is what the server takes', () => {
    for (const act of ['acknowledge', 'assign', 'shelve'] as const)
      for (const seconds of SHELVE_FOR)
        for (const note of ['', ' on my way ']) {
          const given = actOfForm({ ...emptyForm(act, 'ada'), note, seconds }, ['1']);
          expect(parseAlarmAct(given)).to.deep.equal(given);
        }
    expect(actOfForm({ ...emptyForm('assign', 'ada'), to: ' ' }, ['1'])).to.deep.equal({
      ...{ act: 'assign', ids: ['1'], to: null },
    });
  });

  it('to a rule is what the server takes, and changes nothing else', () => {
    for (const kind of RULE_KINDS) {
      const { builtIn } = ALARM_KINDS[kind];
      const rule: AlarmRule = {
        ...{ id: kind, kind, name: '', enabled: true, repeatSeconds: null, filter: null },
        ...builtIn,
        ...{ isBuiltIn: true, setBy: null, setAt: null },
      };
      const { isBuiltIn: _builtIn, setBy: _setBy, setAt: _setAt, ...given } = rule;
      expect(parseNewRule(ruleOf(draftOf(rule), []))).to.deep.equal(given);
      expect(ruleOf(draftOf(rule, true), [kind, `${kind}-2`]).id).to.equal(`${kind}-3`);
    }
  });
});
