import { expect } from 'chai';
import fc from 'fast-check';
import { columnsInCsv, idsIn, idsInCsv } from '../../nodes/dashboard/ui-tpe-jobs/browser/client-ids.js';
import { copiedDraft } from '../../nodes/dashboard/ui-tpe-jobs/browser/copied-draft.js';
import {
  expectedEnd,
  lineOf,
  partsOf,
  uncountedOf,
} from '../../nodes/dashboard/ui-tpe-jobs/browser/counts.js';
import {
  definitionOf,
  emptyCondition,
  emptyDraft,
  emptyStep,
  type JobDraft,
  missingIn,
  PRESETS,
} from '../../nodes/dashboard/ui-tpe-jobs/browser/job-draft.js';
import {
  columnsNeeded,
  csvOfPresent,
  ownFields,
  placeholderFor,
} from '../../nodes/dashboard/ui-tpe-jobs/browser/own-values.js';
import { runsOf, tileAt, tilesOf } from '../../nodes/dashboard/ui-tpe-jobs/browser/site-tiles.js';
import { JOB_DEFINITION, type JobDefinition } from '../../nodes/manager/jobs/definition/definition.js';
import { readTargetValues } from '../../nodes/manager/jobs/definition/per-target.js';
import { EXECUTION_STATES } from '../../nodes/manager/jobs/execution.js';
import { PARTS } from '../../nodes/manager/jobs/execution-parts.js';
import type { ExecutionCounts, SiteShare } from '../../nodes/manager/jobs/job.js';
import { parser } from '../../nodes/manager/shared/validate.js';

const asServer = parser<JobDefinition>(JOB_DEFINITION, 'definition');

const NONE_WAIT = { window: 0, stop: 0, paused: 0, offline: 0, busy: 0, guard: 0, retry: 0, rate: 0 };

/** A draft of a request by path, for the gateways of a site. */
function draft(change: Partial<JobDraft> = {}): JobDraft {
  const request = { operation: null, params: {}, method: 'GET', path: '/device/general', body: undefined };
  return {
    ...emptyDraft({}),
    command: { request, verify: null },
    filter: { site: 'Plant 2' },
    ...change,
  };
}

