import { ROUTES } from './index.js';
import type { Route } from './route.js';

/** A route, and the values for the placeholders `{name}` in its path. */
export interface FoundRoute {
  route: Route;
  params: Record<string, string>;
}

const BY_LENGTH = new Map<number, { route: Route; levels: string[] }[]>();
for (const route of ROUTES) {
  const levels = levelsOf(route.path);
  BY_LENGTH.set(levels.length, [...(BY_LENGTH.get(levels.length) ?? []), { route, levels }]);
}
// Fixed names come before placeholders, so that /device/export is not taken for a gateway with the client id `export`.
for (const routes of BY_LENGTH.values())
  routes.sort((a, b) => placeholders(a.levels) - placeholders(b.levels));

/**
 * Finds the route of a call; null if there is none. `path` is relative to the path where REST is served. As in Express, upper and lower
 * case are the same and a slash at the end is ignored. HEAD counts as GET. A value with a wrong percent-encoding stays as it is.
 */
export function findRoute(method: string, path: string): FoundRoute | null {
  const given = levelsOf(path);
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const { route, levels } of BY_LENGTH.get(given.length) ?? []) {
    if (route.method !== wanted) continue;
    const params = matched(levels, given);
    if (params !== null) return { route, params };
  }
  return null;
}

function matched(levels: readonly string[], given: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [place, level] of levels.entries()) {
    const value = given[place]!;
    const name = /^\{(\w+)\}$/.exec(level)?.[1];
    if (name !== undefined) {
      if (value === '') return null;
      params[name] = decoded(value);
    } else if (level.toLowerCase() !== value.toLowerCase()) return null;
  }
  return params;
}

function levelsOf(path: string): string[] {
  return path.replace(/^\/|\/$/g, '').split('/');
}

function placeholders(levels: readonly string[]): number {
  return levels.filter((level) => level.startsWith('{')).length;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
