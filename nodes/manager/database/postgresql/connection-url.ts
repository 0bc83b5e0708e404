import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { DatabaseOptions } from '../../database/options.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';

type PostgresqlOptions = Extract<DatabaseOptions, { kind: 'postgresql' }>;

/** What the URL says about connections: one URL for each host, or more where TLS is tried both ways. */
export interface ConnectionUrl {
  hosts: string[];
  enableChannelBinding: boolean;
}

const FORM = 'postgresql://USER:PASSWORD@HOST:5432/DATABASE, with ?sslmode=verify-full for TLS';

/**
 * Reads the URL as libpq would. Refuses parameters that the driver would ignore although they change where or how to connect. Throws
 * INVALID_INPUT for these, and for a URL or a certificate file that cannot be used.
 */
export function readConnectionUrl(options: PostgresqlOptions): ConnectionUrl {
  try {
    const hosts = eachHost(options.url).flatMap((url) =>
      eachMode(new URL(url)).map((one) => completed(one, options)),
    );
    const parameters = new URL(hosts[0]!).searchParams;
    return {
      hosts,
      enableChannelBinding: /^(require|prefer)$/.test(parameters.get('channel_binding') ?? ''),
    };
  } catch (error) {
    const text = `The URL of the PostgreSQL database cannot be used: ${messageOf(error)}. Its form is ${FORM}.`;
    // The cause is left out, because it contains the URL and thus the password.
    throw new TpeError('INVALID_INPUT', text, { field: 'url' });
  }
}

/** One URL for each host of `host1:port1,host2:port2`. */
function eachHost(url: string): string[] {
  const [, scheme, authority, rest] = /^(\w+:\/\/)([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || authority === undefined || !authority.includes(',')) return [url];
  const at = authority.lastIndexOf('@') + 1;
  return authority
    .slice(at)
    .split(',')
    .map((host) => `${scheme}${authority.slice(0, at)}${host}${rest}`);
}

/** One URL with TLS and one without, in the order of the mode, where the mode allows both. */
function eachMode(url: URL): URL[] {
  const modes = { prefer: ['prefer', 'disable'], allow: ['disable', 'prefer'] }[
    url.searchParams.get('sslmode') ?? ''
  ];
  if (modes === undefined) return [url];
  return modes.map((mode) => {
    const one = new URL(url);
    one.searchParams.set('sslmode', mode);
    return one;
  });
}

function completed(url: URL, { caFile }: PostgresqlOptions): string {
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new Error(`it begins with "${url.protocol}"`);
  refuseParameters(url.searchParams);
  if (caFile !== undefined) {
    readFileSync(caFile);
    url.searchParams.set('sslrootcert', caFile);
    if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'verify-full');
  }
  // The modes mean what PostgreSQL documents, not what pg before version 9 made of them.
  url.searchParams.set('uselibpqcompat', 'true');
  new pg.Client({ connectionString: url.href });
  return url.href;
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
/** Parameters of other drivers, for which there is another way here. */
const SCHEMA_PARAMETERS = ['schema', 'currentSchema', 'search_path'];
const UNKNOWN_PARAMETERS = [
  'service',
  'servicefile',
  'passfile',
  'hostaddr',
  'sslcrl',
  'sslcrldir',
  'sslpassword',
  'require_auth',
];
const NEEDS_PRIMARY = ['any', 'read-write', 'primary'];

function refuseParameters(parameters: URLSearchParams): void {
  const mode = parameters.get('sslmode');
  if (mode !== null && !MODES.includes(mode)) {
    throw new Error(`sslmode=${mode} is none of ${MODES.join(', ')}`);
  }
  for (const name of SCHEMA_PARAMETERS) {
    if (parameters.has(name)) {
      throw new Error(`the parameter ${name} means nothing here; write options=-c%20search_path%3DSCHEMA`);
    }
  }
  for (const name of UNKNOWN_PARAMETERS) {
    if (parameters.has(name)) throw new Error(`the parameter ${name} is not supported`);
  }
  const session = parameters.get('target_session_attrs');
  if (session !== null && !NEEDS_PRIMARY.includes(session)) {
    throw new Error(
      `target_session_attrs=${session} asks for a server that takes no changes; write read-write`,
    );
  }
  if (parameters.get('gssencmode') === 'require') throw new Error('gssencmode=require is not supported');
  if (parameters.get('host')?.includes(',')) {
    throw new Error('several hosts stand before the database: //HOST1:5432,HOST2:5432/DATABASE');
  }
}

/** The URLs of all hosts, of which one is used at a time. */
export interface Hosts {
  readonly count: number;
  current(): string;
  /** Moves on to the next URL, unless another caller has done that already. */
  failed(url: string): void;
}

/** Creates the list of hosts, which begins with the first URL and begins again after the last one. */
export function takeTurns(urls: readonly string[]): Hosts {
  let place = 0;
  return {
    count: urls.length,
    current: () => urls[place]!,
    failed(url) {
      if (urls[place] === url) place = (place + 1) % urls.length;
    },
  };
}
