import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import { asTpeError, prefixed, TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import tpeCommand from '../../../nodes/tpe-command/tpe-command.js';
import tpeJob from '../../../nodes/tpe-job/tpe-job.js';
import tpeOutput from '../../../nodes/tpe-output/tpe-output.js';
import tpeRegister from '../../../nodes/tpe-register/tpe-register.js';
import tpeSimulator from '../../../nodes/tpe-simulator/tpe-simulator.js';
import tpeStatus from '../../../nodes/tpe-status/tpe-status.js';
import tpeUpdateInstall from '../../../nodes/tpe-update-install/tpe-update-install.js';
import tpeUpdateScan from '../../../nodes/tpe-update-scan/tpe-update-scan.js';
import { PACKAGE_ROOT } from '../../support/editor-files.js';
import { fakeManager } from '../../support/fake-manager.js';
import { fakeServer } from '../../support/fake-server.js';
import { helper, inbox, nodeOf, shownStatus } from '../../support/node-red-helper.js';

const MODULES = [
  tpeCommand,
  tpeRegister,
  tpeStatus,
  tpeUpdateScan,
  tpeUpdateInstall,
  tpeJob,
  tpeSimulator,
  tpeOutput,
];
const TAKING = [
  'tpe-command',
  'tpe-register',
  'tpe-status',
  'tpe-update-scan',
  'tpe-update-install',
  'tpe-job',
  'tpe-simulator',
];
/** A message that each of them would act on. */
const ASKED = { action: 'get', clientid: 'gw', requestId: '1', installation: '1', job: '1' };
const ACTIONS: Record<string, string> = {
  'tpe-status': 'health',
  'tpe-update-scan': 'progress',
  'tpe-simulator': 'status',
};

interface Caught {
  message: string;
  code?: string;
}

function sources(): string[] {
  const folder = join(PACKAGE_ROOT, 'nodes');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](browser|parts|editor)[\\/]/.test(file))
    .map((file) => readFileSync(file, 'utf8'));
}

describe('nodes: what Catch nodes get of a fault', () => {
  afterEach(() => helper.unload());

  async function load(server: object, open = async () => fakeManager()): Promise<void> {
    const at = { z: 'tab', x: 0, y: 0, server: 'server', wires: [[], [], []] };
    await helper.load(
      [fakeServer(open), ...MODULES],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server', name: 'main', ...server },
        ...TAKING.map((type) => ({ id: type, type, ...at, action: '', changes: 'none' })),
        { id: 'tpe-output', type: 'tpe-output', ...at },
        { id: 'catcher', type: 'catch', z: 'tab', x: 0, y: 0, scope: null, wires: [['caught']] },
        { id: 'caught', type: 'helper', z: 'tab', x: 0, y: 0, wires: [] },
      ],
    );
  }

  async function faultOf(type: string, msg: NodeMessage): Promise<Caught> {
    const caught = inbox('caught');
    nodeOf(type).receive(msg);
    return (await caught.next()).error as Caught;
  }

  it('has a code and a text that begins with no name of a class, from every node', async () => {
    await load({}, async () => {
      const text = 'The database at db:5432 refuses connections.';
      throw new TpeError('UNAVAILABLE', text);
    });
    for (const type of TAKING) {
      for (const msg of [{ action: 'dance' }, { ...ASKED, action: ACTIONS[type] ?? 'get' }]) {
        const { code, message } = await faultOf(type, { ...msg });
        expect(code, type).to.be.oneOf(['INVALID_INPUT', 'UNAVAILABLE']);
        expect(message, type).not.to.match(/^\w*Error: /);
      }
    }
  });

  it('has a code also where nobody foresaw it', async () => {
    await load({}, async () => Object.assign(fakeManager(), { registry: null as never }));
    const { code, message } = await faultOf('tpe-register', { action: 'get', clientid: 'gw' });
    expect(code).to.equal('ERROR');
    expect(message).not.to.match(/^\w*Error: /);
    expect(prefixed('It did not work', new TypeError('why'))).to.include({ code: 'ERROR' });
    expect(String(asTpeError(new RangeError('far')))).to.equal('far');
  });

  it('tells a server that is disabled from one that is not there', async () => {
    await load({ d: true });
    for (const type of TAKING) {
      const { code, message } = await faultOf(type, { ...ASKED, action: ACTIONS[type] ?? 'get' });
      expect(code, type).to.equal('UNAVAILABLE');
      expect(message, type).to.contain('"main" is disabled: enable it');
    }
    for (const type of [...TAKING, 'tpe-output'])
      await shownStatus(nodeOf(type), ({ text }) => text?.endsWith('.serverDisabled') === true);
  });

  it('is an error of ours wherever a node tells of one by itself', () => {
    const texts = sources().join('\n');
    expect(texts.match(/\b(?:node|this)\.error\(\s*['"`]/g)).to.equal(null);
    expect(texts.match(/\b(?:node|this)\.error\(\s*messageOf/g)).to.equal(null);
  });
});
