import { createRequire } from 'node:module';
import type { Node, NodeAPI, NodeMessage, NodeStatus } from 'node-red';

/** What these tests use of node-red-node-test-helper, which comes without types. */
interface Helper {
  load(nodes: unknown[], flow: object[], credentials?: Record<string, object>): Promise<void>;
  unload(): Promise<void>;
  setFlows(flow: object[], type: 'full' | 'flows' | 'nodes'): Promise<void>;
  getNode(id: string): Node | null;
  /** Remembers all that was logged. */
  log(): { resetHistory(): void };
  /** Adds to the settings that nodes are loaded with. */
  settings(settings: object): void;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  request(): { post(path: string): Post };
}

export const helper = createRequire(__filename)('node-red-node-test-helper') as Helper;

export type NodeModule = (RED: NodeAPI) => void;

/** The node with this id, which must be there. */
export function nodeOf(id: string): Node {
  const node = helper.getNode(id);
  if (!node) throw new Error(`no node ${id}`);
  return node;
}

/** Takes the messages that reach a helper node, in order. */
/** A request of supertest. */
interface Post {
  set(header: string, value: string): Post;
  send(body: unknown): Promise<{ status: number; body: unknown }>;
}

export interface Inbox {
  next(): Promise<NodeMessage>;
  /** All that came, taken or not. */
  readonly all: NodeMessage[];
}

export function inbox(id: string): Inbox {
  const all: NodeMessage[] = [];
  const untaken: NodeMessage[] = [];
  const takers: ((msg: NodeMessage) => void)[] = [];
  nodeOf(id).on('input', (msg: NodeMessage) => {
    all.push(msg);
    const taker = takers.shift();
    if (taker) taker(msg);
    else untaken.push(msg);
  });
  return {
    all,
    next() {
      const msg = untaken.shift();
      return msg ? Promise.resolve(msg) : new Promise((resolve) => takers.push(resolve));
    },
  };
}

interface Spy {
  getCalls(): { thisValue: unknown; args: unknown[] }[];
}

/** What a node has shown below itself since it was made. */
export function statusesOf(node: Node): NodeStatus[] {
  return callsOf(node, node.status) as NodeStatus[];
}

/** What a node has warned of since it was made. */
export function warningsOf(node: Node): string[] {
  return callsOf(node, node.warn) as string[];
}

/** What a node has told the log, in order. */
export function linesOf(node: Node): string[] {
  return callsOf(node, node.log) as string[];
}

function callsOf(node: Node, method: unknown): unknown[] {
  return (method as Spy)
    .getCalls()
    .filter((call) => call.thisValue === node)
    .map((call) => call.args[0]);
}

/** Resolves with the first status that fits, shown already or still to come. */
export function shownStatus(node: Node, fits: (status: NodeStatus) => boolean): Promise<NodeStatus> {
  return new Promise((resolve) => {
    const look = () => {
      const found = statusesOf(node).find(fits);
      if (found) resolve(found);
      return found !== undefined;
    };
    if (!look()) node.on('call:status' as 'close', () => void look());
  });
}
