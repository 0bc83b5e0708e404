import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { eachDatabase } from '../../../support/databases.js';
import { createFleetRig, createSourceRig, DAY, idsOf, MINUTE, ruleOf } from './rig.js';

const RULE = ruleOf('offline', { delaySeconds: 300 });
const DELAY = 5 * MINUTE;
/** How often is looked. */
const STEP = MINUTE;
/** Where gateways are: two sites, of which one is too small for an outage, and some that have none. */
const SITES: Record<string, string> = {
  ...Object.fromEntries(idsOf('a', 5).map((id) => [id, 'A'])),
  ...Object.fromEntries(idsOf('b', 2).map((id) => [id, 'B'])),
  ...Object.fromEntries(idsOf('none', 6).map((id) => [id, ''])),
};
const GATEWAYS = Object.keys(SITES);
/** Online all the time, so that no outage is one of the fleet. */
const STEADY = idsOf('steady', 30);
const RUNS = 25;

interface Happening {
  /** In which minute, and in which second of it. */
  minute: number;
  second: number;
  gateway: number;
}

const minute = fc.integer({ min: 1, max: 40 });
const single = fc
  .record({ minute, second: fc.integer({ min: 0, max: 50 }), gateway: fc.nat({ max: GATEWAYS.length - 1 }) })
  .map((one): Happening[] => [one]);
/** Something that happens to most of site A within a short time. */
const burst = fc
  .record({ minute, seconds: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 5 }) })
  .map(({ minute, seconds }) => seconds.map((second, gateway): Happening => ({ minute, second, gateway })));
const history = fc
  .array(fc.oneof(single, single, burst), { maxLength: 20 })
  .map((happenings) => happenings.flat());

/** How it is with one gateway, as the oracle knows it. */
interface Known {
  since: number;
  isOnline: boolean;
}

/** What alarms there must be, by hand: who is offline, since when, and which outage is open. */
function createOracle(start: number) {
  const known = new Map<string, Known>(GATEWAYS.map((id) => [id, { since: start, isOnline: true }]));
  const open = new Set<string>();
  /** When each went, also those that came back at once. */
  const gone: { id: string; at: number }[] = [];
  let outage: { since: number } | null = null;
  const ofA = GATEWAYS.filter((id) => SITES[id] === 'A');

  function isCovered(id: string): boolean {
    return outage !== null && SITES[id] === 'A' && known.get(id)!.since >= outage.since;
  }
  function candidates(): string[] {
    return GATEWAYS.filter((id) => !known.get(id)!.isOnline && !open.has(id) && !isCovered(id));
  }

  /** The largest group of site A that went together, and of the largest the first. */
  function group(now: number) {
    const away = candidates().filter((id) => SITES[id] === 'A');
    const sinceOf = (id: string) => known.get(id)!.since;
    const groups = away
      .filter((id) => sinceOf(id) <= now - DELAY)
      .map((first) => {
        const later = away.filter((id) => sinceOf(id) >= sinceOf(first));
        const members = later.filter((id) => sinceOf(id) <= sinceOf(first) + 2 * MINUTE);
        return { since: sinceOf(first), members, later: later.length };
      })
      .sort((one, other) => other.members.length - one.members.length || one.since - other.since);
    const best = groups[0];
    if (best === undefined || best.members.length < 3) return null;
    const online = ofA.filter((id) => known.get(id)!.isOnline).length;
    return best.members.length >= 0.7 * (online + best.later) ? best : null;
  }

  return {
    change(id: string, at: number): boolean {
      const { since, isOnline } = known.get(id)!;
      // Two things at once are not told apart.
      if (at <= since) return false;
      known.set(id, { since: at, isOnline: !isOnline });
      if (isOnline) gone.push({ id, at });
      return true;
    },
    isOnline: (id: string) => known.get(id)!.isOnline,
    /** Clears and raises as of now, and says what is open. */
    look(now: number): string[] {
      for (const id of [...open]) if (known.get(id)!.isOnline) open.delete(id);
      if (outage !== null) {
        // Whoever went together when it began is a member, also one that is back and went again.
        const { since } = outage;
        const together = gone.filter(
          ({ id, at }) => SITES[id] === 'A' && at >= since && at <= since + 2 * MINUTE,
        );
        const members = [...new Set(together.map(({ id }) => id))];
        const back = members.filter((id) => known.get(id)!.isOnline).length;
        if (back >= 0.7 * members.length) outage = null;
      }
      if (outage === null) {
        const found = group(now);
        if (found !== null) outage = { since: found.since };
      }
      for (const id of candidates()) if (known.get(id)!.since <= now - DELAY) open.add(id);
      return [...open, ...(outage === null ? [] : ['site:A'])].sort();
    },
  };
}

eachDatabase('alarms: any history of presence', (openDatabase) => {
  let database: Database;

  before(async () => {
    database = await openDatabase();
    const fleet = createFleetRig(database);
    for (const [id, site] of Object.entries(SITES)) await fleet.register([id], site);
    await fleet.register(STEADY, 'Steady');
  });
  after(() => database.close());

  async function begin(start: number): Promise<ReturnType<typeof createFleetRig>> {
    await database.query('delete from tpe_alarm');
    await database.query('delete from tpe_presence_event');
    await database.query(
      "update tpe_presence set status = 'online', since = $1, source = 'webhook', session_connected_at = $2",
      [new Date(start), start],
    );
    await database.query('delete from tpe_presence_event');
    return createFleetRig(database);
  }

  it('has the alarms that somebody would raise who watches each gateway', async () => {
    const start = Date.now() - DAY;
    let outages = 0;
    const run = async (happenings: readonly Happening[]) => {
      const fleet = await begin(start);
      const rig = createSourceRig(database);
      const oracle = createOracle(start);
      for (const id of GATEWAYS) fleet.connectedAt(id, start);
      for (let minute = 1; minute <= 50; minute += 1) {
        const during = happenings.filter((one) => one.minute === minute).sort((a, b) => a.second - b.second);
        for (const { gateway, second } of during) {
          const [id, at] = [GATEWAYS[gateway]!, start + minute * STEP + second * 1000];
          const wasOnline = oracle.isOnline(id);
          if (!oracle.change(id, at)) continue;
          if (wasOnline) await fleet.disconnect(id, at);
          else await fleet.connect(id, at);
        }
        const now = { at: start + minute * STEP + 59_000 };
        await rig.clear(RULE, now);
        await rig.raise(RULE, now);
        const open = (await rig.openOf(RULE)).map(({ clientid, key }) => clientid ?? key).sort();
        if (open.includes('site:A')) outages += 1;
        expect(open, `minute ${minute}`).to.deep.equal(oracle.look(now.at));
      }
    };
    await fc.assert(fc.asyncProperty(history, run), { numRuns: RUNS });
    expect(outages, 'histories with an outage').to.be.greaterThan(0);
  });
});
