import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, TpeError } from '../shared/tpe-error.js';

/** The PEM of the CA of a server, whose name goes into the text. Throws INVALID_INPUT when it is no certificate. */
export function readCaFile(file: string, server: string): Buffer {
  try {
    const pem = readFileSync(file);
    // TLS passes over what is no certificate, and then trusts nobody.
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
