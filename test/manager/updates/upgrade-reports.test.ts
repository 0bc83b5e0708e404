import { expect } from 'chai';
import fc from 'fast-check';
import { parseProfile } from '../../../nodes/manager/registry/profile.js';
import {
  AIG_302_UPGRADES,
  isAig302,
} from '../../../nodes/manager/updates/install/upgrade-api/aig-302-upgrades.js';
import { roomFault } from '../../../nodes/manager/updates/install/upgrade-api/disk-room.js';
import type {
  GatewayUpgrades,
  UpgradeReport,
} from '../../../nodes/manager/updates/install/upgrade-api/gateway-upgrades.js';
import { TPE_UPGRADES } from '../../../nodes/manager/updates/install/upgrade-api/tpe-upgrades.js';
import { isAtLeast } from '../../../nodes/manager/updates/versions.js';
import { expectCause } from './expect-cause.js';

const task = (type: string, name: string, progress: number, more: object = {}) => ({
  id: 1,
  name,
  type,
  state: progress === 100 ? 'succeed' : 'running',
  progress,
  ...more,
});

const job = (state: string, more: object = {}) => ({
  data: {
    id: 9,
    owner: 'system',
    state,
    lastState: '',
    completedTask: 0,
    totalTask: 3,
    isDeleted: false,
    parameter: { url: 'https://packages.example.com/a.yaml', install: true, snapshot: true },
    tasks: [
      task('download', 'a.deb', 100, { totalSize: 200_000_000 }),
      task('install', 'edge-web', 100),
      task('install', 'cloud', 50),
    ],
    ...more,
  },
});

const read = (state: string, more: object = {}) => told(TPE_UPGRADES.readOne('9', 200, job(state, more)));

/** A report with the words of its detail alone, whose cause says the same. */
function told(report: UpgradeReport | null) {
  if (report === null) return null;
  const { text, cause } = report.detail ?? { text: null, cause: null };
  expectCause(text, cause);
  return { ...report, detail: text };
}

