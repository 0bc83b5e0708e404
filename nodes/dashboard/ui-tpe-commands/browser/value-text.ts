import { namesIn } from '../../../manager/catalogue/marked-secrets.js';
import type { JsonSchema } from '../../../manager/catalogue/operation.js';
import { exactJson } from '../../../manager/shared/exact-json.js';
import { bareName, isSecretName } from '../../../manager/shared/secret-names.js';
import { t } from './translate.js';

const LONGEST = 80;
const MOST_SHOWN = 3;
const HIDDEN = '••••';

/** A value of a field in few words, for a person who compares two of them. What is secret by the schema or by its name is hidden. */
export function valueText(value: unknown, schema: JsonSchema = {}, path = ''): string {
  if (value === undefined || value === null || value === '') return t('unset');
  const marked = namesIn(schema);
  const isSecret = (name: string) => marked.has(bareName(name)) || isSecretName(name);
  if (path.split('/').some(isSecret)) return HIDDEN;
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return short(value.join(', '));
  return short(typeof value === 'object' ? exactJson(masked(value, isSecret)) : String(value));
}

/** Some values, and how many more there are. */
export function valuesText(values: readonly unknown[]): string {
  const shown = values
    .slice(0, MOST_SHOWN)
    .map((value) => valueText(value))
    .join(' · ');
  const more = values.length - MOST_SHOWN;
  return more > 0 ? t('andMore', { values: shown, n: more }) : shown;
}

function masked(value: unknown, isSecret: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => masked(one, isSecret));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value);
  return Object.fromEntries(
    fields.map(([name, one]) => [name, isSecret(name) ? HIDDEN : masked(one, isSecret)]),
  );
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).toWellFormed()}…`;
}
