import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MANIFEST, PACKAGE_ROOT } from '../support/editor-files.js';

/** For people who change the source: they name many files. */
const DOCUMENTS = ['CONTRIBUTING.md', 'nodes/README.md', 'test/README.md'];
const FOLDERS = ['nodes', 'test', 'flows', '.ci'];
/** A file, or a folder with a slash at its end. */
const PATH = /`([\w./-]+(?:\.(?:ts|mjs|cjs|sql|json|vue|html)|\/))`/g;
/** Examples, and what a build or a run makes. */
const NOT_THERE =
  /tpe-x|X\.vue|^(?:create-)?xs?\.ts$|^(?:resources|data|locales|browser|browser\/words)\/|NNN_/;

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name).slice(PACKAGE_ROOT.length);
    return entry.isDirectory() ? `${path}/` : path;
  }),
);

function isThere(name: string): boolean {
  return existsSync(join(PACKAGE_ROOT, name)) || files.some((file) => file.endsWith(`/${name}`));
}

describe('package: documents for contributors', () => {
  for (const document of DOCUMENTS) {
    it(`${document} names files that are there`, () => {
      const text = readFileSync(join(PACKAGE_ROOT, document), 'utf8');
      const named = [...text.matchAll(PATH)].map(([, name]) => name!).filter((name) => !NOT_THERE.test(name));
      expect(named).to.have.length.above(10);
      expect([...new Set(named)].filter((name) => !isThere(name))).to.deep.equal([]);
    });

    it(`${document} names scripts that package.json has`, () => {
      const text = readFileSync(join(PACKAGE_ROOT, document), 'utf8');
      const { scripts } = MANIFEST as unknown as { scripts: Record<string, string> };
      const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
      expect(named.filter((name) => !(name in scripts))).to.deep.equal([]);
    });
  }
});
