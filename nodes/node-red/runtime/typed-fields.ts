import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { parseExactJson, typedNumber } from '../../manager/shared/exact-json.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { isBlank } from '../fields/blank.js';

/** Configuration of typed fields: each `name` with its `nameType`; a plain field has no type and is a string. */
export type TypedFields<Name extends string> = { [Key in Name | `${Name}Type`]?: string };

const FIXED = new Set(['str', 'num', 'bool', 'json']);
/**
 * Makes the reader of a node's fields, by the one rule of our nodes: a fixed value wins; `msg.`, flow, global,
 * environment and JSONata are evaluated for the message; a blank field is the message property of the same name.
 * The reader gives undefined where there is nothing, and rejects with INVALID_INPUT where evaluating fails.
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
    // As it is checked: what was pasted into a form brings spaces along.
    const text = type === 'str' ? String(value).trim() : String(value);
    const result = await evaluateField(RED, node, name, text, type, msg);
    return type === 'env' && isBlank(result) ? undefined : result;
  };
}

/** The value that a typed field stands for with this message. Rejects with INVALID_INPUT naming the field. */
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
      // Node-RED's own reading rounds a number of 64 bits.
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

/** As typed; NaN for what is none, as Node-RED gives it. Throws for a number that cannot be held. */
function numberIn(text: string): number | bigint {
  const typed = typedNumber(text);
  if (typeof typed !== 'string') return typed;
  const number = Number(text);
  if (Number.isNaN(number)) return number;
  throw new Error('it has more digits, or is larger, than can be carried unchanged');
}
