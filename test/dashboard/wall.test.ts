import { expect } from 'chai';
import type { Caller } from '../../nodes/api/caller.js';
import { WALL_PROCEDURES } from '../../nodes/api/procedures/wall.js';
import { sayWall, type WallLine, type WallState } from '../../nodes/api/wall-state.js';
import { toneOfSite, wholeOf } from '../../nodes/dashboard/wall/browser/whole.js';
import { alarmReason } from '../../nodes/manager/alarms/alarm-reasons.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';

const WELL: WallState = {
  at: '2026-03-01T12:00:00.000Z',
  presenceAsOf: null,
  isBrokerThere: true,
  counts: { total: 10, online: 9, offline: 0, never_seen: 1 },
  overTime: [],
  sites: [],
  otherSites: 0,
  alarms: { critical: 0, warning: 0, info: 0, unacknowledged: 0, shelved: 3 },
  lines: [],
  lastChange: null,
};
const alarms = (open: Partial<WallState['alarms']>) => ({ ...WELL, alarms: { ...WELL.alarms, ...open } });

describe('dashboard: the one state of the wall page', () => {
  it('is well only where nothing is wrong and that is known', () => {
    expect(wholeOf(WELL)).to.deep.equal({ tone: 'good', headline: 'well' });
    const notWell: [WallState, string, string][] = [
      [alarms({ info: 1 }), 'quiet', 'quiet'],
      [{ ...WELL, counts: { ...WELL.counts, online: 8, offline: 1 } }, 'quiet', 'quiet'],
      [{ ...WELL, counts: { total: 0, online: 0, offline: 0, never_seen: 0 } }, 'quiet', 'empty'],
      [alarms({ warning: 1, info: 9 }), 'warning', 'attention'],
      [alarms({ warning: 9, critical: 1 }), 'critical', 'critical'],
      [{ ...WELL, isBrokerThere: false }, 'unknown', 'unknown'],
      [{ ...WELL, presenceAsOf: WELL.at }, 'unknown', 'unknown'],
      [{ ...alarms({ critical: 1 }), isBrokerThere: false }, 'critical', 'unknown'],
    ];
    for (const [state, tone, headline] of notWell) expect(wholeOf(state)).to.deep.equal({ tone, headline });
  });

  it('has sites that are dark, that miss some, and that are complete', () => {
    expect(toneOfSite({ online: 0, offline: 4 })).to.equal('critical');
    expect(toneOfSite({ online: 3, offline: 1 })).to.equal('warning');
    expect(toneOfSite({ online: 4, offline: 0 })).to.equal('good');
    expect(toneOfSite({ online: 0, offline: 0 }), 'none was ever seen').to.equal('good');
  });

  it('is said in a language, with times that a screen puts into its own time zone', () => {
    const { text, cause } = alarmReason('alarm-offline', {
      since: WELL.at,
      why: alarmReason('alarm-why-unknown'),
    });
    const line: WallLine = {
      ...{
        severity: 'warning',
        alarms: 1,
        clientids: ['a'],
        site: null,
        since: WELL.at,
        acknowledgedBy: null,
      },
      ...{ text, cause, advice: '', adviceCause: null },
    };
    const [german] = sayWall({ ...WELL, lines: [line] }, 'de').lines;
    expect(german?.text).to.include(WELL.at).and.not.equal(text);
    expect(sayWall({ ...WELL, lines: [line] }, 'en-US').lines[0]?.text).to.equal(text);
  });

  it('is read once or twice for ten screens that ask at the same time, and for each manager', async () => {
    const managers = [fakeManager(), fakeManager()];
    const { handler } = WALL_PROCEDURES['wall.state'];
    const asked = managers.flatMap(({ manager }) =>
      Array.from({ length: 10 }, () => handler(manager, {}, {} as Caller)),
    );
    const states = await Promise.all(asked);
    expect(states.every(({ counts }) => counts.total === 10)).to.equal(true);
    for (const { reads } of managers) expect(reads()).to.be.within(1, 2);
  });
});

function fakeManager(): { manager: DeviceManager; reads(): number } {
  let reads = 0;
  const manager = {
    registry: {
      counts: async () => {
        reads += 1;
        return WELL.counts;
      },
      statistics: async () => ({ sites: [] }),
    },
    history: { overTime: async () => [], events: async () => [] },
    alarms: { counts: async () => WELL.alarms, worst: async () => [] },
    health: () => ({ broker: { connected: true }, presenceAsOf: null }),
  };
  return { manager: manager as unknown as DeviceManager, reads: () => reads };
}
