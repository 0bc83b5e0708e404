import type { Database } from '../database/database.js';
import { refusedBySite } from '../database/refused-by-site.js';
import { shareReading } from '../shared/shared-reading.js';
import { createTurns } from '../shared/turns.js';
import { retireDevice, updateDevice } from './change-device.js';
import { createAuthenticate, rotate } from './credentials.js';
import type { DeviceCounts } from './device.js';
import { type DeviceFilter, hasCondition } from './device-filter.js';
import { countAll, countDevices, eachDevice, listDevices } from './device-list.js';
import { exportDevices, exportPart } from './files/export-devices.js';
import { importDevices, previewImport } from './files/import-devices.js';
import { createGetDevice } from './get-device.js';
import { parseFilter } from './parse-filter.js';
import { storeProfile } from './profile.js';
import { register } from './register.js';
import type { Registry } from './registry.js';
import { rotateMany } from './rotate-many.js';
import { readStatistics } from './statistics.js';
import { tagMany } from './tag-many.js';

/** Limits the files that are read or written at once, since each is held in memory and may have 20 MB. */
const FILES = { atOnce: 2, atOnceEach: 2, waitingEach: 20 };

/**
 * Creates the registry on a migrated database. All methods reject with UNAVAILABLE if the database cannot be reached. `onRegistered` is
 * called with the client ids that were just registered; the registry waits for it, and it must not reject.
 */
export function createRegistry(
  database: Database,
  onRegistered: (clientids: readonly string[]) => Promise<void> = async () => undefined,
): Registry {
  const files = createTurns(FILES);
  const authenticate = createAuthenticate(database);
  const get = createGetDevice(database);
  // Without rests, since each page of a table waits for it.
  const countsOfAll = shareReading(() => countAll(database), 0);
  const statistics = shareReading(() => readStatistics(database));

  async function countsFor(filter: DeviceFilter): Promise<DeviceCounts> {
    const given = parseFilter(filter);
    return hasCondition(given) ? await countDevices(database, given) : await countsOfAll();
  }

  return {
    async register(registration) {
      const result = await withSiteRefusals(register(database, registration));
      await onRegistered([registration.clientid]);
      return result;
    },
    get: (clientid) => withSiteRefusals(get(clientid)),
    list: (query) => withSiteRefusals(listDevices(database, query)),
    async *each(filter) {
      try {
        yield* eachDevice(database, filter);
      } catch (error) {
        throw toTell(error);
      }
    },
    counts: (filter = {}) => withSiteRefusals(countsFor(filter)),
    update: (clientid, change) => withSiteRefusals(updateDevice(database, clientid, change)),
    tagMany: (clientids, change) => withSiteRefusals(tagMany(database, clientids, change)),
    rotate: (clientid, password) => withSiteRefusals(rotate(database, clientid, password)),
    rotateMany: (clientids) => withSiteRefusals(rotateMany(database, clientids)),
    retire: (clientid) => withSiteRefusals(retireDevice(database, clientid)),
    async import(content, format, encoding) {
      const file = { content, format, encoding };
      const { report, clientids } = await withSiteRefusals(
        files.run('', () => importDevices(database, file)),
      );
      if (clientids.length > 0) await onRegistered(clientids);
      return report;
    },
    previewImport: (content, format, encoding) =>
      withSiteRefusals(files.run('', () => previewImport(database, { content, format, encoding }))),
    statistics: () => withSiteRefusals(statistics()),
    export: (filter, format) =>
      withSiteRefusals(files.run('', () => exportDevices(database, filter, format))),
    exportPart: (query) => withSiteRefusals(exportPart(database, query)),
    storeProfile: (clientid, profile) => withSiteRefusals(storeProfile(database, clientid, profile)),
    authenticate: (clientid, username, password) =>
      withSiteRefusals(authenticate(clientid, username, password)),
  };
}

/** Turns a refusal by a database rule that the site has added into CONFLICT. */
function withSiteRefusals<T>(work: Promise<T>): Promise<T> {
  return work.catch((error) => {
    throw toTell(error);
  });
}

function toTell(error: unknown): unknown {
  return refusedBySite(error) ?? error;
}