describe('what a gateway tells of an upgrade', () => {
  it('is understood in the spelling of the vendor, and in the right one', () => {
    const states = {
      created: ['created', 'Created'],
      running: ['pending', 'running', 'resuming', 'canceling', 'something new'],
      suspended: ['suppending', 'suppended', 'suspending', 'suspended'],
      succeeded: ['succeed', 'succeeded', 'success'],
      failed: ['failed', 'fail'],
      canceled: ['canceled', 'cancelled'],
    };
    for (const [state, words] of Object.entries(states)) {
      for (const word of words) expect(read(word), word).to.include({ state });
    }
    expect(read('created', { isDeleted: true })).to.include({ state: 'canceled' });
  });

  it('tells how far it is, though the vendor counts no task as completed', () => {
    expect(read('running')).to.include({ step: 'install', progress: 50, detail: 'installs cloud' });
    const loading = [
      task('download', 'a.deb', 25, { totalSize: 300_000_000 }),
      task('download', 'b.deb', 100, { totalSize: 100_000_000 }),
      task('install', 'cloud', 0),
    ];
    const loads = { step: 'download', progress: 43, detail: '175 of 400 MB' };
    expect(read('running', { tasks: loading })).to.include(loads);
    const loaded = [task('download', 'a.deb', 100), { ...task('install', 'cloud', 0), state: 'created' }];
    expect(read('running', { tasks: loaded })).to.include({ progress: 0, detail: 'makes a snapshot' });
    expect(read('created', { tasks: null })).to.include({ step: 'download', progress: 0 });
    expect(read('running', { tasks: [{ type: 'install', progress: 700 }] })).to.include({ progress: 100 });
  });

  it('gives the reason of a failure, in bounds', () => {
    expect(read('failed', { errorMessage: 'no space left' })).to.include({ detail: 'no space left' });
    expect(read('failed')?.detail).to.match(/does not say why/);
    const words = TPE_UPGRADES.readOne('9', 200, job('failed', { errorMessage: 'no space left' }));
    expect(words?.detail?.cause, 'the words of others').to.equal(null);
    expect(read('failed', { errorMessage: `\u0000${'x'.repeat(5000)}` })?.detail).to.equal('x'.repeat(500));
  });

  it('is gone where the gateway does not know it, and unknown where the answer is none', () => {
    expect(TPE_UPGRADES.readOne('9', 404, { error: { code: 404 } })).to.include({ state: 'gone' });
    expect(TPE_UPGRADES.readOne('9', 500, job('running'))).to.equal(null);
    expect(AIG_302_UPGRADES.readOne('a', 200, { data: { taskId: 'b', status: 'running' } })).to.include({
      state: 'gone',
    });
    expect(
      told(AIG_302_UPGRADES.readOne('a', 200, { data: { taskId: 'a', status: 'fail', message: 'x' } })),
    ).to.include({
      state: 'failed',
      detail: 'x',
    });
    expect(AIG_302_UPGRADES.readList(404, null)).to.deep.equal([]);
  });

  it('lists upgrades, of which one may run', () => {
    const { data } = job('suppended');
    expect(
      TPE_UPGRADES.readList(200, { count: 2, data: [data, { ...data, id: '10', state: 'succeed' }, 7] }),
    ).to.deep.equal([
      { id: '9', url: 'https://packages.example.com/a.yaml', isActive: true },
      { id: '10', url: 'https://packages.example.com/a.yaml', isActive: false },
    ]);
  });

  it('has an id that can stand in a path', () => {
    const { data } = job('created');
    expect(TPE_UPGRADES.readCreated({ data: { ...data, id: '../system/reboot' } })).to.equal(null);
    expect(TPE_UPGRADES.readCreated({ data: { ...data, id: 'a-1_b' } })).to.equal('a-1_b');
    expect(AIG_302_UPGRADES.readCreated({ data: { taskId: 'a/b' } })).to.equal(null);
  });

  it('may be any JSON', () => {
    const kinds: GatewayUpgrades[] = [TPE_UPGRADES, AIG_302_UPGRADES];
    const like = fc.record(
      {
        id: fc.oneof({ weight: 5, arbitrary: fc.nat() }, fc.jsonValue()),
        taskId: fc.oneof(fc.string(), fc.jsonValue()),
        state: fc.oneof(fc.constantFrom('running', '__proto__', 'constructor'), fc.jsonValue()),
        status: fc.jsonValue(),
        parameter: fc.jsonValue(),
        tasks: fc.oneof(
          fc.array(
            fc.record({
              type: fc.constantFrom('download', 'install'),
              name: fc.constantFrom('cloud', 'constructor'),
              progress: fc.integer(),
            }),
          ),
          fc.jsonValue(),
        ),
        errorMessage: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.record({ data: fc.oneof(like, fc.array(like), fc.jsonValue()) }),
    );
    fc.assert(
      fc.property(payload, fc.constantFrom(200, 404, 500), (value, status) => {
        for (const kind of kinds) {
          kind.readList(status, value);
          kind.readCreated(value);
          const report = kind.readOne('9', status, value);
          if (report !== null) expect(report.progress).to.be.within(0, 100);
          if (report !== null) expect(report.state).to.be.a('string');
        }
        roomFault(value, null, 100);
      }),
      { numRuns: 500 },
    );
  });

  it('tells by its profile which API a gateway has', () => {
    const general = { modelName: 'AIG-302', softwareVersion: '1.2.0', firmwareVersion: '1.4.0' };
    expect(isAig302(parseProfile(general)!.raw)).to.equal(true);
    expect(isAig302(parseProfile({ ...general, type: 'general' })!.raw)).to.equal(false);
  });
});

describe('a version that was read back', () => {
  it('is the wanted one or newer, however it is written', () => {
    const yes = [
      ['1.5', '1.5.0'],
      ['v1.5', '1.5'],
      ['V1.6.0', '1.5.2'],
      ['1.10', '1.9'],
      ['2.3.0-3571', '2.3.0-3571'],
      ['2.3.0-3572', '2.3.0-3571'],
      ['2.4.0-1', '2.3.0-3571'],
      ['2.5.0.-4404', '2.5.0-4404'],
      ['odd', 'odd'],
    ] as const;
    const no = [
      ['1.5.0', '1.5.1'],
      ['2.3.0-3570', '2.3.0-3571'],
      ['1.9', '1.10'],
      ['', '1.0'],
      ['odd', '1.0'],
      ['1.0', 'odd'],
    ] as const;
    for (const [version, wanted] of yes)
      expect(isAtLeast(version, wanted), `${version} ${wanted}`).to.equal(true);
    for (const [version, wanted] of no)
      expect(isAtLeast(version, wanted), `${version} ${wanted}`).to.equal(false);
  });

  it('is never less than itself, and of two one is at least the other', () => {
    const version = fc
      .tuple(
        fc.array(fc.nat(99), { minLength: 1, maxLength: 3 }),
        fc.option(fc.nat(9999)),
        fc.constantFrom('', 'v', 'V'),
      )
      .map(
        ([parts, build, prefix]) =>
          `${prefix}${parts.join('.')}${build !== null && parts.length === 3 ? `-${build}` : ''}`,
      );
    fc.assert(
      fc.property(version, version, (one, other) => {
        expect(isAtLeast(one, one)).to.equal(true);
        expect(isAtLeast(one, other) || isAtLeast(other, one)).to.equal(true);
      }),
    );
  });
});
