import { performance } from 'node:perf_hooks';
import type { Database } from '../../nodes/manager/database/database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import type { DeviceQuery } from '../../nodes/manager/registry/device-query.js';
import type { Registry } from '../../nodes/manager/registry/registry.js';
import { DEVICE_SORTS } from '../../nodes/manager/registry/sort-names.js';
import { newDatabase } from './database.js';
import { below, type Figure, median } from './figure.js';

const SIZES = [1000, 10_000, 100_000] as const;
const TIMES = 15;
/** Of each of the many queries of which the slowest counts. */
const TIMES_EACH = 3;

/** What people ask for, a page of 50 each. */
const QUERIES: Record<string, DeviceQuery> = {
  'a page': { limit: 50 },
  'a page, who needs a person first': { limit: 50, sort: 'status' },
  'a page of those offline, by name': { limit: 50, sort: 'name', status: 'offline' },
  'a page by name, from the last on': { limit: 50, sort: 'name', descending: true },
  'a page of a line, who needs a person first': { limit: 50, tag: 'line 7', sort: 'status' },
  'a page of a tag that one in ten has, by name': { limit: 50, tag: 'indoor', sort: 'name' },
  'a page of a pair': { limit: 50, redundancy: 'Pair 400', sort: 'redundancy' },
  'a search for the beginning of an address, by name': { limit: 50, search: '10.1.2.', sort: 'name' },
  'a search for a tag': { limit: 50, search: 'line 77', sort: 'status' },
  'a search for two digits, as the palette does': { limit: 6, search: '77' },
  'a page of 250 from the middle, by its number': { limit: 250, sort: 'status', skip: 500 },
  'a page by site': { limit: 50, sort: 'site' },
  'a search for an address': { limit: 50, search: '10.1.2.3', sort: 'status' },
  'a search for a serial number': { limit: 50, search: 'IMOXA1000777' },
  'a search that finds one in a hundred': { limit: 50, search: 'pump 77' },
  'a search that finds one in a hundred, newest change of presence first': {
    limit: 50,
    search: 'pump 77',
    sort: 'since',
    descending: true,
  },
  'a search that finds one in ten': { limit: 50, search: 'pump 7' },
  'a search that finds all': { limit: 50, search: 'pump' },
  'a search that finds none': { limit: 50, search: 'nowhere' },
  'a page by host name': { limit: 50, sort: 'hostName' },
  'a page of those online, newest first': { limit: 50, status: 'online', sort: 'since', descending: true },
  'a page of one model': { limit: 50, model: 'UC-3' },
};

/** Those of one in twenty, whatever they are sorted by: in half of the orders and directions they come last. */
const FEW: Record<string, DeviceQuery> = {
  search: { search: 'plant 19' },
  site: { site: 'Plant 19' },
  'site and status': { site: 'Plant 18', status: 'online' },
};

/** Pages of fleets of three sizes in PostgreSQL: what a page costs, and that it does not grow with the fleet. */
export async function benchLists(): Promise<Figure[]> {
  const medians = new Map<number, Map<string, number>>();
  for (const size of SIZES) medians.set(size, await mediansOf(size));
  const [least, , most] = SIZES;
  const figures: Figure[] = [];
  for (const [name, many] of medians.get(most)!) {
    figures.push(
      { what: `${name} of ${most} gateways`, value: many, unit: 'ms', goal: below(20) },
      {
        what: `${name}: of ${most}, against of ${least}`,
        value: many / medians.get(least)!.get(name)!,
        unit: 'x',
      },
    );
  }
  return figures;
}

async function mediansOf(size: number): Promise<Map<string, number>> {
  const { database } = await newDatabase(`list_${size}`);
  await fill(database, size);
  const registry = createRegistry(database);
  const medians = new Map<string, number>();
  for (const [what, query] of Object.entries(QUERIES)) {
    const isForNothing = what === 'a search that finds none';
    medians.set(what, median(await timesOf(registry, query, TIMES, isForNothing ? 0 : 1)));
  }
  for (const [what, query] of Object.entries(FEW)) {
    const slowest = Math.max(...(await mediansInEachOrder(registry, query)));
    medians.set(`one in twenty, by ${what}, in the slowest order`, slowest);
  }
  await database.close();
  return medians;
}

async function mediansInEachOrder(registry: Registry, query: DeviceQuery): Promise<number[]> {
  const medians: number[] = [];
  for (const sort of DEVICE_SORTS) {
    for (const descending of [false, true]) {
      medians.push(median(await timesOf(registry, { ...query, limit: 50, sort, descending }, TIMES_EACH, 1)));
    }
  }
  return medians;
}

/** Milliseconds of a query, so many times. Throws when it finds fewer than `least`. */
async function timesOf(
  registry: Registry,
  query: DeviceQuery,
  times: number,
  least: number,
): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now();
    const { devices } = await registry.list(query);
    taken.push(performance.now() - begun);
    if (devices.length < least) throw new Error(`${JSON.stringify(query)}: nothing found`);
  }
  return taken;
}

/** Half of them online, of ten models, with names and sites. */
export async function fill(database: Database, size: number): Promise<void> {
  await database.query(
    `insert into clientid_profile (clientid, host_name, model_name, serial_number, site, tags, redundancy, connection_status,
       connection_status_updated_at)
     select 'gw-' || number, 'pump ' || number, 'UC-' || number % 10, 'IMOXA' || 1000000 + number, 'Plant ' || number % 20,
       array['line ' || number % 200, case number % 10 when 3 then 'indoor' else 'outdoor' end], 'Pair ' || number / 2,
       number % 2 = 0, 1790000000 + number
     from generate_series(1, $1) as number`,
    [size],
  );
  await database.query(
    `update tpe_presence set reason = 'connected', source = 'webhook',
       ip_address = '10.1.' || substr(clientid, 4)::integer / 250 || '.' || substr(clientid, 4)::integer % 250`,
  );
  await database.query('analyze clientid_profile, tpe_presence');
}
