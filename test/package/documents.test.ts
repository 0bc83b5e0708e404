import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect } from 'chai';
import { MANIFEST, PACKAGE_ROOT } from '../support/editor-files.js';

const PICTURES = '.github/images';
/** All that people read, but what came with the packages. */
const DOCUMENTS = ['', '.github', 'docker', 'examples', 'nodes', 'test'].flatMap((folder) =>
  namesIn(folder, { recursive: folder !== '' }).filter((name) => name.endsWith('.md')),
);
/** For people who change the source: they name many files. */
const FOR_CONTRIBUTORS = ['CONTRIBUTING.md', 'nodes/README.md', 'test/README.md'];
const FOLDERS = ['nodes', 'test', 'flows', '.ci', 'docker'];
/** A file, or a folder with a slash at its end. */
const PATH = /`([\w./-]+(?:\.(?:ts|mjs|cjs|sql|json|vue|html|sh|yaml|conf|template|md)|\/))`/g;
/** Examples, what a build or a run makes, what CHANGELOG tells of the past, and files of users, TPEDM, of EMQX, of repositories. */
const NOT_THERE =
  /tpe-x|X\.vue|^(?:create-)?xs?\.ts$|^(?:resources|data|locales|browser|browser\/messages|dist|generated)\/|NNN_|^\/|^(?:config|command|packages|flows)\.json$|^emqx\.conf$|^emqx_\w+\.conf$|^compose\.override\.yaml$|^coverage\/|^bench-results\//;
/** As GitHub makes it of a heading. */
const slugOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const files = FOLDERS.flatMap((folder) => namesIn(folder, { recursive: true }));

/** From the root of the package; folders have a slash at their end. */
function namesIn(folder: string, { recursive }: { recursive: boolean }): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { recursive, withFileTypes: true }).map((entry) => {
    const path = relative(PACKAGE_ROOT, join(entry.parentPath, entry.name));
    return entry.isDirectory() ? `${path}/` : path;
  });
}

const read = (document: string) => readFileSync(join(PACKAGE_ROOT, document), 'utf8');
const withoutCode = (text: string) => text.replace(/^ *```[\s\S]*?^ *```$/gm, '');

function isThere(name: string): boolean {
  return existsSync(join(PACKAGE_ROOT, name)) || files.some((file) => `/${file}`.endsWith(`/${name}`));
}

function filesNamedIn(document: string): string[] {
  const named = [...read(document).matchAll(PATH)].map(([, name]) => name!);
  return [...new Set(named)].filter((name) => !NOT_THERE.test(name));
}

/** Links and pictures that lead to files of ours, as they stand in the text. */
function linksIn(document: string): string[] {
  const links = [...withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return links.filter((target) => !/^(?:https?|mailto):/.test(target));
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (target.startsWith('..') || !existsSync(join(PACKAGE_ROOT, target))) return false;
  if (anchor === undefined) return true;
  const headings = [...withoutCode(read(target)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return headings.map(slugOf).includes(anchor);
}

describe('package: documents', () => {
  it('are those of the project and of its rooms', () => {
    expect(DOCUMENTS).to.include.members([
      'README.md',
      'CHANGELOG.md',
      'SECURITY.md',
      'docker/README.md',
      'nodes/api/README.md',
      ...FOR_CONTRIBUTORS,
    ]);
  });

  for (const document of DOCUMENTS) {
    it(`${document} names files that are there`, () => {
      expect(filesNamedIn(document).filter((name) => !isThere(name))).to.deep.equal([]);
    });

    it(`${document} links to files and headings that are there`, () => {
      expect(linksIn(document).filter((link) => !leadsSomewhere(document, link))).to.deep.equal([]);
    });

    it(`${document} names scripts that package.json has`, () => {
      const { scripts } = MANIFEST as unknown as { scripts: Record<string, string> };
      const named = [...read(document).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
      expect(named.filter((name) => !(name in scripts))).to.deep.equal([]);
    });
  }

  for (const document of FOR_CONTRIBUTORS) {
    it(`${document} is looked through for files`, () => {
      expect(filesNamedIn(document)).to.have.length.above(10);
    });
  }

  it('lead from the README to each of them', () => {
    const reached = new Set(['README.md']);
    for (const document of reached) {
      for (const link of linksIn(document)) {
        const target = normalize(join(dirname(document), link.split('#')[0]!));
        if (target.endsWith('.md')) reached.add(target);
      }
    }
    const people = DOCUMENTS.filter((document) => !document.startsWith('.github/'));
    expect(people.filter((document) => !reached.has(document))).to.deep.equal([]);
  });
});

describe('package: README', () => {
  it('is read in one sitting', () => {
    expect(Buffer.byteLength(read('README.md'))).to.be.lessThan(13_000);
  });

  it('shows each picture there is, and none is heavy', () => {
    const pictures = namesIn(PICTURES, { recursive: true });
    expect(linksIn('README.md').filter((link) => link.endsWith('.png'))).to.have.members(pictures);
    for (const picture of pictures)
      expect(statSync(join(PACKAGE_ROOT, picture)).size, picture).to.be.lessThan(150_000);
  });

  it('has a line for each example', () => {
    const named = [...read('examples/README.md').matchAll(/^\| (\d\d) (.+?) +\|/gm)];
    const examples = namesIn('examples', { recursive: false }).filter((name) => name.endsWith('.json'));
    expect(named.map(([, number, name]) => `examples/${number} - ${name}.json`)).to.have.members(examples);
  });
});

describe('package: variables', () => {
  const NAME = /^(?:TPE_[A-Z_]+|EMQX_API_[A-Z_]+|DATABASE_URL|PORT)$/;

  it('that the sources read are in the tables of docker/README.md, and no others', () => {
    const sources = files.filter((file) => /^nodes\/.*\.ts$/.test(file)).map(read);
    const asked = sources.flatMap((text) => [...text.matchAll(/'([A-Z_]+)'/g)].map(([, name]) => name!));
    const cells = [...read('docker/README.md').matchAll(/^\| (`[^|]+`) +\|/gm)].map(([, cell]) => cell!);
    const told = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
    const variables = (names: string[]) => [...new Set(names.filter((name) => NAME.test(name)))].sort();
    expect(variables(told)).to.deep.equal(variables(asked));
  });
});
