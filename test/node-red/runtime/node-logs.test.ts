import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { createNode } from '../../../nodes/node-red/runtime/create-node.js';
import { PROJECT_ROOT } from '../../support/node-red-process.js';

describe('nodes: what they log', () => {
  it('is printable, and an error stays the error that it is', () => {
    const logged: unknown[] = [];
    const keep = (...given: unknown[]) => void logged.push(given);
    const node = { log: keep, warn: keep, error: keep } as unknown as Node;
    let config: NodeDef | null = null;
    const RED = { nodes: { createNode: (_node: Node, given: NodeDef) => (config = given) } };
    const given = { id: 'n' } as NodeDef;
    createNode(RED as unknown as NodeAPI, node, given);
    expect(config).to.equal(given);
    node.log('a\u001b[2J');
    node.warn('b\u202e');
    const fault = Object.assign(new RangeError('c\nd'), { code: 'CODE' });
    node.error(fault, { _msgid: '1' });
    expect(logged.slice(0, 2)).to.deep.equal([['a\\u001b[2J'], ['b\\u202e']]);
    const [error, msg] = logged[2] as [RangeError & { code: string }, object];
    expect(error).to.be.instanceOf(RangeError).and.include({ message: 'c\\nd', code: 'CODE' });
    expect(msg).to.deep.equal({ _msgid: '1' });
  });

  it('comes by one way for all nodes', () => {
    const files = readdirSync(join(PROJECT_ROOT, 'nodes'), { recursive: true, encoding: 'utf8' });
    const others = files
      .filter((file) => file.endsWith('.ts') && !file.endsWith('create-node.ts'))
      .filter((file) =>
        readFileSync(join(PROJECT_ROOT, 'nodes', file), 'utf8').includes('nodes.createNode('),
      );
    expect(others).to.deep.equal([]);
  });
});
