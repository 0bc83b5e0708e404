import { expect } from 'chai';
import fc from 'fast-check';
import { createSiteWindows } from '../../../nodes/manager/sites/clock.js';
import { openTimes } from '../../../nodes/manager/sites/open-times.js';
import type { SiteTimes, Window } from '../../../nodes/manager/sites/site.js';
import { DAYS } from '../../../nodes/manager/sites/site-bounds.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = (time: string) => Date.parse(time);
const berlin = (windows: Window[], freezes: SiteTimes['freezes'] = []): SiteTimes => ({
  ...{ zone: 'Europe/Berlin', windows, freezes },
});
const NIGHT: Window = { days: ['sat', 'sun'], from: '02:00', to: '05:00' };

describe('sites: what the windows say now', () => {
  it('begins nothing that would not end within the window', async () => {
    const windows = createSiteWindows(berlin([NIGHT]));
    const saturday = at('2026-01-10T01:00Z');
    expect(await windows.beginning(saturday - 1, MINUTE)).to.deep.equal({ now: false, opensAt: saturday });
    expect(await windows.beginning(saturday, 180 * MINUTE)).to.deep.equal({ now: true });
    const late = saturday + 140 * MINUTE;
    expect(await windows.beginning(late, 40 * MINUTE)).to.deep.equal({ now: true });
    expect(await windows.beginning(late, 41 * MINUTE)).to.deep.equal({ now: false, opensAt: saturday + DAY });
    expect(await windows.beginning(saturday, 181 * MINUTE)).to.deep.equal({ now: false, opensAt: null });
  });

  it('takes neighbouring windows as one, also where it looks farther', async () => {
    const whole = createSiteWindows(berlin([{ days: [...DAYS], from: '00:00', to: '00:00' }]));
    expect(await whole.beginning(at('2026-01-10T01:00Z'), 40 * DAY)).to.deep.equal({ now: true });
    expect(await whole.clock(at('2026-01-10T01:00Z'))).to.deep.equal({
      ...{ isOpen: true, opensAt: null, closesAt: null, freeze: null },
    });
  });

  it('finds a window that opens in some weeks, and says why nothing may be begun meanwhile', async () => {
    const freezes = [{ from: '2026-01-01', to: '2026-03-01', reason: 'harvest' }];
    const windows = createSiteWindows(berlin([NIGHT], freezes));
    expect(await windows.clock(at('2026-01-10T01:00Z'))).to.deep.equal({
      ...{ isOpen: false, opensAt: '2026-03-07T01:00:00.000Z', closesAt: null, freeze: 'harvest' },
    });
  });

  it('says when an open window closes', async () => {
    const clock = await createSiteWindows(berlin([NIGHT])).clock(at('2026-01-10T02:00Z'));
    expect(clock).to.deep.equal({
      ...{ isOpen: true, opensAt: null, closesAt: '2026-01-10T04:00:00.000Z', freeze: null },
    });
    const frozen = createSiteWindows(berlin([], [{ from: '2026-01-12', to: '2026-01-13', reason: 'audit' }]));
    expect((await frozen.clock(at('2026-01-10T02:00Z'))).closesAt).to.equal('2026-01-11T23:00:00.000Z');
  });

  it('says the same whatever it was asked before', async () => {
    const minutes = fc.integer({ min: 0, max: 30 * 24 * 60 });
    const steps = fc.array(fc.tuple(minutes, fc.integer({ min: 1, max: 400 })), {
      minLength: 1,
      maxLength: 8,
    });
    const times = berlin([NIGHT, { cron: '0 22 * * FRI#L', minutes: 360 }]);
    await fc.assert(
      fc.asyncProperty(steps, async (asked) => {
        const kept = createSiteWindows(times);
        for (const [minute, need] of asked) {
          const now = at('2026-03-01T00:00Z') + minute * MINUTE;
          const answer = await kept.beginning(now, need * MINUTE);
          expect(answer).to.deep.equal(await createSiteWindows(times).beginning(now, need * MINUTE));
          const [open] = openTimes(times, now, now + need * MINUTE);
          const fits = open !== undefined && open.from === now && open.to === now + need * MINUTE;
          expect(answer.now).to.equal(fits);
        }
      }),
    );
  });
});
