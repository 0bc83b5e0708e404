import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  isTooOld,
  LEAST_DASHBOARD,
  loadedDashboard,
} from '../../nodes/dashboard/server/dashboard-version.js';
import { editorFiles, MANIFEST } from '../support/editor-files.js';
import { temporaryFolder } from '../support/node-red-process.js';

describe('dashboard: its version', () => {
  /** As a user would have it, loaded by Node-RED. */
  function load(version: unknown): string {
    const folder = join(temporaryFolder(), 'node_modules/@flowfuse/node-red-dashboard');
    mkdirSync(join(folder, 'nodes/config'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
    const file = join(folder, 'nodes/config/ui_base.js');
    writeFileSync(file, '');
    require(file);
    return file;
  }

  it('is of the one that is loaded, wherever that is', () => {
    expect(loadedDashboard()).to.equal(null);
    for (const [version, found, old] of [
      ['1.14.0', '1.14.0', true],
      ['1.26.9', '1.26.9', true],
      ['1.27.0', '1.27.0', false],
      ['1.31.0', '1.31.0', false],
      ['2.0.0-beta.1', '2.0.0-beta.1', false],
      ['latest', null, false],
      [undefined, null, false],
    ] as const) {
      const file = load(version);
      expect(loadedDashboard()).to.equal(found);
      expect(isTooOld(loadedDashboard()), String(version)).to.equal(old);
      delete require.cache[file];
    }
  });

  it('is declared, optional, and told in the status', () => {
    const manifest = MANIFEST as unknown as {
      peerDependencies: Record<string, string>;
      peerDependenciesMeta: Record<string, { optional: boolean }>;
    };
    const name = '@flowfuse/node-red-dashboard';
    expect(manifest.peerDependencies[name]).to.equal(`>=${LEAST_DASHBOARD}`);
    expect(manifest.peerDependenciesMeta[name]).to.deep.equal({ optional: true });
    const { status } = (
      editorFiles('tpe-server').texts as { 'tpe-server': { status: { oldDashboard: string } } }
    )['tpe-server'];
    expect(status.oldDashboard).to.contain(LEAST_DASHBOARD.replace(/\.0$/, ''));
  });
});
