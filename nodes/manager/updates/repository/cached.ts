import type { PackageList, SoftwareRepository } from './repository.js';

const KEPT_MS = 600_000;

/**
 * Returns a repository that keeps each list for ten minutes, and asks only once when many ask at the same time. Failures are not kept.
 * `now` is the clock, ms since the epoch.
 */
export function cached(repository: SoftwareRepository, now: () => number = Date.now): SoftwareRepository {
  const kept = new Map<string, { at: number; list: Promise<PackageList> }>();
  return {
    ...repository,
    packages(category, model, signal) {
      const key = JSON.stringify([category, model]);
      const found = kept.get(key);
      if (found !== undefined && now() - found.at < KEPT_MS) return found.list;
      const list = repository.packages(category, model, signal);
      kept.set(key, { at: now(), list });
      list.catch(() => kept.delete(key));
      return list;
    },
  };
}
