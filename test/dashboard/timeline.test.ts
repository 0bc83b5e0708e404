import { expect } from 'chai';
import { foldSame } from '../../nodes/dashboard/ui-tpe-gateway/browser/fold.js';
import { lanesOf, markTone, ticksOf } from '../../nodes/dashboard/ui-tpe-gateway/browser/strip.js';
import type { TimelineEntry } from '../../nodes/manager/timeline/timeline.js';

const TO = Date.parse('2026-11-30T12:00:00.000Z');
const HOUR = 3_600_000;
const ago = (hours: number) => new Date(TO - hours * HOUR).toISOString();

function entry(more: Partial<TimelineEntry>): TimelineEntry {
  return {
    ...{
      kind: 'command',
      ref: '1',
      at: ago(1),
      until: ago(1),
      state: 'SUCCEEDED',
      what: 'GET /x',
      changed: [],
    },
    ...{ who: 'otto', job: null, reason: null, cause: null, because: null },
    ...more,
  };
}

describe('dashboard: what the timeline shows', () => {
  it('folds the same command again and again, and nothing else', () => {
    const entries = [
      entry({ ref: '5', at: ago(1) }),
      entry({ ref: '4', at: ago(2) }),
      entry({ ref: '3', at: ago(3), state: 'FAILED' }),
      entry({ ref: '2', at: ago(4), state: 'FAILED', who: 'ida' }),
      entry({ ref: '1', at: ago(5), kind: 'alarm' }),
      entry({ ref: '0', at: ago(6), kind: 'alarm' }),
    ];
    const folded = foldSame(entries).map(({ entry: { ref }, times, from }) => [ref, times, from]);
    expect(folded).to.deep.equal([
      ['5', 2, ago(2)],
      ['3', 1, ago(3)],
      ['2', 1, ago(4)],
      ['1', 1, ago(5)],
      ['0', 1, ago(6)],
    ]);
  });

  it('draws within the strip what began before it, or still lasts, and shows what was too much', () => {
    const lanes = lanesOf(
      {
        spans: [{ from: ago(10), to: ago(0), status: 'online' }],
        marks: [
          { kind: 'alarm', ref: '1', at: ago(100), until: ago(5), state: 'critical', what: 'offline' },
          { kind: 'job', ref: '2', at: ago(1), until: null, state: 'IN_PROGRESS', what: 'j' },
        ],
        cutAt: { job: ago(9) },
      },
      TO - 10 * HOUR,
      TO,
    );
    const drawn = lanes.map(({ kind, bars, cut }) => [
      kind,
      bars[0]!.left,
      bars[0]!.width,
      bars[0]!.tone,
      cut,
    ]);
    expect(drawn).to.deep.equal([
      ['presence', 0, 100, 'online', 0],
      ['alarm', 0, 50, 'bad', 0],
      ['job', 90, 10, 'busy', 10],
    ]);
  });

  it('has a tone for each state', () => {
    expect(markTone('edit', 'done')).to.equal('neutral');
    expect(markTone('alarm', 'warning')).to.equal('warning');
    expect(markTone('command', 'TIMED_OUT')).to.equal('bad');
    expect(markTone('installation', 'SUCCEEDED')).to.equal('good');
  });

  it('has an axis of a few round times, whatever the range is', () => {
    for (const hours of [1, 24, 48, 168, 720]) {
      const ticks = ticksOf(TO - hours * HOUR, TO);
      expect(ticks.length, `${hours} h`).to.be.within(1, 8);
      for (const { at, isDay } of ticks) {
        expect(at).to.be.within(TO - hours * HOUR, TO);
        const date = new Date(at);
        expect([date.getMinutes(), isDay ? date.getHours() : 0]).to.deep.equal([0, 0]);
      }
    }
  });
});
