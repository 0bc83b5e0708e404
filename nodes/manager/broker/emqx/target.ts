import type { EmqxOptions } from '../../broker/options.js';
import { TpeError } from '../../shared/tpe-error.js';
import { addressesIn } from '../addresses.js';
import { type ClientTls, readClientTls } from '../client-tls.js';

/** One address of EMQX's REST API, with key, secret and TLS options. */
export interface EmqxTarget {
  /** The URL without `/api/v5`, for calls and for people. */
  place: string;
  /** The version of the API that the URL names, which is tried first; null if it names none. */
  named: 4 | 5 | null;
  key: string;
  secret: string;
  tls: ClientTls;
}

/** Checks the options of EMQX's REST API and makes a target for each address. Throws INVALID_INPUT naming the field and its fault. */
export function readEmqxTargets(options: EmqxOptions): [EmqxTarget, ...EmqxTarget[]] {
  const [first = '', ...more] = addressesIn(options.apiUrl, 'apiUrl');
  return [readTarget(options, first), ...more.map((address) => readTarget(options, address))];
}

function readTarget(options: EmqxOptions, address: string): EmqxTarget {
  const url = readUrl(address);
  const path = url.pathname.replace(/\/+$/, '');
  const named = /\/api\/v([45])$/.exec(path)?.[1];
  const prefix = path.replace(/\/api(\/v[45])?$/, '');
  if (options.apiKey.includes(':')) {
    throw fault(
      'apiKey',
      'The API key of EMQX must not have a colon in it: give the secret in its own field.',
    );
  }
  return {
    place: `${url.origin}${prefix}`,
    named: named === '4' ? 4 : named === '5' ? 5 : null,
    key: given('apiKey', options.apiKey),
    secret: given('apiSecret', options.apiSecret),
    tls: readClientTls(options, "EMQX's REST API"),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw fault(
      'apiUrl',
      "The URL of EMQX's REST API must look like http://host:18083 (EMQX 5 and 6) or http://host:8081 (EMQX 4).",
    );
  }
  if (url.username === '' && url.password === '') return url;
  throw fault(
    'apiUrl',
    "The URL of EMQX's REST API must not have a login in it: give key and secret in their fields.",
  );
}

function given(field: 'apiKey' | 'apiSecret', text: string): string {
  if (text.trim() !== '') return text;
  throw fault(
    field,
    `EMQX's REST API needs a key and its secret, but the ${field === 'apiKey' ? 'key' : 'secret'} is missing: make them in EMQX's dashboard under API keys, or in its api_key.bootstrap_file.`,
  );
}

function fault(field: string, text: string): TpeError {
  return new TpeError('INVALID_INPUT', text, { field });
}
