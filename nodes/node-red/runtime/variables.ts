import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { addressesIn } from '../../manager/broker/addresses.js';
import {
  isSecretName,
  type LookUpSecret,
  SECRET_PREFIX,
  secretVariable,
} from '../../manager/jobs/definition/secrets.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';

/**
 * All environment variables with a secret. Each can be given as a file instead, whose name is in NAME_FILE. The settings of this pack
 * remove them from the environment of Node-RED.
 */
export const SECRET_VARIABLES = [
  'TPE_ADMIN_PASSWORD',
  'TPE_API_TOKEN',
  'TPE_METRICS_TOKEN',
  'TPE_WEBHOOK_SECRET',
  'TPE_WEBHOOK_SECRET_PREVIOUS',
  'TPE_OIDC_CLIENT_SECRET',
  'TPE_MQTT_PASSWORD',
  'EMQX_API_KEY',
  'EMQX_API_SECRET',
  'DATABASE_URL',
] as const;

export type SecretVariable = (typeof SECRET_VARIABLES)[number];

const LARGEST_SECRET_BYTES = 16_384;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds them in order to refuse them.
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;

// Each function reads one environment variable. A blank one counts as not set. INVALID_INPUT names the variable and its rule.

/** The trimmed text of a variable; undefined if it is not set. Use `secretIn` for secrets, because they may be in files. */
export function textIn<Name extends string>(
  variables: NodeJS.ProcessEnv,
  name: Name extends SecretVariable ? never : Name,
): string | undefined {
  return variables[name]?.trim() || undefined;
}

/**
 * A secret: the value of NAME, or the content of the file in NAME_FILE without the line break at its end. Undefined if neither is set.
 * Throws INVALID_INPUT if both are set, or if the file cannot be read, is empty, is too large or has several lines. The error never
 * contains the secret.
 */
export function secretIn(variables: NodeJS.ProcessEnv, name: SecretVariable): string | undefined {
  const value = textIn(variables, name as string);
  const file = textIn(variables, `${name}_FILE`);
  if (file === undefined) return value;
  if (value !== undefined) throw twice(name);
  return secretOf(`${name}_FILE`, file);
}

/** Whether a variable has the value of a secret of jobs: `TPE_JOB_SECRET_WIFI_PSK`. */
export function isJobSecret(name: string): boolean {
  return name.startsWith(SECRET_PREFIX) && !name.endsWith('_FILE');
}

/**
 * Returns the look-up of the secrets of jobs by their names, as these variables are now. A file is read each time, so that a new secret is
 * known at once. The look-up throws INVALID_INPUT, without the secret, as secretIn does; a file may have several lines, as keys have.
 */
export function jobSecretsIn(variables: NodeJS.ProcessEnv): LookUpSecret {
  const kept = Object.fromEntries(
    Object.entries(variables).filter(([name]) => name.startsWith(SECRET_PREFIX)),
  );
  return (name) => {
    if (!isSecretName(name)) return undefined;
    const variable = secretVariable(name);
    const value = textIn(kept, variable);
    const file = textIn(kept, `${variable}_FILE`);
    if (file === undefined) return value;
    if (value !== undefined) throw twice(variable);
    return filled(`${variable}_FILE`, file);
  };
}

/** Whether a variable is set, directly or by a file. */
export function isGiven(variables: NodeJS.ProcessEnv, name: string): boolean {
  return (
    textIn(variables, name) !== undefined ||
    (isSecret(name) && textIn(variables, `${name}_FILE`) !== undefined)
  );
}

function isSecret(name: string): boolean {
  return SECRET_VARIABLES.some((secret) => secret === name);
}

function secretOf(name: string, file: string): string {
  const text = filled(name, file);
  if (CONTROL_CHARACTERS.test(text))
    throw wrong(name, `names ${file}, which has more in it than one line of text`);
  return text;
}

function twice(name: string): TpeError {
  return wrong(name, `and ${name}_FILE are both given: keep one of them`);
}

function filled(name: string, file: string): string {
  const text = contentOf(name, file).replace(/\r?\n$/, '');
  if (text.trim() === '') throw wrong(name, `names ${file}, which is empty`);
  return text;
}

function contentOf(name: string, file: string): string {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw new Error('it is no file');
    if (stats.size > LARGEST_SECRET_BYTES) throw new Error(`it has more than ${LARGEST_SECRET_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(name, `names ${file}, which cannot be read: ${messageOf(error)}`);
  }
}

/** A whole number from `least` to `most`; `standard` if the variable is not set. Throws INVALID_INPUT. */
export function numberIn(
  variables: NodeJS.ProcessEnv,
  name: string,
  standard: number,
  least: number,
  most: number,
): number {
  const text = textIn(variables, name);
  if (text === undefined) return standard;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw wrong(name, `is "${text}": give a whole number from ${least} to ${most}`);
}

/** One of `choices`; `standard` if the variable is not set. Throws INVALID_INPUT. */
export function choiceIn<const Choice extends string>(
  variables: NodeJS.ProcessEnv,
  name: string,
  standard: Choice,
  choices: readonly Choice[],
): Choice {
  const text = textIn(variables, name);
  if (text === undefined) return standard;
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw wrong(name, `is "${text}": give one of ${choices.join(', ')}`);
}

/** A URL with one of `protocols`; undefined if it is not set. Throws INVALID_INPUT without the value, which may contain a password. */
export function urlIn(
  variables: NodeJS.ProcessEnv,
  name: string,
  protocols: readonly string[],
): string | undefined {
  const text = textIn(variables, name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.hostname !== '' && protocols.includes(url.protocol)) return text;
  const forms = protocols.map((protocol) => `${protocol}//host`).join(', ');
  throw wrong(name, `is no URL that can be used: it must look like ${forms}`);
}

/** Like `urlIn` for several URLs separated by commas: the addresses of a cluster. */
export function urlsIn(
  variables: NodeJS.ProcessEnv,
  name: string,
  protocols: readonly string[],
): string | undefined {
  const text = textIn(variables, name);
  if (text === undefined) return undefined;
  const addresses = addressesIn(text, name);
  for (const address of addresses) urlIn({ [name]: address }, name, protocols);
  return addresses.join(', ');
}

/** The name of a file; undefined if it is not set. Throws INVALID_INPUT if the file cannot be read. */
export function fileIn(variables: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = textIn(variables, name);
  if (file === undefined) return undefined;
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw wrong(name, `names a file that cannot be read: ${messageOf(error)}`);
  }
  return file;
}

/** Creates the error INVALID_INPUT for a variable. `what` follows its name in the message, which ends with a period. */
export function wrong(name: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `${name} ${what}.`, { variable: name });
}
