import { TpeError } from '../../manager/shared/tpe-error.js';

/** Returns the bytes of a file that was sent as body. Throws INVALID_INPUT if nothing was sent. */
export function fileIn(body: unknown): Uint8Array {
  if (body instanceof Uint8Array && body.length > 0) return body;
  throw new TpeError(
    'INVALID_INPUT',
    'The body is empty: send the file itself, as curl does with --data-binary @FILE.',
    {
      field: 'body',
    },
  );
}
