import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makePrivate } from '../../../nodes/manager/shared/private-folder.js';
import { deployFlows } from '../../support/deploy-flows.js';
import {
  type NodeRedProcess,
  PROJECT_ROOT,
  startNodeRed,
  temporaryFolder,
} from '../../support/node-red-process.js';

const OTHERS = 0o077;
const MODULE = require.resolve('../../../nodes/manager/shared/private-folder.js');

/** Writes a context, a file and credentials each time that it is deployed. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'writes' },
  { id: 'server', type: 'tpe-server' },
  { id: 'mine', type: 'mqtt-broker', broker: '127.0.0.1', port: '9', autoConnect: false },
  { id: 'shows', z: 'tab', type: 'tpe-status', server: 'server', wires: [[]] },
  { id: 'once', z: 'tab', type: 'inject', once: true, onceDelay: 0, props: [], wires: [['keep']] },
  {
    id: 'keep',
    z: 'tab',
    type: 'function',
    func: "flow.set('kept', Date.now()); msg.payload = 'x'; return msg;",
    outputs: 1,
    wires: [['write']],
  },
  {
    id: 'write',
    z: 'tab',
    type: 'file',
    filenameType: 'str',
    overwriteFile: 'true',
    createDir: true,
    wires: [['wrote']],
  },
  { id: 'wrote', z: 'tab', type: 'debug', active: true, tosidebar: false, console: true, complete: 'false' },
];

/** What others of the machine may do something with, below the folder and itself. */
function openToOthers(folder: string): string[] {
  const paths = ['', ...readdirSync(folder, { recursive: true }).map(String)].map((name) =>
    join(folder, name),
  );
  return paths.filter((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && (stats.mode & OTHERS) !== 0;
  });
}

function openAll(folder: string): void {
  for (const name of ['', ...readdirSync(folder, { recursive: true }).map(String)]) {
    const path = join(folder, name);
    chmodSync(path, statSync(path).isDirectory() ? 0o755 : name.endsWith('.json') ? 0o644 : 0o666);
  }
}

/** Signs in at the editor and deploys the flow, so that Node-RED writes what it keeps. */
async function deploy(nodeRed: NodeRedProcess, folder: string): Promise<void> {
  const more: Record<string, object> = {
    mine: { credentials: { user: 'u', password: 'p' } },
    write: { filename: join(folder, 'flow-files/written.txt') },
  };
  await deployFlows(
    nodeRed,
    FLOW.map((node) => ({ ...node, ...more[node.id] })),
  );
}

describe('data folder', () => {
  const umask = process.umask();
  before(() => process.umask(0o022));
  after(() => process.umask(umask));

  it('is closed to others, with all that is written into it then and later, and an old one is mended', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const first = await startNodeRed({ dataDir });
    await deploy(first, dataDir);
    await first.printed(/\[debug:wrote\]/);
    await first.stop();
    const names = readdirSync(dataDir, { recursive: true }).map(String);
    for (const name of [
      'flows.json',
      'flows_cred.json',
      '.config.runtime.json',
      'secrets.json',
      'flow-files/written.txt',
      'registry/pgdata/PG_VERSION',
    ])
      expect(names.includes(name), `${name} in ${names.slice(0, 20)}`).to.equal(true);
    expect(
      names.some((name) => /^context\/.*json$/.test(name)),
      names.join(),
    ).to.equal(true);
    expect(openToOthers(dataDir)).to.deep.equal([]);

    // As the first versions left it.
    openAll(dataDir);
    writeFileSync(join(dataDir, '.sessions.json'), '{}', { mode: 0o644 });
    const outside = join(temporaryFolder(), 'outside');
    writeFileSync(outside, '', { mode: 0o644 });
    symlinkSync(outside, join(dataDir, 'link'));
    const second = await startNodeRed({ dataDir });
    await deploy(second, dataDir);
    await second.stop();
    expect(openToOthers(dataDir)).to.deep.equal([join(dataDir, 'link')]);
    expect(statSync(outside).mode & 0o777).to.equal(0o644);
    expect(second.log()).not.to.contain('chmod');
  });

  it('of the pack alone is closed where the settings of Node-RED are not ours', async () => {
    const userDir = temporaryFolder();
    const settings = join(userDir, 'settings.js');
    writeFileSync(
      settings,
      `module.exports = { uiPort: process.env.PORT, userDir: ${JSON.stringify(userDir)}, flowFile: 'flows.json',
        nodesDir: [${JSON.stringify(PROJECT_ROOT)}] };`,
    );
    mkdirSync(join(userDir, 'tpedm'), { mode: 0o755 });
    writeFileSync(join(userDir, 'tpedm/old'), '', { mode: 0o666 });
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify(FLOW.slice(0, 4)));
    const nodeRed = await startNodeRed({ settings, dataDir: userDir, env: { TPE_DATA_DIR: '' } });
    await nodeRed.printed(/The database has been migrated: 014/);
    await nodeRed.stop();
    expect(readdirSync(join(userDir, 'tpedm'))).to.include('registry');
    expect(openToOthers(join(userDir, 'tpedm'))).to.deep.equal([]);
    // What others write is theirs to decide.
    expect(statSync(join(userDir, '.config.runtime.json')).mode & 0o777).to.equal(0o644);
  });

  it('has files of somebody else left alone, and told with what to do', function () {
    if (process.getuid?.() !== 0) this.skip();
    const folder = temporaryFolder();
    for (const name of ['mine', 'theirs']) writeFileSync(join(folder, name), '', { mode: 0o644 });
    chownSync(join(folder, 'theirs'), 65_534, 65_534);
    expect(makePrivate(folder))
      .to.match(/theirs cannot be closed/)
      .and.to.contain(`chmod -R go= "${folder}"`);
    expect(openToOthers(folder)).to.deep.equal([join(folder, 'theirs')]);
  });

  it("is told to be open where it is root's, but for a volume that Kubernetes gave to this group", function () {
    if (process.getuid?.() !== 0) this.skip();
    const above = temporaryFolder();
    chmodSync(above, 0o755);
    const folder = join(above, 'data');
    mkdirSync(folder);
    chownSync(folder, 0, 65_534);
    writeFileSync(join(folder, 'mine'), '', { mode: 0o644 });
    chownSync(join(folder, 'mine'), 65_534, 65_534);
    const program = `console.log(require(process.argv[1]).makePrivate(process.argv[2]))`;
    const said = (mode: number) => {
      chmodSync(folder, mode);
      chmodSync(join(folder, 'mine'), 0o644);
      return execFileSync(process.execPath, ['-e', program, MODULE, folder], {
        uid: 65_534,
        gid: 65_534,
        encoding: 'utf8',
      });
    };
    expect(said(0o777)).to.contain(`${folder} cannot be closed`);
    expect(openToOthers(folder)).to.deep.equal([folder]);
    expect(said(0o2775)).to.equal('null\n');
    expect(openToOthers(folder)).to.deep.equal([folder]);
  });
});
