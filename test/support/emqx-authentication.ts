import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Queryable } from '../../nodes/manager/database/database.js';
import { dockerFile, emqx4Settings } from './docker-files.js';
import { hoconAt, parseHocon } from './hocon.js';

export interface Login {
  clientid: string;
  username: string;
  password: string;
}
/** What EMQX makes of what the query gave: `ignored` is refused too, at the end of the chain. */
export type Verdict = 'accepted' | 'superuser' | 'refused' | 'ignored';
/** Asks the database with the query that docker/ sets up. */
export type Authenticate = (database: Queryable, login: Login) => Promise<Verdict>;

const config = parseHocon(dockerFile('emqx/base.hocon.template'));
const plugin = emqx4Settings('emqx-4.4/plugins/emqx_auth_pgsql.conf.template');

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** EMQX 5 prepares the query with `$1`, `$2`, ... in place of its placeholders and reads the columns by their names. */
export const emqx5: Authenticate = async (database, login) => {
  const names: (keyof Login)[] = [];
  const query = String(hoconAt(config, 'authentication.1.query')).replace(/\$\{(\w+)\}/g, (_, name) => {
    return `$${names.push(name)}`;
  });
  expect(hoconAt(config, 'authentication.1.password_hash_algorithm')).to.deep.equal({
    name: 'sha256',
    salt_position: 'prefix',
  });
  const parameters = names.map((name) => login[name]);
  const rows = await database.query<{ password_hash: string; salt: string; is_superuser: unknown }>(
    query,
    parameters,
  );
  const [row] = rows;
  if (row === undefined) return 'ignored';
  if (sha256(row.salt + login.password) !== row.password_hash) return 'refused';
  return [true, 1, '1', 'true'].includes(row.is_superuser as never) ? 'superuser' : 'accepted';
};

/** EMQX 4 replaces its placeholders with their quotes, and reads the hash first and the salt second. */
export const emqx4: Authenticate = async (database, login) => {
  const names: (keyof Login)[] = [];
  const query = String(plugin.get('auth.pgsql.auth_query')).replace(/'%([uc])'/g, (_, letter) => {
    return `$${names.push(letter === 'u' ? 'username' : 'clientid')}`;
  });
  expect(plugin.get('auth.pgsql.password_hash')).to.equal('salt,sha256');
  const parameters = names.map((name) => login[name]);
  const rows = await database.query(query, parameters);
  if (rows.length === 0) return 'ignored';
  const [hash, salt] = Object.values(rows[0]!);
  return sha256(`${salt}${login.password}`) === hash ? 'accepted' : 'refused';
};
