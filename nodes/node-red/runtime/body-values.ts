import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { isObject } from './message-values.js';
import { evaluateField } from './typed-fields.js';

const FROM = new Set(['msg', 'flow', 'global', 'env', 'jsonata']);
/** Deeper bodies are refused later anyway. */
const MAX_DEPTH = 40;

/**
 * Copies a body from a node's form and replaces each placeholder such as `{"$from": "msg", "value": "payload.ip"}` by its value for this
 * message. Leaves out properties whose value is undefined. Use it only for bodies from the form, because a body from a message must not
 * be able to read the context. Rejects with INVALID_INPUT and the place of the fault.
 */
export async function fillBody(
  RED: NodeAPI,
  node: Node,
  body: unknown,
  msg: NodeMessage,
  place = 'requestBody',
): Promise<unknown> {
  if (place.split('/').length > MAX_DEPTH || typeof body !== 'object' || body === null) return body;
  if (isReference(body)) return await evaluateField(RED, node, place, body.value, body.$from, msg);
  if (Array.isArray(body)) {
    return await Promise.all(
      body.map((entry, index) => fillBody(RED, node, entry, msg, `${place}/${index}`)),
    );
  }
  const filled = await Promise.all(
    Object.entries(body).map(
      async ([name, value]) => [name, await fillBody(RED, node, value, msg, `${place}/${name}`)] as const,
    ),
  );
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

/** Whether an object is a placeholder for a value of the message, the context or the environment. */
function isReference(value: unknown): value is { $from: string; value: string } {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  return typeof value.$from === 'string' && FROM.has(value.$from) && typeof value.value === 'string';
}
