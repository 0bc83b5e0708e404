import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { logInAtDashboard, openDashboardSocket } from '../../support/dashboard-socket.js';
import { deployFlows, editorToken } from '../../support/deploy-flows.js';
import { copyEmptyDatabase } from '../../support/embedded-template.js';
import { changed, FIRST_FLOW, type FlowNodes, PRESENT_FLOW } from '../../support/first-flow.js';
import {
  type NodeRedProcess,
  PROJECT_ROOT,
  startNodeRed,
  temporaryFolder,
} from '../../support/node-red-process.js';

const SERVER = 'tpe-server-main';
const REPLACED = /it has been replaced by that of/;

async function asEditor<Answer>(nodeRed: NodeRedProcess, path: string): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${await editorToken(nodeRed)}`,
    accept: 'application/json',
    connection: 'close',
  };
  return (await (await fetch(`${nodeRed.url}${path}`, { headers })).json()) as Answer;
}

const credentialsOf = (nodeRed: NodeRedProcess) =>
  asEditor<Record<string, unknown>>(nodeRed, `/credentials/tpe-server/${SERVER}`);

const newsOf = async (nodeRed: NodeRedProcess) =>
  (await asEditor<{ tpeServerFlowNews: unknown }>(nodeRed, '/settings')).tpeServerFlowNews;

/** A folder whose database is there already. */
async function dataFolder(): Promise<string> {
  const folder = temporaryFolder();
  await copyEmptyDatabase(join(folder, 'registry'));
  return folder;
}

/** What the page Users of the present flow tells an administrator. */
async function newsOnDashboard(nodeRed: NodeRedProcess): Promise<unknown> {
  const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
  const socket = await openDashboardSocket(nodeRed, cookie);
  const news = await socket.answer('w-users', 'flow.news', {});
  socket.close();
  return news;
}

describe('the bundled flow', () => {
  it('takes the place of an older one that nobody changed; credentials still open, and the next start does nothing', async () => {
    const dataDir = await dataFolder();
    const file = join(dataDir, 'flows.json');
    const before = await startNodeRed({ dataDir });
    const withPassword = (JSON.parse(PRESENT_FLOW) as FlowNodes).map((node) =>
      node.id === SERVER ? { ...node, credentials: { username: 'me', password: 'secret' } } : node,
    );
    await deployFlows(before, withPassword);
    await before.stop();
    // As a pack of the first days left it, written by Node-RED.
    writeFileSync(file, JSON.stringify(JSON.parse(FIRST_FLOW), null, 4));
    writeFileSync(join(dataDir, 'bundled-flow.json'), '');

    const upgraded = await startNodeRed({ dataDir });
    expect(upgraded.log()).to.match(REPLACED);
    expect(readFileSync(file, 'utf8')).to.equal(PRESENT_FLOW);
    const [kept] = readdirSync(dataDir).filter((name) => name.startsWith('flows.json.before-'));
    expect(JSON.parse(readFileSync(join(dataDir, kept!), 'utf8'))).to.deep.equal(JSON.parse(FIRST_FLOW));
    expect(await credentialsOf(upgraded)).to.include({ username: 'me', has_password: true });
    expect(await newsOf(upgraded)).to.equal(null);
    expect(await newsOnDashboard(upgraded)).to.equal(null);
    await upgraded.stop();

    const { mtimeMs } = statSync(file);
    const again = await startNodeRed({ dataDir });
    expect(again.log()).not.to.match(REPLACED);
    expect(statSync(file).mtimeMs).to.equal(mtimeMs);
    expect(await credentialsOf(again)).to.include({ username: 'me', has_password: true });
    await again.stop();
  });

  it('leaves one that was deployed with a change, and says in log, editor and dashboard what is new', async () => {
    const dataDir = await dataFolder();
    const file = join(dataDir, 'flows.json');
    const before = await startNodeRed({ dataDir });
    await deployFlows(before, JSON.parse(changed(PRESENT_FLOW)) as FlowNodes);
    expect(await newsOf(before)).to.equal(null);
    await before.stop();
    // As if this pack were the first with that page and that node, in a flow that was copied from the one before.
    const own = (JSON.parse(readFileSync(file, 'utf8')) as FlowNodes).filter(
      ({ type, path }) => type !== 'ui-tpe-audit' && path !== '/audit',
    );
    writeFileSync(file, JSON.stringify(own));
    const record = join(dataDir, 'bundled-flow.json');
    const known = JSON.parse(readFileSync(record, 'utf8')) as { parts: string[] };
    const parts = known.parts.filter((part) => !part.includes('audit'));
    writeFileSync(record, JSON.stringify({ ...known, parts, hash: 'of the one before' }));

    const upgraded = await startNodeRed({ dataDir });
    expect(upgraded.log()).to.match(
      /flows\.json, lacks; .* New are page Audit, ui-tpe-audit \(Import > Examples > 08 - The whole dashboard\)/,
    );
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(own);
    expect(readdirSync(dataDir).filter((name) => name.includes('before'))).to.deep.equal([]);
    const brought = [{ example: '08 - The whole dashboard', pages: ['Audit'], nodes: ['ui-tpe-audit'] }];
    expect(await newsOf(upgraded)).to.deep.include({ brought });
    expect(await newsOnDashboard(upgraded)).to.deep.include({ brought });
    await upgraded.stop();
  });

  it('leaves flows that settings.js says are read only, or are in another file; Node-RED starts with them', async () => {
    const settingsWith = (more: object) => {
      const path = join(temporaryFolder(), 'settings.js');
      writeFileSync(
        path,
        `module.exports = { ...require(${JSON.stringify(join(PROJECT_ROOT, 'settings.js'))}), ...${JSON.stringify(more)} };`,
      );
      return path;
    };
    const dataDir = await dataFolder();
    const file = join(dataDir, 'flows.json');
    writeFileSync(file, FIRST_FLOW);
    const readOnly = await startNodeRed({ dataDir, settings: settingsWith({ readOnly: true }) });
    expect(readOnly.log()).to.match(/cannot be replaced by that of .*: settings.js says readOnly/);
    expect(readFileSync(file, 'utf8')).to.equal(FIRST_FLOW);
    await readOnly.stop();

    writeFileSync(join(dataDir, 'mine.json'), JSON.stringify([{ id: 'mine', type: 'tab', label: 'Mine' }]));
    const other = await startNodeRed({ dataDir, settings: settingsWith({ flowFile: 'mine.json' }) });
    expect(other.log()).not.to.match(REPLACED);
    expect(readFileSync(file, 'utf8')).to.equal(FIRST_FLOW);
    expect(await newsOf(other)).to.equal(null);
    await other.stop();
  });
});
