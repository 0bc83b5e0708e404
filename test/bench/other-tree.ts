import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/editor-files.js';

/** A built tree of another commit. */
export interface OtherTree {
  folder: string;
  /** Whether it is measured by this tree's bench, or by its own. */
  hasOurBench: boolean;
  remove(): void;
}

/** What the bench is made of, beside the product. */
const OUR_BENCH = ['test/bench', 'test/support', 'test/fixtures', 'test/manager/broker/mosquitto-rig.ts'];

/**
 * Checks a revision out into a temporary folder and builds it there: with this tree's bench in place of its tests, or, where that does not
 * compile against it, as it is. Throws with what git, npm or the compiler says.
 */
export function checkOut(rev: string, say: (text: string) => void): OtherTree {
  const folder = join(mkdtempSync(join(tmpdir(), 'tpedm-bench-')), 'tree');
  const git = (...words: string[]) => execFileSync('git', words, { cwd: PACKAGE_ROOT, stdio: 'pipe' });
  const remove = () => {
    git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  };
  git('worktree', 'add', '--detach', folder, rev);
  try {
    installPackages(folder, say);
    return { folder, hasOurBench: buildWithOurBench(folder, say), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function installPackages(folder: string, say: (text: string) => void): void {
  const lockOf = (tree: string) => readFileSync(join(tree, 'package-lock.json'), 'utf8');
  if (lockOf(folder) === lockOf(PACKAGE_ROOT)) {
    symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'));
    return;
  }
  say('its package-lock.json is another one: npm ci ...');
  // Its scripts would build it.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
}

function buildWithOurBench(folder: string, say: (text: string) => void): boolean {
  say('building it ...');
  rmSync(join(folder, 'test'), { recursive: true });
  for (const path of OUR_BENCH)
    cpSync(join(PACKAGE_ROOT, path), join(folder, path), {
      recursive: true,
      filter: (name) => !name.endsWith('.test.ts'),
    });
  try {
    build(folder);
    return true;
  } catch (error) {
    const { stdout } = error as { stdout?: Buffer };
    const [first = String(error)] = (stdout?.toString() ?? '').split('\n');
    say(`this bench does not compile against it (${first}): it is measured by its own`);
  }
  rmSync(join(folder, 'test'), { recursive: true });
  execFileSync('git', ['checkout', '--', 'test'], { cwd: folder, stdio: 'pipe' });
  build(folder);
  return false;
}

function build(folder: string): void {
  // Through a pipe: what the compiler says is in the error.
  execFileSync(process.execPath, ['nodes/build.mjs'], { cwd: folder, stdio: 'pipe' });
}
