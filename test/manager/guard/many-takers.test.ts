import { expect } from 'chai';
import type { Database, Queryable } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { HoldOwner, SlotRequest } from '../../../nodes/manager/guard/guard.js';
import { eachDatabase } from '../../support/databases.js';
import { type Gateway, openGuard, register } from './rig.js';

const FLEET = 400;
const FLEET_LIMIT = 25;
/** Claims in all, by transactions of up to so many. */
const CLAIMS = { postgresql: 100_000, pglite: 10_000 };
const AT_ONCE = 250;

/** Sites of 3, 7, and more gateways, sets of 2 and 3, and two models of which one has a limit. */
const GATEWAYS: readonly Gateway[] = Array.from({ length: FLEET }, (_, index) => ({
  clientid: `gw-${index}`,
  site: index < 3 ? 'small' : index < 10 ? 'seven' : index % 5 === 0 ? '' : `site-${index % 3}`,
  model: index % 7 === 0 ? 'rare' : 'AIG-301',
  redundancy: index % 4 === 0 ? '' : `set-${Math.floor(index / 4)}`,
}));

/**
 * The scopes in which more gateways are disturbed than may be, as the rule says it and not as the guard reckons it: from the holds, and the
 * limits of the test.
 */
const BROKEN = `
  with place as (
    select distinct hold.clientid, scope.scope, scope.value from tpe_guard_hold hold
    cross join lateral (values ('fleet', ''), ('site', hold.site), ('model', hold.model), ('set', hold.redundancy))
      as scope (scope, value)
    where scope.scope = 'fleet' or scope.value <> ''
  )
  select scope, value, count(*)::integer as disturbed from place group by scope, value
  having count(*) > case scope when 'fleet' then ${FLEET_LIMIT} when 'set' then 1
    when 'site' then greatest(1, (select count(*) from clientid_profile where site = value) / 5)
    when 'model' then case value when 'rare' then 2 else 100000 end end`;

/** A set of which somebody was let go although a partner was away. */
const ALONE = `
  select hold.clientid from tpe_guard_hold hold
  join clientid_profile partner on partner.redundancy = hold.redundancy and partner.clientid <> hold.clientid
  join tpe_presence presence on presence.clientid = partner.clientid
  where hold.redundancy <> '' and hold.owner_id = any($1::text[]) and presence.status <> 'online'`;

/** Numbers that come again with the same seed: 0 to below `below`. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

eachDatabase('guard: many takers at once', (open) => {
  let options: DatabaseOptions;
  const databases: Database[] = [];

  beforeEach(async () => {
    options = await open.options();
    databases.push(await openDatabase(options));
    // Managers of their own, each with a pool of connections.
    if (open.kind === 'postgresql')
      for (let more = 0; more < 2; more += 1) databases.push(await openDatabase(options));
    await register(databases[0]!, GATEWAYS);
  });
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.close();
  });

  const none = async (through: Queryable, sql: string, given: unknown[] = []) =>
    expect(await through.query(sql, given)).to.deep.equal([]);

  it('never have more gateways disturbed than may be', async () => {
    const rigs = databases.map((database, index) => openGuard(database, {}, `manager-${index}`));
    const [{ guard }] = rigs as [(typeof rigs)[0]];
    await guard.setLimit({ scope: 'fleet', value: '', max: FLEET_LIMIT }, 'test');
    await guard.setLimit({ scope: 'model', value: 'rare', max: 2 }, 'test');
    const total = CLAIMS[open.kind];
    const figures = { claims: 0, granted: 0, most: 0, refused: new Map<string, number>() };
    let nextId = 0;

    async function taker(index: number): Promise<void> {
      const database = databases[index % databases.length]!;
      const rig = rigs[index % rigs.length]!;
      const number = numbersFrom(index + 1);
      let held: HoldOwner[] = [];
      while (figures.claims < total) {
        const requests = Array.from({ length: 1 + number(AT_ONCE) }, (): SlotRequest => {
          nextId += 1;
          const owner = { kind: 'execution', id: String(nextId) } as const;
          return { clientid: `gw-${number(FLEET)}`, owner };
        });
        figures.claims += requests.length;
        const answers = await database.transaction(async (transaction) => {
          const found = await rig.guard.takeMany(transaction, requests);
          await none(transaction, BROKEN);
          const ours = requests.filter((_, place) => found[place] === null).map(({ owner }) => owner.id);
          await none(transaction, ALONE, [ours]);
          return found;
        });
        for (const [place, answer] of answers.entries()) {
          if (answer === null) held.push(requests[place]!.owner);
          else figures.refused.set(answer.scope, (figures.refused.get(answer.scope) ?? 0) + 1);
        }
        figures.granted += answers.filter((answer) => answer === null).length;
        const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
          'select count(distinct clientid)::integer as count from tpe_guard_hold',
        );
        figures.most = Math.max(figures.most, count);
        await none(database, BROKEN);
        const done = held.filter(() => number(3) > 0);
        held = held.filter((owner) => !done.includes(owner));
        await Promise.all(done.map((owner) => rig.guard.ended(owner, 'never-sent')));
      }
    }

    /** A gateway may go away only while its set has no slot, so that the set's slot is a matter of the guard alone. */
    async function weather(): Promise<void> {
      const number = numbersFrom(99);
      while (figures.claims < total) {
        await databases[0]!.transaction(async (transaction) => {
          await transaction.query("select from tpe_guard_scope where scope = 'fleet' for update");
          await transaction.query(
            `update tpe_presence presence set status = case when $2 then 'online' else 'offline' end, since = now()
             from clientid_profile gateway
             where gateway.clientid = presence.clientid and gateway.clientid = $1 and not exists (
               select from tpe_guard_hold hold where hold.redundancy = gateway.redundancy)`,
            [`gw-${number(FLEET)}`, number(3) > 0],
          );
        });
      }
    }

    await Promise.all([...Array.from({ length: 6 }, (_, index) => taker(index)), weather()]);
    expect(figures.granted).to.be.above(total / 200);
    expect(figures.most, 'the fleet was full').to.equal(FLEET_LIMIT);
    for (const scope of ['fleet', 'site', 'model', 'set'])
      expect(figures.refused.get(scope) ?? 0, scope).to.be.above(0);
    for (const rig of rigs) await rig.guard.close();
  });

  it('give single slots to as many as may go, in the order in which they ask', async () => {
    const rig = openGuard(databases[0]!);
    await rig.guard.setLimit({ scope: 'fleet', value: '', max: 10 }, 'test');
    const free = GATEWAYS.filter(({ site, model }) => site === '' && model !== 'rare');
    const alone = [...new Map(free.map((gateway) => [gateway.redundancy, gateway])).values()].slice(0, 30);
    const answers = await Promise.all(
      alone.map(({ clientid }) => rig.guard.take({ clientid, owner: { kind: 'flow', id: clientid } })),
    );
    expect(answers.map((answer) => answer === null)).to.deep.equal(alone.map((_, index) => index < 10));
    await rig.guard.close();
  });
});
