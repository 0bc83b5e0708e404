import { secretLevels } from '../../catalogue/marked-secrets.js';
import type { ResolvedRequest } from '../../catalogue/validation/resolve-request.js';
import { redactionOf } from '../../commands/prepare-command.js';
import { REDACTED, redact } from '../../shared/redact.js';
import { redactPath } from '../../shared/redact-path.js';
import { isPlainObject } from '../../shared/validate.js';
import { type FillableRequest, hasBraces } from './placeholders.js';
import { SECRET_KEY } from './secrets.js';
import { wrongJob } from './wrong-job.js';

const RULE = 'secret-in-clear';

/**
 * Refuses a secret that stands in a definition itself, where everybody who sees the job could read it for as long as the job is kept. What
 * is secret is known by the catalogue, by the name of the field, and by the form of a text, as for commands that are stored. Throws
 * INVALID_INPUT naming the place below `field`.
 */
export function refuseClearSecrets(
  { path, params, requestBody }: FillableRequest,
  field: string,
  resolved: ResolvedRequest,
): void {
  const { operation } = resolved;
  const { names } = redactionOf(resolved.path, operation, []);
  const known = { names, values: [] };
  for (const [part, value] of Object.entries({ params, requestBody })) {
    if (value === undefined) continue;
    const place = placeOfSecret(value, redact(value, known), `${field}.${part}`);
    if (place !== null)
      throw wrongJob(place, RULE, `has a secret in clear: name it instead, as {"${SECRET_KEY}": "wifi-psk"}`);
  }
  if (path === undefined || hasBraces(path)) return;
  if (redactPath(path, names, secretLevels(operation)).includes(REDACTED) && !path.includes(REDACTED))
    throw wrongJob(`${field}.path`, RULE, 'has a secret in clear: give it in "requestBody" or "params"');
}

/** The first place whose value would be hidden; null: there is none. */
function placeOfSecret(given: unknown, shown: unknown, field: string): string | null {
  if (isNamed(given)) return null;
  if (shown === REDACTED) return isHarmless(given) ? null : field;
  if (typeof given === 'string')
    return typeof shown === 'string' && shown.includes(REDACTED) && !isHarmless(given) ? field : null;
  if (typeof given !== 'object' || given === null || typeof shown !== 'object' || shown === null) return null;
  for (const [name, one] of Object.entries(given)) {
    const place = placeOfSecret(one, (shown as Record<string, unknown>)[name], `${field}.${name}`);
    if (place !== null) return place;
  }
  return null;
}

/** What stands for a value that comes later, is none, or was hidden before. */
function isHarmless(value: unknown): boolean {
  if (typeof value === 'string') return value === '' || value === REDACTED || hasBraces(value);
  if (typeof value === 'number') return false;
  if (typeof value !== 'object' || value === null) return true;
  return isNamed(value) || Object.values(value).every(isHarmless);
}

function isNamed(value: unknown): boolean {
  return isPlainObject(value) && Object.hasOwn(value, SECRET_KEY);
}
