import { performance } from 'node:perf_hooks';
import type { Database } from '../../nodes/manager/database/database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import type { DeviceQuery } from '../../nodes/manager/registry/device-query.js';
import { newDatabase } from './database.js';
import { below, type Figure, median } from './figure.js';

const SIZES = [1000, 10_000, 100_000] as const;
const TIMES = 15;

/** What people ask for, a page of 50 each. */
const QUERIES: Record<string, DeviceQuery> = {
  'a page': { limit: 50 },
  'a search for a serial number': { limit: 50, search: 'IMOXA1000777' },
  'a search that finds one in a hundred': { limit: 50, search: 'pump 77' },
  'a page by host name': { limit: 50, sort: 'hostName' },
  'a page of those online, newest first': { limit: 50, status: 'online', sort: 'since', descending: true },
  'a page of one model': { limit: 50, model: 'UC-3' },
};

/** Pages of fleets of three sizes in PostgreSQL: what a page costs, and that it does not grow with the fleet. */
export async function benchLists(): Promise<Figure[]> {
  const medians = new Map<number, Map<string, number>>();
  for (const size of SIZES) medians.set(size, await mediansOf(size));
  const [least, , most] = SIZES;
  const figures: Figure[] = [];
  for (const name of Object.keys(QUERIES)) {
    const [few, many] = [medians.get(least)!.get(name)!, medians.get(most)!.get(name)!];
    figures.push(
      { what: `${name} of ${most} gateways`, value: many, unit: 'ms', goal: below(20) },
      { what: `${name}: of ${most}, against of ${least}`, value: many / few, unit: 'x' },
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
    const times: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      const begun = performance.now();
      const { devices } = await registry.list(query);
      times.push(performance.now() - begun);
      if (devices.length === 0) throw new Error(`${what}: nothing found`);
    }
    medians.set(what, median(times));
  }
  await database.close();
  return medians;
}

/** Half of them online, of ten models, with names and sites. */
export async function fill(database: Database, size: number): Promise<void> {
  await database.query(
    `insert into clientid_profile (clientid, host_name, model_name, serial_number, site, connection_status,
       connection_status_updated_at)
     select 'gw-' || number, 'pump ' || number, 'UC-' || number % 10, 'IMOXA' || 1000000 + number, 'Plant ' || number % 20,
       number % 2 = 0, 1790000000 + number
     from generate_series(1, $1) as number`,
    [size],
  );
  await database.query("update tpe_presence set reason = 'connected', source = 'webhook'");
  await database.query('analyze clientid_profile, tpe_presence');
}
