import { withClientIds } from '../protocol/client-id.js';
import { parser } from '../shared/validate.js';
import { DEVICE_FILTER, type DeviceFilter, FILTER_KEYS } from './device-filter.js';

// Apart from the contract, which browsers read too: a validator would bring its compiler into their script.

const ADVICE = `A filter accepts ${FILTER_KEYS.join(', ')}: {"tag": "north"}.`;

/** Reads a filter. Throws INVALID_INPUT naming each field that is not known or has a wrong value. */
export function parseFilter(value: unknown): DeviceFilter {
  return readFilter(withClientIds(value));
}

const readFilter = parser<DeviceFilter>(DEVICE_FILTER, 'filter', ADVICE);
