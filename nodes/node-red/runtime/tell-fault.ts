import type { Node } from 'node-red';
import { prefixed } from '../../manager/shared/tpe-error.js';

/**
 * Tells of a fault in what a node does by itself, without a message that asked for it: to Catch nodes, as for one that did,
 * with a code. `what` says in words what could not be done.
 */
export function tellFault(node: Node, what: string, error: unknown, msg: object = {}): void {
  node.error(prefixed(what, error), msg as never);
}
