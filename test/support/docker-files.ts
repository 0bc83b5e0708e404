import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './node-red-process.js';

/** The folder that production is set up from. */
export const DOCKER = join(PROJECT_ROOT, 'docker');

/** A file of docker/, as it lies in the checkout. */
export function dockerFile(path: string): string {
  return readFileSync(join(DOCKER, path), 'utf8');
}

/** The settings of a file of EMQX 4: `name = value` lines. */
export function emqx4Settings(path: string): Map<string, string> {
  const lines = dockerFile(path).match(/^[^#\s].*$/gm) ?? [];
  return new Map(lines.map((line) => line.split(/ = (.*)/, 2) as [string, string]));
}
