import type { Node, NodeMessage } from 'node-red';
import { textOf } from '../runtime/message-values.js';
import { requestedWith, restCaller } from './rest-call.js';

/**
 * Who asks for what a node does, for the record: what the message says, else the node; behind it the person with whose personal token
 * the message came by REST. Throws INVALID_INPUT.
 */
export function requestedBy({ type, name }: Pick<Node, 'type' | 'name'>, msg: NodeMessage): string {
  const asked = textOf(msg.requestedBy, 'requestedBy') ?? (name ? `${type}: ${name}` : type);
  return requestedWith(asked, restCaller(msg.req));
}
