import { expect } from 'chai';
import fc from 'fast-check';
import {
  isSteady,
  type Sighting,
  type SteadinessRule,
  steadinessOf,
} from '../../../nodes/manager/well/steadiness.js';

const RULE: SteadinessRule = { beganAt: 100, leaveMs: 60, settleMs: 120 };
const online = (at: number, session = 'first'): Sighting => ({ at, online: true, session });
const offline = (at: number): Sighting => ({ at, online: false, session: null });
const steadyAt = (...seen: Sighting[]) => steadinessOf(seen, RULE).steadyAt;

const stateOf = ({ online: isOnline, session }: Sighting) => (isOnline ? `online ${session}` : 'offline');

/** The rule as a person would check it: by looking at each moment. */
function isSteadyByEachMoment(seen: readonly Sighting[], rule: SteadinessRule, now: number): boolean {
  if (seen.length === 0) return false;
  const at = (time: number) => stateOf(seen.findLast((one) => one.at <= time) ?? seen[0]!);
  const between = (from: number, to: number) =>
    Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => at(from + index));
  const since = now - rule.settleMs;
  if (since < rule.beganAt) return false;
  const last = between(since, now);
  if (last[0] === 'offline' || new Set(last).size > 1) return false;
  const all = between(rule.beganAt, now);
  const hasGone = all.includes('offline') || new Set(all).size > 1;
  return hasGone || now >= rule.beganAt + rule.leaveMs + rule.settleMs;
}

describe('whether a gateway is steady again', () => {
  it('counts from its return where it was away', () => {
    expect(steadyAt(online(0), offline(110), online(150, 'second'))).to.equal(270);
    expect(steadyAt(online(0), offline(110))).to.equal(null);
    expect(steadyAt(offline(90), online(150))).to.equal(270);
  });

  it('counts from when it would have gone where it stays', () => {
    expect(steadyAt(online(0))).to.equal(100 + 60 + 120);
    expect(steadyAt(online(0), online(101))).to.equal(100 + 60 + 120);
  });

  it('takes a new connection for a return, also where nobody has seen it go', () => {
    expect(steadyAt(online(0), online(140, 'second'))).to.equal(260);
  });

  it('does not count what was before it was disturbed', () => {
    expect(steadyAt(online(0), offline(10), online(20, 'second'))).to.equal(100 + 60 + 120);
    expect(steadinessOf([online(0), offline(10), online(20)], RULE).breaks).to.equal(0);
  });

  it('begins anew with each break', () => {
    const seen = [online(0), offline(110), online(150, 'b'), offline(260), online(265, 'c')];
    expect(steadinessOf(seen, RULE)).to.deep.equal({ isOnline: true, breaks: 2, steadyAt: 385 });
  });

  it('knows nothing of a gateway that nobody has seen', () => {
    expect(steadinessOf([], RULE)).to.deep.equal({ isOnline: false, breaks: 0, steadyAt: null });
  });

  it('is what somebody finds who looks at each moment, for any history', () => {
    const sightings = fc
      .array(
        fc.record({
          after: fc.integer({ min: 1, max: 40 }),
          online: fc.boolean(),
          session: fc.constantFrom('a', 'b'),
        }),
        {
          maxLength: 12,
        },
      )
      .map((steps) => {
        let at = 0;
        return steps.map(({ after, online: isOnline, session }): Sighting => {
          at += after;
          return { at, online: isOnline, session: isOnline ? session : null };
        });
      });
    const rules = fc.record({
      beganAt: fc.integer({ min: 0, max: 150 }),
      leaveMs: fc.integer({ min: 0, max: 60 }),
      settleMs: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(sightings, rules, fc.integer({ min: 0, max: 300 }), (all, rule, later) => {
        const now = rule.beganAt + later;
        const seen = all.filter(({ at }) => at <= now);
        expect(isSteady(steadinessOf(seen, rule), now)).to.equal(isSteadyByEachMoment(seen, rule, now));
      }),
      { numRuns: 2000 },
    );
  });

  it('stays so until something is seen, and a later break only delays it', () => {
    const times = fc
      .uniqueArray(fc.integer({ min: 101, max: 400 }), { maxLength: 8 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, (all) => {
        const seen = all.map((at, index) => (index % 2 === 0 ? offline(at) : online(at, `s${index}`)));
        const history = [online(0), ...seen];
        const { steadyAt: at, isOnline } = steadinessOf(history, RULE);
        expect(isOnline).to.equal(seen.length % 2 === 0);
        if (at === null) return;
        expect(at).to.be.at.least((history.at(-1)?.at ?? 0) + RULE.settleMs);
        const more = [...history, offline(at - 1), online(at, 'later')];
        expect(steadinessOf(more, RULE).steadyAt).to.equal(at + RULE.settleMs);
      }),
    );
  });
});
