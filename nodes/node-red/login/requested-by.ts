import type { Node, NodeMessage } from 'node-red';
import { asAskedByOthers } from '../../manager/commands/asked-by.js';
import { textOf } from '../runtime/message-values.js';
import { requestedWith, restCaller } from './rest-call.js';

/**
 * Who asked for the work of a node, for the record: what the message says, else the node; behind it the owner of the personal token with
 * which the message came by REST. Throws INVALID_INPUT if `msg.requestedBy` is not a text.
 */
export function requestedBy({ type, name }: Pick<Node, 'type' | 'name'>, msg: NodeMessage): string {
  const node = name ? `${type}: ${name}` : type;
  const asked = asAskedByOthers(textOf(msg.requestedBy, 'requestedBy') ?? node, node);
  return requestedWith(asked, restCaller(msg.req));
}
