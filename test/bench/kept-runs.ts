import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/editor-files.js';
import type { PartFigure } from './figure.js';
import { LOAD_GENERATOR } from './load.js';

/** A run as it is kept. */
export interface KeptRun {
  /** ISO 8601 UTC. */
  at: string;
  /** The commit, with `+` behind it where files had been changed; `unknown` outside of git. */
  commit: string;
  machine: { cpu: string; memory: string; node: string };
  load: string;
  figures: readonly PartFigure[];
}

/** The folder of kept runs, from the root of the package. */
export const KEPT = 'bench-results';

/** This run with all that is needed to compare it later. */
export function describeRun(figures: readonly PartFigure[], at = new Date()): KeptRun {
  const [cpu] = cpus();
  return {
    at: at.toISOString(),
    commit: commitOf(PACKAGE_ROOT),
    machine: {
      cpu: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}`,
      memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
      node: process.version,
    },
    load: LOAD_GENERATOR,
    figures,
  };
}

/** Writes a run, or a comparison of runs, into the folder; returns the file's path from the root of the package. `about` ends its name. */
export function keep<Content extends Pick<KeptRun, 'at' | 'commit'>>(content: Content, about = ''): string {
  mkdirSync(join(PACKAGE_ROOT, KEPT), { recursive: true });
  const name = `${content.at.replace(/\.\d+Z$/, '').replaceAll(':', '-')}-${content.commit}${about.replace(/[^\w.+-]/g, '_')}.json`;
  writeJson(join(PACKAGE_ROOT, KEPT, name), content);
  return join(KEPT, name);
}

export function writeJson(file: string, content: object): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** The figures of a run in a file, in the form of today or in that of coverage/bench.json; null if there is no such file. */
export function figuresIn(file: string): PartFigure[] | null {
  if (!existsSync(file)) return null;
  const { figures, lines } = JSON.parse(readFileSync(file, 'utf8')) as {
    figures?: PartFigure[];
    lines?: Omit<PartFigure, 'part' | 'goal'>[];
  };
  return figures ?? (lines ?? []).map(({ what, value, unit = '' }) => ({ part: '', what, value, unit }));
}

function commitOf(folder: string): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: folder, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
