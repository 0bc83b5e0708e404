import { bareName, isSecretName } from './secret-names.js';
import { mayHaveSecret, REDACTED, redactText } from './secret-text.js';

/** A path without encoded characters. */
const PLAIN = /^[\w/-]*$/;

/** The secret levels of a path: those where its template, such as `/users/{name}/keys/{key}`, has one of these parameters. */
export interface SecretLevels {
  template: string;
  parameters: readonly string[];
}

/** Makes a path fit to be stored and shown: replaces secrets in its query, and the levels that are marked as secret. */
export function redactPath(
  path: string,
  names: ReadonlySet<string>,
  levels: SecretLevels | null = null,
): string {
  const mark = path.indexOf('?');
  const place = redactPlace(mark < 0 ? path : path.slice(0, mark), levels);
  return mark < 0 ? place : `${place}?${redactQuery(path.slice(mark + 1), names)}`;
}

/** The values in the query of a path, by name, to look for secrets in them. */
export function queryOf(path: string): Record<string, string[]> {
  const mark = path.indexOf('?');
  const values: Record<string, string[]> = {};
  for (const pair of mark < 0 ? [] : path.slice(mark + 1).split(/[&;]/)) {
    const [name = '', ...rest] = pair.split('=');
    const known = Object.hasOwn(values, decoded(name)) ? values[decoded(name)]! : [];
    values[decoded(name)] = [...known, decoded(rest.join('='))];
  }
  return values;
}

function redactPlace(place: string, marked: SecretLevels | null): string {
  const secret = marked?.parameters ?? [];
  if (secret.length === 0 && PLAIN.test(place) && !mayHaveSecret(place)) return place;
  const pattern = marked?.template.split('/') ?? [];
  const levels = place.split('/').map((level, index) => {
    const isSecret = secret.some((name) => pattern[index]?.includes(`{${name}}`));
    return isSecret || isChanged(decoded(level)) ? REDACTED : level;
  });
  const shown = levels.join('/');
  return isChanged(shown) ? redactText(shown) : shown;
}

function redactQuery(query: string, names: ReadonlySet<string>): string {
  return query
    .split(/([&;])/)
    .map((pair) => {
      const [raw = '', ...rest] = pair.split('=');
      const value = rest.join('=');
      if (value === '') return isChanged(decoded(raw)) ? REDACTED : pair;
      const name = decoded(raw);
      const isSecret = isSecretName(name) || names.has(bareName(name));
      // Checked as part of a query, because some names are secret only there.
      return isSecret || isChanged(`?${decoded(pair)}`) ? `${raw}=${REDACTED}` : pair;
    })
    .join('');
}

function isChanged(text: string): boolean {
  return redactText(text) !== text;
}

/** Decodes a text up to three times, because some clients escape twice. */
function decoded(text: string): string {
  let now = text.replaceAll('+', ' ');
  for (let times = 0; times < 3; times++) {
    try {
      const next = decodeURIComponent(now);
      if (next === now) return next;
      now = next;
    } catch {
      return now;
    }
  }
  return now;
}