describe('dashboard: a job that a person fills in', () => {
  it('is not asked about while nothing says what is done, or to whom', () => {
    expect(missingIn(emptyDraft({}))).to.equal('what');
    expect(missingIn(emptyDraft({ clientids: ['gw-1'] }))).to.equal('what');
    expect(definitionOf(emptyDraft({ clientids: ['gw-1'] }), 'job')).to.equal(null);
    expect(missingIn(draft())).to.equal(null);
  });

  it('never means the whole fleet by a blank field', () => {
    for (const blank of [
      draft({ filter: {} }),
      draft({ filter: { site: '', search: undefined } }),
      draft({ who: 'ids', ids: ' \n, ;' }),
      draft({ who: 'file' }),
      draft({ who: 'file', file: { name: 'x.csv', text: 'clientid', ids: [] } }),
    ]) {
      expect(missingIn(blank)).to.equal('who');
      expect(definitionOf(blank, 'job')).to.equal(null);
    }
    expect(definitionOf(draft({ who: 'all' }), 'job')?.targets).to.deep.equal({ all: true });
  });

  it('is what the server takes, whatever was typed', () => {
    const condition = { ...emptyCondition(), path: '/device/general', pointer: '/data/x', equals: '1.8' };
    const { request } = draft().command;
    const steps: JobDraft['steps'] = [
      { ...emptyStep(), name: 'first', command: { request, verify: condition } },
      { ...emptyStep(), kind: 'waitOnline', settleSeconds: 5 },
      { ...emptyStep(), kind: 'readUntil', condition: { ...condition, withinSeconds: 30 } },
      { ...emptyStep(), kind: 'install', always: true },
    ];
    const file = { name: 'x.csv', text: 'clientid,port\ngw-1,80', ids: ['gw-1'] };
    const given = [
      draft(),
      draft({ name: ' Name ', note: 'why', command: { request, verify: condition } }),
      draft({ what: 'install', who: 'all', rollout: { ...PRESETS.careful } }),
      draft({ what: 'steps', steps, who: 'file', file }),
      draft({ who: 'ids', ids: 'gw-1, gw-2', rollout: { ...PRESETS.now }, offlineDays: 0.5 }),
      draft({ retry: { failed: 2, timedOut: 0, backoffSeconds: 60 }, inProgressMinutes: 1.5 }),
    ];
    for (const one of given) {
      const made = definitionOf(one, 'fallback');
      expect(asServer(made), JSON.stringify(made)).to.deep.equal(made);
    }
    expect(definitionOf(given[1]!, 'x')).to.deep.include({ name: 'Name', note: 'why' });
    expect(definitionOf(given[3]!, 'x')).to.deep.include({
      targets: { ids: ['gw-1'] },
      perTarget: file.text,
    });
    expect(definitionOf(given[4]!, 'x')).to.deep.include({ timeouts: { offlineSeconds: 43_200 } });
    expect(definitionOf(given[5]!, 'x')).to.deep.include({ timeouts: { inProgressSeconds: 90 } });
  });

  it('is the same job when it is copied', async () => {
    const condition = { path: '/device/general', pointer: '/data/x', equals: '1.8', withinSeconds: 30 };
    const command = { method: 'PUT', path: '/system/x', requestBody: { on: true } };
    const common = { name: 'n', note: 'why', rollout: { maxPerMinute: 2, perSite: 1 }, retry: { failed: 2 } };
    const targets = { filter: { site: 'Plant 2', hasUpdate: true } };
    const jobs: JobDefinition[] = [
      { ...common, targets, do: { command }, verify: condition },
      {
        ...common,
        targets: { ids: ['gw-1', 'gw-2'] },
        do: { install: { to: 'newest', snapshot: false, allowCellular: true } },
      },
      {
        ...common,
        targets: { all: true },
        timeouts: { offlineSeconds: 3600, inProgressSeconds: 90 },
        do: {
          steps: [
            { name: 'first', command, verify: { ...condition, equals: { a: 1 } } },
            { waitOnline: { settleSeconds: 5 } },
            { readUntil: condition, always: true },
          ],
        },
      },
    ];
    const find = () => Promise.reject(new Error('no operation is looked for'));
    for (const job of jobs) expect(definitionOf(await copiedDraft(job, find), 'x')).to.deep.equal(job);
  });

  it('does not round a number that JSON cannot carry', () => {
    const request = { operation: null, params: {}, method: 'PUT', path: '/x', body: { serial: 2n ** 60n } };
    const large = draft({ command: { request, verify: null } });
    expect(missingIn(large)).to.equal('number');
    expect(definitionOf(large, 'job')).to.equal(null);
  });

  it('finds client ids in what is pasted, each once', () => {
    expect(idsIn('gw-1\r\ngw-2; gw-1,\tpump house 7 \n')).to.deep.equal(['gw-1', 'gw-2', 'pump house 7']);
  });

  it('finds client ids in a CSV file of any spreadsheet', () => {
    expect(idsInCsv('\uFEFFport;ClientID\r\n80;gw-1\r\n81;"gw;2"\r\n;gw-1\r\n')).to.deep.equal([
      'gw-1',
      'gw;2',
    ]);
    expect(idsInCsv('clientid,note\n"gw ""3""","a, b"\n')).to.deep.equal(['gw "3"']);
    expect(idsInCsv('gw-1\ngw-2')).to.equal(null);
  });

  it('lets each gateway have its own value, by a file of what they have', async () => {
    expect(placeholderFor('/ip', ['10.0.0.1', '10.0.0.2'], [])).to.equal('{{value.ip}}');
    expect(placeholderFor('/wan/0/port', [80, undefined, 81], ['PORT'])).to.equal('{{value.port-2:number}}');
    expect(placeholderFor('/data/client~1id', [true, false], [])).to.equal('{{value.client_id:boolean}}');
    // No cell has a list, and no file a password.
    expect(placeholderFor('/dns', [['a'], ['b']], [])).to.equal(null);
    expect(placeholderFor('/mixed', [1, 'b'], [])).to.equal(null);
    expect(placeholderFor('/login/password', ['a', 'b'], [])).to.equal(null);
    const body = { ip: '{{value.ip}}', port: '{{value.port:number}}', note: 'at {{value.place}}', x: 1 };
    expect(columnsNeeded(body)).to.deep.equal(['ip', 'port', 'place']);
    const fields = ownFields(body, ['/ip', '/port', '/note', '/gone']);
    const csv = csvOfPresent(
      new Map<string, unknown>([
        ['gw "1", north', { ip: '10.0.0.1', port: 80 }],
        ['gw-2', { ip: ' a;b ' }],
      ]),
      fields,
      ';',
    );
    expect(columnsInCsv(csv)).to.deep.equal(['ip', 'port']);
    const { columns, values } = await readTargetValues(csv);
    expect([...columns]).to.deep.equal(['ip', 'port']);
    expect(Object.fromEntries(values)).to.deep.equal({
      'gw "1", north': { ip: '10.0.0.1', port: '80' },
      'gw-2': { ip: ' a;b ' },
    });
  });
});

