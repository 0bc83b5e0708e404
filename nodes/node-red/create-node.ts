import type { Node, NodeAPI, NodeDef } from 'node-red';
import { printable } from '../manager/printable.js';

/** As `RED.nodes.createNode`; whatever the node logs from then on is printable, whoever made up the words in it. */
export function createNode(RED: NodeAPI, node: Node, config: NodeDef): void {
  RED.nodes.createNode(node, config);
  const { log, warn, error } = node;
  node.log = (line) => log.call(node, printableLine(line));
  node.warn = (line) => warn.call(node, printableLine(line));
  // Two ways of calling: with a message it goes to the Catch nodes.
  node.error = (line, msg) => error.call(node, printableLine(line), msg);
}

/** An error stays one, with its code and all. */
function printableLine(line: unknown): unknown {
  if (typeof line === 'string') return printable(line);
  if (!(line instanceof Error)) return line;
  const message = printable(line.message);
  if (message === line.message) return line;
  const stack = (line.stack ?? '').split('\n').map((part) => printable(part));
  return Object.create(line, { message: { value: message }, stack: { value: stack.join('\n') } }) as Error;
}
