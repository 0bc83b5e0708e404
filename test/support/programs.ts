import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** Whether a program is installed. */
export function hasProgram(name: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$0"', name]).status === 0;
}

/** For `before`: skips the suite, with a word why, where a program is not installed. */
export function skipWithout(context: Mocha.Context, name: string, installed = hasProgram(name)): void {
  if (installed) return;
  console.log(`      ${name} is not installed: skipped`);
  context.skip();
}

/** Where Debian puts PostgreSQL's server, for the newest one that is installed; null without one. */
export function debianPostgres(): string | null {
  const folder = '/usr/lib/postgresql';
  if (!existsSync(folder)) return null;
  const versions = readdirSync(folder).filter((version) => existsSync(`${folder}/${version}/bin/postgres`));
  const newest = versions.toSorted((one, other) => Number(other) - Number(one))[0];
  return newest === undefined ? null : `${folder}/${newest}/bin`;
}
