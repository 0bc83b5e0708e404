import type { Node } from 'node-red';
import { prefixed } from '../../manager/shared/tpe-error.js';

/**
 * Reports a fault in work that no message asked for. Catch nodes receive it with a code, as for a message. `what` describes what could not
 * be done.
 */
export function tellFault(node: Node, what: string, error: unknown, msg: object = {}): void {
  node.error(prefixed(what, error), msg as never);
}
