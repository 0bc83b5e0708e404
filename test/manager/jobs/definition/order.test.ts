import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { createOrder, orderOf, orderSql } from '../../../../nodes/manager/jobs/definition/order.js';
import { eachDatabase } from '../../../support/databases.js';

const ids = fc
  .string({ minLength: 1, maxLength: 30, unit: 'binary' })
  .filter((id) => !id.includes('\u0000') && id.isWellFormed());

eachDatabase('jobs: the order of gateways', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });
  after(() => database.close());

  it('is the same number in the database and here', async () => {
    const samples = fc.sample(fc.record({ seed: ids, clientid: ids }), 300);
    const rows = await database.query<{ no: string; place: string }>(
      `select given.at::text as no, (${orderSql('seed', 'clientid')})::text as place
       from unnest($1::text[], $2::text[]) with ordinality as given(seed, clientid, at) order by given.at`,
      [samples.map(({ seed }) => seed), samples.map(({ clientid }) => clientid)],
    );
    const places = rows.map(({ place }) => Number(place));
    expect(places).to.deep.equal(samples.map(({ seed, clientid }) => orderOf(seed, clientid)));
    expect(Math.max(...places))
      .to.be.above(2 ** 31)
      .and.below(2 ** 32);
  });

  it('is what the database sorts by', async () => {
    const clientids = Array.from({ length: 2000 }, (_, number) => `gw-${number}`);
    const order = createOrder('seed');
    for (const clientid of clientids) order.add(clientid);
    const rows = await database.query<{ clientid: string }>(
      `select clientid from unnest($1::text[]) as given(clientid)
       order by ${orderSql(`'seed'`, 'clientid')}, clientid collate "C"`,
      [clientids],
    );
    expect(order.sorted()).to.deep.equal(rows.map(({ clientid }) => clientid));
  });
});

describe('jobs: the order of gateways', () => {
  it('does not depend on the order in which they are found, and differs with the seed', () => {
    fc.assert(
      fc.property(fc.uniqueArray(ids, { minLength: 1, maxLength: 50 }), fc.string(), (clientids, seed) => {
        const sortedFrom = (given: readonly string[]) => {
          const order = createOrder(seed);
          for (const clientid of given) order.add(clientid);
          return order.sorted();
        };
        expect(sortedFrom(clientids)).to.deep.equal(sortedFrom([...clientids].reverse()));
      }),
    );
    expect(orderOf('a', 'gw-1')).not.to.equal(orderOf('b', 'gw-1'));
  });

  it('spreads sites, so that the first tenth is a sample of all', () => {
    const order = createOrder('seed');
    for (let number = 0; number < 5000; number += 1) order.add(`site${String(number % 10)}-gw${number}`);
    const first = order.sorted().slice(0, 500);
    for (let site = 0; site < 10; site += 1)
      expect(first.filter((id) => id.startsWith(`site${site}-`)).length, `site ${site}`).to.be.within(
        20,
        100,
      );
  });

  it('sorts client ids with the same place by their bytes', () => {
    // Two that have the same place among many, found by the birthday paradox.
    const seen = new Map<number, string>();
    let pair: [string, string] | null = null;
    for (let number = 0; pair === null; number += 1) {
      const place = orderOf('s', String(number));
      const other = seen.get(place);
      if (other !== undefined) pair = [other, String(number)];
      seen.set(place, String(number));
    }
    const expected = [...pair].sort();
    for (const given of [pair, [...pair].reverse()]) {
      const order = createOrder('s');
      for (const clientid of given) order.add(clientid);
      expect(order.sorted()).to.deep.equal(expected);
    }
  });
});
