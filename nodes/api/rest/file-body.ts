import { TpeError } from '../../manager/shared/tpe-error.js';

/** The bytes of a file that was sent as body. INVALID_INPUT where nothing was sent. */
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
