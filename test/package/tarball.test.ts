import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MANIFEST, PACKAGE_ROOT } from '../support/editor-files.js';
import { temporaryFolder } from '../support/node-red-process.js';

const TOP = [
  'resources',
  'examples',
  'flows',
  'icons',
  'docker',
  'settings.js',
  'CHANGELOG.md',
  'README.md',
  'LICENSE',
];

interface Packed {
  size: number;
  files: { path: string }[];
}

describe('package: tarball', () => {
  let packed: Packed;
  let paths: string[];

  before(() => {
    const folder = temporaryFolder();
    const manifest = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
      files: string[];
    };
    // Without its scripts: one of them would build everything anew.
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, scripts: {} }));
    for (const name of [...TOP, 'dist/nodes', 'dist/test/package']) {
      cpSync(join(PACKAGE_ROOT, name), join(folder, name), {
        recursive: true,
        filter: (path) => !/[\\/]docker[\\/](generated|backups|\.env)/.test(path),
      });
    }
    const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    [packed] = JSON.parse(told.toString()) as [Packed];
    paths = packed.files.map(({ path }) => path);
  });

  it('has what Node-RED loads, and the scripts of the editor and the widgets', () => {
    const { nodes, plugins } = MANIFEST['node-red'];
    expect(paths).to.include.members([...Object.values(nodes), ...Object.values(plugins)]);
    expect(paths).to.include.members([
      'resources/tpedm-editor.js',
      'resources/tpedm-wall.js',
      'resources/tpedm-widgets.umd.js',
      'settings.js',
      'dist/nodes/node-red/http/docs/swagger-ui-bundle.js.gz',
      'dist/nodes/node-red/http/docs/swagger-ui.LICENSE',
      'dist/nodes/manager/database/pglite/first-database.tar.br',
    ]);
  });

  it('is small: no source maps, whose sources would be missing, no sources and no tests', () => {
    expect(paths.filter((path) => /\.map$|\.ts$|\.vue$|^dist\/test\/|^test\//.test(path))).to.deep.equal([]);
    // Nearly half of it is the empty database.
    expect(packed.size).to.be.lessThan(4_500_000);
  });

  it('brings no validator into browsers: schemas are compiled by the server alone', () => {
    const script = readFileSync(join(PACKAGE_ROOT, 'resources/tpedm-widgets.umd.js'), 'utf8');
    expect(script).not.to.include('strictTuples');
  });
});
