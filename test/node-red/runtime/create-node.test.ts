import { expect } from 'chai';
import type { Node, NodeDef } from 'node-red';
import type { Migrations } from '../../../nodes/node-red/fields/migrations.js';
import { createNode } from '../../../nodes/node-red/runtime/create-node.js';
import { helper, inbox, type NodeModule, nodeOf } from '../../support/node-red-helper.js';

const MIGRATIONS: Migrations = {
  'tpe-toy': [{ gone: ['said'], next: (stored) => ({ ...stored, answer: `${String(stored.said)}!` }) }],
};

/** Answers with a field that it had under another name before, and with the names of all fields. */
const toy: NodeModule = (RED) => {
  RED.nodes.registerType('tpe-toy', function (this: Node, config: NodeDef & { answer?: string }) {
    createNode(RED, this, config, MIGRATIONS);
    this.on('input', (msg, send) =>
      send({ ...msg, payload: config.answer, topic: Object.keys(config).join() }),
    );
  });
};

describe('createNode', () => {
  afterEach(() => helper.unload());

  async function answerOf(stored: object): Promise<{ payload?: unknown; topic?: string }> {
    const at = { z: 'tab', x: 0, y: 0 };
    await helper.load(
      [toy],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'node', ...at, type: 'tpe-toy', wires: [['out']], ...stored },
        { id: 'out', ...at, type: 'helper', wires: [] },
      ],
    );
    const out = inbox('out');
    nodeOf('node').receive({});
    return await out.next();
  }

  it('gives a node of an earlier version the fields of the newest, though nobody opened it in the editor', async () => {
    const old = await answerOf({ version: 1, said: 'hello' });
    expect(old.payload).to.equal('hello!');
    expect(old.topic).to.contain('answer').and.not.to.contain('said');
    await helper.unload();
    expect((await answerOf({ version: 2, answer: 'hello!' })).payload).to.equal('hello!');
  });

  it('replaces variables before', async () => {
    process.env.TPE_TOY_WORD = 'moin';
    try {
      expect((await answerOf({ version: 1, said: ['$', '{TPE_TOY_WORD}'].join('') })).payload).to.equal(
        'moin!',
      );
    } finally {
      delete process.env.TPE_TOY_WORD;
    }
  });
});
