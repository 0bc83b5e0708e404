import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const NODES = join(PACKAGE_ROOT, 'nodes');

/** From the top. A file may import what is below it, or on its own floor; rooms of one floor never import each other both ways. */
const FLOORS: readonly (readonly string[])[] = [
  ['tpe-', 'dashboard/ui-tpe-', 'dashboard/widgets.ts'],
  ['dashboard/server', 'dashboard/client'],
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
  ['manager/updates'],
  ['manager/accounts', 'manager/presence', 'manager/intake', 'manager/gateway-simulator'],
  ['manager/audit', 'manager/registry', 'manager/commands', 'manager/retention'],
  ['manager/catalogue', 'manager/cluster', 'manager/broker'],
  ['manager/database', 'manager/protocol'],
  ['manager/shared'],
];

interface Import {
  from: string;
  to: string;
}

const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(ts|vue)$/.test(file),
);
const known = new Set(files);
const imports = files.flatMap(importsOf);

/** Of files of ours, types included. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(NODES, from), 'utf8');
  return [...text.matchAll(/(?:from\s+|import\s+|import\(\s*)'(\.{1,2}\/[^']+)'/g)].flatMap(([, path]) => {
    const named = normalize(join(dirname(from), path!));
    const to = [named, named.replace(/\.js$/, '.ts')].find((file) => known.has(file));
    return to === undefined ? [] : [{ from, to }];
  });
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

  it('have a manager that knows nothing of Node-RED', () => {
    const manager = files.filter((file) => file.startsWith('manager/'));
    const knows = manager.filter((file) =>
      /from '(?:node-red|@node-red|@flowfuse|express|vue)/.test(readFileSync(join(NODES, file), 'utf8')),
    );
    expect(knows).to.deep.equal([]);
  });
});
