import { expect } from 'chai';
import fc from 'fast-check';
import { openTimes } from '../../../nodes/manager/sites/open-times.js';
import type { Freeze, Window } from '../../../nodes/manager/sites/site.js';
import { DAYS } from '../../../nodes/manager/sites/site-bounds.js';

/** What is open, as pairs of times in UTC. */
function open(zone: string, windows: Window[], from: string, to: string, freezes: Freeze[] = []): string[] {
  const short = (at: number) => new Date(at).toISOString().slice(0, 16);
  const found = openTimes({ zone, windows, freezes }, Date.parse(from), Date.parse(to));
  return found.map((one) => `${short(one.from)} ${short(one.to)}`);
}
const daily = (from: string, to: string): Window => ({ days: [...DAYS], from, to });

describe('sites: when windows are open', () => {
  it('by days of the week, in the time of the site', () => {
    const weekend: Window = { days: ['sat', 'sun'], from: '02:00', to: '05:00' };
    expect(open('Asia/Tokyo', [weekend], '2026-01-01T00:00Z', '2026-01-08T00:00Z')).to.deep.equal([
      '2026-01-02T17:00 2026-01-02T20:00',
      '2026-01-03T17:00 2026-01-03T20:00',
    ]);
  });

  it('over midnight, and from a time to the same time for a day', () => {
    const friday: Window = { days: ['fri'], from: '22:00', to: '04:00' };
    expect(open('Europe/Berlin', [friday], '2026-01-01T00:00Z', '2026-01-08T00:00Z')).to.deep.equal([
      '2026-01-02T21:00 2026-01-03T03:00',
    ]);
    const whole: Window = { days: ['fri'], from: '06:00', to: '06:00' };
    expect(open('Europe/Berlin', [whole], '2026-01-01T00:00Z', '2026-01-08T00:00Z')).to.deep.equal([
      '2026-01-02T05:00 2026-01-03T05:00',
    ]);
  });

  it('by cron, for minutes that pass', () => {
    const last: Window = { cron: '0 22 * * FRI#L', minutes: 360 };
    expect(open('Europe/Berlin', [last], '2026-03-01T00:00Z', '2026-05-01T00:00Z')).to.deep.equal([
      '2026-03-27T21:00 2026-03-28T03:00',
      '2026-04-24T20:00 2026-04-25T02:00',
    ]);
  });

  it('joined, where they touch or overlap', () => {
    const windows = [daily('00:00', '12:00'), daily('12:00', '18:00'), daily('17:00', '00:00')];
    expect(open('UTC', windows, '2026-01-01T10:00Z', '2026-01-03T00:00Z')).to.deep.equal([
      '2026-01-01T10:00 2026-01-03T00:00',
    ]);
  });

  it('always without a window', () => {
    expect(open('UTC', [], '2026-01-01T10:00Z', '2026-01-01T11:00Z')).to.deep.equal([
      '2026-01-01T10:00 2026-01-01T11:00',
    ]);
  });

  describe('when clocks change', () => {
    const cases: readonly (readonly [string, string, Window, string, string, readonly string[]])[] = [
      // Berlin, 29 March: 02:00 does not exist. 25 October: 02:00 to 03:00 exists twice.
      [
        ...(['Berlin, forward', 'Europe/Berlin', daily('02:00', '05:00')] as const),
        ...(['2026-03-28T22:00Z', '2026-03-29T12:00Z', ['2026-03-29T01:00 2026-03-29T03:00']] as const),
      ],
      [
        ...(['Berlin, forward, closing where it opens', 'Europe/Berlin', daily('02:00', '03:00')] as const),
        ...(['2026-03-28T22:00Z', '2026-03-29T12:00Z', []] as const),
      ],
      [
        ...(['Berlin, back', 'Europe/Berlin', daily('02:30', '05:00')] as const),
        ...(['2026-10-24T22:00Z', '2026-10-25T12:00Z', ['2026-10-25T00:30 2026-10-25T04:00']] as const),
      ],
      [
        ...(['Berlin, back, closing within', 'Europe/Berlin', daily('01:00', '02:30')] as const),
        ...(['2026-10-24T22:00Z', '2026-10-25T12:00Z', ['2026-10-24T23:00 2026-10-25T00:30']] as const),
      ],
      [
        ...(['Berlin, forward, minutes', 'Europe/Berlin', { cron: '30 1 * * *', minutes: 120 }] as const),
        ...(['2026-03-28T22:00Z', '2026-03-29T12:00Z', ['2026-03-29T00:30 2026-03-29T02:30']] as const),
      ],
      // Lord Howe moves by half an hour: 4 October 02:00 to 02:30; 5 April 02:00 back to 01:30.
      [
        ...(['Lord Howe, forward', 'Australia/Lord_Howe', daily('02:15', '04:00')] as const),
        ...(['2026-10-03T12:00Z', '2026-10-04T00:00Z', ['2026-10-03T15:30 2026-10-03T17:00']] as const),
      ],
      [
        ...(['Lord Howe, back', 'Australia/Lord_Howe', daily('01:45', '04:00')] as const),
        ...(['2026-04-04T12:00Z', '2026-04-05T00:00Z', ['2026-04-04T14:45 2026-04-04T17:30']] as const),
      ],
      // Casablanca turns its clocks back for Ramadan: 15 February 03:00 to 02:00, and forward on 22 March 02:00.
      [
        ...(['Casablanca, back', 'Africa/Casablanca', daily('02:30', '05:00')] as const),
        ...(['2026-02-14T22:00Z', '2026-02-15T12:00Z', ['2026-02-15T01:30 2026-02-15T05:00']] as const),
      ],
      [
        ...(['Casablanca, forward', 'Africa/Casablanca', daily('02:30', '05:00')] as const),
        ...(['2026-03-21T22:00Z', '2026-03-22T12:00Z', ['2026-03-22T02:00 2026-03-22T04:00']] as const),
      ],
      // Tokyo never changes.
      [
        ...(['Tokyo', 'Asia/Tokyo', daily('02:30', '05:00')] as const),
        ...(['2026-03-28T12:00Z', '2026-03-29T00:00Z', ['2026-03-28T17:30 2026-03-28T20:00']] as const),
      ],
    ];
    for (const [name, zone, window, from, to, wanted] of cases) {
      it(name, () => expect(open(zone, [window], from, to)).to.deep.equal(wanted));
    }
  });

  it('never within a freeze, whose days are those of the site', () => {
    const freeze = { from: '2026-12-24', to: '2026-12-26', reason: 'holidays' };
    expect(open('Europe/Berlin', [], '2026-12-23T12:00Z', '2026-12-28T00:00Z', [freeze])).to.deep.equal([
      '2026-12-23T12:00 2026-12-23T23:00',
      '2026-12-26T23:00 2026-12-28T00:00',
    ]);
    // In Cairo the last Friday of April has no midnight.
    const cairo = { from: '2026-04-24', to: '2026-04-24', reason: 'audit' };
    expect(open('Africa/Cairo', [], '2026-04-23T12:00Z', '2026-04-25T12:00Z', [cairo])).to.deep.equal([
      '2026-04-23T12:00 2026-04-23T22:00',
      '2026-04-24T21:00 2026-04-25T12:00',
    ]);
  });

  it('is the same however the time is cut into pieces', () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const time = clock.map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
    const window = fc.record({ days: fc.subarray([...DAYS], { minLength: 1 }), from: time, to: time });
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'UTC',
      'America/St_Johns',
    );
    const begin = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-12-01') });
    fc.assert(
      fc.property(zone, fc.array(window, { minLength: 1, maxLength: 3 }), begin, (place, windows, from) => {
        const times = { zone: place, windows, freezes: [] };
        const to = from + 6 * 86_400_000;
        const middle = from + 3 * 86_400_000 + 12_345_678;
        const total = (a: number, b: number) =>
          openTimes(times, a, b).reduce((sum, one) => sum + one.to - one.from, 0);
        expect(total(from, middle) + total(middle, to)).to.equal(total(from, to));
      }),
      { numRuns: 200 },
    );
  });
});
