import { expect } from 'chai';
import fc from 'fast-check';
import {
  type DisturbingCommand,
  type DisturbingInstallation,
  RESTART_WITHIN_MS,
  restartBefore,
} from '../../../nodes/manager/timeline/absence.js';

const OFFLINE = Date.parse('2026-11-30T13:02:00.000Z');
const MINUTE = 60_000;
const at = (ms: number) => new Date(OFFLINE + ms).toISOString();

function reboot(sentMs: number, more: Partial<DisturbingCommand> = {}): DisturbingCommand {
  return {
    requestId: `${100_000 + Math.round(sentMs / 1000)}`,
    sentAt: at(sentMs),
    method: 'PUT',
    path: '/system/reboot',
    restarts: true,
    requestedBy: 'otto',
    job: null,
    jobName: null,
    ...more,
  };
}

type Step = DisturbingInstallation['steps'][number];
function installation(
  steps: readonly [name: Step['name'], startedMs: number][],
  endedMs: number | null = null,
): DisturbingInstallation {
  return {
    id: '7',
    versions: '2.5.0',
    steps: steps.map(([name, startedMs]) => ({ name, startedAt: at(startedMs), endedAt: null })),
    endedAt: endedMs === null ? null : at(endedMs),
    requestedBy: 'anna',
    job: '12',
    jobName: 'Firmware of Bochum',
  };
}

const explain = (commands: DisturbingCommand[], installations: DisturbingInstallation[] = []) =>
  restartBefore(at(0), { commands, installations });

describe('timeline: why a gateway is away', () => {
  it('is the command that restarted it shortly before', () => {
    expect(explain([reboot(-MINUTE)])).to.deep.equal({
      kind: 'command',
      ref: reboot(-MINUTE).requestId,
      at: at(-MINUTE),
      what: 'PUT /system/reboot',
      who: 'otto',
      job: null,
      jobName: null,
    });
  });

  it('is the last one of several', () => {
    const commands = [reboot(-4 * MINUTE), reboot(-MINUTE, { requestedBy: 'ida' }), reboot(-3 * MINUTE)];
    expect(explain(commands)?.who).to.equal('ida');
  });

  it('is no command that does not restart it, that was sent long before, or after it went', () => {
    expect(explain([reboot(-MINUTE, { restarts: false })])).to.equal(null);
    expect(explain([reboot(-RESTART_WITHIN_MS - 1)])).to.equal(null);
    expect(explain([reboot(MINUTE)])).to.equal(null);
    // The clocks of broker and database differ a little.
    expect(explain([reboot(1000)])).not.to.equal(null);
  });

  it('is an installation at a step in which the gateway restarts, and the job that it belongs to', () => {
    const found = explain(
      [],
      [
        installation([
          ['precheck', -30 * MINUTE],
          ['install', -20 * MINUTE],
          ['reboot', -MINUTE],
        ]),
      ],
    );
    expect(found).to.deep.include({ kind: 'installation', ref: '7', at: at(-MINUTE), what: '2.5.0' });
    expect(found).to.deep.include({ who: 'anna', job: '12', jobName: 'Firmware of Bochum' });
  });

  it('is no installation that only loads, or that is over', () => {
    expect(
      explain(
        [],
        [
          installation([
            ['precheck', -9 * MINUTE],
            ['download', -8 * MINUTE],
          ]),
        ],
      ),
    ).to.equal(null);
    expect(
      explain(
        [],
        [
          installation([
            ['reboot', -30 * MINUTE],
            ['verify', -20 * MINUTE],
          ]),
        ],
      ),
    ).to.equal(null);
    expect(explain([], [installation([['reboot', -30 * MINUTE]], -10 * MINUTE)])).to.equal(null);
  });

  it('is the installation, if there is both', () => {
    expect(explain([reboot(-MINUTE)], [installation([['install', -2 * MINUTE]])])?.kind).to.equal(
      'installation',
    );
  });

  it('is never something that came after it, or that is older than five minutes, whatever there is', () => {
    const times = fc.array(fc.integer({ min: -20 * MINUTE, max: 20 * MINUTE }), { maxLength: 8 });
    fc.assert(
      fc.property(times, (sent) => {
        const found = explain(sent.map((ms) => reboot(ms)));
        const fitting = sent.filter((ms) => ms >= -RESTART_WITHIN_MS && ms <= 5000);
        if (fitting.length === 0) return found === null;
        return found !== null && Date.parse(found.at) === OFFLINE + Math.max(...fitting);
      }),
    );
  });
});
