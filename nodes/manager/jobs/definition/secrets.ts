import { pointerOf } from '../../shared/exact-json.js';
import { isPlainObject } from '../../shared/validate.js';
import { wrongJob } from './wrong-job.js';

// A secret stands in a definition by its name alone, so that neither a job that waits for weeks nor its preview holds it.

/** The only field of an object that stands for a secret: `{"$secret": "wifi-psk"}`. */
export const SECRET_KEY = '$secret';

/** Returns the secret with a name; undefined if there is none. Throws INVALID_INPUT if it cannot be read. */
export type LookUpSecret = (name: string) => string | undefined;

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** The beginning of the environment variables that have secrets of jobs. */
export const SECRET_PREFIX = 'TPE_JOB_SECRET_';

/** The environment variable of the secret with this name. */
export function secretVariable(name: string): string {
  return `${SECRET_PREFIX}${name.toUpperCase().replaceAll(/[-.]/g, '_')}`;
}

/** Whether a name can be that of a secret. One that ends in `_file` would be the variable of a file of another secret. */
export function isSecretName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name) && !/[-._]file$/i.test(name);
}

/**
 * Replaces the secrets in a parsed value. Returns the new value, and the secrets in it, so that answers can be searched for them. Throws
 * INVALID_INPUT for one that is not set.
 */
export function resolveSecrets(value: unknown, lookUp: LookUpSecret): { value: unknown; secrets: string[] } {
  const secrets = new Set<string>();
  const resolved = (one: unknown, field: string): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) return one.map((each, index) => resolved(each, `${field}.${index}`));
    if (Object.hasOwn(one, SECRET_KEY)) {
      const secret = secretOf(one as Record<string, unknown>, field, lookUp);
      secrets.add(secret);
      return secret;
    }
    const entries = Object.entries(one).map(([name, each]) => [name, resolved(each, `${field}.${name}`)]);
    return Object.fromEntries(entries);
  };
  return { value: resolved(value, 'requestBody'), secrets: [...secrets] };
}

function secretOf(object: Record<string, unknown>, field: string, lookUp: LookUpSecret): string {
  const name = secretNameOf(object, field);
  const secret = lookUp(name);
  if (secret !== undefined) return secret;
  const variable = secretVariable(name);
  throw wrongJob(
    field,
    'secret-unknown',
    `names the secret "${name}", which is not set: give it in the environment variable ${variable}, or the file that has it in ${variable}_FILE`,
  );
}

function secretNameOf(object: Record<string, unknown>, field: string): string {
  if (Object.keys(object).length > 1)
    throw wrongJob(field, 'secret-form', `must have nothing but "${SECRET_KEY}"`);
  const name = object[SECRET_KEY];
  if (isSecretName(name)) return name;
  throw wrongJob(
    `${field}.${SECRET_KEY}`,
    'secret-name',
    'must be the name of a secret: 1 to 64 letters, digits, "_", "." and "-", not ending in "_file"',
  );
}

/**
 * Checks the secrets of a value in a definition, and returns their JSON Pointers. Throws INVALID_INPUT naming the place below `field` for
 * one that is not set.
 */
export function checkSecrets(value: unknown, field: string, lookUp: LookUpSecret, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isPlainObject(value) && Object.hasOwn(value, SECRET_KEY)) {
    secretOf(value, field, lookUp);
    return [pointer];
  }
  return Object.entries(value).flatMap(([name, one]) =>
    checkSecrets(one, `${field}.${name}`, lookUp, pointer + pointerOf([name])),
  );
}

/** The JSON Pointers of the secrets in a value whose secrets were checked. */
export function secretPlaces(value: unknown, pointer = ''): string[] {
  return checkSecrets(value, '', () => '', pointer);
}
