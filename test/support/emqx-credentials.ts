import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { Authenticate, LoginVerdict } from './emqx/access.js';
import type { EmqxVersion } from './emqx/versions.js';
import { emqx4, emqx5, type Verdict } from './emqx-authentication.js';

/** EMQX's own way to the credentials: by the queries of docker/, over connections of its own. */
export interface EmqxCredentials {
  authenticate: Authenticate;
  close(): Promise<void>;
}

/** What the chain of authenticators says to what the query gave. */
export function verdictOf(verdict: Verdict): LoginVerdict {
  if (verdict === 'accepted' || verdict === 'superuser') return 'accepted';
  return verdict === 'refused' ? 'wrong_password' : 'unknown';
}

/** A database that was away is asked again only when EMQX has looked at its health: up to 9 s were seen. */
const LOOKS_AGAIN_AFTER_MS = 8000;

/** While PostgreSQL is away nobody is known, and for some seconds after. */
export async function openEmqxCredentials(
  version: EmqxVersion,
  options: DatabaseOptions & { kind: 'postgresql' },
): Promise<EmqxCredentials> {
  const database: Database = await openDatabase(options);
  const ask = version === '4.4' ? emqx4 : emqx5;
  let awayUntil = 0;
  return {
    async authenticate(clientid, username, password) {
      if (Date.now() < awayUntil) return 'unknown';
      try {
        return verdictOf(await ask(database, { clientid, username: username ?? '', password }));
      } catch {
        awayUntil = Date.now() + LOOKS_AGAIN_AFTER_MS;
        return 'unknown';
      }
    },
    close: () => database.close(),
  };
}
