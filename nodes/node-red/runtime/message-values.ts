import { clientIdOf } from '../../manager/protocol/client-id.js';
import { textOf } from '../../manager/shared/given-values.js';
import { TpeError } from '../../manager/shared/tpe-error.js';

export {
  choiceOf,
  millisecondsOf,
  numberOf,
  switchOf,
  textOf,
  waitMsOf,
} from '../../manager/shared/given-values.js';
export { parser } from '../../manager/shared/validate.js';

/** Returns a text that is required. Throws INVALID_INPUT if it is missing, and says where to set it. */
export function requiredTextOf(value: unknown, name: string): string {
  const text = textOf(value, name);
  if (text !== undefined) return text;
  throw new TpeError('INVALID_INPUT', `"${name}" is missing: set it in the node or give it as msg.${name}.`, {
    field: name,
  });
}

/** Returns a client id; undefined if there is none. Whole numbers become decimal text. Throws INVALID_INPUT with the field. */
export function clientIdIn(value: unknown, name: string): string | undefined {
  const text = clientIdOf(value);
  if (typeof text !== 'number') return textOf(text, name);
  throw new TpeError('INVALID_INPUT', `"${name}" must be a client id, not the number ${text}.`, {
    field: name,
  });
}

/** Whether the value is an object, and neither an array, a Buffer nor null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
