import { badField } from '../../shared/invalid-input.js';
import { INSTALLATION_STATES, type InstallationQuery } from './installation.js';
import { isInstallationId } from './installation-store.js';

/** Returns a query with its defaults filled in. Throws INVALID_INPUT if one of its values is not allowed. */
export function checkInstallationQuery(query: InstallationQuery): InstallationQuery {
  const { limit = 50, before, state } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw badField('limit', 'a whole number from 1 to 500');
  if (before !== undefined && !isInstallationId(before))
    throw badField('before', 'the id of an installation');
  if (state !== undefined && !INSTALLATION_STATES.includes(state)) {
    throw badField('state', `one of ${INSTALLATION_STATES.join(', ')}`);
  }
  return { ...query, limit };
}
