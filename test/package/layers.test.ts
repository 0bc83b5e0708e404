import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const NODES = join(PACKAGE_ROOT, 'nodes');

/** From the top. A file may import what is below it, or on its own floor; rooms of one floor never import each other both ways. */
const FLOORS: readonly (readonly string[])[] = [
  ['tpe-', 'dashboard/ui-tpe-', 'dashboard/widgets.ts'],
  ['dashboard/server', 'dashboard/client', 'dashboard/wall'],
  ['dashboard/wire'],
  ['node-red/start', 'node-red/editor-api', 'node-red/front'],
  ['node-red/server'],
  ['node-red/login'],
  ['node-red/http'],
  ['node-red/runtime'],
  ['node-red/editor-client'],
  ['node-red/fields'],
  ['api'],
  ['manager/composition'],
  ['manager/metrics'],
  ['manager/device-manager.ts'],
  ['manager/timeline'],
  ['manager/alarms'],
  ['manager/jobs'],
  ['manager/updates', 'manager/well'],
  ['manager/accounts', 'manager/presence', 'manager/intake', 'manager/gateway-simulator'],
  ['manager/audit', 'manager/registry', 'manager/commands', 'manager/retention'],
  ['manager/guard'],
  ['manager/catalogue', 'manager/sites', 'manager/cluster', 'manager/broker'],
  ['manager/database', 'manager/protocol'],
  ['manager/shared'],
];

/**
 * Folders of one room, and who of them imports whom, types included. Those that are not named know nothing of each other: what
 * they share lies beside them.
 */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  'dashboard/client': ['components > composables', 'components > i18n', 'composables > i18n'],
  'manager/alarms': ['sources > readings'],
  'manager/broker': ['emqx > mqtt'],
  'manager/catalogue': ['custom > import', 'custom > validation', 'import > validation'],
  'manager/database': ['obstacles > postgresql', 'pglite > postgresql'],
  'manager/jobs': [
    'control > definition',
    'control > run',
    'control > store',
    'run > definition',
    'store > definition',
  ],
  'manager/updates': ['scan > repository'],
  'manager/updates/install': ['steps > upgrade-api'],
};

interface Import {
  from: string;
  to: string;
}

const files = sourcesIn(NODES);
const imports = importsIn(NODES);

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(ts|vue)$/.test(file),
  );
}

/** What the files of a folder import of each other, types included. */
function importsIn(folder: string): Import[] {
  const sources = sourcesIn(folder);
  const known = new Set(sources);
  return sources.flatMap((from) => {
    const text = readFileSync(join(folder, from), 'utf8');
    const paths = text.matchAll(/(?:from\s+|import\s+|import\(\s*)'(\.{1,2}\/[^']+)'/g);
    return [...paths].flatMap(([, path]) => {
      const named = normalize(join(dirname(from), path!));
      const to = [named, named.replace(/\.js$/, '.ts')].find((file) => known.has(file));
      return to === undefined ? [] : [{ from, to }];
    });
  });
}

/** The folder that both files are in, and which folders of it: null where one of them lies in it directly. */
function siblingsOf({ from, to }: Import): { room: string; pair: string } | null {
  const [a, b] = [dirname(from).split('/'), dirname(to).split('/')];
  const differ = a.findIndex((name, index) => name !== b[index]);
  if (differ < 2 || b[differ] === undefined) return null;
  return { room: a.slice(0, differ).join('/'), pair: `${a[differ]} > ${b[differ]}` };
}

/** Files that import each other in a circle: what is left when those that import nobody of the rest have gone, one by one. */
function circlesIn(all: readonly Import[]): string[] {
  const ends = all.filter(({ to }) => !all.some(({ from }) => from === to));
  if (ends.length === 0) return all.map(({ from, to }) => `${from} imports ${to}`);
  const last = new Set(ends.map(({ to }) => to));
  return circlesIn(all.filter(({ to }) => !last.has(to)));
}

function floorOf(file: string): number {
  return FLOORS.findIndex((rooms) => rooms.some((room) => file.startsWith(room)));
}

function roomOf(file: string): string {
  const room = FLOORS.flat().find((one) => file.startsWith(one)) ?? file;
  return room.endsWith('-') ? file.split('/').slice(0, room.split('/').length).join('/') : room;
}

/** The floors as nodes/README.md lists them, from the top: the names in the first cell of each row of its table. */
function floorsOfReadme(): string[][] {
  const [, section = ''] = readFileSync(join(NODES, 'README.md'), 'utf8').split('\n## Floors\n');
  const [table = ''] = section.split('\n## ', 1);
  const cells = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell!);
  return cells.map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, room]) => room!));
}

describe('package: the floors of the house', () => {
  it('are those of nodes/README.md', () => {
    expect(floorsOfReadme()).to.deep.equal(FLOORS);
  });

  it('have a place for each file', () => {
    expect(files.filter((file) => floorOf(file) === -1)).to.deep.equal([]);
    const empty = FLOORS.flat().filter((room) => !files.some((file) => file.startsWith(room)));
    expect(empty, 'rooms without a file').to.deep.equal([]);
  });

  it('are imported from above alone, types included', () => {
    expect(imports).to.have.length.above(1000);
    const up = imports.filter(({ from, to }) => floorOf(to) < floorOf(from));
    expect(up.map(({ from, to }) => `${from} imports ${to}`)).to.deep.equal([]);
  });

  it('have rooms that never import each other both ways', () => {
    const between = new Set(
      imports
        .map(({ from, to }) => [roomOf(from), roomOf(to)] as const)
        .filter(([from, to]) => from !== to)
        .map((pair) => pair.join(' and ')),
    );
    const both = [...between].filter((pair) => between.has(pair.split(' and ').reverse().join(' and ')));
    expect(both).to.deep.equal([]);
  });

  it('have folders in each room that import each other one way, as said here', () => {
    const found: Record<string, Set<string>> = {};
    for (const each of imports) {
      const siblings = siblingsOf(each);
      if (siblings === null || siblings.room.startsWith('dashboard/ui-')) continue;
      found[siblings.room] ??= new Set();
      found[siblings.room]!.add(siblings.pair);
    }
    const sorted = Object.entries(found).map(([room, pairs]) => [room, [...pairs].sort()]);
    expect(Object.fromEntries(sorted)).to.deep.equal(WITHIN);
  });

  it('have browsers that take no more than types from the server', () => {
    const browsers = files.filter((file) => /^dashboard\/(client|(?:wall|ui-[\w-]+)\/browser)\//.test(file));
    expect(browsers).to.have.length.above(50);
    const takes = browsers.filter((file) =>
      /^import (?!type )[^;]*'[^']*\/server\//m.test(readFileSync(join(NODES, file), 'utf8')),
    );
    expect(takes).to.deep.equal([]);
  });

  it('have tests whose helpers import each other in no circle', () => {
    const helpers = importsIn(join(PACKAGE_ROOT, 'test/support'));
    expect(helpers).to.have.length.above(100);
    expect(circlesIn(helpers)).to.deep.equal([]);
    const circle = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
      { from: 'a', to: 'c' },
    ];
    expect(circlesIn(circle)).to.have.members(['a imports b', 'b imports a']);
  });

  it('have a manager that knows nothing of Node-RED', () => {
    const manager = files.filter((file) => file.startsWith('manager/'));
    const knows = manager.filter((file) =>
      /from '(?:node-red|@node-red|@flowfuse|express|vue)/.test(readFileSync(join(NODES, file), 'utf8')),
    );
    expect(knows).to.deep.equal([]);
  });
});
