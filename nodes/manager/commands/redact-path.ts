import type { Operation } from '../catalogue/catalogue.js';
import { isMarked } from '../catalogue/marked-secrets.js';
import { bareName, isSecretName } from '../shared/secret-names.js';
import { mayHaveSecret, REDACTED, redactText } from '../shared/secret-text.js';

/** Nothing in it is encoded. */
const PLAIN = /^[\w/-]*$/;

/** A path as it may be stored and shown: secrets in its query, and in the levels that `operation` marks, are replaced. */
export function redactPath(path: string, names: ReadonlySet<string>, operation: Operation | null): string {
  const mark = path.indexOf('?');
  const place = redactPlace(mark < 0 ? path : path.slice(0, mark), operation);
  return mark < 0 ? place : `${place}?${redactQuery(path.slice(mark + 1), names)}`;
}

/** What the query of a path says, for whoever looks for secrets in it. */
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

function redactPlace(place: string, operation: Operation | null): string {
  const secret = (operation?.parameters ?? []).filter((one) => one.in === 'path' && isMarked(one.schema));
  if (secret.length === 0 && PLAIN.test(place) && !mayHaveSecret(place)) return place;
  const pattern = operation?.path.split('/') ?? [];
  const levels = place.split('/').map((level, index) => {
    const isSecret = secret.some(({ name }) => pattern[index]?.includes(`{${name}}`));
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
      // As it stands in a query: some names are secrets only there.
      return isSecret || isChanged(`?${decoded(pair)}`) ? `${raw}=${REDACTED}` : pair;
    })
    .join('');
}

function isChanged(text: string): boolean {
  return redactText(text) !== text;
}

/** Some clients escape twice. */
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
