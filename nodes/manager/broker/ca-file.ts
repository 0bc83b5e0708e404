import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, TpeError } from '../shared/tpe-error.js';

/** Reads a CA file in PEM format; `server` is for the error. Throws INVALID_INPUT if it cannot be read or is no certificate. */
export function readCaFile(file: string, server: string): Buffer {
  try {
    const pem = readFileSync(file);
    // TLS ignores a file that holds no certificate, and would then trust no server.
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new TpeError(
      'INVALID_INPUT',
      `The CA file ${file} of ${server} cannot be used: ${messageOf(error)}.`,
      { field: 'caFile', file },
      error,
    );
  }
}
