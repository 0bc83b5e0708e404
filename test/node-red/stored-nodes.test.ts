import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { FIELDS } from '../../nodes/node-red/fields/fields.js';
import { newestVersion } from '../../nodes/node-red/fields/migrations.js';
import { faultOfNode } from '../../nodes/node-red/runtime/check-fields.js';
import { readBrokerEnvironment } from '../../nodes/node-red/server/broker-environment.js';
import { serverOptions } from '../../nodes/node-red/server/options.js';
import { readRepositoryEnvironment } from '../../nodes/node-red/server/repository-environment.js';
import { fakeEditor } from '../support/editor-definitions.js';
import { MANIFEST, PACKAGE_ROOT } from '../support/editor-files.js';
import { BUNDLED, EXAMPLES } from '../support/examples.js';
import { type FakeManager, fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import {
  helper,
  type Inbox,
  inbox,
  type NodeModule,
  nodeOf,
  shownStatus,
} from '../support/node-red-helper.js';

interface StoredNode {
  id: string;
  type: string;
  version?: number;
}

/** One node of each type as the first flow stored it that had one. */
const EARLIEST = JSON.parse(
  readFileSync(join(PACKAGE_ROOT, 'test/fixtures/stored-nodes.json'), 'utf8'),
) as StoredNode[];
const TYPES = Object.keys(MANIFEST['node-red'].nodes);
const NODES = TYPES.filter((type) => type.startsWith('tpe-') && type !== 'tpe-server');
const WIDGETS = TYPES.filter((type) => type.startsWith('ui-'));
const editor = fakeEditor();

const earliest = (type: string) => EARLIEST.find((node) => node.type === type)!;

/** The same node as a form of today saves it. */
function savedToday(stored: StoredNode): StoredNode {
  const { defaults } = editor.definitions.get(stored.type)!;
  const blank = Object.entries(defaults).map(([name, { value }]) => [name, value]);
  const node: StoredNode & Record<string, unknown> = { ...stored };
  editor.add(node);
  const kept = Object.entries(node).filter(([name]) => name in defaults);
  const saved = { ...Object.fromEntries([...blank, ...kept]), id: stored.id, type: stored.type };
  return JSON.parse(JSON.stringify(saved)) as StoredNode;
}

const moduleOf = (type: string) =>
  require(join(PACKAGE_ROOT, MANIFEST['node-red'].nodes[type]!)) as {
    default?: NodeModule;
  } as unknown as NodeModule;

/** Whatever of the dashboard a widget is in. */
const place =
  (type: string): NodeModule =>
  (RED) => {
    RED.nodes.registerType(type, function (this: Node, config: object) {
      RED.nodes.createNode(this, config as never);
      Object.assign(this, { register: () => undefined });
    });
  };

/** What each is asked for, so that its fields count. */
const ASKED: Record<string, object> = {
  'tpe-register': { payload: { limit: 2 } },
  'tpe-command': {},
  'tpe-status': { payload: 'gw' },
  'tpe-update-scan': { payload: { tag: 'north' } },
  'tpe-update-install': {
    clientid: 'gw',
    packages: [{ category: 'tpe', version: '1.0', yamlUrl: 'https://example.com/a.yaml' }],
  },
};

describe('stored nodes', () => {
  let manager: FakeManager;

  /** Loads one node, wired to catchers of what it sends and of what it fails with. */
  async function load(stored: StoredNode): Promise<{ sent: Inbox; failed: Inbox }> {
    const at = { z: 'tab', x: 0, y: 0 };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      { id: 'group', type: 'ui-group' },
      { id: 'base', type: 'ui-base' },
      {
        ...stored,
        ...{ id: 'node', ...at, server: 'server', wires: [['out'], ['out'], ['out']] },
        ...(stored.type === 'ui-tpe-account' ? { ui: 'base' } : { group: 'group' }),
      },
      { id: 'out', ...at, type: 'helper', wires: [] },
      { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', ...at, type: 'helper', wires: [] },
    ];
    const modules = [
      fakeServer(async () => manager),
      place('ui-group'),
      place('ui-base'),
      moduleOf(stored.type),
    ];
    await helper.load(modules, flow);
    return { sent: inbox('out'), failed: inbox('caught') };
  }

  async function endInstallation(): Promise<void> {
    for (;;) {
      const [begun] = await manager.installations.list({});
      if (begun !== undefined) {
        const ended = { state: 'SUCCEEDED' as const, endedAt: '2026-01-01T00:30:00.000Z' };
        manager.events.emit('installation', { ...begun, ...ended });
        return;
      }
      await new Promise(setImmediate);
    }
  }

  beforeEach(() => {
    manager = fakeManager([fakeDevice('gw', { tags: ['virtual'] })]);
  });
  afterEach(() => helper.unload());

  it('are known of each type, and each says which version its form saves', () => {
    expect(EARLIEST.map(({ type }) => type)).to.have.members(TYPES);
    for (const type of TYPES) {
      const version = editor.definitions.get(type)?.defaults.version;
      expect(version?.value, type).to.equal(newestVersion(type));
    }
  });

  it('are of the newest version in the flow of the pack and in the examples, so that the editor changes nothing', () => {
    const ours = [BUNDLED, ...EXAMPLES.map(({ nodes }) => nodes)]
      .flat()
      .filter(({ type }) => TYPES.includes(type));
    expect(ours).to.have.length.above(50);
    for (const { id, type, version } of ours) expect(version, id).to.equal(newestVersion(type));
  });

  it('get a version in the editor where they have none, which is nothing that has to be deployed', () => {
    const node: Record<string, unknown> = { type: 'tpe-status', filter: 'a*' };
    editor.add(node);
    expect(node).to.deep.equal({ type: 'tpe-status', filter: 'a*', version: 1 });
    const foreign = { type: 'inject' };
    editor.add(foreign);
    expect(foreign).to.deep.equal({ type: 'inject' });
  });

  it('stay as they are in the editor where their flow is locked', () => {
    const node = { type: 'tpe-status', z: 'locked' };
    fakeEditor(['locked']).add(node);
    expect(node).to.deep.equal({ type: 'tpe-status', z: 'locked' });
  });

  it('of a newer version are left alone by the editor, and marked with words', () => {
    for (const type of TYPES) {
      const version = newestVersion(type) + 1;
      const node = { type, version };
      editor.add(node);
      expect(node, type).to.deep.equal({ type, version });
      const property = editor.definitions.get(type)!.defaults.version as {
        validate?(value: unknown, options: object): unknown;
      };
      expect(property.validate?.(version, {}), type).to.contain('a newer version of this pack');
      expect(property.validate?.(version - 1, {}), type).to.equal(true);
    }
  });

  it('of the earliest flow make the same options of a server as one saved today', () => {
    const stored = { ...earliest('tpe-server'), host: '127.0.0.1', port: '1883' };
    const defaults = {
      dataFolder: '/data',
      instance: 'host/1',
      databaseUrl: undefined,
      tls: () => undefined,
      broker: () => readBrokerEnvironment({}),
      repository: () => readRepositoryEnvironment({}),
    };
    expect(serverOptions(stored, {}, defaults)).to.deep.equal(
      serverOptions(savedToday(stored) as object, {}, defaults),
    );
  });

  for (const type of Object.keys(ASKED)) {
    it(`of the earliest flow do as those saved today: ${type}`, async () => {
      const done: { calls: FakeManager['calls']; sent: NodeMessage[] }[] = [];
      for (const stored of [earliest(type), savedToday(earliest(type))]) {
        manager = fakeManager([fakeDevice('gw', { tags: ['virtual'] })]);
        const isCommand = type === 'tpe-command';
        if (isCommand)
          manager.onSend(({ end }) => end({ state: 'SUCCEEDED', answer: { status: 200, payload: 1 } }));
        const { sent, failed } = await load(stored);
        await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
        nodeOf('node').receive({ _msgid: 'm', ...structuredClone(ASKED[type]) });
        if (type === 'tpe-update-install') await endInstallation();
        await sent.next();
        expect(failed.all, type).to.deep.equal([]);
        done.push({ calls: manager.calls, sent: sent.all.map((msg) => ({ ...msg, _msgid: 'm' })) });
        await helper.unload();
      }
      expect(done[0]!.sent).not.to.deep.equal([]);
      expect(done[1]).to.deep.equal(done[0]);
    });
  }

  it('of the earliest flow tell of answers as those saved today: tpe-output', async () => {
    const answer = (path: string) => ({
      ...{ kind: 'answer' as const, clientid: 'gw', topic: 't', requestId: '1', duplicate: false },
      answer: { status: 200, payload: path },
      command: { path } as never,
      receivedAt: '2026-01-01T00:00:00.000Z',
    });
    for (const stored of [earliest('tpe-output'), savedToday(earliest('tpe-output'))]) {
      const { sent } = await load(stored);
      await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
      for (const path of ['/other', '/device/general']) manager.events.emit('output', answer(path));
      expect((await sent.next()).payload).to.equal('/device/general');
      await helper.unload();
    }
  });

  for (const type of WIDGETS) {
    it(`of the earliest flow come up: ${type}`, async () => {
      await load(earliest(type));
      await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
    });
  }

  it('of the earliest flow have fields that are right today: tpe-simulator', () => {
    const stored = { ...earliest('tpe-simulator'), count: '3' };
    expect(faultOfNode(createRequire(__filename)('@node-red/util') as NodeAPI, stored.type, stored)).to.equal(
      null,
    );
  });

  it('of a newer version open no manager, and nodes that use it say why: tpe-server', async () => {
    const at = { z: 'tab', x: 0, y: 0 };
    const stored = {
      ...earliest('tpe-server'),
      id: 'server',
      broker: '?!',
      version: newestVersion('tpe-server') + 1,
    };
    await helper.load(
      [moduleOf('tpe-server'), moduleOf('tpe-output')],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        stored,
        { id: 'node', ...at, type: 'tpe-output', server: 'server', wires: [[]] },
      ],
    );
    for (const id of ['server', 'node']) {
      const status = await shownStatus(nodeOf(id), ({ fill }) => fill === 'red');
      expect(status.text, id).to.contain('saved by a newer version of this pack');
    }
    const logged = (nodeOf('server') as unknown as { error: { args: Error[][] } }).error.args.flat();
    expect(logged.map(String).join()).to.contain('update the pack here (form 2, known up to 1)');
    expect(nodeOf('server')).to.deep.include({ dashboardAccess: { withoutSignIn: null, roles: new Map() } });
  });

  for (const type of [...NODES, ...WIDGETS]) {
    it(`of a newer version do nothing and say so: ${type}`, async () => {
      const version = newestVersion(type) + 1;
      // What its fields mean there is not known: none of them is complained about.
      const fields = Object.fromEntries(Object.keys(FIELDS[type] ?? {}).map((name) => [name, '?!']));
      const { failed } = await load({ ...earliest(type), ...fields, version });
      const status = await shownStatus(nodeOf('node'), ({ fill }) => fill === 'red');
      expect(status.text).to.contain('saved by a newer version of this pack: update');
      const logged = (nodeOf('node') as unknown as { error: { args: Error[][] } }).error.args.flat();
      expect(String(logged[0])).to.contain(`${type}, saved by a newer version of this pack`);
      if (!(type in ASKED)) return;
      nodeOf('node').receive({ _msgid: 'm', ...structuredClone(ASKED[type]) });
      const { error } = (await failed.next()) as { error?: { code?: string; message?: string } };
      expect(error).to.include({ code: 'INVALID_INPUT' });
      expect(manager.calls).to.deep.equal([]);
    });
  }
});
