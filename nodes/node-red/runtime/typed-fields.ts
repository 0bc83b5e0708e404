import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { parseExactJson, typedNumber } from '../../manager/shared/exact-json.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { isBlank } from '../fields/blank.js';

/** The configuration of typed fields: each `name` with its `nameType`. A field without a type is a string. */
export type TypedFields<Name extends string> = { [Key in Name | `${Name}Type`]?: string };

const FIXED = new Set(['str', 'num', 'bool', 'json']);
/**
 * Creates the reader of a node's fields. All nodes of this pack share its rule: a fixed value wins, expressions and environment variables
 * are evaluated for the message, and for a blank field the message property of the same name counts. The reader resolves with undefined if
 * there is no value, and rejects with INVALID_INPUT if the field cannot be evaluated.
 */
export function fieldReader<Name extends string>(
  RED: NodeAPI,
  node: Node,
  config: TypedFields<Name>,
): (name: Name, msg: NodeMessage) => Promise<unknown> {
  return async (name, msg) => {
    const value = config[name];
    const type = config[`${name}Type`] ?? 'str';
    if (isBlank(value) && (FIXED.has(type) || type === 'msg')) return msg[name];
    // The checks trim the text too, because text that is pasted into a form often has spaces around it.
    const text = type === 'str' ? String(value).trim() : String(value);
    const result = await evaluateField(RED, node, name, text, type, msg);
    return type === 'env' && isBlank(result) ? undefined : result;
  };
}

/** Evaluates a typed field for a message. Rejects with INVALID_INPUT and the field. */
export function evaluateField(
  RED: NodeAPI,
  node: Node,
  name: string,
  value: string,
  type: string,
  msg: NodeMessage,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) =>
      reject(
        new TpeError(
          'INVALID_INPUT',
          `The field "${name}" of the node cannot be evaluated (${type}: ${value}): ${messageOf(error)}`,
          { field: name },
        ),
      );
    try {
      // Node-RED itself would round numbers of 64 bits.
      if (type === 'json') return resolve(parseExactJson(value));
      if (type === 'num') return resolve(numberIn(value));
      RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) => {
        if (error) refuse(error);
        else resolve(result);
      });
    } catch (error) {
      refuse(error);
    }
  });
}

/** Reads a number exactly. Returns NaN if the text is not a number, as Node-RED does. Throws if the number cannot be kept exactly. */
function numberIn(text: string): number | bigint {
  const typed = typedNumber(text);
  if (typeof typed !== 'string') return typed;
  const number = Number(text);
  if (Number.isNaN(number)) return number;
  throw new Error('it has more digits, or is larger, than can be carried unchanged');
}
