import type { Database } from '../database/database.js';
import { retireDevice, updateDevice } from './change-device.js';
import { authenticate, rotate } from './credentials.js';
import { countDevices, eachDevice, listDevices } from './device-list.js';
import { exportDevices } from './export-devices.js';
import { getDevice } from './get-device.js';
import { importDevices } from './import-devices.js';
import { storeProfile } from './profile.js';
import { register } from './register.js';
import type { Registry } from './registry.js';

/** The registry on a migrated database. */
export function createRegistry(database: Database): Registry {
  return {
    register: (registration) => register(database, registration),
    get: (clientid) => getDevice(database, clientid),
    list: (query) => listDevices(database, query),
    each: (filter) => eachDevice(database, filter),
    counts: (filter) => countDevices(database, filter ?? {}),
    update: (clientid, change) => updateDevice(database, clientid, change),
    rotate: (clientid, password) => rotate(database, clientid, password),
    retire: (clientid) => retireDevice(database, clientid),
    import: (text, format) => importDevices(database, text, format),
    export: (filter, format) => exportDevices(database, filter, format),
    storeProfile: (clientid, profile) => storeProfile(database, clientid, profile),
    authenticate: (clientid, username, password) => authenticate(database, clientid, username, password),
  };
}
