import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../manager/shared/guard.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { isGiven, textIn, wrong } from '../runtime/variables.js';

const VARIABLE = 'TPE_TPEDM_CONFIG';

const text = { type: 'string', minLength: 1 } as const;

/** JSON Schema of TPEDM's config.json. The misspelt names are those of TPEDM. */
const SCHEMA = {
  type: 'object',
  required: ['database', 'EMQX_Manage_API'],
  properties: {
    database: {
      type: 'object',
      required: ['host', 'port', 'dbName', 'user', 'password'],
      properties: {
        host: text,
        port: { type: ['string', 'integer'], pattern: '^\\d{1,5}$', minimum: 1, maximum: 65_535 },
        dbName: text,
        user: text,
        password: { type: 'string' },
      },
    },
    EMQX_Manage_API: {
      type: 'object',
      required: ['soureURI', 'headers'],
      properties: {
        soureURI: { type: 'string', pattern: '^https?://[^/]' },
        headers: {
          type: 'object',
          required: ['Authorization'],
          properties: { Authorization: { type: 'string', pattern: '^Basic +[A-Za-z0-9+/]+=*$' } },
        },
      },
    },
    TPC_SW_Repo_API: {
      type: 'object',
      required: ['soureURI'],
      properties: {
        soureURI: { type: 'string', pattern: '^https?://[^/]' },
        client_cert: text,
        client_key: text,
      },
    },
  },
} as const;

type TpedmConfig = FromSchema<typeof SCHEMA>;

const isConfig = guard<TpedmConfig>(SCHEMA);

/** The environment, completed by the configuration of TPEDM. */
export interface WithTpedm {
  variables: NodeJS.ProcessEnv;
  /** Text about the values from the file, without secrets; null if no file is set. */
  notice: string | null;
}

/**
 * Completes the environment from TPEDM's config.json if TPE_TPEDM_CONFIG names it: database, EMQX with its login, and software repository.
 * Variables that are set take precedence. Throws INVALID_INPUT with the file and its fault.
 */
export function withTpedmConfig(variables: NodeJS.ProcessEnv): WithTpedm {
  const file = textIn(variables, VARIABLE);
  if (file === undefined) return { variables, notice: null };
  const config = read(file);
  const found = {
    TPE_BROKER: 'emqx',
    DATABASE_URL: databaseUrl(config),
    ...api(config, file),
    ...repository(config, file),
  };
  const merged = { ...variables };
  const taken: string[] = [];
  for (const [name, value] of Object.entries(found)) {
    if (isGiven(variables, name)) continue;
    merged[name] = value;
    taken.push(name);
  }
  return { variables: merged, notice: noticeOf(file, taken) };
}

function read(file: string): TpedmConfig {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The message of JSON.parse quotes the text around the fault, which may contain passwords.
    const why = error instanceof SyntaxError ? 'it is not JSON' : messageOf(error);
    throw wrong(VARIABLE, `names ${file}, which cannot be read: ${why}`);
  }
  if (isConfig(config)) return config;
  const [fault] = isConfig.errors ?? [];
  const place = fault?.instancePath.slice(1).replaceAll('/', '.') || 'it';
  throw wrong(VARIABLE, `names ${file}, where ${place} ${fault?.message ?? 'is not valid'}`);
}

function databaseUrl({ database }: TpedmConfig): string {
  const { host, port, dbName, user, password } = database;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const place = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `postgresql://${login}@${place}:${port}/${encodeURIComponent(dbName)}`;
}

function api({ EMQX_Manage_API: { soureURI, headers } }: TpedmConfig, file: string) {
  const login = Buffer.from(headers.Authorization.replace(/^Basic +/, ''), 'base64').toString('utf8');
  const colon = login.indexOf(':');
  if (colon < 1) {
    throw wrong(
      VARIABLE,
      `names ${file}, where EMQX_Manage_API.headers.Authorization has no "user:password"`,
    );
  }
  return {
    EMQX_API_URL: soureURI.replace(/\/(api\/v\d+\/?)?$/, ''),
    EMQX_API_KEY: login.slice(0, colon),
    EMQX_API_SECRET: login.slice(colon + 1),
  };
}

/** Paths of files are relative to the configuration file. */
function repository({ TPC_SW_Repo_API: given }: TpedmConfig, file: string): Record<string, string> {
  if (given === undefined) return {};
  const near = (name: string) => resolve(dirname(file), name);
  return {
    TPE_REPO_URL: given.soureURI,
    ...(given.client_cert === undefined ? {} : { TPE_REPO_CERT: near(given.client_cert) }),
    ...(given.client_key === undefined ? {} : { TPE_REPO_KEY: near(given.client_key) }),
  };
}

function noticeOf(file: string, taken: string[]): string {
  return taken.length > 0 ? `${taken.join(', ')} as ${file} says` : `nothing taken from ${file}`;
}
