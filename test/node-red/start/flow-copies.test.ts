import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { LoadedSettings } from '../../../nodes/node-red/server/settings.js';
import { placeFlow } from '../../../nodes/node-red/start/bundled-flow.js';
import { flowHash, nodesIn } from '../../../nodes/node-red/start/flow-hash.js';
import { loadedFlowFile } from '../../../nodes/node-red/start/loaded-flow-file.js';
import { changed, FIRST_FLOW, type FlowNodes, PRESENT_FLOW } from '../../support/first-flow.js';
import { PROJECT_ROOT, temporaryFolder } from '../../support/node-red-process.js';

const VERSION = (JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string })
  .version;

const run = promisify(execFile);

/** A data folder, and starts in it. */
function dataFolder(flow: string | null) {
  const folder = temporaryFolder();
  const file = join(folder, 'flows.json');
  if (flow !== null) writeFileSync(file, flow);
  return {
    folder,
    file,
    flow: () => readFileSync(file, 'utf8'),
    kept: () => readdirSync(folder).filter((name) => name.includes('before')),
    start(more: Partial<LoadedSettings> = {}, root = PROJECT_ROOT) {
      const infos: string[] = [];
      const warnings: string[] = [];
      const placed = placeFlow({ root, folder, file, chosen: 'device-manager' });
      const fileToBe = placed.fileToBe();
      placed.update(
        { userDir: folder, flowFile: 'flows.json', ...more },
        { info: (text) => infos.push(text), warn: (text) => warnings.push(text) },
      );
      return { infos, warnings, fileToBe, news: placed.news() };
    },
  };
}

/** A pack of another version, whose flow is `flow`. */
function otherPack(flow: string, version: string): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'flows'));
  writeFileSync(join(root, 'flows/device-manager.json'), flow);
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version }));
  symlinkSync(join(PROJECT_ROOT, 'examples'), join(root, 'examples'), 'dir');
  return root;
}

const hash = (text: string) => flowHash(nodesIn(text) ?? []);
const nodes = (text: string) => JSON.parse(text) as FlowNodes;
const without = (text: string, taken: (node: Record<string, unknown>) => boolean) =>
  JSON.stringify(nodes(text).filter((node) => !taken(node)));
const NOTHING = { infos: [], warnings: [], news: null };

