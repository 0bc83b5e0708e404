import { expect } from 'chai';
import fc from 'fast-check';
import { effectScope, nextTick, shallowRef } from 'vue';
import {
  choice,
  flag,
  named,
  queryOfView,
  text,
  textOrNull,
  texts,
  viewIn,
  whole,
  withView,
} from '../../nodes/dashboard/client/composables/address-view.js';
import {
  filterOfQuery,
  filterPart,
  queryOfFilter,
} from '../../nodes/dashboard/client/composables/filter-in-address.js';
import { keepInAddress } from '../../nodes/dashboard/client/composables/use-address-view.js';
import type { DashboardRouter, Query } from '../../nodes/dashboard/client/composables/use-pages.js';
import { FILTER_KEYS } from '../../nodes/manager/registry/device-filter.js';
import { parseFilter } from '../../nodes/manager/registry/parse-filter.js';

const PARTS = {
  tab: choice(['open', 'cleared'], 'open'),
  kind: choice(['offline', 'flapping'], ''),
  q: text('', { isStep: false }),
  row: textOrNull(),
  page: whole(),
  isDense: flag(),
  cursors: named('after', texts()),
};
const INITIAL: ViewOf<typeof PARTS> = {
  tab: 'open',
  kind: '',
  q: '',
  row: null,
  page: 1,
  isDense: false,
  cursors: [],
};
type ViewOf<Parts> = {
  [Key in keyof Parts]: Parts[Key] extends { read(...given: never): infer V } ? V : never;
};

describe('a view in an address', () => {
  it('is what nobody has changed where the address says nothing, and writes nothing then', () => {
    expect(viewIn(PARTS, {})).to.deep.equal(INITIAL);
    expect(queryOfView(PARTS, INITIAL)).to.deep.equal({});
  });

  it('is read back as it was written', () => {
    const view: typeof INITIAL = {
      ...INITIAL,
      ...{
        tab: 'cleared',
        kind: 'offline',
        q: 'ä & b=c',
        row: '',
        page: 12,
        isDense: true,
        cursors: ['a', 'b'],
      },
    };
    const query = queryOfView(PARTS, view);
    expect(Object.keys(query)).to.include('after').and.not.include('cursors');
    expect(viewIn(PARTS, query)).to.deep.equal(view);
  });

  it('takes nothing of no meaning, whatever an address says', () => {
    const wrong = {
      tab: ['gone'],
      kind: ['x'],
      q: ['x'.repeat(201)],
      row: ['x'.repeat(201)],
      page: ['-3'],
      isDense: ['1'],
      after: [''],
    };
    expect(viewIn(PARTS, wrong)).to.deep.equal(INITIAL);
    const anything = fc.dictionary(
      fc.constantFrom('tab', 'kind', 'q', 'row', 'page', 'isDense', 'after', '__proto__'),
      fc.array(fc.string()),
    );
    fc.assert(
      fc.property(anything, (query) => {
        const view = viewIn(PARTS, query);
        expect(['open', 'cleared']).to.include(view.tab);
        expect(view.page).to.be.at.least(1);
        expect(viewIn(PARTS, queryOfView(PARTS, view))).to.deep.equal(view);
      }),
    );
  });

  it('leaves in the address what others keep there, and takes out what is as at first', () => {
    const before = { job: ['7'], tab: ['cleared'], after: ['a'] };
    expect(withView(PARTS, INITIAL, before)).to.deep.equal({ job: ['7'] });
  });
});

