import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCKER } from './docker-files.js';
import { temporaryFolder } from './node-red-process.js';

/** What a copy of the stack calls itself, in its certificate. */
export const STACK_NAMES = ['tpedm.example.com', '127.0.0.1'];

let made: string | undefined;

/** A copy of docker/ in which make-secrets.sh has run; one for all tests, which change nothing in it. */
export function stackWithSecrets(): string {
  made ??= makeStack();
  return made;
}

/** A copy of docker/ as it comes out of the checkout, for tests that do change it. */
export function copyOfStack(): string {
  const folder = join(temporaryFolder(), 'docker');
  const isMade = /\/(\.env|generated|backups)$/;
  cpSync(DOCKER, folder, { recursive: true, filter: (path) => !isMade.test(path) });
  return folder;
}

/** A value of a stack's .env. */
export function secretOf(stack: string, name: string): string {
  const [, value] = new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(join(stack, '.env'), 'utf8')) ?? [];
  if (value === undefined) throw new Error(`there is no ${name} in .env`);
  return value;
}

function makeStack(): string {
  const folder = copyOfStack();
  execFileSync(join(folder, 'make-secrets.sh'), STACK_NAMES, { stdio: 'pipe' });
  return folder;
}
