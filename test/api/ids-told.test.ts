import { expect } from 'chai';
import { PROCEDURES } from '../../nodes/api/procedures/index.js';
import { ROUTES } from '../../nodes/api/rest/index.js';
import { TPE_OPERATIONS } from '../../nodes/manager/catalogue/operation-set.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';

const MANY = Array.from({ length: 90 }, (_, index) => `${1000 + index}`);
const MOST = 20;

/** Knows the catalogue, and nothing else that it is asked for. */
const manager = new Proxy(
  { catalogue: TPE_OPERATIONS },
  {
    get: (known, name) => (name in known ? known.catalogue : new Proxy({}, { get: () => async () => null })),
  },
) as unknown as DeviceManager;

/** Whatever takes many ids, with all names under which they are given. */
const input = {
  ...{
    clientids: MANY,
    ids: MANY,
    filter: { clientids: MANY },
    confirm: '90',
    id: '7',
    act: 'assign',
    to: 'ada',
  },
  ...{ path: '/device/general', method: 'GET' },
};

interface Taker {
  input: { properties?: object; oneOf?: { properties?: object }[] };
  audit?(given: object, of: DeviceManager): Promise<Told>;
}
interface Told {
  detail?: Record<string, unknown>;
}

function idsIn(value: unknown): number {
  if (Array.isArray(value)) return value.filter((one) => MANY.includes(String(one))).length;
  if (typeof value !== 'object' || value === null) return 0;
  return Math.max(0, ...Object.values(value).map(idsIn));
}

describe('ids in the audit', () => {
  it('are told by each act on many as the first of them, with their number', async () => {
    const named: string[] = [];
    for (const [name, { audit, input: schema }] of Object.entries(PROCEDURES) as [string, Taker][]) {
      if (audit === undefined) continue;
      // One that takes several acts has a schema for each.
      const { properties = schema.oneOf?.[0]?.properties ?? {} } = schema;
      if (!['clientids', 'ids', 'filter'].some((one) => one in properties)) continue;
      const given = Object.fromEntries(Object.entries(input).filter(([field]) => field in properties));
      const told = await audit(given, manager);
      expect(idsIn(told.detail), name).to.be.at.most(MOST);
      if (idsIn(told.detail) === 0) continue;
      named.push(name);
      expect(JSON.stringify(told.detail), name).to.match(/"(gateways|total)":"?90/);
    }
    expect(named).to.include.members([
      'gateways.retire',
      'gateways.tagMatching',
      'alarms.act',
      'updates.startScan',
      'jobs.skip',
    ]);
  });

  it('are told in the same way by REST', async () => {
    for (const { method, path, tag, audit } of ROUTES) {
      // Whose token it is has to be known, and no list is told.
      if (audit === undefined || tag === 'Tokens') continue;
      const call = { params: { id: '7', clientid: 'gw' }, query: {}, body: input, call: `${method} ${path}` };
      const told = (await audit(call, manager)) as Told;
      expect(idsIn(told.detail), `${method} ${path}`).to.be.at.most(MOST);
    }
  });
});
