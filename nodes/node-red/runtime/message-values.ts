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

/** A text that must be there. Throws INVALID_INPUT saying how to give it. */
export function requiredTextOf(value: unknown, name: string): string {
  const text = textOf(value, name);
  if (text !== undefined) return text;
  throw new TpeError('INVALID_INPUT', `"${name}" is missing: set it in the node or give it as msg.${name}.`, {
    field: name,
  });
}

/** A client id; undefined when there is none. Whole numbers are decimal text. Throws INVALID_INPUT naming the field. */
export function clientIdIn(value: unknown, name: string): string | undefined {
  const text = clientIdOf(value);
  if (typeof text !== 'number') return textOf(text, name);
  throw new TpeError('INVALID_INPUT', `"${name}" must be a client id, not the number ${text}.`, {
    field: name,
  });
}

/** True for `{...}`: no array, no Buffer, not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
