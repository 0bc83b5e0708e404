import type { Node, NodeMessage } from 'node-red';
import { textOf } from '../runtime/message-values.js';
import { requestedWith, restCaller } from './rest-call.js';

/**
 * Who asked for the work of a node, for the record: what the message says, else the node; behind it the owner of the personal token with
 * which the message came by REST. Throws INVALID_INPUT if `msg.requestedBy` is not a text.
 */
export function requestedBy({ type, name }: Pick<Node, 'type' | 'name'>, msg: NodeMessage): string {
  const asked = textOf(msg.requestedBy, 'requestedBy') ?? (name ? `${type}: ${name}` : type);
  return requestedWith(asked, restCaller(msg.req));
}