describe('a filter of gateways in an address', () => {
  it('has the names of its conditions, and q for the search', () => {
    const query = queryOfFilter({
      status: 'offline',
      site: 'North plant',
      search: 'pump',
      hasUpdate: false,
      tag: ' ',
    });
    expect(query).to.deep.equal({ status: 'offline', site: 'North plant', q: 'pump', hasUpdate: 'false' });
  });

  it('can have every condition that a filter has', () => {
    const whole = {
      search: 'a',
      status: 'online',
      model: 'b',
      firmware: '1.5',
      tpe: '2.2.0-594',
      tag: 'c',
      site: 'd',
      redundancy: 'e',
      clientids: ['f', 'g'],
      hasUpdate: true,
      enabled: false,
    } as const;
    expect(Object.keys(whole)).to.have.members(FILTER_KEYS);
    const filter = { ...whole, clientids: [...whole.clientids] };
    expect(filterOfQuery(filterPart().write(filter, ''))).to.deep.equal(filter);
  });

  it('is one that the server takes, whatever an address says', () => {
    const names = fc.constantFrom('q', ...FILTER_KEYS);
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.array(fc.oneof(fc.string(), fc.constantFrom('true', 'online')))),
        (query) => {
          expect(() => parseFilter(filterOfQuery(query))).not.to.throw();
        },
      ),
    );
  });
});

/** A router as the dashboard has it, as far as it is used: what it goes to is there a moment later, unless something else came meanwhile. */
function fakeRouter(query: Query = {}) {
  const currentRoute = shallowRef({ path: '/gateways', query, meta: {} });
  const steps: string[] = [];
  let last: unknown;
  const goes = (kind: string) => async (to: { query?: Query }) => {
    last = to;
    await Promise.resolve();
    if (last !== to) return;
    steps.push(kind);
    currentRoute.value = { ...currentRoute.value, query: to.query ?? {} };
  };
  const router: DashboardRouter = {
    push: goes('push'),
    replace: goes('replace'),
    getRoutes: () => [],
    currentRoute,
  };
  return { router, steps, currentRoute };
}

describe('a page that keeps its view in the address', () => {
  const scope = effectScope();
  after(() => scope.stop());
  const open = (router: DashboardRouter) => scope.run(() => keepInAddress(router, PARTS))!;
  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await nextTick();
  };

  it('begins with what the address says', () => {
    const { router, steps } = fakeRouter({ tab: 'cleared', after: ['a', 'b'], page: null });
    expect(open(router)).to.deep.include({ tab: 'cleared', cursors: ['a', 'b'], page: 1 });
    expect(steps).to.deep.equal([]);
  });

  it('writes what is chosen as a step back, and what is typed without one', async () => {
    const { router, steps, currentRoute } = fakeRouter({ job: '7' });
    const view = open(router);
    view.tab = 'cleared';
    await settled();
    view.q = 'pump';
    await settled();
    expect(steps).to.deep.equal(['push', 'replace']);
    expect(currentRoute.value.query).to.deep.equal({ job: '7', tab: 'cleared', q: 'pump' });
  });

  it('goes back and forward with the address', async () => {
    const { router, currentRoute, steps } = fakeRouter();
    const view = open(router);
    view.cursors.push('a');
    await settled();
    currentRoute.value = { ...currentRoute.value, query: {} };
    await settled();
    expect(view.cursors).to.deep.equal([]);
    currentRoute.value = { ...currentRoute.value, query: { after: 'a' } };
    await settled();
    expect(view.cursors).to.deep.equal(['a']);
    expect(steps).to.deep.equal(['push']);
  });

  it('loses none of two changes while the first is on its way, nor of two parts of a page', async () => {
    const { router, currentRoute } = fakeRouter();
    const [one, other] = [open(router), scope.run(() => keepInAddress(router, { open: textOrNull() }))!];
    one.tab = 'cleared';
    await nextTick();
    one.q = 'pump';
    other.open = 'gw-1';
    await settled();
    expect(currentRoute.value.query).to.deep.equal({ tab: 'cleared', q: 'pump', open: 'gw-1' });
    expect({ ...one }).to.deep.include({ tab: 'cleared', q: 'pump' });
  });

  it('leaves the address of another page alone', async () => {
    const { router, currentRoute, steps } = fakeRouter({ tab: 'cleared' });
    const view = open(router);
    currentRoute.value = { path: '/jobs', query: {}, meta: {} };
    await settled();
    expect(view.tab).to.equal('cleared');
    view.q = 'late';
    await settled();
    expect(steps).to.deep.equal([]);
  });
});