describe('dashboard: how a job stands', () => {
  it('counts each execution in one part', () => {
    for (const state of EXECUTION_STATES) {
      const parts = partsOf({ [state]: 3 });
      expect(PARTS.map((part) => parts[part]).sort()).to.deep.equal([0, 0, 0, 0, 3]);
    }
  });

  it('has a line from its beginning to how it stands, also if it was too quick for notes', () => {
    const at = (second: number) => new Date(second * 1000).toISOString();
    const counts = Object.fromEntries(EXECUTION_STATES.map((state) => [state, 0])) as ExecutionCounts;
    const job = { submittedAt: at(10), endedAt: at(12), counts: { ...counts, SUCCEEDED: 3, EXPIRED: 1 } };
    expect(lineOf([], job, 99_000)).to.deep.equal([
      { at: at(10), succeeded: 0, failed: 0 },
      { at: at(12), succeeded: 3, failed: 1 },
    ]);
    const noted = [{ at: at(70), succeeded: 2, failed: 0 }];
    const open = lineOf(noted, { ...job, endedAt: null }, 60_000);
    expect(
      open.map((one) => one.at),
      'with a slow clock',
    ).to.deep.equal([at(10), at(70), at(70)]);
  });

  it('is expected to end as it went so far, and not at all while nothing moves', () => {
    const at = (minute: number, succeeded: number) => ({
      at: new Date(minute * 60_000).toISOString(),
      succeeded,
      failed: 0,
    });
    expect(expectedEnd([at(0, 0), at(10, 25)], 100, 0)).to.equal(40 * 60_000);
    expect(expectedEnd([at(0, 25), at(10, 25)], 100, 0)).to.equal(null);
    expect(expectedEnd([at(0, 0), at(10, 100)], 100, 0)).to.equal(null);
    expect(expectedEnd([at(0, 0)], 100, 0)).to.equal(null);
    // Who is offline comes when it comes: the others have ended by then.
    expect(expectedEnd([at(0, 0), at(10, 25)], 100, 50)).to.equal(20 * 60_000);
    expect(expectedEnd([at(0, 0), at(10, 25)], 100, 75)).to.equal(null);
    expect(uncountedOf({ ...NONE_WAIT, offline: 12, stop: 3, rate: 5 })).to.deep.equal({
      offline: 12,
      window: 0,
      stop: 3,
    });
    expect(uncountedOf(null)).to.deep.equal({ offline: 0, window: 0, stop: 0 });
  });

  const site = fc.record({
    site: fc.string(),
    counts: fc.record({
      SUCCEEDED: fc.nat(300),
      FAILED: fc.nat(30),
      IN_PROGRESS: fc.nat(5),
      QUEUED: fc.nat(300),
    }),
  });

  it('has one square for each gateway, inside its site, and no two sites at one place', () => {
    fc.assert(
      fc.property(fc.array(site, { maxLength: 200 }), fc.integer({ min: 40, max: 1600 }), (sites, width) => {
        const tiling = tilesOf(sites, width);
        for (const tile of tiling.tiles) {
          const runs = [...runsOf(tile, tiling)];
          expect(runs.reduce((sum, { squares }) => sum + squares, 0)).to.equal(tile.total);
          for (const run of runs) {
            expect(run.x).to.be.at.least(tile.x);
            expect(run.x + run.squares * tiling.pitch).to.be.at.most(Math.max(width, tile.x + tile.width));
            expect(run.y + tiling.pitch).to.be.at.most(tile.y + tile.height);
          }
          expect(tile.y + tile.height).to.be.at.most(tiling.height);
          expect(tileAt(tiling, tile.x, tile.y)).to.equal(tile);
        }
      }),
    );
  });

  it('is drawn with 1, 12 and 100,000 gateways, in a drawing that fits a page', () => {
    const even = (sites: number, each: number): SiteShare[] =>
      Array.from({ length: sites }, (_, number) => ({ site: `Site ${number}`, counts: { QUEUED: each } }));
    for (const width of [320, 1300]) {
      expect(tilesOf(even(1, 1), width).height).to.be.below(60);
      expect(tilesOf(even(3, 4), width).height).to.be.below(120);
      for (const sites of [even(1, 100_000), even(400, 250), even(5000, 20)])
        expect(tilesOf(sites, width).height).to.be.below(width < 400 ? 3000 : 1500);
    }
  });
});