describe('copies of the bundled flow', () => {
  describe('are the same', () => {
    it('in another order and another formatting, as Node-RED writes them', () => {
      const turned = nodes(PRESENT_FLOW)
        .toReversed()
        .map((node) => Object.fromEntries(Object.entries(node).toReversed()));
      expect(hash(JSON.stringify(turned, null, 4))).to.equal(hash(PRESENT_FLOW));
    });

    it('with what the editor takes out and adds by itself', () => {
      const deployed = nodes(PRESENT_FLOW).map((node) => {
        const fields = Object.entries(node).filter(
          ([key, value]) => !key.endsWith('Type') || value !== 'str',
        );
        return { ...Object.fromEntries(fields), ofALaterVersion: '' };
      });
      const modules = { id: 'x', type: 'global-config', env: [], modules: { '@tpedm/x': '1.0.0' } };
      expect(hash(JSON.stringify([...deployed, modules]))).to.equal(hash(PRESENT_FLOW));
    });
  });

  describe('are changed', () => {
    const node = nodes(PRESENT_FLOW).find(({ type }) => type === 'tpe-simulator')!;
    const cases: Record<string, object> = {
      'by a node that was moved': { ...node, x: Number(node.x) + 20 },
      'by a field that was cleared': { ...node, server: '' },
      'by a wire': { ...node, wires: [['elsewhere']] },
      'by a node that was switched off': { ...node, d: true },
    };
    for (const [what, other] of Object.entries(cases)) {
      it(what, () => {
        const all = nodes(PRESENT_FLOW).map((one) => (one.id === node.id ? other : one));
        expect(hash(JSON.stringify(all))).not.to.equal(hash(PRESENT_FLOW));
      });
    }

    it('by a node more, one less, and a variable of all flows', () => {
      const env = [{ name: 'A', value: '1', type: 'str' }];
      for (const other of [
        [...nodes(PRESENT_FLOW), { id: 'x', type: 'comment', name: 'mine' }],
        nodes(PRESENT_FLOW).slice(0, -1),
        [...nodes(PRESENT_FLOW), { id: 'x', type: 'global-config', env }],
      ]) {
        expect(hash(JSON.stringify(other))).not.to.equal(hash(PRESENT_FLOW));
      }
    });
  });

  it('are made in a new data folder, and left alone by the next start', () => {
    const data = dataFolder(null);
    expect(data.start()).to.deep.include(NOTHING);
    expect(data.flow()).to.equal(PRESENT_FLOW);
    const before = readdirSync(data.folder);
    expect(data.start()).to.deep.include(NOTHING);
    expect(readdirSync(data.folder)).to.deep.equal(before);
  });

  it('follow the pack from version to version, also those that were made before anything was recorded', () => {
    const data = dataFolder(FIRST_FLOW);
    const first = data.start();
    expect(first.fileToBe).to.equal(join(PROJECT_ROOT, 'flows/device-manager.json'));
    expect(first.infos.join()).to.contain(`flows.json.before-${VERSION}`);
    expect(data.flow()).to.equal(PRESENT_FLOW);
    expect(readFileSync(`${data.file}.before-${VERSION}`, 'utf8')).to.equal(FIRST_FLOW);
    const later = otherPack(changed(PRESENT_FLOW), '9.9.9');
    data.start({}, later);
    expect(data.flow()).to.equal(changed(PRESENT_FLOW));
    expect(data.kept()).to.deep.equal([`flows.json.before-${VERSION}`, 'flows.json.before-9.9.9']);
  });

  it('are never kept in place of something else', () => {
    const data = dataFolder(FIRST_FLOW);
    writeFileSync(`${data.file}.before-${VERSION}`, 'mine');
    data.start();
    expect(readFileSync(`${data.file}.before-${VERSION}`, 'utf8')).to.equal('mine');
    expect(readFileSync(`${data.file}.before-${VERSION}-2`, 'utf8')).to.equal(FIRST_FLOW);
  });

  it('are replaced by one of several instances that start at once on one volume', async () => {
    const data = dataFolder(FIRST_FLOW);
    const places = { root: PROJECT_ROOT, folder: data.folder, file: data.file, chosen: 'device-manager' };
    const start = `const log = { info() {}, warn: console.error };
      require(${JSON.stringify(join(__dirname, '../../../nodes/node-red/start/bundled-flow.js'))})
        .placeFlow(${JSON.stringify(places)})
        .update(${JSON.stringify({ userDir: data.folder, flowFile: 'flows.json' })}, log);`;
    const starts = await Promise.all([1, 2, 3].map(() => run(process.execPath, ['-e', start])));
    expect(starts.map(({ stderr }) => stderr)).to.deep.equal(['', '', '']);
    expect(data.flow()).to.equal(PRESENT_FLOW);
    expect(readFileSync(join(data.folder, `flows.json.before-${VERSION}`), 'utf8')).to.equal(FIRST_FLOW);
    expect(readdirSync(data.folder).toSorted()).to.deep.equal([
      'bundled-flow.json',
      'flows.json',
      `flows.json.before-${VERSION}`,
    ]);
  });

  it('stay where an older version of the pack is started behind a newer one, which is said', () => {
    const data = dataFolder(null);
    const later = changed(PRESENT_FLOW);
    data.start({}, otherPack(later, '9.9.9'));
    const { infos, warnings, news } = data.start();
    expect(data.flow()).to.equal(later);
    expect(infos.join()).to.contain('9.9.9');
    expect({ warnings, news, kept: data.kept() }).to.deep.equal({ warnings: [], news: null, kept: [] });
  });

  it('that a person has put back are that person’s', () => {
    const data = dataFolder(FIRST_FLOW);
    data.start();
    renameSync(`${data.file}.before-${VERSION}`, data.file);
    expect(data.start()).to.deep.include(NOTHING);
    expect(data.flow()).to.equal(FIRST_FLOW);
  });

  it('in which somebody changed something stay, and what they lack is told with the examples that bring it', () => {
    const own = changed(FIRST_FLOW);
    const data = dataFolder(own);
    const { infos, news, fileToBe } = data.start();
    expect(data.flow()).to.equal(own);
    expect(fileToBe).to.equal(data.file);
    expect(data.kept()).to.deep.equal([]);
    const whole = news?.brought.find(({ example }) => example === '08 - The whole dashboard');
    expect(whole?.pages).to.include.members(['Fleet', 'Users']).and.not.to.include('Gateways');
    expect(whole?.nodes).to.include('ui-tpe-users').and.not.to.include('ui-tpe-gateways');
    expect(infos).to.have.length(1);
    expect(infos[0]).to.contain('page Fleet').and.to.contain('Import > Examples > 08 - The whole dashboard');
  });

  it('do not ask for what a person has taken out', () => {
    const data = dataFolder(null);
    data.start();
    const own = without(PRESENT_FLOW, ({ type }) => type === 'ui-tpe-audit');
    writeFileSync(data.file, own);
    expect(data.start()).to.deep.include(NOTHING);
    const weather = { id: 'weather', type: 'ui-page', name: 'Weather', path: '/weather' };
    const later = otherPack(JSON.stringify([...nodes(PRESENT_FLOW), weather]), '9.9.9');
    const { news } = data.start({}, later);
    expect(news).to.deep.equal({
      version: '9.9.9',
      brought: [{ example: null, pages: ['Weather'], nodes: [] }],
    });
    expect(data.flow()).to.equal(own);
  });

  const closed: Record<string, { close(data: ReturnType<typeof dataFolder>): Partial<LoadedSettings> }> = {
    'a file that may only be read': {
      close: ({ file }) => {
        chmodSync(file, 0o444);
        return {};
      },
    },
    'a link': {
      close: ({ file }) => {
        const elsewhere = join(temporaryFolder(), 'elsewhere.json');
        renameSync(file, elsewhere);
        symlinkSync(elsewhere, file);
        return {};
      },
    },
    'settings that forbid writing': { close: () => ({ readOnly: true }) },
  };
  for (const [what, { close }] of Object.entries(closed)) {
    it(`are not replaced in ${what}: a warning says why, and what they lack is told`, () => {
      const data = dataFolder(FIRST_FLOW);
      const { warnings, news } = data.start(close(data));
      expect(data.flow()).to.equal(FIRST_FLOW);
      expect(data.kept()).to.deep.equal([]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/cannot be replaced by that of .*: .+ It stays/);
      expect(news?.brought).to.be.an('array').that.is.not.empty;
    });
  }

  const elsewhere: Record<string, Partial<LoadedSettings>> = {
    'another flow file': { flowFile: 'mine.json' },
    'another user directory': { userDir: '/elsewhere' },
    'projects of Node-RED': { editorTheme: { projects: { enabled: true } } },
  };
  for (const [what, settings] of Object.entries(elsewhere)) {
    it(`are not touched, and nothing is told, where the flows come from ${what}`, () => {
      const data = dataFolder(FIRST_FLOW);
      expect(data.start(settings)).to.deep.include(NOTHING);
      expect(data.flow()).to.equal(FIRST_FLOW);
      expect(readdirSync(data.folder)).to.deep.equal(['flows.json']);
    });
  }

  it('are not looked for in a flow of somebody’s own, in none, and in what is no flow', () => {
    const own = JSON.stringify([{ id: 'mine', type: 'tab' }]);
    for (const flow of [own, '[]', '', 'no JSON', '{"flows": 1}', '[null]']) {
      const data = dataFolder(flow);
      expect(data.start(), flow).to.deep.include(NOTHING);
      expect(data.flow()).to.equal(flow);
    }
  });

  it('are known without a record that can be read', () => {
    for (const record of ['', 'no JSON', '{"hash": 1}', '[]']) {
      const data = dataFolder(FIRST_FLOW);
      writeFileSync(join(data.folder, 'bundled-flow.json'), record);
      data.start();
      expect(data.flow(), record).to.equal(PRESENT_FLOW);
    }
  });

  it('are those of the file that Node-RED loads', () => {
    const file = join(temporaryFolder(), 'flows.json');
    expect(loadedFlowFile({ userDir: '/data', flowFile: 'flows.json' })).to.equal('/data/flows.json');
    expect(loadedFlowFile({ userDir: '/data', flowFile: file })).to.equal(file);
    expect(loadedFlowFile({ userDir: '/data', flowFile: './flows.json' })).to.equal(
      join(process.cwd(), 'flows.json'),
    );
    // It is beside where Node-RED was started.
    expect(existsSync('package.json')).to.equal(true);
    expect(loadedFlowFile({ userDir: '/data', flowFile: 'package.json' })).to.equal(
      join(process.cwd(), 'package.json'),
    );
    expect(loadedFlowFile({ userDir: '/data' })).to.equal(null);
  });
});
