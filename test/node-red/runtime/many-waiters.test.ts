import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import tpeCommand from '../../../nodes/tpe-command/tpe-command.js';
import tpeUpdateInstall from '../../../nodes/tpe-update-install/tpe-update-install.js';
import { PACKAGE_ROOT } from '../../support/editor-files.js';
import { type FakeManager, fakeManager } from '../../support/fake-manager.js';
import { fakeServer } from '../../support/fake-server.js';
import { helper, inbox, nodeOf } from '../../support/node-red-helper.js';

const WAITERS = 200;

describe('nodes: many who wait at a time', () => {
  let manager: FakeManager;
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);

  before(() => process.on('warning', onWarning));
  after(() => process.off('warning', onWarning));
  afterEach(() => helper.unload());

  it('are no leak to Node.js, and all hear of the end', async () => {
    manager = fakeManager();
    const at = { z: 'tab', x: 0, y: 0 };
    await helper.load(
      [fakeServer(async () => manager), tpeCommand, tpeUpdateInstall],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server' },
        {
          id: 'node',
          ...at,
          type: 'tpe-command',
          server: 'server',
          action: 'send',
          wires: [['out'], ['out']],
        },
        { id: 'out', ...at, type: 'helper', wires: [] },
      ],
    );
    const out = inbox('out');
    const sent: FakeManager['open'] = [];
    const all = new Promise<void>((resolve) => {
      manager.onSend((command) => sent.push(command) === WAITERS && resolve());
    });
    for (let index = 0; index < WAITERS; index += 1)
      nodeOf('node').receive({ clientid: `gw-${index}`, path: '/device/general' });
    await all;
    for (const command of sent) command.end({ state: 'SUCCEEDED', answer: { status: 200, payload: {} } });
    for (let index = 0; index < WAITERS; index += 1) await out.next();
    // Node.js tells of it a turn later.
    await new Promise(setImmediate);
    expect(warnings.map(({ name, message }) => `${name}: ${message}`)).to.deep.equal([]);
  });

  it('wait on what may have any number of listeners, everywhere', () => {
    const folder = join(PACKAGE_ROOT, 'nodes');
    const makers = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/[\\/](browser|parts)[\\/]/.test(file))
      .filter((file) => /new AbortController\(/.test(readFileSync(file, 'utf8')));
    expect(makers.map((file) => file.slice(folder.length + 1))).to.deep.equal([
      join('manager', 'shared', 'ending.ts'),
    ]);
  });
});
