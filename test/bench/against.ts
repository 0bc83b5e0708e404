import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/editor-files.js';
import { compare, comparisonTable, type Pair } from './compare.js';
import type { PartFigure } from './figure.js';
import { describeRun, figuresIn, keep } from './kept-runs.js';
import { checkOut } from './other-tree.js';

const say = (text: string) => console.log(text);

/** Measures this tree and another revision by turns, each run in a process of its own, and prints the ratios of all figures. */
export function benchAgainst(rev: string, parts: readonly string[], pairs: number): void {
  say(`${rev}: checking it out ...`);
  const other = checkOut(rev, (text) => say(`${rev}: ${text}`));
  try {
    const made: Pair[] = [];
    for (let number = 1; number <= pairs; number += 1) {
      say(`\npair ${number} of ${pairs}: ${rev} ...`);
      const old = figuresOf(other.folder, parts);
      say(`\npair ${number} of ${pairs}: this tree ...`);
      made.push({ old, new: figuresOf(PACKAGE_ROOT, parts) });
    }
    const result = compare(made);
    say(`\n${comparisonTable(result, rev)}`);
    const { figures: _none, ...about } = describeRun([]);
    say(`\nkept in ${keep({ ...about, against: rev, ...result }, `-against-${rev}`)}`);
  } finally {
    other.remove();
  }
}

/** Runs the bench of a tree. What it prints is shown. Throws if it fails, or measured nothing. */
function figuresOf(tree: string, parts: readonly string[]): PartFigure[] {
  const folder = mkdtempSync(join(tmpdir(), 'tpedm-figures-'));
  const file = join(folder, 'figures.json');
  try {
    const bench = join(tree, 'dist/test/bench/bench.js');
    const { status } = spawnSync(process.execPath, [bench, ...parts, '--json', file], {
      cwd: tree,
      stdio: 'inherit',
    });
    // An older bench knows no --json.
    const figures = figuresIn(file) ?? figuresIn(join(tree, 'coverage/bench.json'));
    if (status !== 0 || figures === null) throw new Error(`The bench of ${tree} failed.`);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
